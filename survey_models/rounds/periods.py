"""Periods of a round (评议周期): ``2015H1``, ``2015Q2``, ``2015-03``, ``2015``, ``2015-2016``, ``once``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from survey_models.core.errors import Problem
from survey_models.schemes.days import Per, spans

ONCE = "once"
EARLIEST, LATEST = 1950, 2200
# Months of a period by its cadence; the order of the list is that in which a name is read.
LENGTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "two_years": 24}
_NAMES = (
    ("half_year", re.compile(r"(?P<year>\d{4})H(?P<no>[12])", re.ASCII)),
    ("quarter", re.compile(r"(?P<year>\d{4})Q(?P<no>[1-4])", re.ASCII)),
    ("two_years", re.compile(r"(?P<year>\d{4})-(?P<next>\d{4})", re.ASCII)),
    ("month", re.compile(r"(?P<year>\d{4})-(?P<no>0[1-9]|1[0-2])", re.ASCII)),
    ("year", re.compile(r"(?P<year>\d{4})", re.ASCII)),
)
# How a period of each cadence is written.
EXAMPLES = {
    "month": "2015-03",
    "quarter": "2015Q1",
    "half_year": "2015H1",
    "year": "2015",
    "two_years": "2015-2016",
    ONCE: ONCE,
}
_ZH = {"half_year": ("上半年", "下半年"), "quarter": ("第一季度", "第二季度", "第三季度", "第四季度")}


@dataclass(frozen=True)
class Period:
    """A period: its name, its cadence, first and last day; ``once`` has no days."""

    name: str
    each: str
    first: date | None = None
    last: date | None = None

    @property
    def months(self) -> tuple[str, ...]:
        """The names of its months, ``2015-01`` …."""
        return _names(self, "month")

    @property
    def quarters(self) -> tuple[str, ...]:
        """The names of its whole quarters, ``2015Q1`` …; none in a single month."""
        return _names(self, "quarter")

    def holds(self, other: Period) -> bool:
        """Whether ``other`` lies inside this period."""
        if self.first is None or self.last is None or other.first is None or other.last is None:
            return False
        return self.first <= other.first and other.last <= self.last

    @property
    def called(self) -> str:
        """As it is printed in Chinese: 2015年上半年."""
        if self.first is None or self.last is None:
            return ""
        year = f"{self.first.year}年"
        if self.each in _ZH:
            return year + _ZH[self.each][(self.first.month - 1) // LENGTHS[self.each]]
        if self.each == "month":
            return f"{year}{self.first.month}月"
        return year if self.each == "year" else f"{self.first.year}—{self.last.year}年"


def read_period(name: str) -> Period:
    """The period of a name, small or large letters. Raises ``period_unknown``."""
    text = name.strip().upper()
    if text == ONCE.upper():
        return Period(ONCE, ONCE)
    for each, pattern in _NAMES:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        year = int(parts["year"])
        if not EARLIEST <= year <= LATEST or ("next" in parts and int(parts["next"]) != year + 1):
            break
        first = date(year, (int(parts.get("no") or 1) - 1) * LENGTHS[each] + 1, 1)
        return Period(text, each, first, _after(first, LENGTHS[each]) - timedelta(days=1))
    raise Problem("period_unknown", period=name)


_EACH: dict[str, Per] = {"month": "month", "quarter": "quarter", "half_year": "half_year", "year": "year"}


def parts_of(period: Period, each: str) -> tuple[str, ...]:
    """The names of the rounds of a cadence that fill a longer period, in order: 2015H1 and 2015H2 of 2015."""
    per = _EACH.get(each)
    return _names(period, per) if per else ()


def _names(period: Period, per: Per) -> tuple[str, ...]:
    if period.first is None or period.last is None:
        return ()
    return tuple(span.label for span in spans(per, period.first, period.last))


def _after(first: date, months: int) -> date:
    """The first day of the month so many months after that of ``first``."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month (对应日): the end of a yellow card."""
    start = _after(day.replace(day=1), months)
    last = (_after(start, 1) - timedelta(days=1)).day
    return start.replace(day=min(day.day, last))
