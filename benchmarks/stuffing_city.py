"""An honest city to try the detectors on: sheets that hang together, days, hours, windows (诚实城市的模拟).

Made to be hard on detectors: people who are content with everything, people who give up halfway, families who agree,
areas that differ in earnest, reminders, weekends, rush hours, groups of visitors, days on which a window is shut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_models.flags.detectors_answers import Codes
from survey_models.flags.tails import FloatArray, IntArray

Rng = np.random.Generator
SHEETS, UNITS, AREAS, KINDS, CELLS, DAYS = 10_000, 80, 10, 2, 40, 14
WINDOWS, WINDOW_DAYS, CHANNELS = 30, 60, 4
BEST, MIDDLE, WORST, UNKNOWN, BLANK = (ord(code) for code in "1230-")


@dataclass
class Campaign:
    """Sheets and counters of one campaign.

    ``answers`` (sheets, units); ``cell``, ``fast`` (sheets,); ``area``, ``kind``, ``issued`` (cells,);
    ``done`` (cells, days); ``channels`` (cells, channels).
    """

    answers: Codes
    cell: IntArray
    fast: npt.NDArray[np.bool_]
    area: IntArray
    kind: IntArray
    issued: IntArray
    done: IntArray
    channels: IntArray


@dataclass
class Hall:
    """Ratings of a service hall: minutes after midnight of each window and day, levels and cases by day."""

    minutes: list[list[FloatArray]]
    top: IntArray
    ratings: IntArray
    cases: IntArray
    rate: FloatArray


def made_campaign(rng: Rng) -> Campaign:
    """An honest campaign: 10,000 sheets of 80 units from 40 cells (10 areas, two kinds, two points each)."""
    area = np.repeat(np.arange(AREAS), CELLS // AREAS)
    kind = np.tile(np.repeat(np.arange(KINDS), CELLS // AREAS // KINDS), AREAS)
    sizes = rng.multinomial(SHEETS, rng.dirichlet(np.full(CELLS, 12.0)))
    cell = np.repeat(np.arange(CELLS), sizes)
    answers = _answers(rng, area[cell], kind[cell], cell)
    issued = np.ceil(sizes / rng.uniform(0.55, 0.85, CELLS)).astype(np.int64)
    slow = rng.beta(2, 60, CELLS)
    return Campaign(
        answers=answers,
        cell=cell,
        fast=rng.random(SHEETS) < slow[cell],
        area=area,
        kind=kind,
        issued=issued,
        done=_done(rng, sizes),
        channels=_channels(rng, sizes, kind),
    )


def _answers(rng: Rng, area: IntArray, kind: IntArray, cell: IntArray) -> Codes:
    n = len(area)
    category = rng.integers(0, 3, UNITS)
    lean = rng.normal(0, 1.0, n) + np.array([0.15, -0.15])[kind] + rng.normal(0, 0.25, AREAS)[area]
    by_category = rng.normal(0, 0.6, (n, 3))
    local = rng.normal(0, 0.1, (AREAS, UNITS)) + rng.standard_t(6, (AREAS, UNITS)) * 0.03
    liking = 0.6 + lean[:, None] + by_category[:, category] + rng.normal(0, 0.7, UNITS) + local[area]
    liking += rng.logistic(0, 1, (n, UNITS))
    answers = np.where(liking > 0, BEST, np.where(liking > -2.2, MIDDLE, WORST)).astype(np.uint8)
    unknown = rng.normal(-2.0, 1.0, n)[:, None] + rng.normal(0, 0.8, UNITS)
    answers[rng.random((n, UNITS)) < 1 / (1 + np.exp(-unknown))] = UNKNOWN
    answers[rng.random((n, UNITS)) < 0.01] = BLANK
    _tired(rng, answers)
    _content(rng, answers, cell)
    _families(rng, answers, cell)
    return answers


def _tired(rng: Rng, answers: Codes) -> None:
    """Some give up halfway, some answer the rest alike."""
    n = len(answers)
    places = np.arange(UNITS)
    stop = rng.integers(8, UNITS, n)
    after = places[None, :] >= stop[:, None]
    gives_up, goes_on = rng.random(n) < 0.03, rng.random(n) < 0.06
    answers[after & gives_up[:, None]] = BLANK
    last = answers[np.arange(n), stop - 1][:, None]
    np.copyto(answers, np.broadcast_to(last, answers.shape), where=after & goes_on[:, None])


def _content(rng: Rng, answers: Codes, cell: IntArray) -> None:
    """Honest sheets with one answer: content with all, more of them in some cells than in others; a few slips."""
    n = len(answers)
    share = rng.beta(8, 92, CELLS)[cell]
    draw = rng.random(n)
    for low, high, code in ((0.0, 0.85, BEST), (0.85, 0.93, MIDDLE), (0.93, 0.96, WORST), (0.96, 1.0, UNKNOWN)):
        answers[(draw >= low * share) & (draw < high * share)] = code
    slips = rng.random(answers.shape) < 0.01
    answers[(draw < share)[:, None] & slips] = MIDDLE


def _families(rng: Rng, answers: Codes, cell: IntArray) -> None:
    """Two or three people of a cell who fill their sheets side by side, with some differences."""
    for first in 5 * rng.choice(len(answers) // 5 - 1, 40, replace=False):
        for other in range(first + 1, first + int(rng.integers(2, 4))):
            if cell[other] == cell[first]:
                answers[other] = answers[first]
                changed = rng.choice(UNITS, int(rng.integers(0, 6)), replace=False)
                answers[other, changed] = rng.permutation(answers[first])[: len(changed)]


def _done(rng: Rng, sizes: IntArray) -> IntArray:
    """Sheets by day: an opening wave, weekends, a reminder, a rush at the end; cells differ from day to day."""
    days = np.arange(DAYS)
    common = np.exp(-days / 5) + 0.35 + 0.9 * (days == 8) + 0.5 * (days >= DAYS - 2)
    common = common * np.where(days % 7 >= 5, 0.5, 1.0) * rng.gamma(20, 1 / 20, DAYS)
    own = rng.gamma(8, 1 / 8, (len(sizes), DAYS))
    share = common * own
    return np.stack([rng.multinomial(size, part / part.sum()) for size, part in zip(sizes, share, strict=True)])


def _channels(rng: Rng, sizes: IntArray, kind: IntArray) -> IntArray:
    """Phone, test point, paper, terminal: the kinds differ, and so do cells."""
    usual = np.array([[30.0, 20.0, 4.0, 6.0], [22.0, 24.0, 8.0, 6.0]])
    return np.stack([rng.multinomial(size, rng.dirichlet(usual[one])) for size, one in zip(sizes, kind, strict=True)])


def made_hall(rng: Rng) -> Hall:
    """An honest hall: 30 windows over 60 days, 40 to 300 ratings a day."""
    rate = np.concatenate([[300.0], rng.uniform(40, 300, WINDOWS - 1)])
    rated = rng.uniform(0.5, 0.9, WINDOWS)
    liked = rng.uniform(0.65, 0.9, WINDOWS)
    minutes: list[list[FloatArray]] = []
    top = np.zeros((WINDOWS, WINDOW_DAYS), dtype=np.int64)
    ratings, cases = top.copy(), top.copy()
    common = np.where(np.arange(WINDOW_DAYS) % 5 == 0, 1.25, 1.0) * rng.gamma(40, 1 / 40, WINDOW_DAYS)
    for window in range(WINDOWS):
        hours = _hours(rng)
        days = [_day(rng, rate[window] * common[day] * rng.gamma(30, 1 / 30), hours) for day in range(WINDOW_DAYS)]
        minutes.append(days)
        ratings[window] = [len(day) for day in days]
        p = np.clip(rng.beta(liked[window] * 120, (1 - liked[window]) * 120, WINDOW_DAYS), 0, 1)
        top[window] = rng.binomial(ratings[window], p)
        cases[window] = _cases(rng, ratings[window], rated[window])
    return Hall(minutes, top, ratings, cases, rate)


def _hours(rng: Rng) -> FloatArray:
    """Relative rate of each quarter of an hour from 8:30 to 17:00 with a quieter noon."""
    clock = np.arange(8.5, 17, 0.25)
    rush = (
        0.5 + np.exp(-((clock - rng.uniform(9.5, 10.5)) ** 2)) + 0.8 * np.exp(-((clock - rng.uniform(14, 15.5)) ** 2))
    )
    quiet = np.where((clock >= 12) & (clock < 13.5), 0.25, 1.0)
    return np.asarray(rush * quiet / (rush * quiet).sum())


def _day(rng: Rng, rate: float, hours: FloatArray) -> FloatArray:
    """Minutes of one day's ratings: rush hours come and go, some visitors rate two or three cases in a row."""
    if rng.random() < 0.04:
        hours = np.where(np.arange(len(hours)) < len(hours) // 2, hours, 0.0)
    uneven = np.repeat(rng.gamma(16, 1 / 16, -(-len(hours) // 4)), 4)[: len(hours)]
    visits = rng.poisson(rate / 1.15 * hours * uneven)
    starts = 510 + 15 * np.repeat(np.arange(len(hours)), visits) + rng.uniform(0, 15, visits.sum())
    more = rng.random(len(starts)) < 0.12
    third = more & (rng.random(len(starts)) < 0.25)
    pause = rng.uniform(0.5, 3.0, len(starts))
    return np.sort(np.concatenate([starts, (starts + pause)[more], (starts + 2 * pause)[third]]))


def _cases(rng: Rng, ratings: IntArray, rated: float) -> IntArray:
    """Finished cases of each day; some are registered a day later."""
    cases = ratings + rng.negative_binomial(np.maximum(ratings, 1), rated)
    late = rng.binomial(cases, 0.05)
    shifted = cases - late
    shifted[1:] += late[:-1]
    return np.asarray(shifted)
