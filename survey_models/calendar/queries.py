"""Reading and writing the days of the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.calendar.days import Kind, PlannedDay
from survey_models.calendar.tables import CalendarDay
from survey_models.core.upsert import put


def between(session: Session, first: date, last: date) -> Sequence[PlannedDay]:
    """The days from ``first`` to ``last``, both included, in order."""
    query = (
        select(CalendarDay.day, CalendarDay.kind, CalendarDay.source, CalendarDay.provisional)
        .where(CalendarDay.day >= first, CalendarDay.day <= last)
        .order_by(CalendarDay.day)
    )
    return [PlannedDay(day, Kind(kind), source, unsure) for day, kind, source, unsure in session.execute(query)]


def bounds(session: Session) -> tuple[date | None, date | None]:
    """First and last day of the table."""
    row = session.execute(select(func.min(CalendarDay.day), func.max(CalendarDay.day))).one()
    return (row[0], row[1])


def unsure_years(session: Session) -> set[int]:
    """Years of which any day is provisional."""
    return {day.year for day in session.scalars(select(CalendarDay.day).where(CalendarDay.provisional))}


def write(session: Session, days: Iterable[PlannedDay]) -> None:
    """Write days, those that are there anew."""
    rows: list[dict[str, Any]] = [
        {"day": one.day, "kind": one.kind.value, "source": one.source, "provisional": one.provisional} for one in days
    ]
    if rows:
        put(session.connection(), CalendarDay, rows, key=["day"], values=["kind", "source", "provisional"])
        session.expire_all()
