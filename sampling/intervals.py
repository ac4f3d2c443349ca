"""Confidence intervals (置信区间): Student's t for scores, Wilson's for rates, logit and beta for clustered rates."""

from typing import cast

import numpy as np
import numpy.typing as npt
from scipy import special

from sampling.arrays import FloatArray
from sampling.errors import BadProportion

Interval = tuple[FloatArray, FloatArray]


def t_interval(estimate: npt.ArrayLike, se: npt.ArrayLike, *, df: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Estimate ± t(df)·se, element by element; NaN where df < 1 or the estimate is NaN."""
    centre = np.asarray(estimate, dtype=np.float64)
    freedom = np.asarray(df, dtype=np.float64)
    usable = np.where(freedom >= 1, freedom, np.nan)
    quantile = cast("FloatArray", special.stdtrit(usable, _upper_tail(level)))
    half = quantile * np.asarray(se, dtype=np.float64)
    return centre - half, centre + half


def wilson(p: npt.ArrayLike, n_eff: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Wilson's score interval of rates, with an effective number of answers (Wilson 1927, Kish).

    `p` rates in 0..1; `n_eff` effective sizes, not necessarily whole; both of one shape or
    broadcastable. Returns (low, high) within 0..1, NaN where p is NaN or n_eff is 0.
    """
    rate = _rates(p)
    size = np.asarray(n_eff, dtype=np.float64)
    if np.any(size < 0):
        raise BadProportion("an effective number of answers is negative")
    square = float(special.ndtri(_upper_tail(level))) ** 2
    n = np.where(size > 0, size, np.nan)
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = np.sqrt(square * (rate * (1 - rate) / n + square / (4 * n * n))) / (1 + square / n)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def logit_interval(p: npt.ArrayLike, se: npt.ArrayLike, *, df: npt.ArrayLike, level: float = 0.95) -> Interval:
    """t interval of log(p/(1-p)) with the design's own error, carried back to 0..1; NaN where p is 0 or 1."""
    rate = _rates(p)
    inside = np.where((rate > 0) & (rate < 1), rate, np.nan)
    low, high = t_interval(special.logit(inside), np.asarray(se) / (inside * (1 - inside)), df=df, level=level)
    return np.asarray(special.expit(low)), np.asarray(special.expit(high))


def beta_interval(
    p: npt.ArrayLike, se: npt.ArrayLike, *, n: npt.ArrayLike, df: npt.ArrayLike, level: float = 0.95
) -> Interval:
    """Clopper-Pearson interval with an effective size from the design's error (Korn & Graubard 1998).

    n_eff = p(1-p)/se^2 (t(n-1)/t(df))^2, never above `n` rows. Exact-like: wide, for safe statements near 0 or 1.
    NaN where p is 0 or 1 (no error to see there).
    """
    rate = _rates(p)
    inside = np.where((rate > 0) & (rate < 1), rate, np.nan)
    rows, tail = np.asarray(n, dtype=np.float64), _upper_tail(level)
    ratio = special.stdtrit(rows - 1, tail) / special.stdtrit(np.asarray(df, dtype=np.float64), tail)
    size = np.minimum(inside * (1 - inside) / np.asarray(se, dtype=np.float64) ** 2 * ratio**2, rows)
    hits = size * inside
    low = special.betaincinv(hits, size - hits + 1, 1 - tail)
    high = special.betaincinv(hits + 1, size - hits, tail)
    return np.asarray(low), np.asarray(high)


def _rates(p: npt.ArrayLike) -> FloatArray:
    rate = np.asarray(p, dtype=np.float64)
    if np.any((rate < 0) | (rate > 1)):
        raise BadProportion("a rate lies outside 0..1: give proportions, not per cent")
    return rate


def _upper_tail(level: float) -> float:
    """Return the probability below the upper end of a two-sided interval."""
    if not 0 < level < 1:
        raise BadProportion(f"the confidence level {level} lies outside 0..1")
    return (1 + level) / 2
