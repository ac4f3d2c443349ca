"""Weights that reproduce known totals: post-stratification, raking, linear calibration (事后分层, 迭代比例加权, 校准).

Every function takes weights d > 0 of n sheets and gives w = g d with sum w x = the known totals. Sources: Holt &
Smith 1979 (post-strata); Deming & Stephan 1940 and Ireland & Kullback 1968 (raking); Deville & Särndal, JASA 87
(1992) 376 and Särndal, Swensson & Wretman 1992, ch. 6 (linear calibration, the GREG estimator).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray, IntArray, checked_weights, whole_numbers
from sampling.errors import BadMargin, EmptyMargin, NonPositiveWeight, NotConverged, ShapeMismatch
from sampling.weighting import kish_deff

TOLERANCE = 1e-10
"""Largest relative distance of a margin from its total that counts as reached."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Margin:
    """One known distribution (控制总数): the people in each category, and the category of each sheet.

    `category` (n,) whole numbers; `totals` people by category, in any unit that all margins share.
    """

    name: str
    category: npt.ArrayLike
    totals: Mapping[int, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Auxiliary:
    """Calibration variables X of n rows and P columns; margins are kept as category numbers, not as 0/1 columns."""

    groups: tuple[IntArray, ...]
    sizes: tuple[int, ...]
    dense: FloatArray | None = None

    @property
    def columns(self) -> int:
        """P."""
        return sum(self.sizes) + (0 if self.dense is None else self.dense.shape[1])

    def block(self, rows: IntArray) -> FloatArray:
        """X of some rows, shape (rows, P)."""
        out = np.zeros((len(rows), self.columns))
        line = np.arange(len(rows))
        start = 0
        for group, size in zip(self.groups, self.sizes, strict=True):
            out[line, start + group[rows]] = 1.0
            start += size
        if self.dense is not None:
            out[:, start:] = self.dense[rows]
        return out


@dataclass(frozen=True, kw_only=True)
class CalibrationReport:
    """What calibration did, to be printed beside the results."""

    method: str
    iterations: int
    worst_deviation: float
    """Largest relative distance of a margin from its total at the end."""
    smallest_factor: float
    """Smallest g = w/d, relative to the mean change of all weights."""
    largest_factor: float
    deff_before: float
    """Kish's design effect of the weights before."""
    deff_after: float
    trimmed_share: float = 0.0
    """Share of sheets whose weight stands at the cap."""
    cap: float | None = None
    """The cap itself, in the unit of the weights."""
    rounds: int = 1
    """Rounds of trimming and raking."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """Calibrated weights and what their variance needs; give it to `SampleDesign.of`."""

    weights: FloatArray
    """(n,) w."""
    prior: FloatArray
    """(n,) d, before calibration."""
    auxiliary: Auxiliary
    raked: bool
    report: CalibrationReport


def poststratify(weights: npt.ArrayLike, margin: Margin) -> Calibration:
    """w = d N_g / sum_g d for each cell g (事后分层). Raises EmptyMargin, BadMargin, NonPositiveWeight."""
    prior = positive_weights(weights)
    group, totals = _checked(margin, prior)
    result = prior * (totals / np.bincount(group, weights=prior, minlength=len(totals)))[group]
    worst = _deviation(result, [(group, totals)])
    auxiliary = Auxiliary(groups=(group,), sizes=(len(totals),))
    report = make_report("post-stratification", prior, result, iterations=1, worst=worst)
    return Calibration(weights=result, prior=prior, auxiliary=auxiliary, raked=False, report=report)


def rake(
    weights: npt.ArrayLike,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = 1000,
) -> Calibration:
    """Fit several margins in turn until all hold together (迭代比例加权).

    Stops when no margin is further than `tolerance` (relative) from its totals. Raises EmptyMargin (a category
    with people and no sheet), BadMargin (a sheet's category has no total or total 0; margins with different
    sums), NonPositiveWeight, and NotConverged with the worst margin's name.
    """
    prior = positive_weights(weights)
    if not margins:
        raise BadMargin("raking needs at least one margin")
    cells = [_checked(margin, prior) for margin in margins]
    _same_sum(margins, cells)
    result, iteration, worst = _fit_in_turn(prior, cells, tolerance, max_iterations)
    if worst > tolerance:
        name = max(zip(margins, cells, strict=True), key=lambda pair: _deviation(result, [pair[1]]))[0].name
        raise NotConverged(
            f"raking stopped after {max_iterations} iterations with margin {name!r} still {worst:.2g} away:"
            " categories of two margins exclude each other in the sample; join some"
        )
    return Calibration(
        weights=result,
        prior=prior,
        auxiliary=Auxiliary(groups=tuple(g for g, _ in cells), sizes=tuple(len(t) for _, t in cells)),
        raked=True,
        report=make_report("raking", prior, result, iterations=iteration, worst=worst),
    )


def calibrate_linear(
    weights: npt.ArrayLike,
    auxiliary: npt.ArrayLike,
    totals: npt.ArrayLike,
    *,
    allow_negative: bool = False,
) -> Calibration:
    """w = d (1 + x' lambda): the weights of the regression estimator (GREG).

    `auxiliary` (n, P) numbers, include a column of ones when the population size is known; `totals` (P,).
    Raises BadMargin (singular or contradicting columns), NonPositiveWeight (a sheet far from the margins would
    count negatively: use raking, or `allow_negative` when only totals are wanted).
    """
    prior = positive_weights(weights)
    x = np.asarray(auxiliary, dtype=np.float64)
    target = np.asarray(totals, dtype=np.float64)
    if x.ndim != 2 or len(x) != len(prior) or target.shape != (x.shape[1],):
        raise ShapeMismatch(f"auxiliary {x.shape} and totals {target.shape} do not fit {len(prior)} weights")
    if not (np.isfinite(x).all() and np.isfinite(target).all()):
        raise BadMargin("a calibration variable or its total is infinite or not a number")
    size = np.sqrt(np.einsum("n,np->p", prior, x * x))
    if np.any(size == 0):
        raise EmptyMargin(f"calibration column {int(np.argmax(size == 0))} (from 0) is 0 for every sheet")
    scaled = x / size
    cross = scaled.T @ (scaled * prior[:, None])
    if np.linalg.matrix_rank(cross, tol=1e-10, hermitian=True) < len(target):
        raise BadMargin("the calibration columns are linearly dependent: leave out one category of each margin")
    result = prior
    # The second round removes what rounding left of the first.
    for _ in range(2):
        slope = np.linalg.solve(cross, target / size - scaled.T @ result)
        result = result + prior * (scaled @ slope)
    worst = float(np.max(np.abs(x.T @ result - target) / np.maximum(np.abs(target), size * 1e-3)))
    if worst > 1e-8:
        raise NotConverged(f"linear calibration misses a total by {worst:.2g} (relative)")
    if not allow_negative and np.any(result <= 0):
        raise NonPositiveWeight(
            f"{int((result <= 0).sum())} calibrated weights are zero or negative, the lowest {result.min():.4g}"
        )
    report = make_report("linear", prior, result, iterations=1, worst=worst)
    dense = Auxiliary(groups=(), sizes=(), dense=x)
    return Calibration(weights=result, prior=prior, auxiliary=dense, raked=False, report=report)


def positive_weights(weights: npt.ArrayLike) -> FloatArray:
    """Return the weights as float64, all > 0; NonPositiveWeight or BadWeight otherwise."""
    given = np.asarray(weights, dtype=np.float64)
    checked = checked_weights(given, length=given.size)
    if not checked.size:
        raise ShapeMismatch("there is no sheet to weigh")
    if np.any(checked <= 0):
        raise NonPositiveWeight(f"{int((checked <= 0).sum())} weights are zero: leave those sheets out")
    return checked


def make_report(
    method: str, prior: FloatArray, result: FloatArray, *, iterations: int, worst: float
) -> CalibrationReport:
    """Describe the way from `prior` to `result`."""
    factor = result / prior * (prior.sum() / result.sum())
    return CalibrationReport(
        method=method,
        iterations=iterations,
        worst_deviation=worst,
        smallest_factor=float(factor.min()),
        largest_factor=float(factor.max()),
        deff_before=kish_deff(prior),
        deff_after=kish_deff(result),
    )


def _checked(margin: Margin, weights: FloatArray) -> tuple[IntArray, FloatArray]:
    """Dense category of each sheet and the total of each category; refuse empty cells on either side."""
    category = whole_numbers(margin.category, length=len(weights), what=f"margin {margin.name!r}")
    numbers = sorted(margin.totals)
    totals = np.array([margin.totals[number] for number in numbers], dtype=np.float64)
    if not np.isfinite(totals).all() or np.any(totals < 0):
        raise BadMargin(f"margin {margin.name!r} has a negative or infinite total")
    seen = np.unique(category)
    for number in seen:
        if margin.totals.get(int(number), 0) <= 0:
            raise BadMargin(f"margin {margin.name!r}: sheets have category {number}, which has no people")
    for number, total in margin.totals.items():
        if total > 0 and number not in seen:
            raise EmptyMargin(
                f"margin {margin.name!r}: category {number} has people but no sheet; join it with another"
            )
    kept = np.isin(numbers, seen)
    return np.searchsorted(seen, category).astype(np.int64), totals[kept]


def _fit_in_turn(
    prior: FloatArray, cells: Sequence[tuple[IntArray, FloatArray]], tolerance: float, max_iterations: int
) -> tuple[FloatArray, int, float]:
    """Iterate over the margins: weights, iterations used, largest relative distance left."""
    result, worst = prior.copy(), np.inf
    for iteration in range(1, max_iterations + 1):
        for group, totals in cells:
            result *= (totals / np.bincount(group, weights=result, minlength=len(totals)))[group]
        worst = _deviation(result, cells)
        if worst <= tolerance:
            return result, iteration, worst
    return result, max_iterations, worst


def _same_sum(margins: Sequence[Margin], cells: Sequence[tuple[IntArray, FloatArray]]) -> None:
    first = cells[0][1].sum()
    for margin, (_, totals) in zip(margins, cells, strict=True):
        if abs(totals.sum() - first) > 1e-9 * first:
            raise BadMargin(
                f"margin {margin.name!r} sums to {totals.sum():.10g}, margin {margins[0].name!r} to {first:.10g}"
            )


def _deviation(weights: FloatArray, cells: Sequence[tuple[IntArray, FloatArray]]) -> float:
    """Largest relative distance of any category from its total."""
    return max(
        float(np.max(np.abs(np.bincount(group, weights=weights, minlength=len(totals)) / totals - 1)))
        for group, totals in cells
    )
