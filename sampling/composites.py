"""Sums of scores from independent campaigns: components, half-years, years (综合得分).

C_u = sum_k a_k R_uk, V = sum_k a_k^2 V_k. Ballots of different campaigns cannot be joined, by design, so the same
person in two campaigns is not seen: a positive correlation between campaigns is left out. The report says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray
from sampling.errors import BadCovariance, BadValue, ShapeMismatch
from sampling.estimators import Estimates
from sampling.intervals import t_interval


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """One component (分项): `score` (U,), its `covariance` (U, U) or variances (U,), and the weight it enters with.

    `coefficient` a number or (U,), 0 where a unit does not have the component (its score may then be NaN);
    `df` a number or (U,), infinite for constants such as inspection marks (covariance 0).
    """

    coefficient: npt.ArrayLike
    score: npt.ArrayLike
    covariance: npt.ArrayLike
    df: npt.ArrayLike = np.inf


def combine(parts: Sequence[Part], *, level: float = 0.95) -> Estimates:
    """Composite of independent parts, with covariance and t interval.

    Degrees of freedom by Satterthwaite: V^2/sum_k (a_k^2 V_k)^2/df_k, rounded down (at most 10^9). `n` counts the
    parts that enter. Raises ShapeMismatch, BadValue (a score that enters is missing), BadCovariance.
    """
    if not parts:
        raise ShapeMismatch("a composite needs at least one part")
    units = np.asarray(parts[0].score).size
    value, covariance = np.zeros(units), np.zeros((units, units))
    spread, entering = np.zeros(units), np.zeros(units, dtype=np.int64)
    for part in parts:
        a, score, own = _checked(part, units)
        value += a * score
        covariance += np.outer(a, a) * own
        variance = a**2 * own.diagonal()
        freedom = np.broadcast_to(np.asarray(part.df, dtype=np.float64), (units,))
        if np.any((freedom < 1) & (variance > 0)):
            raise BadValue("a part has an error but no degree of freedom")
        spread += np.divide(variance**2, freedom, out=np.zeros(units), where=variance > 0)
        entering += a != 0
    total = covariance.diagonal()
    df = np.divide(total**2, spread, out=np.full(units, 1e9), where=spread > 0)
    df = np.minimum(np.floor(df * (1 + 1e-12)), 1e9)
    se = np.sqrt(np.maximum(total, 0.0))
    low, high = t_interval(value, se, df=df, level=level)
    return Estimates(
        value=value,
        se=se,
        ci_low=low,
        ci_high=high,
        df=df.astype(np.int64),
        n=entering,
        covariance=covariance,
        level=level,
    )


def _checked(part: Part, units: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficient (U,), score (U,) and covariance (U, U), 0 where the part does not enter."""
    score = np.asarray(part.score, dtype=np.float64)
    own = np.asarray(part.covariance, dtype=np.float64)
    coefficient = np.asarray(part.coefficient, dtype=np.float64)
    if score.shape != (units,) or coefficient.shape not in {(), (units,)}:
        raise ShapeMismatch(f"a part has score {score.shape} and coefficient {coefficient.shape} for {units} units")
    if own.shape not in {(), (units,), (units, units)}:
        raise ShapeMismatch(f"a part has covariance {own.shape} for {units} units")
    a = np.array(np.broadcast_to(coefficient, (units,)))
    full = own if own.ndim == 2 else np.diag(np.broadcast_to(own, (units,)))
    enters = a != 0
    if not np.isfinite(score[enters]).all() or not np.isfinite(a).all():
        raise BadValue("a score that enters the composite is missing: withhold the unit or give coefficient 0")
    inside = np.outer(enters, enters)
    if not np.isfinite(full[inside]).all() or np.any(full.diagonal()[enters] < 0):
        raise BadCovariance("a part's covariance holds something that is not a number, or a negative variance")
    return a, np.where(enters, score, 0.0), np.where(inside, full, 0.0)
