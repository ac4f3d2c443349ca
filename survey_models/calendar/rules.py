"""Deadlines in working days (工作日) over a calendar of days (工作日历). Pure: dates in, dates out.

Day 1 is the next working day after receipt (收到之日的次日起算), and a deadline ends with its day. What lies beyond the
calendar is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from survey_models.calendar.days import Kind, PlannedDay
from survey_models.core.errors import Problem

ONE_DAY = timedelta(days=1)
LONGEST_SOURCE = 120


WORDS = {"休": Kind.OFF, "off": Kind.OFF, "班": Kind.WORK, "work": Kind.WORK}


@dataclass(frozen=True)
class Calendar:
    """The days from ``first`` to ``last``, both included and without a gap; None and None where there are none."""

    first: date | None
    last: date | None
    work: frozenset[date]
    provisional: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``. Raises ``calendar_ends`` outside the calendar."""
        if self.first is None or self.last is None or not self.first <= day <= self.last:
            raise Problem("calendar_ends", first=str(self.first or ""), last=str(self.last or ""), day=day.isoformat())
        return day in self.work


@dataclass(frozen=True)
class Due:
    """A deadline (期限). ``provisional``: a day on the way to it may still change with the yearly notice."""

    day: date
    provisional: bool


def calendar_of(days: Iterable[PlannedDay]) -> Calendar:
    """The calendar of some days, given in any order and without a gap."""
    known = list(days)
    if not known:
        return Calendar(None, None, frozenset(), frozenset())
    dates = [one.day for one in known]
    work = frozenset(one.day for one in known if one.kind is Kind.WORK)
    return Calendar(min(dates), max(dates), work, frozenset(one.day for one in known if one.provisional))


def deadline(calendar: Calendar, start: date, n: int) -> Due:
    """The end of ``n`` >= 1 working days after receipt on ``start``. Raises ``calendar_ends``, ValueError."""
    if n < 1:
        raise ValueError(f"a time limit has at least one working day, not {n}")
    calendar.is_working(start)
    day, left, provisional = start, n, False
    while left:
        day += ONE_DAY
        left -= calendar.is_working(day)
        provisional = provisional or day in calendar.provisional
    return Due(day, provisional)


def add_working_days(calendar: Calendar, start: date, n: int) -> date:
    """The day on which ``n`` >= 1 working days after ``start`` end; day 1 is the next working day."""
    return deadline(calendar, start, n).day


def working_days_after(calendar: Calendar, start: date, end: date) -> int:
    """How many working days lie after ``start`` up to ``end``; 0 if it is not later. Raises ``calendar_ends``."""
    if end <= start:
        return 0
    return sum(calendar.is_working(start + ONE_DAY * no) for no in range(1, (end - start).days + 1))


def year_days(year: int, changes: Mapping[date, Kind], *, source: str, provisional: bool) -> Iterator[PlannedDay]:
    """Every day of a year: Monday to Friday worked, except as ``changes`` say (放假 and 调休 of the notice)."""
    day = date(year, 1, 1)
    while day.year == year:
        usual = Kind.WORK if day.weekday() < 5 else Kind.OFF
        yield PlannedDay(day, changes.get(day, usual), source, provisional)
        day += ONE_DAY


def check_source(source: str) -> str:
    """The words that say who decided: not empty, at most 120 characters. Raises ``calendar_malformed``."""
    kept = source.strip()
    if not kept or len(kept) > LONGEST_SOURCE:
        raise Problem("calendar_malformed", where="source")
    return kept


def check_year(year: int, changes: Mapping[date, Kind], calendar: Calendar) -> None:
    """A year's changes lie in it, and it adjoins the calendar. Raises ``calendar_malformed``, ``calendar_gap``."""
    for day in changes:
        if day.year != year:
            raise Problem("calendar_malformed", where=day.isoformat())
    if calendar.first is None or calendar.last is None:
        return
    if not calendar.first.year - 1 <= year <= calendar.last.year + 1:
        raise Problem("calendar_gap", first=str(calendar.first), last=str(calendar.last))


def read_changes(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> dict[date, Kind]:
    """What a file of the office says: columns ``date`` (2027-01-01) and ``kind`` (off, work, 休, 班).

    Raises ``calendar_malformed`` with the row.
    """
    wanted = {"date": "date", "日期": "date", "kind": "kind", "类型": "kind"}
    columns = {wanted[name.strip().lower()]: no for no, name in enumerate(header) if name.strip().lower() in wanted}
    if set(columns) != {"date", "kind"}:
        raise Problem("calendar_malformed", where="date, kind")
    found: dict[date, Kind] = {}
    for number, cells in rows:
        kind = WORDS.get(cells[columns["kind"]].strip().lower())
        day = _day(cells[columns["date"]])
        if kind is None or day is None or day in found:
            raise Problem("calendar_malformed", where=str(number))
        found[day] = kind
    return found


def _day(text: str) -> date | None:
    numbers = re.fullmatch(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?", text.strip())
    try:
        return date(*(int(part) for part in numbers.groups())) if numbers else None
    except ValueError:
        return None
