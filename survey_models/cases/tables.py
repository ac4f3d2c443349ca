"""Table of finished cases (办件)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, distributed


class Case(Base):
    """A finished case of a window: a keyed digest of its number, so that it is rated once."""

    __tablename__ = "cases"
    __table_args__ = ({"info": distributed("window_id")},)

    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"), primary_key=True)
    number_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    finished_on: Mapped[date]
