"""Table of marks (评分): scores that other offices send in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class Mark(Base):
    """One mark of one unit for one component; a correction is a new version. ``value`` is decimal text."""

    __tablename__ = "marks"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    component: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(24))
    sent_by: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
