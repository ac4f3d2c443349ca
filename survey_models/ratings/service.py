"""Window tallies (窗口评价计数): the number is live; the levels appear the next day, never for a small day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.ratings import queries
from survey_models.ratings.rules import LEVELS

SMALLEST = 10


@dataclass(frozen=True)
class Period:
    """Ratings of one day, or of one month for the days that were too small; ``counts`` None: number only."""

    period: str
    n: int
    counts: dict[str, int] | None


@dataclass(frozen=True)
class WindowTally:
    """Live number of a window, its number today, and the past by day or month."""

    total: int
    today: int
    periods: list[Period]


def totals(session: Session, *, at: datetime, zone: str) -> dict[str, tuple[int, int]]:
    """For every rated window: all ratings, and today's."""
    return queries.totals(session, local_day(at, zone))


def tally(session: Session, window_id: str, *, at: datetime, zone: str) -> WindowTally:
    """Counts of one window. A past day with ten ratings or more stands alone, the others within their month."""
    today = local_day(at, zone)
    days = queries.by_day(session, window_id)
    return WindowTally(
        total=sum(sum(counts.values()) for counts in days.values()),
        today=sum(days.get(today, {}).values()),
        periods=_periods(days, today),
    )


def _periods(days: dict[date, dict[str, int]], today: date) -> list[Period]:
    shown: list[Period] = []
    small: dict[str, dict[str, int]] = {}
    for day, counts in days.items():
        n = sum(counts.values())
        if day < today and n >= SMALLEST:
            shown.append(Period(day.isoformat(), n, {code: counts.get(code, 0) for code in LEVELS}))
        elif day < today:
            month = small.setdefault(day.isoformat()[:7], dict.fromkeys(LEVELS, 0))
            for code, number in counts.items():
                month[code] += number
    this_month = today.isoformat()[:7]
    for name, counts in small.items():
        n = sum(counts.values())
        # A running month would give its last small day away by subtraction from one look to the next.
        shown.append(Period(name, n, counts if n >= SMALLEST and name != this_month else None))
    return sorted(shown, key=lambda period: period.period, reverse=True)
