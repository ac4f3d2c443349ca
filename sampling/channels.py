"""The open QR column beside the probability sample (开放扫码与概率样本对照): never pooled, compared and flagged.

Volunteers have no inclusion probability, and a large number of them cures nothing (Meng, Annals of Applied Statistics
12 (2018) 685). So the open column has its own n and no margin of error; its spread serves one purpose, the
test of whether it differs from the probability sample more than chance explains (拉票 leaves such traces).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from sampling.arrays import BoolArray, FloatArray, IntArray, divide
from sampling.calibration import CalibrationReport, Margin, rake
from sampling.errors import BadProportion, BadValue, ShapeMismatch
from sampling.estimation import Codes
from sampling.scales import OptionScale

Adjustment = Literal["holm", "benjamini-hochberg"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelDifferences:
    """Open minus probability score of U units; arrays (U,), NaN where either is missing."""

    difference: FloatArray
    statistic: FloatArray
    """Difference / sqrt(V_p + V_open)."""
    p_value: FloatArray
    """Two-sided, normal."""
    p_adjusted: FloatArray
    """After the stated adjustment for U tests."""
    flagged: BoolArray
    """p_adjusted <= alpha."""
    alpha: float
    adjustment: Adjustment


def compare_channels(
    *,
    score: npt.ArrayLike,
    se: npt.ArrayLike,
    open_score: npt.ArrayLike,
    open_se: npt.ArrayLike,
    alpha: float = 0.05,
    adjustment: Adjustment = "holm",
) -> ChannelDifferences:
    """Test each unit's open score against the probability sample's.

    All (U,); NaN scores are left out of the tests and their number. "holm" (Holm 1979): P(any flag without a
    true difference) <= alpha; "benjamini-hochberg" (1995): at most the share alpha of the flags is expected to be
    without one. Raises ShapeMismatch, BadValue (no spread at all in both, or negative), BadProportion.
    """
    arrays = [np.asarray(a, dtype=np.float64) for a in (score, se, open_score, open_se)]
    if arrays[0].ndim != 1 or any(a.shape != arrays[0].shape for a in arrays):
        raise ShapeMismatch(f"scores and errors must be vectors of one length, got {[a.shape for a in arrays]}")
    if not 0 < alpha < 1:
        raise BadProportion(f"the error rate {alpha} lies outside 0..1")
    difference = arrays[2] - arrays[0]
    variance = arrays[1] ** 2 + arrays[3] ** 2
    tested = np.isfinite(difference) & np.isfinite(variance)
    if np.any(variance[tested] <= 0) or np.any(arrays[1][tested] < 0) or np.any(arrays[3][tested] < 0):
        raise BadValue("a difference without any error cannot be tested")
    statistic = np.where(tested, divide(difference, np.sqrt(variance)), np.nan)
    p_value = 2 * special.ndtr(-np.abs(statistic))
    adjusted = np.full(len(difference), np.nan)
    adjusted[tested] = _adjusted(p_value[tested], adjustment)
    return ChannelDifferences(
        difference=np.where(tested, difference, np.nan),
        statistic=statistic,
        p_value=p_value,
        p_adjusted=adjusted,
        flagged=adjusted <= alpha,
        alpha=alpha,
        adjustment=adjustment,
    )


def _adjusted(p: FloatArray, adjustment: Adjustment) -> FloatArray:
    """Adjusted p-values in the order of `p`."""
    m = len(p)
    order = np.argsort(p, kind="stable")
    if adjustment == "holm":
        steps = np.maximum.accumulate((m - np.arange(m)) * p[order])
    else:
        steps = np.minimum.accumulate((m / np.arange(1, m + 1) * p[order])[::-1])[::-1]
    out = np.empty(m)
    out[order] = np.minimum(steps, 1.0)
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferenceScores:
    """The open column after calibration to known margins (参考, for reference): no error, no interval, no place."""

    score: FloatArray
    """(U,), NaN where nobody judged."""
    n_judging: IntArray
    """Open sheets that judge the unit, unweighted."""
    n_eff: FloatArray
    """Kish's effective number of them."""
    report: CalibrationReport
    label: str = "参考"


def calibrated_reference(codes: Codes, *, scale: OptionScale, margins: Sequence[Margin]) -> ReferenceScores:
    """Rake the open sheets to the margins of the population and score them.

    `codes` (n, U) uint8; each margin's `category` (n,) from the sheets' own background answers: leave out sheets
    without them. Calibration removes only what the margins explain of who volunteers. Raises as `rake`.
    """
    if codes.ndim != 2 or codes.dtype != np.uint8 or not len(codes):
        raise ShapeMismatch(f"codes: (sheets, units) of uint8 are needed, got {codes.shape} of {codes.dtype}")
    fitted = rake(np.ones(len(codes)), margins)
    judges, value = np.zeros(256), np.zeros(256)
    judges[scale.octets] = scale.judging_mask
    value[scale.octets] = scale.values * scale.judging_mask
    member = judges[codes]
    total = fitted.weights @ member
    return ReferenceScores(
        score=divide(fitted.weights @ value[codes], total),
        n_judging=member.sum(axis=0).astype(np.int64),
        n_eff=np.nan_to_num(divide(total**2, fitted.weights**2 @ member)),
        report=fitted.report,
    )
