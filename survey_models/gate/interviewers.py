"""Interviewer effects (访问员效应): whose sheets stand apart from their fellows' in the same place.

Arrays in, arrays out. Within each cell (stratum and point) the interviewers' sheets are compared with a fair deal of
the same sheets among them: the sum of a measure over an interviewer's sheets has then, without any model, the mean and
variance of a draw without replacement. Interviewers always differ a little; how much all but the highest tenth of them
do is taken from the data. All interviewers and measures are tests at once: Benjamini-Hochberg. What comes out names an
interviewer, a measure and a chance, never an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from survey_models.flags.tails import FloatArray, IntArray, benjamini_hochberg, correlation_of

LEAST_SHEETS = 20
FALSE_DISCOVERY = 0.01
LEAST_CORRELATION = 0.005
LEAST_INTERVIEWERS = 4
# Sums of twenty sheets are nearly normal; beyond this the normal tail says more than it knows.
SMALLEST_P = 1e-12


@dataclass(frozen=True)
class Apart:
    """An interviewer who stands apart: place in the list of interviewers, sheets that could be compared, chance."""

    interviewer: int
    measure: str
    sheets: int
    p: float


@dataclass(frozen=True)
class Effects:
    """What was tested and found; ``correlation``: intra-interviewer correlation (访问员内相关) of each measure."""

    tests: int
    correlation: dict[str, float]
    found: list[Apart]


def interviewer_effects(who: IntArray, cells: IntArray, measures: Mapping[str, FloatArray]) -> Effects:
    """Compare interviewers.

    Args:
        who: number of the interviewer of each sheet, (sheets,); -1: not said.
        cells: number of the cell of each sheet, (sheets,).
        measures: by name one value for each sheet, (sheets,); nan: not measured.
    """
    number = int(who.max(initial=-1)) + 1
    tested: list[tuple[str, IntArray, FloatArray, FloatArray]] = []
    correlation: dict[str, float] = {}
    for name, values in measures.items():
        z, sheets = standing(who, cells, values, number)
        places = np.flatnonzero(sheets >= LEAST_SHEETS)
        if len(places) < LEAST_INTERVIEWERS:
            continue
        rho = correlation_of(z[places] ** 2, sheets[places], least=LEAST_CORRELATION)
        correlation[name] = rho
        tested.append((name, places, z[places] / np.sqrt(1 + (sheets[places] - 1) * rho), sheets[places]))
    if not tested:
        return Effects(0, correlation, [])
    p = np.concatenate([np.maximum(special.erfc(np.abs(z) / np.sqrt(2)), SMALLEST_P) for _, _, z, _ in tested])
    names = [name for name, places, _, _ in tested for _ in places]
    people = np.concatenate([places for _, places, _, _ in tested])
    sheets = np.concatenate([size for _, _, _, size in tested])
    hit = np.flatnonzero(benjamini_hochberg(p, FALSE_DISCOVERY))
    found = [Apart(int(people[i]), names[i], int(sheets[i]), float(p[i])) for i in hit]
    return Effects(len(p), correlation, sorted(found, key=lambda one: (one.p, one.interviewer, one.measure)))


def standing(who: IntArray, cells: IntArray, values: FloatArray, number: int) -> tuple[FloatArray, FloatArray]:
    """How far each interviewer's sum lies from a fair deal, in standard deviations, and on how many sheets that rests.

    Sheets of a cell in which one interviewer worked alone compare with nothing and do not count.
    """
    keep = (who >= 0) & np.isfinite(values)
    who, cells, values = who[keep], cells[keep], values[keep]
    off, variance, sheets = np.zeros(number), np.zeros(number), np.zeros(number)
    for cell in np.unique(cells):
        here = cells == cell
        size = int(here.sum())
        mine = np.bincount(who[here], minlength=number).astype(np.float64)
        if size < 2 or np.count_nonzero(mine) < 2:
            continue
        centred = values[here] - values[here].mean()
        off += np.bincount(who[here], weights=centred, minlength=number)
        variance += mine * (size - mine) / (size - 1) * float((centred**2).mean())
        sheets += mine
    some = variance > 0
    z = np.zeros(number)
    z[some] = off[some] / np.sqrt(variance[some])
    return z, np.where(some, sheets, 0.0)
