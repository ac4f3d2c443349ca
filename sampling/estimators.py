"""Totals, means, ratios, domain means and shares of measured numbers, many at once (总量, 均值, 比率, 域均值, 占比).

Rows are people, columns are U quantities estimated together, with their full covariance. The ballots have their
own door (`sampling.estimation.domain_estimates`), which never turns codes into a table of numbers; both end in
`sampling.variance.design_covariance`. Linearisation: Binder 1983; Särndal, Swensson & Wretman 1992, 5.5-5.6, 10.3.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray, IntArray, divide, whole_numbers
from sampling.errors import BadValue, ShapeMismatch
from sampling.intervals import t_interval
from sampling.variance import SampleDesign, dense_influence, design_covariance


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimates:
    """U estimates from one sample; read-only arrays of shape (U,). NaN where there is nothing to estimate from."""

    value: FloatArray
    se: FloatArray
    """Standard error (标准误), in the unit of `value`."""
    ci_low: FloatArray
    """Lower end of the t interval."""
    ci_high: FloatArray
    df: IntArray
    """Degrees of freedom: PSUs minus strata (of a domain: those that hold a member)."""
    n: IntArray
    """Rows that enter, unweighted."""
    covariance: FloatArray
    """(U, U)."""
    level: float

    def __post_init__(self) -> None:
        """Make the arrays read-only, as the class is."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


def totals(values: npt.ArrayLike, design: SampleDesign, *, level: float = 0.95) -> Estimates:
    """Estimate sum_i w_i y_i of each column; `values` (n,) or (n, U), finite. Raises BadValue, ShapeMismatch."""
    y = _matrix(values, design, "values")
    everybody = np.ones((design.rows, 1), dtype=np.bool_)
    return _estimates(design.weights @ y, y, design, member=np.broadcast_to(everybody, y.shape), level=level)


def means(values: npt.ArrayLike, design: SampleDesign, *, level: float = 0.95) -> Estimates:
    """Estimate sum w y/sum w of each column (Hájek mean)."""
    y = _matrix(values, design, "values")
    return ratios(y, np.ones_like(y), design, level=level)


def domain_means(
    values: npt.ArrayLike, member: npt.ArrayLike, design: SampleDesign, *, level: float = 0.95
) -> Estimates:
    """Mean of each column over its domain (域): the people for whom `member` holds.

    `values` (n,) or (n, U); `member` bool, (n,) or (n, U), broadcast against `values`, so that one quantity over
    many domains needs no copies by the caller. The others stay in the sample with influence 0. Values outside
    the domain are ignored and may be NaN.
    """
    held = np.asarray(member)
    if held.dtype != np.bool_ or held.ndim not in {1, 2} or len(held) != design.rows:
        raise ShapeMismatch(f"member: {design.rows} rows of booleans are needed, got {held.shape} of {held.dtype}")
    held = held[:, None] if held.ndim == 1 else held
    given = np.asarray(values, dtype=np.float64)
    given = given[:, None] if given.ndim == 1 else given
    try:
        given, held = np.broadcast_arrays(given, held)
    except ValueError as error:
        raise ShapeMismatch(f"values {given.shape} and member {held.shape} do not fit") from error
    y = _matrix(np.where(held, given, 0.0), design, "values")
    return _ratios(y, held.astype(np.float64), design, member=held, level=level)


def ratios(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, design: SampleDesign, *, level: float = 0.95
) -> Estimates:
    """Estimate sum w y/sum w x, column by column; NaN where the denominator's total is 0 or negative."""
    y, x = _matrix(numerator, design, "numerator"), _matrix(denominator, design, "denominator")
    if x.shape != y.shape:
        raise ShapeMismatch(f"numerator {y.shape} and denominator {x.shape} differ")
    return _ratios(y, x, design, member=np.ones(y.shape, dtype=np.bool_), level=level)


def shares(category: npt.ArrayLike, design: SampleDesign, *, level: float = 0.95) -> tuple[IntArray, Estimates]:
    """Share of each category of one variable, 0..1: the category numbers ascending (U,), and their estimates."""
    given = whole_numbers(category, length=design.rows, what="category")
    numbers, index = np.unique(given, return_inverse=True)
    return numbers, means(np.eye(len(numbers))[index], design, level=level)


def _matrix(values: npt.ArrayLike, design: SampleDesign, what: str) -> FloatArray:
    y = np.asarray(values, dtype=np.float64)
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or len(y) != design.rows or not y.shape[1]:
        raise ShapeMismatch(f"{what}: {design.rows} rows are needed, got shape {np.shape(values)}")
    if not np.isfinite(y).all():
        raise BadValue(f"{what}: a number is infinite or missing; estimate the mean of the domain that answered")
    return y


def _ratios(y: FloatArray, x: FloatArray, design: SampleDesign, *, member: BoolArray, level: float) -> Estimates:
    below = design.weights @ x
    value = divide(design.weights @ y, below)
    u = (y - np.nan_to_num(value) * x) * np.divide(1.0, below, out=np.zeros_like(below), where=below > 0)
    return _estimates(value, u, design, member=member, level=level)


def _estimates(value: FloatArray, u: FloatArray, design: SampleDesign, *, member: BoolArray, level: float) -> Estimates:
    covariance, df = design_covariance(dense_influence(u), design, units=u.shape[1])
    if not member.all():
        df = np.minimum(df, design.strata_and_psus_with(member))
    absent = np.isnan(value)
    covariance = np.where(absent[:, None] | absent[None, :], np.nan, covariance)
    se = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
    low, high = t_interval(value, se, df=df, level=level)
    return Estimates(
        value=value,
        se=se,
        ci_low=low,
        ci_high=high,
        df=df,
        n=member.sum(axis=0).astype(np.int64),
        covariance=covariance,
        level=level,
    )
