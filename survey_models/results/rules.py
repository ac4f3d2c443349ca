"""From counted sheets to scores (得分), their errors and the way to each, for all units at once: pure.

Counts and rational weights are scored exactly; what needs floats (errors, calibrated weights) is computed
once by ``sampling`` and kept as decimals at nine places.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray
from sampling.calibration import Calibration
from sampling.estimates import DomainEstimates
from sampling.ranks import nine_places, round_half_up
from sampling.scales import OptionScale
from survey_models.campaigns.estimation import STRATIFIED_MEAN
from survey_models.questionnaires.rules import Form
from survey_models.results.design import Design
from survey_models.results.estimates import estimate
from survey_models.results.sheets import Sheets
from survey_models.results.traces import Sums, Trace, sums_of, trace_of
from survey_models.results.weights import Weights, calibrate, weights_of

HUNDRED = 100


@dataclass(frozen=True)
class UnitScore:
    """One unit. None where fewer than ``min_cell`` people judged it: such a score is withheld."""

    unit: str
    n: int
    n_judging: int
    score: Decimal | None = None
    se: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    n_eff: Decimal | None = None
    satisfied_rate: Decimal | None = None
    dont_know_rate: Decimal | None = None
    unweighted: Decimal | None = None
    trace: Trace | None = None


@dataclass(frozen=True, eq=False)
class Scores:
    """All units, with what ranks need: unrounded scores, their covariance, degrees of freedom; and the weights used."""

    units: list[UnitScore]
    exact: list[Fraction | None]
    estimates: DomainEstimates
    weights: Weights
    prior: FloatArray
    calibration: Calibration | None


def scale_of(form: Form) -> OptionScale:
    """The scale that the units of a form are rated on."""
    return OptionScale.of(
        {option.code: option.score for option in form.unit_scale},
        satisfied={option.code for option in form.unit_scale if option.satisfied},
    )


def score_units(sheets: Sheets, form: Form, design: Design, *, seed: str) -> Scores:
    """Scores of all units, in the order of the form. There must be at least one sheet.

    ``seed`` is public (the digest of the tally): replicates draw from it.
    """
    scale, stated = scale_of(form), design.stated
    weights = weights_of(design.layers, sheets.by_stratum(), stated.nonresponse)
    calibration = calibrate(sheets, weights, stated.margins, cap=stated.trim_cap)
    estimates = estimate(sheets, design, weights, calibration, scale=scale, seed=seed)
    mean = stated.estimator == STRATIFIED_MEAN
    sums = sums_of(sheets, weights, scale, calibration=calibration, by_stratum=mean)
    exact = [one.score for one in sums] if calibration is None else _as_stored(estimates)
    keys = [form.items[place].key for place in form.units]
    return Scores(
        units=[
            _unit_score(key, place, sums=sums[place], score=exact[place], estimates=estimates, min_cell=stated.min_cell)
            for place, key in enumerate(keys)
        ],
        exact=exact,
        estimates=estimates,
        weights=weights,
        prior=weights.of(sheets),
        calibration=calibration,
    )


def _as_stored(estimates: DomainEstimates) -> list[Fraction | None]:
    """Scores of calibrated weights: floats, which enter once, at nine places."""
    return [Fraction(nine_places(value)) if np.isfinite(value) else None for value in estimates.score.tolist()]


def _unit_score(
    unit: str, place: int, *, sums: Sums, score: Fraction | None, estimates: DomainEstimates, min_cell: int
) -> UnitScore:
    judging = int(estimates.n_judging[place])
    if score is None or judging < min_cell:
        return UnitScore(unit, sums.n, judging)

    def nine(values: npt.NDArray[np.float64], factor: int = 1) -> Decimal | None:
        value = float(values[place]) * factor
        return nine_places(value) if np.isfinite(value) else None

    return UnitScore(
        unit=unit,
        n=sums.n,
        n_judging=judging,
        score=round_half_up(score, 9),
        se=nine(estimates.se),
        ci_low=nine(estimates.ci_low),
        ci_high=nine(estimates.ci_high),
        n_eff=nine(estimates.n_eff),
        satisfied_rate=nine(estimates.satisfied_rate, HUNDRED),
        dont_know_rate=nine(estimates.dont_know_rate, HUNDRED),
        unweighted=nine(estimates.unweighted_score),
        trace=trace_of(sums, df=int(estimates.df[place]), level=estimates.level),
    )
