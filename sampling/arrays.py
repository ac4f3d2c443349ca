"""Checks and small steps on the arrays that all estimators share."""

import numpy as np
import numpy.typing as npt

from sampling.errors import BadWeight, ShapeMismatch

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def whole_numbers(values: npt.ArrayLike, *, length: int, what: str) -> IntArray:
    """Return `values` as an int64 vector of the given length; ShapeMismatch otherwise."""
    vector = np.asarray(values)
    if vector.shape != (length,) or not np.issubdtype(vector.dtype, np.integer):
        raise ShapeMismatch(f"{what}: {length} whole numbers are needed, got shape {vector.shape} of {vector.dtype}")
    return vector.astype(np.int64)


def checked_weights(values: npt.ArrayLike, *, length: int) -> FloatArray:
    """Return the weights as float64 of shape (length,), finite and not negative; BadWeight otherwise."""
    weights = np.asarray(values, dtype=np.float64)
    if weights.shape != (length,):
        raise ShapeMismatch(f"{length} weights are needed, got shape {weights.shape}")
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise BadWeight("a weight is negative, infinite or not a number")
    return weights


def number_psus(stratum: IntArray, psu: IntArray) -> tuple[IntArray, IntArray]:
    """Number the pairs (stratum, psu) densely: index of each row's PSU, stratum of each PSU."""
    _, inner = np.unique(psu, return_inverse=True)
    width = int(inner.max()) + 1
    pairs, index = np.unique(stratum * width + inner, return_inverse=True)
    return index.astype(np.int64), (pairs // width).astype(np.int64)


def run_starts(labels: IntArray) -> IntArray:
    """Return where each run of equal labels begins."""
    return np.flatnonzero(np.concatenate(([True], labels[1:] != labels[:-1]))).astype(np.int64)


def divide(part: npt.ArrayLike, whole: npt.ArrayLike) -> FloatArray:
    """Return part/whole, NaN where whole is 0."""
    above = np.asarray(part, dtype=np.float64)
    below = np.asarray(whole, dtype=np.float64)
    out = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def run_sums(values: FloatArray, starts: IntArray) -> FloatArray:
    """Column sums of each run of rows; `starts` ascending from 0. Shape (runs, columns)."""
    if len(starts) * 16 > len(values):
        sums: FloatArray = np.add.reduceat(values, starts, axis=0)
        return sums
    # A few long runs: plain sums are several times faster than reduceat.
    ends = [*starts[1:], len(values)]
    return np.stack([values[a:b].sum(axis=0) for a, b in zip(starts, ends, strict=True)])
