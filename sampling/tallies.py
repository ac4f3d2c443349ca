"""The same estimates from counts alone, so that ballots need not be opened twice (由计数求估计).

A cell is a group of sheets with one weight: a stratum, or a test point in it. Counts by cell,
unit and option are enough for every score, and for the error of designs whose PSUs are
persons (the spread inside a stratum follows from the counts) or whole cells (PSU totals).
They do not show how one person rated two units: with persons as PSUs there is no covariance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray, IntArray, checked_weights, number_psus, whole_numbers
from sampling.designs import Lonely, VarianceDesign, build_design
from sampling.errors import BadCount, ShapeMismatch
from sampling.estimates import DomainEstimates, OptionSums, assemble, spread
from sampling.scales import OptionScale


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Checked counts of C cells: `counts` (C, U, K); `stratum` dense index into `labels`."""

    counts: FloatArray
    sheets: IntArray
    carried: IntArray
    labels: IntArray
    stratum: IntArray
    psu: IntArray | None

    def carrying(self) -> BoolArray:
        """Which strata carry which unit, shape (H, U)."""
        held = np.zeros((len(self.labels), self.counts.shape[1]), dtype=np.int64)
        np.add.at(held, self.stratum, self.carried)
        return held > 0


def estimates_from_counts(
    counts: npt.ArrayLike,
    *,
    scale: OptionScale,
    cell_stratum: npt.ArrayLike,
    cell_weight: npt.ArrayLike,
    sheets: npt.ArrayLike,
    cell_psu: npt.ArrayLike | None = None,
    carried: npt.ArrayLike | None = None,
    population: Mapping[int, int] | None = None,
    lonely: Lonely = "refuse",
    level: float = 0.95,
) -> DomainEstimates:
    """Equal to `domain_estimates` on the ballots behind the counts.

    `counts` (C, U, K) whole numbers, options in the order of `scale`, blank and invalid cells left
    out; `cell_stratum` (C,) variance strata; `cell_weight` (C,) weight of each sheet of the cell;
    `sheets` (C,) all sheets of the cell, also those that judge nothing; `cell_psu` (C,) test points
    read inside their stratum, None = persons are PSUs (then `covariance` is None); `carried` (C, U)
    sheets that have the unit on them, None = all. Cells without sheets are left out: an empty
    test point is no PSU. `population` and `lonely` as in `domain_estimates`.
    Raises ShapeMismatch, BadCount, BadWeight and what `build_design` raises.
    """
    cells, kept = checked_cells(
        counts, scale=scale, cell_stratum=cell_stratum, sheets=sheets, cell_psu=cell_psu, carried=carried
    )
    weights = checked_weights(cell_weight, length=len(kept))[kept]
    sums = OptionSums(
        weighted=np.einsum("c,cuk->ku", weights, cells.counts),
        squared=np.einsum("c,cuk->ku", weights**2, cells.counts),
        plain=np.einsum("cuk->ku", cells.counts),
    )
    deviation, judged = _deviation(scale, sums)
    totals = weights[:, None] * np.einsum("cuk,uk->cu", judged * cells.counts, deviation)
    if cells.psu is None:
        n_psu = np.bincount(cells.stratum, weights=cells.sheets).astype(np.int64)
        design = _design(cells, n_psu, population, lonely)
        squares = weights[:, None] ** 2 * np.einsum("cuk,uk->cu", judged * cells.counts, deviation**2)
        variance = _person_variance(cells, design, totals, squares)
    else:
        index, psu_stratum = number_psus(cells.stratum, cells.psu)
        points = np.zeros((len(psu_stratum), totals.shape[1]))
        np.add.at(points, index, totals)
        design = _design(cells, np.bincount(psu_stratum).astype(np.int64), population, lonely)
        where = design.merged[psu_stratum]
        order = np.argsort(where, kind="stable")
        variance = spread([(where[order], points[order])], design, units=totals.shape[1], covariance=True)
    return assemble(sums, scale, spread=variance, df=design.df, level=level)


def checked_cells(
    counts: npt.ArrayLike,
    *,
    scale: OptionScale,
    cell_stratum: npt.ArrayLike,
    sheets: npt.ArrayLike,
    cell_psu: npt.ArrayLike | None,
    carried: npt.ArrayLike | None,
) -> tuple[Cells, BoolArray]:
    """Check counts and shapes; return the cells that have sheets, and which of the given those are."""
    numbers = np.asarray(counts)
    if numbers.ndim != 3 or numbers.shape[2] != len(scale.codes) or not np.issubdtype(numbers.dtype, np.integer):
        raise ShapeMismatch(
            f"counts: whole numbers (cells, units, {len(scale.codes)} options) are needed,"
            f" got {numbers.shape} of {numbers.dtype}"
        )
    size = len(numbers)
    all_sheets = whole_numbers(sheets, length=size, what="sheets")
    held = np.broadcast_to(all_sheets[:, None], numbers.shape[:2]) if carried is None else np.asarray(carried)
    if held.shape != numbers.shape[:2]:
        raise ShapeMismatch(f"carried has shape {held.shape}, counts {numbers.shape}")
    if np.any(numbers < 0) or np.any(numbers.sum(axis=2) > held) or np.any(held > all_sheets[:, None]):
        raise BadCount("a count is negative, or more answers are counted than sheets carry the unit")
    stratum = whole_numbers(cell_stratum, length=size, what="cell_stratum")
    psu = None if cell_psu is None else whole_numbers(cell_psu, length=size, what="cell_psu")
    kept = all_sheets > 0
    if not kept.any() or not numbers.shape[1]:
        raise ShapeMismatch("there is no cell with sheets, or no unit")
    labels, inverse = np.unique(stratum[kept], return_inverse=True)
    cells = Cells(
        counts=numbers[kept].astype(np.float64),
        sheets=all_sheets[kept],
        carried=held[kept].astype(np.int64),
        labels=labels,
        stratum=inverse.astype(np.int64),
        psu=None if psu is None else psu[kept],
    )
    return cells, kept


def _deviation(scale: OptionScale, sums: OptionSums) -> tuple[FloatArray, FloatArray]:
    """Influence per unit of weight of one answer, (U, K), and which options judge, (K,)."""
    score, total = sums.ratio(scale)
    centred = scale.values[None, :] - np.nan_to_num(score)[:, None]
    per_weight = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return centred * per_weight[:, None], scale.judging_mask.astype(np.float64)


def _design(cells: Cells, n_psu: IntArray, population: Mapping[int, int] | None, lonely: Lonely) -> VarianceDesign:
    return build_design(
        labels=cells.labels,
        n_psu=n_psu,
        carrying=cells.carrying(),
        population=population,
        lonely=lonely,
    )


def _person_variance(cells: Cells, design: VarianceDesign, totals: FloatArray, squares: FloatArray) -> FloatArray:
    """Variance (U,) with every sheet a PSU: the squares of a stratum less its mean."""
    where = design.merged[cells.stratum]
    by_stratum = np.zeros((2, len(design.factor), totals.shape[1]))
    np.add.at(by_stratum[0], where, squares)
    np.add.at(by_stratum[1], where, totals)
    variance: FloatArray = design.factor @ by_stratum[0] - design.centring @ by_stratum[1] ** 2
    return variance
