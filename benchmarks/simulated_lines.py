"""What the repeated draws of the made city come to: bias, coverage, places and chances to be drawn, line by line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.simulated_city import UNITS, City, FloatArray
from benchmarks.simulated_draws import AUDIT, LAST, BoolArray, DesignRun
from benchmarks.verdicts import (
    LEVEL,
    Line,
    at_least,
    below,
    binomial_bounds,
    chi_square_z,
    family_z,
    inform,
    none_of,
    t_values,
    within,
)
from sampling.unequal import joint_srs

ROUNDING = 1e-9
ENOUGH = 1_000
"""Draws from which on two Monte-Carlo errors are a fair bound for a share of 95 %; below, the binomial one is wider."""


def estimate_lines(city: City, run: DesignRun, *, draws: int) -> list[Line]:
    """Bias, coverage and announced error of both estimators."""
    lines = []
    for title, truth, said in (
        ("domain", city.score, run.claims("domain")),
        ("stratified mean", city.stratified_score, run.claims("stratified")),
    ):
        errors = said.score - truth
        lines += bias_lines(title, errors, draws=draws)
        lines += coverage_lines(title, (said.low <= truth) & (truth <= said.high), draws=draws)
        # The error of an observed standard deviation is 1/sqrt(2D); units hang together, so none is averaged away.
        slack = 3 / np.sqrt(2 * draws)
        ratio = float((np.sqrt((said.se**2).mean(axis=0)) / errors.std(axis=0, ddof=1)).mean())
        lines.append(within(f"{title}: announced / observed error, mean", ratio, 1 - slack, 1 + slack, form=".3f"))
    gap = float(run.column(lambda o: o.door_gap).max())
    return [*lines, below("ballots against counts, largest difference", gap, ROUNDING, form=".1e")]


def bias_lines(title: str, errors: FloatArray, *, draws: int) -> list[Line]:
    """Bias of each unit and of the mean over units, in Monte-Carlo errors; `errors` (D, U)."""
    single = float(np.abs(t_values(errors)).max())
    average = float(np.abs(t_values(errors.mean(axis=1))))
    return [
        inform(f"{title}: mean bias, points", f"{errors.mean():+.4f}"),
        inform(f"{title}: largest bias of a unit, points", f"{np.abs(errors.mean(axis=0)).max():.4f}"),
        below(f"{title}: largest |bias| of a unit in MC errors", single, family_z(errors.shape[1], df=draws - 1)),
        below(f"{title}: |bias| on average in MC errors", average, family_z(1, df=draws - 1)),
    ]


def coverage_lines(title: str, covered: BoolArray, *, draws: int) -> list[Line]:
    """95 % intervals: 94-96 % on average and 93-97 % for each unit, wider only where few draws show less."""
    mean = float(covered.mean())
    slack = max(0.01, 3 * float(covered.mean(axis=1).std(ddof=1)) / np.sqrt(draws))
    lowest, highest = binomial_bounds(draws, members=covered.shape[1])
    low, high = min(0.93, lowest), max(0.97, highest)
    by_unit = covered.mean(axis=0)
    return [
        within(f"{title}: 95 % intervals cover, mean over units", mean, LEVEL - slack, min(LEVEL + slack, 1.0)),
        Line(
            f"{title}: units that cover least and most",
            f"{by_unit.min():.2%}–{by_unit.max():.2%}",
            f"{low:.2%}–{high:.2%}",
            max(
                float(LEVEL - by_unit.min()) / (LEVEL - low),
                # A limit of 100 % cannot be missed.
                float(by_unit.max() - LEVEL) / (high - LEVEL) if high < 1 else 0.0,
            ),
        ),
    ]


def place_lines(run: DesignRun) -> list[Line]:
    """Simultaneous coverage of the rank sets, at least 95 % less two Monte-Carlo errors.

    Where units differ, few statements come near to being wrong; units made equal are the case that uses up the 5 %.
    """
    sets = [outcome.places for outcome in run.outcomes if outcome.places is not None]
    even = [outcome.equal for outcome in run.outcomes if outcome.equal is not None]
    if not sets:
        return [inform("no rank sets in this run", "0")]
    count = len(sets)
    limit = LEVEL - 2 * float(np.sqrt(LEVEL * (1 - LEVEL) / count))
    if count < ENOUGH:
        limit = min(limit, binomial_bounds(count, members=1)[0])
    return [
        at_least(f"all true places in their sets at once, {count} draws", _mean([s.all_ranks for s in sets]), limit),
        at_least("the same for sets from joint intervals", _mean([s.by_intervals for s in sets]), limit),
        at_least(f"the true last {LAST} among those that may be", _mean([s.last_kept for s in sets]), limit),
        at_least(f"nobody named among the last {LAST} who is not", _mean([s.last_true for s in sets]), limit),
        at_least("units made equal: no place excluded for any", _mean([s.all_ranks for s in even]), limit),
        at_least("units made equal: the same from joint intervals", _mean([s.by_intervals for s in even]), limit),
        at_least(f"units made equal: all may be among the last {LAST}", _mean([s.last_kept for s in even]), limit),
        inform("places in a set, mean", f"{_mean([s.width for s in sets]):.1f}"),
        inform(f"units named surely among the last {LAST}, mean", f"{_mean([s.named for s in sets]):.2f}"),
    ]


def draw_lines(city: City, run: DesignRun, *, draws: int) -> list[Line]:
    """Who was drawn how often, alone, in pairs and twice in a row, against the probabilities."""
    pi = run.sizes / city.population
    z = np.zeros(len(pi))
    total = 0.0
    for h in range(len(pi)):
        value, z[h] = chi_square_z(run.included[city.label == h], float(pi[h]), draws=draws)
        total += value
    pairs = (city.population // 2).tolist()
    joint = [joint_srs(size, n) for size, n in zip(city.population.tolist(), run.sizes.tolist(), strict=True)]
    expected = draws * float(np.dot(pairs, joint))
    both = float(run.column(lambda o: o.neighbours).sum())
    again = run.column(lambda o: o.overlap)
    common = float((run.sizes * pi).sum())
    spread = float((run.sizes * pi * (1 - pi) ** 2).sum())
    alone = run.column(lambda o: o.alone)
    return [
        below(
            f"inclusion: chi-square {total:,.0f} with {len(city.ids) - len(pi):,} df; largest |z|, strata",
            float(np.abs(z).max()),
            family_z(len(z)),
        ),
        below(
            f"inclusion: all strata together ({z.sum() / np.sqrt(len(z)):+.2f}), |z|",
            abs(float(z.sum()) / float(np.sqrt(len(z)))),
            family_z(1),
        ),
        below(
            f"neighbours drawn together {both:,.0f} of {expected:,.0f} expected, |z|",
            abs(both - expected) / float(np.sqrt(expected)),
            family_z(1),
        ),
        below(
            f"common to successive seeds {again.mean():.2f} of {common:.2f} expected, |z|",
            abs(float(again.mean()) - common) / float(np.sqrt(spread / len(again))),
            family_z(1),
        ),
        none_of(f"of {len(alone)} draws (every {AUDIT}th) that differ when drawn alone", int((alone == 0).sum())),
    ]


def control_lines(city: City, run: DesignRun) -> list[Line]:
    """The plain mean must fail: a proof that cannot fail shows nothing."""
    errors = run.column(lambda o: o.plain) - city.score
    said = run.claims("domain")
    half = said.high - said.score
    cover = (np.abs(errors) <= half).mean(axis=0)
    outside = int((cover < 0.93).sum())
    return [
        inform("largest bias of a unit, points", f"{np.abs(errors.mean(axis=0)).max():.2f}"),
        inform("mean over units of the share of draws within ± t·SE", f"{cover.mean():.1%}"),
        Line(f"units of {UNITS} that cover less than 93 %", str(outside), "≥ 1", 1 / max(outside, 0.5)),
    ]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
