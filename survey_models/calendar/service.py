"""The working-day calendar (工作日历): seeded, replaced year by year from the notice, corrected day by day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_models.calendar import queries, rules
from survey_models.calendar.days import Kind, PlannedDay
from survey_models.calendar.rules import Calendar
from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record


def load(session: Session, *, since: date | None = None, until: date | None = None) -> Calendar:
    """The calendar, or its days from ``since`` to ``until``: who counts a few days need not read them all."""
    return rules.calendar_of(queries.between(session, since or date.min, until or date.max))


def of_year(session: Session, year: int) -> Sequence[PlannedDay]:
    """Every day of a year, none where the calendar lacks it."""
    return queries.between(session, date(year, 1, 1), date(year, 12, 31))


def bounds(session: Session) -> tuple[date | None, date | None]:
    """The first and the last day of the calendar."""
    return queries.bounds(session)


def seed(session: Session, *, at: datetime, by: str | None = None) -> list[int]:
    """Fill the years that the calendar lacks, and those still provisional whose notice is known by now.

    What the office entered is never overwritten. Returns the years that were written.
    """
    # Read here: the package is large, and every other use of the calendar does without it.
    from survey_models.calendar import statutory  # noqa: PLC0415

    first, last = queries.bounds(session)
    unsure = queries.unsure_years(session)
    there = range(first.year, last.year + 1) if first and last else range(0)
    wanted = [
        year
        for year in statutory.years()
        if year not in there or (year in unsure and year <= statutory.last_noticed_year())
    ]
    queries.write(session, (day for year in wanted for day in statutory.days_of(year)))
    if wanted:
        known = statutory.last_noticed_year()
        body = {"years": wanted, "provisional": [year for year in wanted if year > known]}
        record(session, SYSTEM_LOG, Event.CALENDAR_SEEDED, body, at=at, by=by)
    return wanted


def seed_empty(session: Session, *, at: datetime) -> list[int]:
    """Seed a calendar that has no day yet: without one no deadline can be told."""
    return [] if queries.bounds(session)[0] is not None else seed(session, at=at)


def set_year(session: Session, year: int, changes: Mapping[date, Kind], *, source: str, by: str, at: datetime) -> None:
    """Enter a year as its notice has it: Monday to Friday, except as ``changes`` say. Nothing of it is provisional.

    Raises ``calendar_malformed``, ``calendar_gap``. Deadlines that were set before stay as they were told.
    """
    source = rules.check_source(source)
    rules.check_year(year, changes, load(session))
    queries.write(session, rules.year_days(year, changes, source=source, provisional=False))
    listed = {day.isoformat(): kind.value for day, kind in changes.items()}
    body = {
        "year": year,
        "source": source,
        "off": sum(kind is Kind.OFF for kind in changes.values()),
        "work": sum(kind is Kind.WORK for kind in changes.values()),
        "changes": hashlib.sha256(canonical_bytes(listed)).hexdigest(),
    }
    record(session, SYSTEM_LOG, Event.CALENDAR_YEAR_SET, body, at=at, by=by)


def set_day(session: Session, day: date, kind: Kind, *, source: str, by: str, at: datetime) -> PlannedDay:
    """Correct one day. Raises ``calendar_ends`` for one outside the calendar, ``calendar_malformed``."""
    source = rules.check_source(source)
    first, last = queries.bounds(session)
    if first is None or last is None or not first <= day <= last:
        raise Problem("calendar_ends", first=str(first or ""), last=str(last or ""), day=day.isoformat())
    planned = PlannedDay(day, kind, source, provisional=False)
    queries.write(session, [planned])
    body = {"day": day.isoformat(), "kind": kind.value, "source": source}
    record(session, SYSTEM_LOG, Event.CALENDAR_DAY_SET, body, at=at, by=by)
    return planned
