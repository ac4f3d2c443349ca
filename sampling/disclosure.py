"""Which cells of a release are left out so that no small group shows (统计披露控制): primary and secondary suppression.

A release prints for each unit its total and, by stratum, how many sheets gave which answer. A row that is too small, or
small and all alike, is left out; since the total stands beside the others, what it held could then be had by
subtraction. Further rows are left out until linear programming over everything printed leaves every answer of a
hidden row open (Willenborg & de Waal, Elements of Statistical Disclosure Control, 2001, chapter 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sampling.arrays import BoolArray, FloatArray, IntArray
from sampling.errors import BadCount, ShapeMismatch

THRESHOLD = 10
SMALL_ALIKE = 30
_OPEN = 0.5
"""A count that is known to less than this is known: counts are whole numbers."""


@dataclass(frozen=True, eq=False)
class Fact:
    """One more printed figure about a unit: ``low <= (coefficients * counts).sum() <= high``, coefficients (S, O)."""

    coefficients: FloatArray
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class UnitMask:
    """What is left out for one unit: ``hidden`` (S,) rows; ``withheld``: the total too."""

    hidden: BoolArray
    withheld: bool


def too_small(row: IntArray, *, threshold: int = THRESHOLD) -> bool:
    """Whether a cell (O,) tells too much: fewer than ``threshold`` sheets, or fewer than 30 that all say the same."""
    n = int(row.sum())
    return n < threshold or (n < SMALL_ALIKE and int(row.max()) == n)


def mask_unit(counts: IntArray, *, threshold: int = THRESHOLD, facts: tuple[Fact, ...] = ()) -> UnitMask:
    """Which rows of ``counts`` (S, O), sheets by stratum and answer, are left out beside the unit's total.

    Answers include 不了解, blank and invalid: a row's sum is the number of sheets that carry the unit, which is known.
    ``facts``: printed figures that combine rows, such as the weighted score.

    Raises ShapeMismatch and BadCount for what is no table of counts.
    """
    if counts.ndim != 2:
        raise ShapeMismatch(f"counts by stratum and answer have the shape (S, O), not {counts.shape}")
    if counts.min(initial=0) < 0:
        raise BadCount("a count is negative")
    present = counts.sum(axis=1) > 0
    unsafe = np.array(
        [bool(there) and too_small(row, threshold=threshold) for row, there in zip(counts, present, strict=True)]
    )
    hidden = unsafe.copy()
    order = [int(place) for place in np.argsort(counts.sum(axis=1), kind="stable") if present[place]]
    while hidden.any() and not _holds(counts, hidden, unsafe, threshold=threshold, facts=facts):
        spare = [place for place in order if not hidden[place]]
        if not spare:
            break
        hidden[spare[0]] = True
    return UnitMask(hidden, withheld=bool(present.any()) and too_small(counts.sum(axis=0), threshold=threshold))


def _holds(counts: IntArray, hidden: BoolArray, unsafe: BoolArray, *, threshold: int, facts: tuple[Fact, ...]) -> bool:
    """Whether the hidden rows protect each other: their sum may be known, and no answer of an unsafe one follows."""
    union = counts[hidden].sum(axis=0)
    if int(hidden.sum()) < 2 or too_small(union, threshold=threshold):
        return False
    low, high = feasible(counts, hidden, facts=facts)
    exposed = unsafe[hidden]
    # An answer that nobody of all hidden rows gave says as little of one of them as of their sum, which may be known.
    given = union > 0
    width = (high - low)[exposed][:, given]
    return bool((width > _OPEN).all())


def feasible(counts: IntArray, hidden: BoolArray, *, facts: tuple[Fact, ...] = ()) -> tuple[FloatArray, FloatArray]:
    """What a reader can find out about hidden rows: least and greatest value of each cell, two arrays (hidden, O).

    Known are the sheets of each row, the total of each answer, the rows that are printed, and ``facts``.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - a second of loading that few callers need

    rows = counts[hidden].astype(np.float64)
    s, o = rows.shape
    known = np.zeros((s + o, s * o))
    for row in range(s):
        known[row, row * o : (row + 1) * o] = 1
    for option in range(o):
        known[s + option, option::o] = 1
    sums = np.concatenate([rows.sum(axis=1), rows.sum(axis=0)])
    above, most = _bounds(counts, hidden, facts)
    low, high = np.empty(s * o), np.empty(s * o)
    for cell in range(s * o):
        for sign, found in ((1.0, low), (-1.0, high)):
            cost = np.zeros(s * o)
            cost[cell] = sign
            solved = linprog(cost, A_ub=above, b_ub=most, A_eq=known, b_eq=sums, bounds=(0, None), method="highs")
            # Rounding in a printed fact can leave no point at all by a hair: then nothing is claimed to be open.
            found[cell] = rows.ravel()[cell] if solved.fun is None else sign * solved.fun
    return low.reshape(s, o), high.reshape(s, o)


def _bounds(
    counts: IntArray, hidden: BoolArray, facts: tuple[Fact, ...]
) -> tuple[FloatArray | None, FloatArray | None]:
    """The printed facts as inequalities over the hidden cells alone."""
    if not facts:
        return None, None
    above, most = [], []
    for fact in facts:
        shown = float((fact.coefficients[~hidden] * counts[~hidden]).sum())
        line = fact.coefficients[hidden].ravel()
        above += [line, -line]
        most += [fact.high - shown, shown - fact.low]
    return np.array(above), np.array(most)
