"""Window tallies (窗口评价计数): the number is live; the levels appear the next day, never for a small day.

What two people set aside (作废的) stays in these numbers; beside them stand the levels without it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.ratings import queries, void_queries
from survey_models.ratings.rules import LEVELS, SMALLEST
from survey_models.ratings.void_queries import NONE

Counts = dict[str, int]
# Levels by the correction that names the ratings; NONE: no correction does.
Split = dict[int, Counts]


@dataclass(frozen=True)
class Period:
    """Ratings of one day, or of one month for the days that were too small; ``counts`` None: number only.

    ``aside`` of them are set aside; ``without``: the levels of the others, None where that would show a handful.
    """

    period: str
    n: int
    counts: Counts | None
    aside: int = 0
    without: Counts | None = None


@dataclass(frozen=True)
class WindowTally:
    """Live number of a window, its number today, how many are set aside, and the past by day or month.

    ``not_counted``: of the total, those that are kept and not counted, by mark; no period holds them.
    """

    total: int
    today: int
    aside: int
    periods: list[Period]
    not_counted: Counts


def totals(session: Session, *, at: datetime, zone: str) -> dict[str, tuple[int, int]]:
    """For every rated window: all ratings, and today's."""
    return queries.totals(session, local_day(at, zone))


def last_hours(session: Session) -> dict[uuid.UUID, datetime]:
    """The full hour in which each terminal took its last rating: a minute would say who it was."""
    found = queries.last_by_device(session)
    return {device: last.replace(minute=0, second=0, microsecond=0) for device, last in found.items()}


def tally(session: Session, window_id: str, *, at: datetime, zone: str) -> WindowTally:
    """Counts of one window. A past day with ten ratings or more stands alone, the others within their month."""
    today = local_day(at, zone)
    days: dict[date, Split] = {}
    voids = void_queries.voids_of(session, window_id)
    for day, code, place, number in void_queries.by_void(session, window_id, voids, void_queries.counted()):
        days.setdefault(day, {}).setdefault(place, {})[code] = number
    numbers = queries.numbers(session, window_id, today)
    return WindowTally(
        total=sum(number for _, number, _ in numbers),
        today=sum(number for _, _, number in numbers),
        aside=sum(_aside(split) for split in days.values()),
        periods=_periods(days, today),
        not_counted={mark: number for mark, number, _ in numbers if mark is not None},
    )


def month_without(session: Session, window_id: str, *, since: date, until: date) -> Counts | None:
    """Levels of a month without what is set aside; None where nothing is, or too little stays."""
    split: Split = {}
    only = void_queries.counted(), void_queries.given(since, until)
    for _, code, place, number in void_queries.by_void(
        session, window_id, void_queries.voids_of(session, window_id), *only
    ):
        counts = split.setdefault(place, {})
        counts[code] = counts.get(code, 0) + number
    return _without(split)


def _periods(days: dict[date, Split], today: date) -> list[Period]:
    shown: list[Period] = []
    small: dict[str, Split] = {}
    for day, split in days.items():
        if day < today and _size(split) >= SMALLEST:
            shown.append(_period(day.isoformat(), split))
        elif day < today:
            month = small.setdefault(day.isoformat()[:7], {})
            for place, counts in split.items():
                month[place] = _sum([month.get(place, {}), counts])
    this_month = today.isoformat()[:7]
    for name, split in small.items():
        n = _size(split)
        # A running month would give its last small day away by subtraction from one look to the next.
        whole = n >= SMALLEST and name != this_month
        shown.append(_period(name, split) if whole else Period(name, n, None, _aside(split)))
    return sorted(shown, key=lambda period: period.period, reverse=True)


def _period(name: str, split: Split) -> Period:
    return Period(name, _size(split), _sum(split.values()), _aside(split), _without(split))


def _without(split: Split) -> Counts | None:
    """The levels without what is set aside. A correction of fewer than ten here stays in: two looks would show it."""
    gone = {place for place, counts in split.items() if place != NONE and sum(counts.values()) >= SMALLEST}
    left = _sum(counts for place, counts in split.items() if place not in gone)
    return left if gone and not 0 < sum(left.values()) < SMALLEST else None


def _sum(parts: Iterable[Counts]) -> Counts:
    whole = dict.fromkeys(LEVELS, 0)
    for counts in parts:
        for code, number in counts.items():
            whole[code] += number
    return whole


def _size(split: Split) -> int:
    return sum(sum(counts.values()) for counts in split.values())


def _aside(split: Split) -> int:
    return sum(sum(counts.values()) for place, counts in split.items() if place != NONE)
