"""Tables of rounds (评议周期)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference
from survey_models.core.columns import SLUG


class Round(Base):
    """One round: which scheme version scores which units over which period."""

    __tablename__ = "rounds"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    scheme_id: Mapped[str | None] = mapped_column(String(SLUG))
    scheme_version: Mapped[int | None]
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundUnit(Base):
    """A unit of a round, in the category it is ranked in (评议类别)."""

    __tablename__ = "round_units"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    category: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
