"""What every estimator returns, and the figures that follow from sums by option."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from sampling.arrays import FloatArray, IntArray, divide, run_starts, run_sums
from sampling.designs import VarianceDesign
from sampling.intervals import t_interval
from sampling.scales import OptionScale


@dataclass(frozen=True, kw_only=True, eq=False)
class DomainEstimates:
    """Estimates of U units (被评议单位) from one sample; read-only arrays of shape (U,).

    Where nobody judged a unit its score, rates, error and interval are NaN and `n_judging` is 0:
    test `n_judging` before a figure goes on. Rates are proportions (0..1), not per cent.
    """

    score: FloatArray
    """Weighted mean of the option scores over those who judge (得分)."""
    se: FloatArray
    """Standard error of `score` (标准误)."""
    ci_low: FloatArray
    """Lower end of the t interval of `score`; may lie outside the range of the option scores."""
    ci_high: FloatArray
    """Upper end of the same interval."""
    n_judging: IntArray
    """Sheets that judge the unit (a rating option), unweighted."""
    n_dont_know: IntArray
    """Sheets with 不了解 for the unit, unweighted."""
    n_eff: FloatArray
    """Kish's effective number of judging sheets, (sum w)^2 / sum w^2."""
    satisfied_rate: FloatArray
    """Weighted 满意率: satisfied options / judging."""
    dont_know_rate: FloatArray
    """Weighted 不了解率: 不了解 / (judging + 不了解); blank and invalid cells are outside."""
    unweighted_score: FloatArray
    """The plain mean, for comparison."""
    df: IntArray
    """Degrees of freedom: PSUs minus strata, of the strata that carry the unit."""
    covariance: FloatArray | None
    """(U, U) covariance of the scores; None where the form of the data does not show it."""
    level: float
    """Confidence level of the interval."""

    def __post_init__(self) -> None:
        """Make the arrays read-only, as the class is."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class OptionSums:
    """Sums over the sheets of a sample by option and unit, each of shape (K, U)."""

    weighted: FloatArray
    """Sum of weights."""
    squared: FloatArray
    """Sum of squared weights."""
    plain: FloatArray
    """Number of sheets."""

    def ratio(self, scale: OptionScale) -> tuple[FloatArray, FloatArray]:
        """Score R_u (NaN without judging answers) and weight T_u of the judging, shapes (U,)."""
        total = self.weighted[scale.judging_mask].sum(axis=0)
        scored = scale.values[scale.judging_mask] @ self.weighted[scale.judging_mask]
        return divide(scored, total), total


def spread(
    blocks: Iterable[tuple[IntArray, FloatArray]],
    design: VarianceDesign,
    *,
    units: int,
    covariance: bool,
) -> FloatArray:
    """Variance (U,) or covariance (U, U) from influence values of PSUs.

    Each block: variance stratum (B,) ascending, and values (B, U), which are overwritten. PSUs that hold 0 for a
    unit belong to its variance; they need not be brought in, since their number is in the design.
    """
    cross = np.zeros((units, units) if covariance else units)
    sums = np.zeros((len(design.factor), units))
    for stratum, values in blocks:
        starts = run_starts(stratum)
        sums[stratum[starts]] += run_sums(values, starts)
        np.multiply(values, np.sqrt(design.factor[stratum])[:, None], out=values)
        cross += values.T @ values if covariance else (values * values).sum(axis=0)
    centred = sums * np.sqrt(design.centring)[:, None]
    cross -= centred.T @ centred if covariance else (centred * centred).sum(axis=0)
    return cross


def assemble(
    sums: OptionSums,
    scale: OptionScale,
    *,
    spread: FloatArray,
    df: IntArray,
    level: float,
) -> DomainEstimates:
    """Put the figures of one sample together; `spread` is the variance (U,) or covariance (U, U)."""
    judging = scale.judging_mask
    score, total = sums.ratio(scale)
    plain_total = sums.plain[judging].sum(axis=0)
    unheard = sums.weighted[~judging].sum(axis=0)
    covariance = spread if spread.ndim == 2 else None
    variance = spread.diagonal() if spread.ndim == 2 else spread
    # rounding may leave -1e-30 where everybody answers alike
    se = np.where(np.isnan(score), np.nan, np.sqrt(np.maximum(variance, 0.0)))
    if covariance is not None:
        absent = np.isnan(score)
        covariance = np.where(absent[:, None] | absent[None, :], np.nan, covariance)
    low, high = t_interval(score, se, df=df, level=level)
    return DomainEstimates(
        score=score,
        se=se,
        ci_low=low,
        ci_high=high,
        n_judging=plain_total.astype(np.int64),
        n_dont_know=sums.plain[~judging].sum(axis=0).astype(np.int64),
        n_eff=np.nan_to_num(divide(total**2, sums.squared[judging].sum(axis=0))),
        satisfied_rate=divide(sums.weighted[scale.satisfied_mask].sum(axis=0), total),
        dont_know_rate=divide(unheard, total + unheard),
        unweighted_score=divide(scale.values[judging] @ sums.plain[judging], plain_total),
        df=df,
        covariance=covariance,
        level=level,
    )
