"""The domain (ratio) estimator for all units at once, from the ballots (域估计).

R_u = sum_i w_i m_iu s(c_iu) / sum_i w_i m_iu, m = 1 for a rating option and 0 for 不了解,
blank and invalid cells. Those sheets stay in the sample with influence 0: who can judge is a
domain, not the sample. Error by Taylor linearisation (Binder 1983; Särndal, Swensson &
Wretman 1992, 5.6 and 10.3): u_iu = m_iu (s - R_u)/T_u, for every design of `sampling.variance`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray, IntArray, run_starts
from sampling.designs import Lonely
from sampling.errors import ShapeMismatch, UnknownOption
from sampling.estimates import DomainEstimates, OptionSums, assemble
from sampling.scales import OptionScale
from sampling.variance import SampleDesign, design_covariance

Codes = npt.NDArray[np.uint8]

BLOCK = 2048
"""Sheets worked on at once: 118 units then need some 2 MB, whatever the size of the sample."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sheets:
    """Checked ballots and the design that they came by."""

    codes: Codes
    carries: BoolArray | None
    design: SampleDesign

    def carrying(self) -> BoolArray:
        """Which strata carry which unit, shape (H, U)."""
        stratum = self.design.stratum
        out = np.zeros((len(self.design.labels), self.codes.shape[1]), dtype=np.bool_)
        if self.carries is None:
            out[:] = True
            return out
        order = np.argsort(stratum, kind="stable")
        for start in range(0, len(order), BLOCK):
            rows = order[start : start + BLOCK]
            first = run_starts(stratum[rows])
            out[stratum[rows][first]] |= np.logical_or.reduceat(self.carries[rows], first, axis=0)
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
    _check_codes(codes)
    if np.shape(weights) != (len(codes),):
        raise ShapeMismatch(f"{len(codes)} weights are needed, got shape {np.shape(weights)}")
    design = SampleDesign.of(weights=weights, strata=strata, psu=psu, population=population, lonely=lonely)
    return designed_estimates(codes, scale=scale, design=design, carries=carries, level=level, covariance=covariance)


def designed_estimates(
    codes: Codes,
    *,
    scale: OptionScale,
    design: SampleDesign,
    carries: npt.ArrayLike | None = None,
    level: float = 0.95,
    covariance: bool = True,
) -> DomainEstimates:
    """Same as `domain_estimates`, for any design: two stages, post-stratified, raked or calibrated weights.

    `codes`, `carries` as there; n rows of `design` in the order of `codes`.
    """
    sheets = _checked(codes, design=design, carries=carries)
    sums = _option_sums(sheets, scale)
    score, total = sums.ratio(scale)
    slope, centre = _per_weight(score, total)

    def influence(order: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        return _influence(sheets, scale, slope, centre, order)

    spread, df = design_covariance(
        influence, design, units=codes.shape[1], carrying=sheets.carrying(), covariance=covariance
    )
    return assemble(sums, scale, spread=spread, df=df, level=level)


def _check_codes(codes: Codes) -> None:
    if codes.ndim != 2 or codes.dtype != np.uint8 or 0 in codes.shape:
        raise ShapeMismatch(f"codes: (sheets, units) of uint8 are needed, got {codes.shape} of {codes.dtype}")


def _checked(codes: Codes, *, design: SampleDesign, carries: npt.ArrayLike | None) -> _Sheets:
    """Check the shapes against each other."""
    _check_codes(codes)
    if design.rows != len(codes):
        raise ShapeMismatch(f"the design has {design.rows} rows, codes {len(codes)}")
    held = None if carries is None else np.asarray(carries, dtype=np.bool_)
    if held is not None and held.shape != codes.shape:
        raise ShapeMismatch(f"carries has shape {held.shape}, codes {codes.shape}")
    return _Sheets(codes=codes, carries=held, design=design)


def _option_sums(sheets: _Sheets, scale: OptionScale) -> OptionSums:
    """Sum weights, squared weights and sheets by option and unit; refuse unknown codes."""
    units = sheets.codes.shape[1]
    sums = np.zeros((3, len(scale.codes), units))
    numbers = np.empty((BLOCK, units))
    for start in range(0, len(sheets.codes), BLOCK):
        rows = slice(start, start + BLOCK)
        block, weights = sheets.codes[rows], sheets.design.weights[rows]
        held = None if sheets.carries is None else sheets.carries[rows]
        known = (block == ord(scale.blank)) | (block == ord(scale.invalid))
        powers = np.stack([weights, weights**2, np.ones_like(weights)])
        for k, octet in enumerate(scale.octets):
            match = block == octet
            known |= match
            if held is not None:
                match &= held
            here = numbers[: len(block)]
            here[...] = match
            sums[:, k] += powers @ here
        if held is not None:
            known |= ~held
        if not known.all():
            row, unit = np.argwhere(~known)[0]
            raise UnknownOption(
                f"sheet {start + row}, unit {unit} (both from 0): code {chr(block[row, unit])!r} is not on the scale"
            )
    return OptionSums(weighted=sums[0], squared=sums[1], plain=sums[2])


def _per_weight(score: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    """1/T_u and R_u/T_u, shapes (U,), both 0 where nobody judges."""
    slope = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return slope, np.nan_to_num(score) * slope


def _influence(
    sheets: _Sheets, scale: OptionScale, slope: FloatArray, centre: FloatArray, order: IntArray
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield (rows, u) in blocks of the given order; u is 0 where a sheet does not judge."""
    value, judges = np.zeros(256), np.zeros(256)
    value[scale.octets] = scale.values
    judges[scale.octets] = scale.judging_mask
    for start in range(0, len(order), BLOCK):
        rows = order[start : start + BLOCK]
        block = sheets.codes[rows]
        u, member = np.take(value, block), np.take(judges, block)
        if sheets.carries is not None:
            held = sheets.carries[rows]
            u *= held
            member *= held
        u *= slope
        member *= centre
        u -= member
        yield rows, u
