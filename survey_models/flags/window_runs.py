"""Looking at windows (服务窗口) at the end of each day: times, numbers beside cases, levels of finished days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day, local_minute
from survey_models.flags import queries
from survey_models.flags.campaign_runs import DAYS_BACK
from survey_models.flags.detectors_counts import ratings_over_cases, top_box, window_bursts
from survey_models.flags.rules import RuleSet
from survey_models.flags.sightings import Sighting, evidence_of
from survey_models.flags.tables import Rule
from survey_models.flags.tails import FloatArray, IntArray
from survey_models.ratings.rules import LEVELS
from survey_models.units.tables import Window

BEST = max(LEVELS)
_CLOCK_AHEAD = timedelta(minutes=5)


def window_sightings(
    session: Session, rules: RuleSet, *, today: date, zone: str, keep: Callable[[], None] = lambda: None
) -> list[Sighting]:
    """What the days before ``today`` show. ``keep`` is called after each window: a city has many."""
    windows = {window.id: window for window in queries.windows(session)}
    history = rules.rule(Rule.WINDOW_BURST).whole("history_days")
    since = today - timedelta(days=history + DAYS_BACK)
    found = _bursts(session, windows, rules, since=since, today=today, zone=zone, keep=keep)
    found += _top_boxes(session, windows, rules, since=since, today=today)
    return found + _over_cases(session, windows, rules, since=since, today=today)


def _bursts(
    session: Session,
    windows: Mapping[str, Window],
    rules: RuleSet,
    *,
    since: date,
    today: date,
    zone: str,
    keep: Callable[[], None],
) -> list[Sighting]:
    rule = rules.rule(Rule.WINDOW_BURST)
    minutes = []
    for window in windows:
        minutes.append(_minutes_by_day(session, window, since=since, zone=zone))
        keep()
    names, found = list(windows), []
    for back in range(DAYS_BACK, 0, -1):
        day = today - timedelta(days=back)
        days = [by_day.get(day, np.array([])) for by_day in minutes]
        past = [[times for when, times in sorted(by_day.items()) if when < day] for by_day in minutes]
        found += [
            _of_window(Rule.WINDOW_BURST, windows[names[one.place]], evidence_of(one), day=day.isoformat())
            for one in window_bursts(days, past, rule)
        ]
        keep()
    return found


def _minutes_by_day(session: Session, window_id: str, *, since: date, zone: str) -> dict[date, FloatArray]:
    """Minutes after midnight of a window's ratings by local day, by the terminal's clock unless it runs ahead."""
    by_day: dict[date, list[float]] = {}
    for device_time, received_at in queries.rating_times(session, window_id, since=since):
        instant = min(device_time, received_at) if device_time > received_at + _CLOCK_AHEAD else device_time
        by_day.setdefault(local_day(instant, zone), []).append(local_minute(instant, zone))
    return {day: np.array(minutes) for day, minutes in by_day.items()}


def _of_window(rule: Rule, window: Window, evidence: dict[str, object], **scope: str) -> Sighting:
    return Sighting(rule, {**scope, "label": window.name}, evidence, window_id=window.id)


def _top_boxes(
    session: Session, windows: Mapping[str, Window], rules: RuleSet, *, since: date, today: date
) -> list[Sighting]:
    """Each terminal by itself: of two at a window one may be tapped by the clerk."""
    rule = rules.rule(Rule.TOP_BOX)
    rows = queries.rating_levels(session, since=since, best=BEST)
    places = sorted({(row.window_id, row.device_id) for row in rows})
    number = {place: at for at, place in enumerate(places)}
    n = np.zeros((len(places), (today - since).days), dtype=np.int64)
    top = np.zeros_like(n)
    for window_id, device_id, day, all_, best in rows:
        if day < today:
            at = number[window_id, device_id], (day - since).days
            n[at], top[at] = all_, best
    found = []
    for end in _ends(n):
        when = (since + timedelta(days=end - 1)).isoformat()
        for one in top_box(top[:, :end], n[:, :end], rule):
            window_id, device_id = places[one.place]
            evidence, device = evidence_of(one), str(device_id)
            found.append(_of_window(rule.id, windows[window_id], evidence, day=when, device=device))
    return found


def _over_cases(
    session: Session, windows: Mapping[str, Window], rules: RuleSet, *, since: date, today: date
) -> list[Sighting]:
    rule = rules.rule(Rule.RATINGS_OVER_CASES)
    names = list(windows)
    number = {name: at for at, name in enumerate(names)}
    ratings = np.zeros((len(names), (today - since).days), dtype=np.int64)
    cases = np.zeros_like(ratings)
    for window_id, _, day, all_, _ in queries.rating_levels(session, since=since, best=BEST):
        if day < today:
            ratings[number[window_id], (day - since).days] += all_
    for window_id, day, finished in queries.cases_by_day(session, since=since):
        if day < today:
            cases[number[window_id], (day - since).days] += finished
    found = []
    for end in _ends(ratings):
        when = (since + timedelta(days=end - 1)).isoformat()
        found += [
            _of_window(rule.id, windows[names[one.place]], evidence_of(one), day=when)
            for one in ratings_over_cases(ratings[:, :end], cases[:, :end], rule)
        ]
    return found


def _ends(numbers: IntArray) -> range:
    """The columns after the days that a run looks at."""
    return range(numbers.shape[1] - DAYS_BACK + 1, numbers.shape[1] + 1)
