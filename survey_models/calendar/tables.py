"""Table of the working-day calendar (工作日历)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.calendar.days import Kind
from survey_models.core.base import Base, reference
from survey_models.core.columns import one_of


class CalendarDay(Base):
    """One day: whether offices work (班) or not (休), on whose word, and whether that word is still a guess.

    Every day from the first to the last is there, without a gap. ``provisional``: it rests on the statutory holidays
    (法定节假日) and weekends alone, for the yearly notice (国务院办公厅关于部分节假日安排的通知) was not out yet.
    """

    __tablename__ = "calendar_days"
    __table_args__ = (one_of("kind", Kind), {"info": reference()})

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(4))
    source: Mapped[str] = mapped_column(String(120))
    provisional: Mapped[bool]
