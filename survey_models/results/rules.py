"""From a tally to scores (得分), errors and ranks of all units: pure.

Counts and rational weights are scored exactly; the errors, which need square roots, are computed once
in floats by ``sampling`` and kept as decimals at nine places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sampling.estimates import DomainEstimates
from sampling.ranks import competition_ranks, nine_places, round_half_up
from sampling.scales import OptionScale
from sampling.stratified import stratified_mean
from sampling.tallies import estimates_from_counts
from survey_models.campaigns.tallies import Tally
from survey_models.questionnaires.rules import Form

HUNDRED = 100
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """A stratum as scoring needs it."""

    no: int
    area: str
    population: int


@dataclass(frozen=True)
class Design:
    """How a campaign is estimated: ``domain`` or ``stratified_mean``; points or persons as PSU."""

    estimator: str
    points_as_psu: bool
    min_cell: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Weights:
    """Weight of a sheet of each stratum (设计权数), exact, and the strata whose people others stand for."""

    by_stratum: Mapping[int, Fraction]
    population: Mapping[int, Fraction]
    joined: tuple[int, ...]


@dataclass(frozen=True)
class UnitScore:
    """One unit. None where fewer than ``min_cell`` people judged it: such a score is withheld."""

    unit: str
    n: int
    n_judging: int
    score: Decimal | None
    se: Decimal | None
    ci_low: Decimal | None
    ci_high: Decimal | None
    n_eff: Decimal | None
    satisfied_rate: Decimal | None
    dont_know_rate: Decimal | None
    unweighted: Decimal | None


def scale_of(form: Form) -> OptionScale:
    """The scale that the units of a form are rated on."""
    options = form.scales[form.items[form.units[0]].scale]
    return OptionScale.of(
        {option.code: option.score for option in options},
        satisfied={option.code for option in options if option.satisfied},
    )


def weights_of(layers: Sequence[Layer], sheets: Mapping[int, int]) -> Weights:
    """N_h / n_h for every stratum with sheets.

    The people of a stratum that brought none are stood for by the other strata of its area, or by all
    where the whole area brought none, in proportion to population; the result says so.
    """
    brought = [layer for layer in layers if sheets.get(layer.no)]
    population = {layer.no: Fraction(layer.population) for layer in brought}
    joined = tuple(layer.no for layer in layers if not sheets.get(layer.no) and layer.population)
    for layer in layers:
        if layer.no in joined:
            stand_in = [other for other in brought if other.area == layer.area] or brought
            whole = sum(other.population for other in stand_in)
            for other in stand_in:
                population[other.no] += Fraction(layer.population * other.population, whole)
    return Weights({no: size / sheets[no] for no, size in population.items()}, population, joined)


def score_units(tally: Tally, form: Form, design: Design) -> tuple[list[UnitScore], Weights]:
    """Scores of all units, in the order of the tally. Without a single sheet every score is withheld."""
    scale = scale_of(form)
    if not tally.cells:
        nothing = Weights({}, {}, ())
        return [UnitScore(unit, 0, 0, *[None] * 8) for unit in tally.units], nothing
    pooled = _pool(tally, scale)
    weights = weights_of(design.layers, pooled.by_stratum())
    estimates = _estimate(pooled, design, weights, scale)
    exact = _exact_scores(pooled, weights, scale, design.estimator)
    total = sum(pooled.sheets)
    return [
        _unit_score(unit, place, total=total, score=exact[place], estimates=estimates, min_cell=design.min_cell)
        for place, unit in enumerate(tally.units)
    ], weights


@dataclass(frozen=True, eq=False)
class _Pooled:
    """Sheets (cells,) and counts (cells, units, options of the scale) by stratum and point, channels added up."""

    cells: list[tuple[int, int]]
    sheets: list[int]
    counts: Counts

    def by_stratum(self) -> dict[int, int]:
        sheets: dict[int, int] = {}
        for (stratum, _), number in zip(self.cells, self.sheets, strict=True):
            sheets[stratum] = sheets.get(stratum, 0) + number
        return sheets


def _pool(tally: Tally, scale: OptionScale) -> _Pooled:
    codes = [tally.codes.index(code) for code in scale.codes]
    cells = sorted({(stratum, point) for stratum, point, _ in tally.cells})
    place = {cell: number for number, cell in enumerate(cells)}
    sheets = [0] * len(cells)
    counts = np.zeros((len(cells), len(tally.units), len(codes)), dtype=np.int64)
    for number, (stratum, point, _) in enumerate(tally.cells):
        sheets[place[stratum, point]] += int(tally.sheets[number])
        counts[place[stratum, point]] += tally.counts[number][:, codes]
    return _Pooled(cells, sheets, counts)


def _estimate(pooled: _Pooled, design: Design, weights: Weights, scale: OptionScale) -> DomainEstimates:
    areas = {area: number for number, area in enumerate(dict.fromkeys(layer.area for layer in design.layers))}
    area_of = {layer.no: areas[layer.area] for layer in design.layers}
    points = [point for _, point in pooled.cells] if design.points_as_psu else None
    if design.estimator == "stratified_mean":
        return stratified_mean(
            pooled.counts,
            scale=scale,
            cell_stratum=[stratum for stratum, _ in pooled.cells],
            population={no: round(size) for no, size in weights.population.items()},
            sheets=pooled.sheets,
            cell_psu=points,
        )
    # A test point was drawn in its area and serves all kinds there: the area is its variance stratum.
    strata = [area_of[stratum] if design.points_as_psu else stratum for stratum, _ in pooled.cells]
    return estimates_from_counts(
        pooled.counts,
        scale=scale,
        cell_stratum=strata,
        cell_weight=[float(weights.by_stratum[stratum]) for stratum, _ in pooled.cells],
        sheets=pooled.sheets,
        cell_psu=points,
        lonely="collapse",
    )


def _exact_scores(pooled: _Pooled, weights: Weights, scale: OptionScale, estimator: str) -> list[Fraction | None]:
    """The scores in fractions; None where nobody judged."""
    judging = [(place, score) for place, score in enumerate(scale.scores) if score is not None]
    by_stratum: dict[int, Counts] = {}
    for number, (stratum, _) in enumerate(pooled.cells):
        by_stratum[stratum] = by_stratum.get(stratum, 0) + pooled.counts[number]
    found: list[Fraction | None] = []
    for unit in range(pooled.counts.shape[1]):
        above, below = Fraction(0), Fraction(0)
        for stratum, numbers in by_stratum.items():
            amount = sum(int(numbers[unit, place]) for place, _ in judging)
            points = sum((int(numbers[unit, place]) * score for place, score in judging), Fraction(0))
            people = weights.population[stratum]
            if estimator == "stratified_mean" and amount:
                points, amount_weight = people * points / amount, people
            else:
                points, amount_weight = weights.by_stratum[stratum] * points, weights.by_stratum[stratum] * amount
            above += points
            below += amount_weight
        found.append(above / below if below else None)
    return found


def _unit_score(
    unit: str, place: int, *, total: int, score: Fraction | None, estimates: DomainEstimates, min_cell: int
) -> UnitScore:
    judging = int(estimates.n_judging[place])
    if score is None or judging < min_cell:
        return UnitScore(unit, total, judging, None, None, None, None, None, None, None, None)

    def nine(values: npt.NDArray[np.float64], factor: int = 1) -> Decimal | None:
        value = float(values[place]) * factor
        return nine_places(value) if np.isfinite(value) else None

    return UnitScore(
        unit=unit,
        n=total,
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


def rank_within(categories: Sequence[str], scores: Sequence[Decimal | None]) -> list[int | None]:
    """Places inside each category by the printed score (two decimals, half up), ties sharing the better place."""
    places: list[int | None] = [None] * len(scores)
    for category in dict.fromkeys(categories):
        members = [i for i, name in enumerate(categories) if name == category and scores[i] is not None]
        printed = [round_half_up(score) for i in members if (score := scores[i]) is not None]
        for member, place in zip(members, competition_ranks(printed), strict=True):
            places[member] = place
    return places
