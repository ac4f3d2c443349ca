"""From counted sheets to scores (得分) and their errors, for all units at once: pure.

Counts and rational weights are scored exactly; what needs floats (errors, calibrated weights) is computed
once by ``sampling`` and kept as decimals at nine places.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sampling.calibration import Calibration
from sampling.estimates import DomainEstimates
from sampling.estimation import designed_estimates
from sampling.ranks import nine_places, round_half_up
from sampling.scales import OptionScale
from sampling.stratified import stratified_mean
from sampling.variance import SampleDesign
from survey_models.questionnaires.rules import Form
from survey_models.results.sheets import Sheets
from survey_models.results.weights import KnownMargin, Layer, Weights, calibrate, weights_of

HUNDRED = 100
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Design:
    """How a campaign is estimated: ``domain`` or ``stratified_mean``; points or persons as PSU; margins or none."""

    estimator: str
    points_as_psu: bool
    min_cell: int
    layers: tuple[Layer, ...]
    margins: tuple[KnownMargin, ...] = ()


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


@dataclass(frozen=True, eq=False)
class Scores:
    """All units, with what ranks need: unrounded scores, their covariance, degrees of freedom; and the weights used."""

    units: list[UnitScore]
    exact: list[Fraction | None]
    estimates: DomainEstimates
    weights: Weights
    prior: npt.NDArray[np.float64]
    calibration: Calibration | None


def scale_of(form: Form) -> OptionScale:
    """The scale that the units of a form are rated on."""
    options = form.scales[form.items[form.units[0]].scale]
    return OptionScale.of(
        {option.code: option.score for option in options},
        satisfied={option.code for option in options if option.satisfied},
    )


def score_units(sheets: Sheets, form: Form, design: Design) -> Scores:
    """Scores of all units, in the order of the form. There must be at least one sheet."""
    scale = scale_of(form)
    weights = weights_of(design.layers, sheets.by_stratum())
    calibration = calibrate(sheets, weights, design.margins)
    estimates = _estimate(sheets, design, weights, calibration, scale)
    exact = _exact_scores(sheets, weights, scale, design.estimator) if calibration is None else _as_stored(estimates)
    keys = [form.items[place].key for place in form.units]
    return Scores(
        units=[
            _unit_score(
                key,
                place,
                n=int(sheets.carries[:, place].sum()),
                score=exact[place],
                estimates=estimates,
                min_cell=design.min_cell,
            )
            for place, key in enumerate(keys)
        ],
        exact=exact,
        estimates=estimates,
        weights=weights,
        prior=weights.of(sheets),
        calibration=calibration,
    )


def _estimate(
    sheets: Sheets, design: Design, weights: Weights, calibration: Calibration | None, scale: OptionScale
) -> DomainEstimates:
    areas = {area: number for number, area in enumerate(dict.fromkeys(layer.area for layer in design.layers))}
    area_of = np.zeros(max(layer.no for layer in design.layers) + 1, dtype=np.int64)
    for layer in design.layers:
        area_of[layer.no] = areas[layer.area]
    if design.estimator == "stratified_mean" and calibration is None:
        return _stratified(sheets, design, weights, scale)
    plan = SampleDesign.of(
        weights=weights.of(sheets) if calibration is None else None,
        # A test point was drawn in its area and serves all kinds there: the area is its variance stratum.
        strata=area_of[sheets.stratum] if design.points_as_psu else sheets.stratum,
        psu=sheets.point if design.points_as_psu else None,
        lonely="collapse",
        calibration=calibration,
    )
    carries = None if sheets.carries.all() else sheets.carries
    return designed_estimates(sheets.codes, scale=scale, design=plan, carries=carries)


def _stratified(sheets: Sheets, design: Design, weights: Weights, scale: OptionScale) -> DomainEstimates:
    cells, where = np.unique(np.stack([sheets.stratum, sheets.point]), axis=1, return_inverse=True)
    counts = np.stack([_counts(sheets.codes[where == cell], scale) for cell in range(cells.shape[1])])
    return stratified_mean(
        counts,
        scale=scale,
        cell_stratum=cells[0],
        population={no: round(size) for no, size in weights.population.items()},
        sheets=np.bincount(where),
        cell_psu=cells[1] if design.points_as_psu else None,
    )


def _counts(codes: npt.NDArray[np.uint8], scale: OptionScale) -> Counts:
    return np.stack([(codes == octet).sum(axis=0) for octet in scale.octets], axis=1)


def _exact_scores(sheets: Sheets, weights: Weights, scale: OptionScale, estimator: str) -> list[Fraction | None]:
    """The scores in fractions; None where nobody judged."""
    judging = [(place, score) for place, score in enumerate(scale.scores) if score is not None]
    by_stratum = {no: _counts(sheets.codes[sheets.stratum == no], scale) for no in weights.by_stratum}
    found: list[Fraction | None] = []
    for unit in range(sheets.codes.shape[1]):
        above, below = Fraction(0), Fraction(0)
        for stratum, numbers in by_stratum.items():
            amount = Fraction(sum(int(numbers[unit, place]) for place, _ in judging))
            points = sum((int(numbers[unit, place]) * score for place, score in judging), Fraction(0))
            weight = weights.by_stratum[stratum]
            if estimator == "stratified_mean" and amount:
                weight = weights.population[stratum] / amount
            above += weight * points
            below += weight * amount
        found.append(above / below if below else None)
    return found


def _as_stored(estimates: DomainEstimates) -> list[Fraction | None]:
    """Scores of calibrated weights: floats, which enter once, at nine places."""
    return [Fraction(nine_places(value)) if np.isfinite(value) else None for value in estimates.score.tolist()]


def _unit_score(
    unit: str, place: int, *, n: int, score: Fraction | None, estimates: DomainEstimates, min_cell: int
) -> UnitScore:
    judging = int(estimates.n_judging[place])
    if score is None or judging < min_cell:
        return UnitScore(unit, n, judging)

    def nine(values: npt.NDArray[np.float64], factor: int = 1) -> Decimal | None:
        value = float(values[place]) * factor
        return nine_places(value) if np.isfinite(value) else None

    return UnitScore(
        unit=unit,
        n=n,
        n_judging=judging,
        score=round_half_up(score, 9),
        se=nine(estimates.se),
        ci_low=nine(estimates.ci_low),
        ci_high=nine(estimates.ci_high),
        n_eff=nine(estimates.n_eff),
        satisfied_rate=nine(estimates.satisfied_rate, HUNDRED),
        dont_know_rate=nine(estimates.dont_know_rate, HUNDRED),
        unweighted=nine(estimates.unweighted_score),
    )
