"""Months of window ratings (月度统计): rates of windows and of the people on duty, once a month is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from sqlalchemy.orm import Session

from survey_models.cases import service as cases
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.ratings import queries, void_queries
from survey_models.ratings.rates import (
    SMALLEST_OF_PERSON,
    Counting,
    Rates,
    counted_from,
    month_of,
    next_month,
    own_initiative,
    rates,
)
from survey_models.ratings.rules import SMALLEST
from survey_models.ratings.service import month_without
from survey_models.staff.tables import Staff
from survey_models.units import service as units
from survey_models.units.tables import Window

Counts = dict[str, int]


@dataclass(frozen=True)
class WindowMonth:
    """One window in one month. ``counts`` and ``rates`` None: under ten ratings, the number only.

    ``without``: the rates without what two people set aside, None where nothing is. ``cases``: finished ones; ``own``:
    主动评价率, the share of them that was rated. ``not_counted`` by mark.
    """

    window: Window
    n: int
    counts: Counts | None
    rates: Rates | None
    without: Rates | None
    cases: int
    own: Fraction | None
    not_counted: Counts


@dataclass(frozen=True)
class PersonMonth:
    """One person in one month, without what was set aside. ``rates`` None: why it stays away.

    ``too_few``: under 30; ``beside_few``: fewer than ten ratings of others could be worked out from it.
    """

    staff: Staff
    n: int
    rates: Rates | None
    why: Literal["too_few", "beside_few"] | None


@dataclass(frozen=True)
class Month:
    """A counted month."""

    month: date
    counted_from: date
    windows: list[WindowMonth]
    people: list[PersonMonth]


def counted_months(session: Session, *, counting: Counting, at: datetime, zone: str) -> list[date]:
    """First days of the months that are counted, the newest first."""
    first, today = queries.first_given(session), local_day(at, zone)
    found: list[date] = []
    month = month_of(first) if first else today
    while counted_from(month, counting) <= today:
        found.append(month)
        month = next_month(month)
    return found[::-1]


def month_table(session: Session, month: date, *, counting: Counting, at: datetime, zone: str) -> Month:
    """Windows and people of a month. Raises ``month_not_counted``."""
    month, since = month_of(month), counted_from(month_of(month), counting)
    if local_day(at, zone) < since:
        raise Problem("month_not_counted", month=f"{month:%Y-%m}", day=since.isoformat())
    windows = _windows(session, month, since, counting)
    return Month(month, since, windows, _people(session, month, windows, counting))


def _windows(session: Session, month: date, since: date, counting: Counting) -> list[WindowMonth]:
    until = next_month(month)
    levels: dict[str, Counts] = defaultdict(dict)
    marks: dict[str, Counts] = defaultdict(dict)
    for window_id, code, number in queries.by_level(session, since=month, until=until):
        levels[window_id][code] = int(number)
    for window_id, mark, number in queries.by_mark(session, since=month, until=until):
        marks[window_id][str(mark)] = int(number)
    corrected = void_queries.windows_with_voids(session)
    finished = cases.finished(session, since=month, until=until, rated_until=since)
    found = []
    for window in units.all_windows(session):
        counts, (number, rated) = levels.get(window.id, {}), finished.get(window.id, (0, 0))
        n = sum(counts.values())
        without = month_without(session, window.id, since=month, until=until) if window.id in corrected else None
        found.append(
            WindowMonth(
                window=window,
                n=n,
                counts=counts if n >= SMALLEST else None,
                rates=rates(counts, basic_is_good=counting.basic_is_good),
                without=rates(without, basic_is_good=counting.basic_is_good) if without else None,
                cases=number,
                own=own_initiative(rated=rated, cases=number) if number >= SMALLEST else None,
                not_counted=marks.get(window.id, {}),
            )
        )
    return found


def _people(session: Session, month: date, windows: list[WindowMonth], counting: Counting) -> list[PersonMonth]:
    levels: dict[str, Counts] = defaultdict(lambda: defaultdict(int))
    places: dict[str, Counts] = defaultdict(lambda: defaultdict(int))
    for number, window_id, code, n in queries.by_person(session, since=month, until=next_month(month)):
        levels[number][code] += int(n)
        places[number][window_id] += int(n)
    few = {number for number, counts in levels.items() if sum(counts.values()) < SMALLEST_OF_PERSON}
    sizes = {row.window.id: row.without.n if row.without else row.n for row in windows if row.counts}
    beside = beside_few(sizes, places, few)
    found = []
    for number in sorted(levels):
        counts, hidden = levels[number], number in few or number in beside
        found.append(
            PersonMonth(
                staff=session.get_one(Staff, number),
                n=sum(counts.values()),
                rates=None if hidden else rates(counts, basic_is_good=counting.basic_is_good),
                why="too_few" if number in few else "beside_few" if number in beside else None,
            )
        )
    return found


def beside_few(windows: Mapping[str, int], places: Mapping[str, Mapping[str, int]], few: set[str]) -> set[str]:
    """People whose rates stay away besides ``few``, so that no rest under ten can be worked out by subtraction.

    ``windows``: number of ratings of each window whose levels are shown; ``places``: by person and window.
    """
    away: set[str] = set()
    while True:
        for window_id, n in sorted(windows.items()):
            here = {who: own[window_id] for who, own in places.items() if own.get(window_id) and who not in few | away}
            if here and 0 < n - sum(here.values()) < SMALLEST:
                away.add(min(here, key=lambda who: (here[who], who)))
                break
        else:
            return away
