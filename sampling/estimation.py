"""The domain (ratio) estimator for all units at once, from the ballots (域估计).

R_u = sum_i w_i m_iu s(c_iu) / sum_i w_i m_iu, m = 1 for a rating option and 0 for 不了解,
blank and invalid cells. Those sheets stay in the sample with influence 0: who can judge is a
domain, not the sample. Error by Taylor linearisation (Binder 1983; Särndal, Swensson &
Wretman 1992, 5.6 and 10.3): z_iu = w_i m_iu (s - R_u)/T_u, summed over each PSU.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_weights,
    number_psus,
    run_starts,
    whole_numbers,
)
from sampling.designs import Lonely, VarianceDesign, build_design
from sampling.errors import ShapeMismatch, UnknownOption
from sampling.estimates import DomainEstimates, OptionSums, assemble, spread
from sampling.scales import OptionScale

Codes = npt.NDArray[np.uint8]

BLOCK = 8192
"""Sheets worked on at once: 118 units then need some 8 MB, whatever the size of the sample."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sheets:
    """Checked ballots: `stratum` and `psu` are dense indices; without points every sheet is a PSU."""

    codes: Codes
    carries: BoolArray | None
    weights: FloatArray
    labels: IntArray
    stratum: IntArray
    psu: IntArray | None
    psu_stratum: IntArray

    def carried(self, rows: slice | IntArray) -> BoolArray:
        """Which units stand on these sheets, shape (rows, U) or broadcastable."""
        if self.carries is None:
            return np.ones((1, self.codes.shape[1]), dtype=np.bool_)
        return self.carries[rows]

    def carrying(self) -> BoolArray:
        """Which strata carry which unit, shape (H, U)."""
        out = np.zeros((len(self.labels), self.codes.shape[1]), dtype=np.bool_)
        if self.carries is None:
            out[:] = True
            return out
        order = np.argsort(self.stratum, kind="stable")
        for start in range(0, len(order), BLOCK):
            rows = order[start : start + BLOCK]
            first = run_starts(self.stratum[rows])
            out[self.stratum[rows][first]] |= np.logical_or.reduceat(self.carries[rows], first, axis=0)
        return out


def domain_estimates(
    codes: Codes,
    *,
    scale: OptionScale,
    weights: npt.ArrayLike,
    strata: npt.ArrayLike,
    psu: npt.ArrayLike | None = None,
    population: Mapping[int, int] | None = None,
    carries: npt.ArrayLike | None = None,
    lonely: Lonely = "refuse",
    level: float = 0.95,
    covariance: bool = True,
) -> DomainEstimates:
    """Scores, errors and rates of U units from n sheets.

    `codes` (n, U) uint8, ASCII as on the ballot; `weights` (n,) finite, >= 0, any scale;
    `strata` (n,) whole numbers, variance strata; `psu` (n,) whole numbers read inside their
    stratum, None = every person is one; `population` the PSUs that exist, by stratum number,
    for the finite-population correction; `carries` (n, U) bool, False where the unit is not on
    that sheet's questionnaire (the code there is ignored). A stratum in which no sheet carries
    a unit adds nothing to its error and no degree of freedom. `lonely`: 'collapse' joins a
    stratum of one PSU with the next, 'adjust' takes its spread about the grand mean.
    Raises ShapeMismatch, BadWeight, UnknownOption and what `build_design` raises.
    """
    sheets = _checked(codes, weights=weights, strata=strata, psu=psu, carries=carries)
    n_psu = np.bincount(sheets.psu_stratum, minlength=len(sheets.labels)).astype(np.int64)
    design = build_design(
        labels=sheets.labels,
        n_psu=n_psu,
        carrying=sheets.carrying(),
        population=population,
        lonely=lonely,
    )
    sums = _option_sums(sheets, scale)
    if sheets.psu is None:
        blocks = _person_blocks(sheets, scale, sums, design)
    else:
        blocks = iter([_point_totals(sheets, sheets.psu, scale, sums, design)])
    return assemble(
        sums,
        scale,
        spread=spread(blocks, design, units=codes.shape[1], covariance=covariance),
        df=design.df,
        level=level,
    )


def _checked(
    codes: Codes,
    *,
    weights: npt.ArrayLike,
    strata: npt.ArrayLike,
    psu: npt.ArrayLike | None,
    carries: npt.ArrayLike | None,
) -> _Sheets:
    """Check the shapes and number strata and PSUs densely."""
    if codes.ndim != 2 or codes.dtype != np.uint8 or 0 in codes.shape:
        raise ShapeMismatch(f"codes: (sheets, units) of uint8 are needed, got {codes.shape} of {codes.dtype}")
    n = len(codes)
    held = None if carries is None else np.asarray(carries, dtype=np.bool_)
    if held is not None and held.shape != codes.shape:
        raise ShapeMismatch(f"carries has shape {held.shape}, codes {codes.shape}")
    labels, inverse = np.unique(whole_numbers(strata, length=n, what="strata"), return_inverse=True)
    stratum = inverse.astype(np.int64)
    index, psu_stratum = None, stratum
    if psu is not None:
        index, psu_stratum = number_psus(stratum, whole_numbers(psu, length=n, what="psu"))
    return _Sheets(
        codes=codes,
        carries=held,
        weights=checked_weights(weights, length=n),
        labels=labels,
        stratum=stratum,
        psu=index,
        psu_stratum=psu_stratum,
    )


def _option_sums(sheets: _Sheets, scale: OptionScale) -> OptionSums:
    """Sum weights, squared weights and sheets by option and unit; refuse unknown codes."""
    known = np.zeros(256, dtype=np.bool_)
    known[[*scale.octets, ord(scale.blank), ord(scale.invalid)]] = True
    units = sheets.codes.shape[1]
    sums = np.zeros((3, len(scale.codes), units))
    for start in range(0, len(sheets.codes), BLOCK):
        rows = slice(start, start + BLOCK)
        block, held, weights = sheets.codes[rows], sheets.carried(rows), sheets.weights[rows]
        strange = ~known[block] & held
        if strange.any():
            row, unit = np.argwhere(strange)[0]
            raise UnknownOption(
                f"sheet {start + row}, unit {unit} (both from 0): code {chr(block[row, unit])!r} is not on the scale"
            )
        powers = np.stack([weights, weights**2, np.ones_like(weights)])
        for k, octet in enumerate(scale.octets):
            sums[:, k] += powers @ ((block == octet) & held).astype(np.float64)
    return OptionSums(weighted=sums[0], squared=sums[1], plain=sums[2])


def _influence(
    sheets: _Sheets, scale: OptionScale, sums: OptionSums, order: IntArray
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield (rows, z) in blocks of the given order; z is 0 where a sheet does not judge."""
    score, total = sums.ratio(scale)
    centre = np.nan_to_num(score)
    per_weight = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    value, judges = np.zeros(256), np.zeros(256, dtype=np.bool_)
    value[scale.octets] = scale.values
    judges[scale.octets] = scale.judging_mask
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        block = sheets.codes[rows]
        member = judges[block] & sheets.carried(rows)
        z = (value[block] - centre) * member * per_weight * sheets.weights[rows][:, None]
        yield rows, z


def _person_blocks(
    sheets: _Sheets, scale: OptionScale, sums: OptionSums, design: VarianceDesign
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield the influence of each sheet, ordered by variance stratum."""
    variance_stratum = design.merged[sheets.stratum]
    order = np.argsort(variance_stratum, kind="stable").astype(np.int64)
    for rows, z in _influence(sheets, scale, sums, order):
        yield variance_stratum[rows], z


def _point_totals(
    sheets: _Sheets, psu: IntArray, scale: OptionScale, sums: OptionSums, design: VarianceDesign
) -> tuple[IntArray, FloatArray]:
    """Sum the influence over each test point; points ordered by variance stratum."""
    totals = np.zeros((len(sheets.psu_stratum), sheets.codes.shape[1]))
    order = np.argsort(psu, kind="stable").astype(np.int64)
    for rows, z in _influence(sheets, scale, sums, order):
        own = psu[rows]
        starts = run_starts(own)
        totals[own[starts]] += np.add.reduceat(z, starts, axis=0)
    variance_stratum = design.merged[sheets.psu_stratum]
    order = np.argsort(variance_stratum, kind="stable").astype(np.int64)
    return variance_stratum[order], totals[order]
