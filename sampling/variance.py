"""Covariance of estimates from influence values, for every design the package knows (方差估计).

Each estimate is linearised: u_i is the influence of sheet i per unit of its weight, so that the
estimate moves like sum_i w_i u_i. With PSU totals z_a = sum w_i r_i of the residuals r (r = u without
calibration) of stratum h,
    V = sum_h (1 - f_h) n_h/(n_h - 1) sum_a (z_a - zbar_h)(z_a - zbar_h)'
      + sum_h f_h sum_a (1 - f_a) m_a/(m_a - 1) sum_i (z_i - zbar_a)(z_i - zbar_a)',
the second line only in two-stage designs: f_h = n_h/N_h, f_a = m_a/M_a (Särndal, Swensson & Wretman 1992,
4.3 and 5.5; Binder 1983; Deville & Särndal 1992 for the residuals).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sampling.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_weights,
    number_psus,
    run_starts,
    run_sums,
    whole_numbers,
)
from sampling.calibration import Calibration
from sampling.designs import Lonely, VarianceDesign, build_design
from sampling.errors import BadMargin, LonelyStratum, SampleLargerThanStratum, ShapeMismatch, UnknownStratum
from sampling.estimates import spread
from sampling.residuals import ResidualRule, Residuals

BLOCK = 8192


class Influence(Protocol):
    """Anything that gives u in blocks: (row numbers, values (rows, U)), in the order asked for.

    The values of a block belong to the receiver, who may overwrite them.
    """

    def __call__(self, order: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield the rows of `order` block by block."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleDesign:
    """How a sample came about and what was done to its weights; made by `SampleDesign.of`."""

    weights: FloatArray
    """(n,) final weight of each row."""
    labels: IntArray
    """(H,) stratum numbers as given, ascending."""
    stratum: IntArray
    """(n,) index into `labels`."""
    psu: IntArray | None
    """(n,) index of the row's PSU; None where every row is one."""
    psu_stratum: IntArray
    """Stratum index of each PSU."""
    population: Mapping[int, int] | None
    """PSUs that exist, by stratum number."""
    psu_size: FloatArray | None
    """Rows that exist in each sampled PSU: the design then has two stages."""
    lonely: Lonely
    calibration: Calibration | None
    residual_rule: ResidualRule

    @classmethod
    def of(
        cls,
        *,
        weights: npt.ArrayLike | None = None,
        strata: npt.ArrayLike | None = None,
        psu: npt.ArrayLike | None = None,
        population: Mapping[int, int] | None = None,
        psu_size: npt.ArrayLike | None = None,
        lonely: Lonely = "refuse",
        calibration: Calibration | None = None,
        residual_rule: ResidualRule | None = None,
    ) -> "SampleDesign":
        """Check and number a design of n rows.

        `weights` (n,) >= 0, left out when `calibration` brings them; `strata` (n,) whole numbers (None: one
        stratum); `psu` (n,) whole numbers read inside their stratum (None: every row is one); `population` as
        in `build_design`; `psu_size` (n,) rows that exist in the row's PSU, for two-stage designs, which need
        `psu` and `population` too. `residual_rule`: None takes the margin means where a raked sample has
        clusters and the textbook residuals elsewhere (see `sampling.residuals`).
        Raises ShapeMismatch, BadWeight, UnknownStratum and SampleLargerThanStratum.
        """
        if (weights is None) == (calibration is None):
            raise ShapeMismatch("give either the weights or the calibration that made them")
        final = np.asarray(weights if calibration is None else calibration.weights, dtype=np.float64)
        n = final.size
        if final.ndim != 1 or not n:
            raise ShapeMismatch("weights: a vector of at least one number is needed")
        given = np.zeros(n, dtype=np.int64) if strata is None else whole_numbers(strata, length=n, what="strata")
        labels, inverse = np.unique(given, return_inverse=True)
        stratum = inverse.astype(np.int64)
        index, psu_stratum = None, stratum
        if psu is not None:
            index, psu_stratum = number_psus(stratum, whole_numbers(psu, length=n, what="psu"))
        design = cls(
            # Linear calibration may have been told to allow negative weights: then they are meant.
            weights=checked_weights(final, length=n) if calibration is None else final,
            labels=labels.astype(np.int64),
            stratum=stratum,
            psu=index,
            psu_stratum=psu_stratum,
            population=population,
            psu_size=None,
            lonely=lonely,
            calibration=calibration,
            residual_rule=residual_rule or _safe_rule(calibration, clustered=psu is not None),
        )
        return design if psu_size is None else replace(design, psu_size=_psu_sizes(design, psu_size))

    @property
    def rows(self) -> int:
        """Number of rows n."""
        return len(self.weights)

    @property
    def n_psu(self) -> IntArray:
        """PSUs in the sample by stratum, (H,)."""
        return np.asarray(np.bincount(self.psu_stratum, minlength=len(self.labels)), dtype=np.int64)

    def psu_rows(self) -> IntArray:
        """Index of each row's PSU, (n,), also where rows are PSUs themselves."""
        return np.arange(self.rows, dtype=np.int64) if self.psu is None else self.psu

    def strata_and_psus_with(self, member: BoolArray) -> IntArray:
        """Degrees of freedom of U domains, (U,): PSUs minus strata that hold a member; `member` (n, U)."""
        held = np.zeros((len(self.psu_stratum), member.shape[1]), dtype=np.bool_)
        np.logical_or.at(held, self.psu_rows(), member)
        strata = np.zeros((len(self.labels), member.shape[1]), dtype=np.bool_)
        np.logical_or.at(strata, self.psu_stratum, held)
        return np.asarray(held.sum(axis=0) - strata.sum(axis=0), dtype=np.int64)


def design_covariance(
    influence: Influence,
    design: SampleDesign,
    *,
    units: int,
    carrying: BoolArray | None = None,
    covariance: bool = True,
) -> tuple[FloatArray, IntArray]:
    """Covariance (U, U) of U estimates, or their variances (U,), and degrees of freedom (U,).

    `influence` gives u per unit of weight; `carrying` (H, U) which strata hold the unit at all (None: all).
    Raises what `build_design` raises, and LonelyStratum for a PSU with one row of several at the second stage.
    """
    held = np.ones((len(design.labels), units), dtype=np.bool_) if carrying is None else carrying
    plan = build_design(
        labels=design.labels,
        n_psu=design.n_psu,
        carrying=held,
        population=design.population,
        lonely=design.lonely,
    )
    if design.calibration is not None:
        influence = Residuals.fit(influence, design.calibration, units=units, rule=design.residual_rule)
    if design.psu is None:
        blocks = _row_blocks(influence, design, plan.merged[design.stratum])
    else:
        blocks = iter([_psu_totals(influence, design, design.psu, plan, units)])
    result = spread(blocks, plan, units=units, covariance=covariance)
    if design.psu_size is not None and design.psu is not None:
        inner = _second_stage(design, design.psu, design.psu_size, plan)
        result = result + spread(_row_blocks(influence, design, design.psu), inner, units=units, covariance=covariance)
    return result, plan.df


def dense_influence(values: FloatArray) -> Influence:
    """Give u from an array (n, U) in blocks."""

    def blocks(order: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        for start in range(0, len(order), BLOCK):
            rows = order[start : start + BLOCK]
            yield rows, values[rows]

    return blocks


def _safe_rule(calibration: Calibration | None, *, clustered: bool) -> ResidualRule:
    return "margin_means" if calibration is not None and calibration.raked and clustered else "weighted"


def _psu_sizes(design: SampleDesign, psu_size: npt.ArrayLike) -> FloatArray:
    """Rows that exist in each PSU; refuse what contradicts the sample."""
    if design.psu is None or design.population is None:
        raise UnknownStratum("a two-stage design needs psu and the number of PSUs that exist in each stratum")
    sizes = np.asarray(psu_size, dtype=np.float64)
    if sizes.shape != (design.rows,):
        raise ShapeMismatch(f"psu_size: {design.rows} numbers are needed, got shape {sizes.shape}")
    out = np.zeros(len(design.psu_stratum))
    out[design.psu] = sizes
    if not np.array_equal(out[design.psu], sizes):
        raise BadMargin("psu_size differs between rows of one PSU")
    taken = np.bincount(design.psu, minlength=len(out))
    if np.any(taken > out):
        raise SampleLargerThanStratum("a PSU has more rows in the sample than psu_size says exist")
    return out


def _second_stage(design: SampleDesign, psu: IntArray, sizes: FloatArray, plan: VarianceDesign) -> VarianceDesign:
    """Each PSU as a stratum of its rows, counted f_h times."""
    taken = np.bincount(psu, minlength=len(sizes)).astype(np.float64)
    open_share = 1 - taken / sizes
    alone = (taken == 1) & (open_share > 0)
    if alone.any() and design.lonely != "adjust":
        label = design.labels[design.psu_stratum[alone][0]]
        raise LonelyStratum(
            f"a PSU of stratum {label} has one row of several: its inner spread cannot be seen;"
            " choose the rule 'adjust' or treat the design as one-stage"
        )
    several = np.where(taken > 1, taken / np.maximum(taken - 1, 1), 1.0)
    factor = plan.taken_share[plan.merged[design.psu_stratum]] * open_share * several
    return VarianceDesign(
        merged=np.arange(len(sizes), dtype=np.int64),
        factor=factor,
        centring=np.where(taken > 1, factor / np.maximum(taken, 1), 0.0),
        df=plan.df,
        taken_share=1 - open_share,
    )


def _row_blocks(influence: Influence, design: SampleDesign, group: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield weighted influence row by row, ordered by group."""
    order = np.argsort(group, kind="stable").astype(np.int64)
    for rows, u in influence(order):
        np.multiply(u, design.weights[rows][:, None], out=u)
        yield group[rows], u


def _psu_totals(
    influence: Influence, design: SampleDesign, psu: IntArray, plan: VarianceDesign, units: int
) -> tuple[IntArray, FloatArray]:
    """Sum the weighted influence over each PSU; PSUs ordered by variance stratum."""
    totals = np.zeros((len(design.psu_stratum), units))
    for own, z in _row_blocks(influence, design, psu):
        starts = run_starts(own)
        totals[own[starts]] += run_sums(z, starts)
    where = plan.merged[design.psu_stratum]
    order = np.argsort(where, kind="stable").astype(np.int64)
    return where[order], totals[order]
