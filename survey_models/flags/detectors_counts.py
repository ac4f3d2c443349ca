"""Detectors on numbers, times and channels (数量、时间、渠道): they may run while sheets are sealed.

Pure functions on arrays. Each compares a place with the rest of its own day and with its fellows, never with a fixed
number, so that rush hours, weekends and reminders, which move all alike, raise nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_models.flags.rules import RuleText
from survey_models.flags.suspicion import Evidence, Suspicion
from survey_models.flags.tails import (
    FloatArray,
    IntArray,
    benjamini_hochberg,
    count_tail,
    share_tail,
    share_tails,
    spread_of,
)

_DAY = 1440.0
_GRID = 5
_SMOOTH = (3, 7)
_CANDIDATES = 8
# A cell that has hardly begun is expected to come at least to this part of what its fellows came to.
_LEAST_PART = 0.25


def window_bursts(
    days: Sequence[FloatArray], histories: Sequence[Sequence[FloatArray]], rule: RuleText
) -> list[Suspicion]:
    """Bursts (短时集中) in the finished day of each window: a scan with over-dispersion.

    Args:
        days: for each window the minutes after midnight of its ratings.
        histories: for each window the same of its days before.
        rule: ``window_burst``.

    Returns:
        The windows whose most unlikely stretch of minutes is one of chance less than ``alpha`` in the whole hall.
    """
    found = []
    for place, (day, history) in enumerate(zip(days, histories, strict=True)):
        past = list(history)[-rule.whole("history_days") :]
        if len(past) < rule.whole("least_history_days") or len(day) < rule.whole("least_count"):
            continue
        p, evidence = _likeliest_burst(np.sort(day), past, rule)
        if p * len(days) <= rule.chance("alpha"):
            found.append(Suspicion(place, p * len(days), evidence))
    return found


def _likeliest_burst(times: FloatArray, past: Sequence[FloatArray], rule: RuleText) -> tuple[float, Evidence]:
    """The most unlikely stretch of a day, its chance taken for all stretches together."""
    cumulated, open_minutes = _profile(past)
    best: tuple[float, Evidence] = 1.0, {}
    widths = rule.several("widths_minutes")
    positions = sum(max(1.0, open_minutes / width) for width in widths) * rule.whole("positions_per_width")
    for width in widths:
        stretch = _Stretch(cumulated, width, rule.whole("flank_minutes"))
        usual = _usual_correlation(past, stretch)
        k, n, share = stretch.counts(times, times, np.zeros(len(times)))
        excess = (k - n * share) / np.sqrt(n * share * (1 - share))
        excess[k < rule.whole("least_count")] = -np.inf
        likeliest = np.argsort(-excess)[:_CANDIDATES]
        likeliest = likeliest[np.isfinite(excess[likeliest])]
        if not len(likeliest):
            continue
        p = share_tail(k[likeliest], n[likeliest], share[likeliest], usual)
        first = int(p.argmin())
        if p[first] * positions < best[0]:
            at = int(likeliest[first])
            expected = float(n[at] - k[at]) * float(share[at] / (1 - share[at]))
            best = (
                float(p[first] * positions),
                {
                    "count": int(k[at]),
                    "expected": round(expected, 1),
                    "from_minute": int(times[at]),
                    "minutes": int(width),
                    "day_total": len(times),
                },
            )
    return best


@dataclass(frozen=True)
class _Stretch:
    """Stretches of ``width`` minutes beside the ``flank`` minutes before and after them.

    Beside its neighbours, not beside its whole day: a window that shuts at noon has no afternoon, and busy hours come
    and go. ``cumulated``: the usual day, on the grid.
    """

    cumulated: FloatArray
    width: int
    flank: int

    def counts(
        self, times: FloatArray, starts: FloatArray, midnight: FloatArray
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """The ratings of each stretch, those of stretch and flanks, and the stretch's usual share in them.

        Args:
            times: sorted; days one after the other, 1,440 minutes each.
            starts: minutes after the midnight of their day.
            midnight: that midnight, on the scale of ``times``.
        """
        ends = starts + self.width
        k, part = self._between(times, starts, ends, midnight)
        n, whole = self._between(times, starts - self.flank, ends + self.flank, midnight)
        return k, n, np.clip(part / np.maximum(whole, 1e-6), 1e-3, 0.95)

    def _between(
        self, times: FloatArray, low: FloatArray, high: FloatArray, midnight: FloatArray
    ) -> tuple[IntArray, FloatArray]:
        grid = np.arange(0, _DAY + _GRID, _GRID)
        low, high = np.maximum(low, 0), np.minimum(high, _DAY)
        number = np.searchsorted(times, midnight + high) - np.searchsorted(times, midnight + low)
        return number, np.interp(high, grid, self.cumulated) - np.interp(low, grid, self.cumulated)


def _profile(past: Sequence[FloatArray]) -> tuple[FloatArray, float]:
    """Share of a usual day up to each point of the grid, and how many minutes hold nearly all of it."""
    bins = int(_DAY / _GRID)
    counts = np.histogram(np.concatenate(past), bins=bins, range=(0, _DAY))[0].astype(np.float64)
    # The larger of a fine and a broad mean: a blurred edge of the noon break would look like a burst.
    smooth = np.max([np.convolve(counts, np.ones(size) / size, mode="same") for size in _SMOOTH], axis=0)
    opened = smooth > 0
    minutes = float(opened.sum()) * _GRID
    # A little everywhere in the opening hours: a quiet half hour in four weeks is not an impossible one.
    smooth += np.where(opened, 0.03 * smooth.sum() / max(1, opened.sum()), 1e-3)
    return np.concatenate([[0.0], np.cumsum(smooth) / smooth.sum()]), minutes


def _usual_correlation(past: Sequence[FloatArray], stretch: _Stretch) -> float:
    """How much more the stretches of usual days vary beside their flanks than by chance, by moments."""
    starts = np.arange(0, _DAY - stretch.width, stretch.width)
    grid = np.arange(0, _DAY + _GRID, _GRID)
    share = np.interp(starts + stretch.width, grid, stretch.cumulated) - np.interp(starts, grid, stretch.cumulated)
    starts = starts[share > stretch.width / _DAY / 2]
    midnights = np.arange(len(past)) * _DAY
    times = np.concatenate([np.sort(day) + midnight for day, midnight in zip(past, midnights, strict=True)])
    k, n, usual = stretch.counts(times, np.tile(starts, len(past)), np.repeat(midnights, len(starts)))
    chance = n * usual * (1 - usual)
    beyond = float(((k - n * usual) ** 2 - chance).sum())
    return float(np.clip(beyond / max(1.0, float((chance * (n - 1)).sum())), 1e-6, 0.9))


def ratings_over_cases(ratings: IntArray, cases: IntArray, rule: RuleText) -> list[Suspicion]:
    """More ratings than finished cases (评价多于办件) up to the last day, and more than the window's own past explains.

    Args:
        ratings: (windows, days).
        cases: (windows, days); a window without any case in all days is not looked at: its cases are not reported.
        rule: ``ratings_over_cases``. In the past at most ``most_share`` of the cases are believed to have been rated.
    """
    found: dict[int, Suspicion] = {}
    spans = [span for span in rule.several("spans_days") if ratings.shape[1] // span > rule.whole("least_history")]
    known = np.flatnonzero(cases.sum(axis=1) > 0)
    for span in spans:
        rated, done = (_blocks(numbers[known], span) for numbers in (ratings, cases))
        share = np.minimum((rated[:, :-1].sum(axis=1) + 1) / (done[:, :-1].sum(axis=1) + 1), rule.chance("most_share"))
        usual = np.maximum(done * share[:, None], 0.5)
        for i, place in enumerate(known.tolist()):
            excess = int(rated[i, -1] - done[i, -1])
            spread = spread_of(rated[i, :-1], usual[i, :-1], least=rule.chance("least_spread"))
            p = float(count_tail(rated[i, -1], usual[i, -1], spread)) * len(known) * len(spans)
            if excess < rule.whole("least_excess") or p > rule.chance("alpha"):
                continue
            if place not in found or (found[place].p or 0.0) > p:
                numbers: Evidence = {"ratings": int(rated[i, -1]), "cases": int(done[i, -1]), "days": span}
                found[place] = Suspicion(place, p, numbers)
    return [found[place] for place in sorted(found)]


def _blocks(numbers: IntArray, span: int) -> FloatArray:
    """(rows, days) added up in blocks of ``span`` days, the last one ending with the last day."""
    days = numbers.shape[1] // span * span
    blocks = numbers[:, numbers.shape[1] - days :].reshape(len(numbers), days // span, span)
    return np.asarray(blocks.sum(axis=2), dtype=np.float64)


def cell_bursts(
    done: IntArray, issued: IntArray, cohort: IntArray, rule: RuleText, *, spans: Sequence[int] = (1,)
) -> list[Suspicion]:
    """Cells that brought too much on the last day (单日集中), or on the last ``spans`` days (截止前突增).

    Args:
        done: sheets of each cell and day, (cells, days); the last day is looked at.
        issued: tickets of each cell, (cells,).
        cohort: which cells are of a kind, (cells,): personal codes together, visited test points together.
        rule: ``cell_burst`` or ``late_surge``.
        spans: how many last days to look at, each on its own.
    """
    found: dict[int, Suspicion] = {}
    days = done.shape[1]
    usable = [span for span in spans if days - span >= rule.whole("least_days")]
    for kind in np.unique(cohort):
        members = np.flatnonzero(cohort == kind)
        members = members[issued[members] > 0]
        if len(members) < rule.whole("least_cells"):
            continue
        for span in usable:
            for one in _cohort_bursts(done[members], issued[members], span, rule, tests=done.shape[0] * len(usable)):
                place = int(members[one.place])
                if place not in found or (found[place].p or 0.0) > (one.p or 0.0):
                    found[place] = Suspicion(place, one.p, one.evidence)
    return [found[place] for place in sorted(found)]


def _cohort_bursts(done: IntArray, issued: IntArray, span: int, rule: RuleText, *, tests: int) -> list[Suspicion]:
    last = done[:, -span:].sum(axis=1).astype(np.float64)
    rest = done[:, :-span].sum(axis=1).astype(np.float64)
    others_last, others_rest = last.sum() - last, rest.sum() - rest
    others_issued = issued.sum() - issued
    from_fellows = issued * others_rest / np.maximum(others_issued, 1)
    base = np.maximum(rest, _LEAST_PART * from_fellows)
    mean = np.maximum(base * others_last / np.maximum(others_rest, 1.0), 1.0)
    spread, remains = _past_spread(done[:, :-span], span, rule)
    # The mean itself was learned from a few days that varied as much.
    p = count_tail(last, mean, spread * (1 + remains) + 1 / np.maximum(base, 1.0)) * tests
    hits = np.flatnonzero((p <= rule.chance("alpha")) & (last >= rule.whole("least_count")))
    return [
        Suspicion(
            int(i),
            float(p[i]),
            {
                "count": int(last[i]),
                "expected": round(float(mean[i]), 1),
                "days": span,
                "before": int(rest[i]),
                "issued": int(issued[i]),
            },
        )
        for i in hits
    ]


def _past_spread(before: IntArray, span: int, rule: RuleText) -> tuple[float, float]:
    """How much more cells differ on a day (or ``span`` days) than the common run of days explains.

    Returns:
        The spread of one block, and the part of it that remains in a cell's sum over all blocks.
    """
    blocks = _blocks(before, span)
    whole = max(1.0, float(blocks.sum()))
    common = blocks.sum(axis=0) / whole
    rows, columns = blocks.shape
    # Rows and columns are fitted: what is left over is that much smaller than it was.
    fitted = rows * columns / max(1, (rows - 1) * (columns - 1))
    spread = spread_of(blocks, blocks.sum(axis=1, keepdims=True) * common, least=rule.chance("least_spread"))
    return spread * fitted, float((common**2).sum())


def channel_mix(counts: IntArray, cohort: IntArray, rule: RuleText) -> list[Suspicion]:
    """Cells whose channels (渠道) differ from the other cells' more than cells usually do.

    Each channel is tested against all others: a difference in one direction is not thinned over all of them.

    Args:
        counts: sheets, (cells, channels).
        cohort: which cells are alike, (cells,); too few alike are compared with all.
        rule: ``channel_mix``.
    """
    n = counts.sum(axis=1)
    used = np.flatnonzero(counts.sum(axis=0) > 0)
    places = np.flatnonzero(n >= rule.whole("least_sheets"))
    if len(used) < 2 or len(places) < rule.whole("least_cells"):
        return []
    p, expected = np.empty((len(places), len(used))), np.empty((len(places), len(used)))
    for column, channel in enumerate(used):
        share, above, below = share_tails(counts[places, channel], n[places], cohort[places], rule)
        expected[:, column] = n[places] * share
        p[:, column] = np.minimum(2 * len(used) * np.minimum(above, below), 1.0)
    worst = p.argmin(axis=1)
    return [
        Suspicion(
            int(places[i]),
            float(p[i].min()),
            {
                "channel": int(used[worst[i]]),
                "count": int(counts[places[i], used[worst[i]]]),
                "expected": round(float(expected[i, worst[i]]), 1),
                "sheets": int(n[places[i]]),
            },
        )
        for i in np.flatnonzero(benjamini_hochberg(p.min(axis=1), rule.chance("fdr")))
    ]


def top_box(top: IntArray, n: IntArray, rule: RuleText) -> list[Suspicion]:
    """Windows or terminals whose last day holds too many top ratings (好评突增), by their own past.

    Args:
        top: ratings of the best level, (devices, days); the last day is looked at.
        n: all ratings, (devices, days).
        rule: ``top_box``.
    """
    past = slice(-1 - rule.whole("history_days"), -1)
    places, k, sizes, shares, spreads = [], [], [], [], []
    for place in range(len(n)):
        full = n[place, past] >= rule.whole("least_ratings")
        if full.sum() < rule.whole("least_history_days") or n[place, -1] < rule.whole("least_ratings"):
            continue
        best, all_ = top[place, past][full].astype(np.float64), n[place, past][full].astype(np.float64)
        share = (best.sum() + 1.0) / (all_.sum() + 2.0)
        z2 = (best - all_ * share) ** 2 / (all_ * share * (1 - share))
        spread = max(rule.chance("least_spread"), float((z2.mean() - 1) / max(1.0, all_.mean() - 1)))
        places.append(place)
        k.append(int(top[place, -1]))
        sizes.append(int(n[place, -1]))
        shares.append(share)
        spreads.append(spread)
    if not places:
        return []
    p = share_tail(np.array(k), np.array(sizes), np.array(shares), np.array(spreads)) * len(places)
    return [
        Suspicion(
            places[i],
            float(p[i]),
            {"top": k[i], "ratings": sizes[i], "expected": round(float(sizes[i] * shares[i]), 1)},
        )
        for i in np.flatnonzero(p <= rule.chance("alpha"))
    ]
