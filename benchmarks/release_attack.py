"""Attack made releases by linear programming (统计披露攻击): can a hidden count be worked out from what is printed?

`make proofs-disclosure`. Each table is a unit's answers by stratum, with strata from two sheets to two hundred; its
total, the rows that are left and the weighted score to two decimals are printed. The attack does not know how rows were
chosen: it writes every printed figure as a constraint over the whole table and asks for the least and greatest value of
each count that is not printed. The control leaves out the small rows alone, and must be broken.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from benchmarks.verdicts import Line, heading, none_of
from sampling.arrays import BoolArray, FloatArray, IntArray
from sampling.disclosure import Fact, mask_unit, too_small

POINTS = np.array([100.0, 60.0, 0.0, 0.0, 0.0])
JUDGES = np.array([1.0, 1.0, 1.0, 0.0, 0.0])


@dataclass(frozen=True, eq=False)
class Release:
    """A table (S, O) with the score that is printed over it."""

    counts: IntArray
    fact: Fact


def made(rng: np.random.Generator) -> Release:
    """A random table: 满意, 基本满意, 不满意, 不了解 and blank in 3 to 12 strata."""
    strata = int(rng.integers(3, 13))
    sizes = np.where(rng.random(strata) < 0.35, rng.integers(2, 30, strata), rng.integers(30, 200, strata))
    mind = rng.dirichlet([6, 3, 1, 1, 0.5]) if rng.random() < 0.8 else np.array([0.97, 0.02, 0.01, 0.0, 0.0])
    counts = np.array([rng.multinomial(n, mind) for n in sizes], dtype=np.int64)
    weights = rng.uniform(0.5, 40, strata)[:, None]
    base = float((weights * JUDGES * counts).sum())
    if base == 0:
        return made(rng)
    score = round(float((weights * POINTS * counts).sum()) / base, 2)
    line = weights * (POINTS - score * JUDGES) / base
    return Release(counts, Fact(line, -0.005, 0.005))


def worked_out(release: Release, hidden: BoolArray) -> int:
    """Counts of small hidden rows that follow from what is printed; answers that no hidden row gave stay aside."""
    counts = release.counts
    s, o = counts.shape
    cells = np.arange(s * o).reshape(s, o)
    lines: list[FloatArray] = []
    values: list[float] = []

    def printed(where: IntArray, value: float) -> None:
        line = np.zeros(s * o)
        line[where.ravel()] = 1
        lines.append(line)
        values.append(value)

    for row in range(s):
        printed(cells[row], float(counts[row].sum()))
        if not hidden[row]:
            for option in range(o):
                printed(cells[row, option : option + 1], float(counts[row, option]))
    for option in range(o):
        printed(cells[:, option], float(counts[:, option].sum()))
    flat = release.fact.coefficients.ravel()
    above, most = np.array([flat, -flat]), np.array([release.fact.high + 1e-9, 1e-9 - release.fact.low])
    found = 0
    union = counts[hidden].sum(axis=0)
    for row in np.flatnonzero(hidden).tolist():
        if not too_small(counts[row]):
            continue
        for option in np.flatnonzero(union > 0).tolist():
            ends = []
            for sign in (1.0, -1.0):
                cost = np.zeros(s * o)
                cost[cells[row, option]] = sign
                solved = linprog(cost, A_ub=above, b_ub=most, A_eq=np.array(lines), b_eq=values, method="highs")
                ends.append(sign * solved.fun)
            found += ends[1] - ends[0] <= 0.5
    return found


@dataclass(frozen=True)
class Outcome:
    """Counts worked out behind the masks, and behind small rows alone; rows left out in all."""

    tables: int
    recovered: int
    control: int
    hidden_rows: int
    rows: int


def attack(tables: int, *, seed: int = 7) -> Outcome:
    """Attack ``tables`` random releases that have something to hide."""
    rng = np.random.default_rng(seed)
    done = recovered = control = hidden_rows = rows = 0
    while done < tables:
        release = made(rng)
        primary = np.array([too_small(row) for row in release.counts])
        if not primary.any() or too_small(release.counts.sum(axis=0)):
            continue
        mask = mask_unit(release.counts, facts=(release.fact,))
        done += 1
        if not mask.hidden.all():
            recovered += worked_out(release, mask.hidden)
        control += worked_out(release, primary)
        hidden_rows += int(mask.hidden.sum())
        rows += len(primary)
    return Outcome(done, recovered, control, hidden_rows, rows)


def main() -> int:
    """Print value, limit, ratio; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    outcome = attack(parser.parse_args().tables)
    print(heading(f"{outcome.tables} random releases, {outcome.hidden_rows} of {outcome.rows} rows left out"))
    lines = [
        none_of("counts worked out behind the masks", outcome.recovered),
        # An attack that breaks nothing proves nothing.
        Line(
            "control: counts worked out where only small rows are left out",
            str(outcome.control),
            "≥ 1",
            1 / max(outcome.control, 0.1),
        ),
    ]
    print(*lines, sep="\n")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
