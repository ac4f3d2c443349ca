"""Scores and errors of all units by the stated estimator and method of errors (估计量, 误差): pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray
from sampling.calibration import Calibration
from sampling.designs import Lonely
from sampling.estimates import DomainEstimates
from sampling.estimation import designed_estimates
from sampling.intervals import t_interval
from sampling.replicates import ReplicateEstimates, Statistic, ballot_scores, jackknife, rao_wu
from sampling.scales import OptionScale
from sampling.stratified import stratified_mean
from sampling.variance import SampleDesign
from survey_models.campaigns.estimation import RAO_WU, REFUSE, STRATIFIED_MEAN
from survey_models.results.design import Design
from survey_models.results.sheets import Sheets
from survey_models.results.weights import Weights, fit_of

Counts = npt.NDArray[np.int64]
LONELY: Mapping[str, Lonely] = {"refuse": "refuse", "collapse": "collapse", "adjust": "adjust"}


def estimate(
    sheets: Sheets,
    design: Design,
    weights: Weights,
    calibration: Calibration | None,
    *,
    scale: OptionScale,
    seed: str,
) -> DomainEstimates:
    """All units at once. ``seed`` is public; replicates draw from it. Raises the named failures of ``sampling``."""
    found = _smooth(sheets, design, weights, calibration, scale)
    if not design.stated.replicated:
        return found
    return _replicated(found, sheets, design, weights, scale=scale, seed=seed)


def level_of(design: Design) -> float:
    """The confidence that the campaign states."""
    return float(Decimal(design.stated.confidence))


def _smooth(
    sheets: Sheets, design: Design, weights: Weights, calibration: Calibration | None, scale: OptionScale
) -> DomainEstimates:
    """By linearisation (and the formula of the stratified mean)."""
    if design.stated.estimator == STRATIFIED_MEAN:
        return _stratified(sheets, design, weights, scale)
    plan = sample_design(sheets, design, weights, calibration)
    return designed_estimates(sheets.codes, scale=scale, design=plan, carries=_carries(sheets), level=level_of(design))


def sample_design(
    sheets: Sheets, design: Design, weights: Weights, calibration: Calibration | None = None
) -> SampleDesign:
    """How the sheets came about.

    A test point was drawn in its area and serves all kinds there: the area is then its variance stratum.
    """
    stated = design.stated
    areas = design.area_numbers()
    of_layer = np.zeros(max(layer.no for layer in design.layers) + 1, dtype=np.int64)
    for layer in design.layers:
        of_layer[layer.no] = areas[layer.area]
    points = stated.points_as_psu
    return SampleDesign.of(
        weights=weights.of(sheets) if calibration is None else None,
        strata=of_layer[sheets.stratum] if points else sheets.stratum,
        psu=sheets.point if points else None,
        population=_existing(design) if stated.finite else None,
        psu_size=_people(sheets, design) if stated.finite and points else None,
        lonely=LONELY[REFUSE if stated.replicated else stated.lonely],
        calibration=calibration,
    )


def _existing(design: Design) -> dict[int, int]:
    """Sampling units that exist by variance stratum: test points by area, or people by stratum."""
    stages = design.stated.stages
    if design.stated.points_as_psu and stages is not None:
        return {number: stages.points[area] for area, number in design.area_numbers().items()}
    return {layer.no: layer.population for layer in design.layers}


def _people(sheets: Sheets, design: Design) -> npt.NDArray[np.int64] | None:
    stages = design.stated.stages
    if stages is None:
        return None
    table = np.zeros(max([*stages.people, int(sheets.point.max())]) + 1, dtype=np.int64)
    for no, number in stages.people.items():
        table[no] = number
    return table[sheets.point]


def _stratified(sheets: Sheets, design: Design, weights: Weights, scale: OptionScale) -> DomainEstimates:
    cells, where = np.unique(np.stack([sheets.stratum, sheets.point]), axis=1, return_inverse=True)
    tables = [_counts(sheets.codes[where == cell], scale) for cell in range(cells.shape[1])]
    between_points = design.stated.points_as_psu and not design.stated.replicated
    return stratified_mean(
        np.stack(tables),
        scale=scale,
        cell_stratum=cells[0],
        population={no: round(size) for no, size in weights.population.items()},
        sheets=np.bincount(where),
        cell_psu=cells[1] if between_points else None,
        carried=np.stack([sheets.carries[where == cell].sum(axis=0) for cell in range(cells.shape[1])]),
        level=level_of(design),
    )


def _counts(codes: npt.NDArray[np.uint8], scale: OptionScale) -> Counts:
    return np.stack([(codes == octet).sum(axis=0) for octet in scale.octets], axis=1)


def _replicated(
    found: DomainEstimates, sheets: Sheets, design: Design, weights: Weights, *, scale: OptionScale, seed: str
) -> DomainEstimates:
    """The same scores with errors from doing the estimation again, calibration and nonresponse included."""
    plan = sample_design(sheets, design, weights)
    stated = design.stated
    if stated.estimator == STRATIFIED_MEAN:
        statistic: Statistic = _StratumMeans(sheets, weights, scale)
    else:
        statistic = ballot_scores(sheets.codes, scale=scale, carries=_carries(sheets))
    fit = fit_of(sheets, weights, stated.margins, cap=stated.trim_cap)
    again = None if fit is None else fit.again
    made: ReplicateEstimates = (
        rao_wu(statistic, plan, seed=seed, replicates=stated.replicates, reweight=again)
        if stated.errors == RAO_WU
        else jackknife(statistic, plan, reweight=again)
    )
    df = plan.strata_and_psus_with(sheets.carries)
    # A unit that a replicate left without anybody who judges has no error that could be trusted: NaN.
    se = np.asarray(np.sqrt(np.maximum(made.covariance.diagonal(), 0.0)))
    low, high = t_interval(found.score, se, df=df, level=level_of(design))
    return replace(found, se=se, ci_low=low, ci_high=high, df=df, covariance=made.covariance)


class _StratumMeans:
    """The stratified mean as a function of the weights of the sheets, for replicates."""

    def __init__(self, sheets: Sheets, weights: Weights, scale: OptionScale) -> None:
        judges, value = np.zeros(256), np.zeros(256)
        judges[scale.octets] = scale.judging_mask
        value[scale.octets] = scale.values * scale.judging_mask
        self.member = judges[sheets.codes] * sheets.carries
        self.scored = value[sheets.codes] * sheets.carries
        self.rows = {no: np.flatnonzero(sheets.stratum == no) for no in weights.population}
        people = {
            no: float(weights.population[no]) * sheets.carries[rows].any(axis=0) for no, rows in self.rows.items()
        }
        whole = np.sum(list(people.values()), axis=0)
        self.share = {
            no: np.divide(own, whole, out=np.zeros_like(whole), where=whole > 0) for no, own in people.items()
        }
        self.known: BoolArray = np.asarray(whole > 0)

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Weights (R, n) to scores (R, U); NaN where a stratum that carries the unit is left without a judge."""
        total = np.zeros((len(weights), self.member.shape[1]))
        for no, rows in self.rows.items():
            base, top = weights[:, rows] @ self.member[rows], weights[:, rows] @ self.scored[rows]
            mean = np.divide(top, base, out=np.full_like(top, np.nan), where=base > 0)
            total += np.where(self.share[no] == 0, 0.0, self.share[no] * mean)
        return np.where(self.known, total, np.nan)


def _carries(sheets: Sheets) -> BoolArray | None:
    return None if sheets.carries.all() else sheets.carries
