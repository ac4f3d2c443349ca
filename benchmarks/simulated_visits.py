"""A year of inspections (明查暗访), and the other ways to draw on small frames, each against its probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.simulated_city import FloatArray, IntArray
from benchmarks.verdicts import Line, below, chi_square_z, family_z, frequency_z, inform, none_of
from sampling.selection import draw_srs
from sampling.stages import Tree, draw_clients, draw_stages, draw_with_must, inspect_next
from sampling.unequal import pps_pareto, pps_systematic, size_probabilities, systematic

UNITS = tuple(f"U{number:02}" for number in range(1, 81))
QUARTERS, UNANNOUNCED = 4, 16
PROBLEM = 0.15
"""How often a visit finds a problem, so that the unit must be visited again in the next quarter."""
AGAIN = 10
PARETO_ERROR = 0.002
"""How far Pareto's probabilities may be from the stated ones, as Rosén's theory has it at these sizes."""


@dataclass(frozen=True, eq=False)
class Years:
    """What happened in Y years of four quarters."""

    years: int
    unvisited: int
    """Units without a visit at the end of a year."""
    musts_missed: int
    """Units that had to be visited and were not."""
    visited_again: int
    """Visits to units that were done and had no problem."""
    largest_round: int
    """Most visits in one quarter."""
    announced_z: FloatArray
    """(U,) z of each unit's visits that were left to chance."""
    unannounced: IntArray
    """(U,) how often each unit was drawn for an unannounced visit."""


def live_years(years: int) -> Years:
    """Plan each quarter's open visits (明查) from what the quarters before found, and draw the 暗访 beside them."""
    place = {unit: u for u, unit in enumerate(UNITS)}
    surprise, spread, unannounced = np.zeros(len(UNITS)), np.zeros(len(UNITS)), np.zeros(len(UNITS), dtype=np.int64)
    unvisited = missed = again = largest = 0
    for year in range(1, years + 1):
        chance = np.random.default_rng([9, year])
        must = {unit for unit in UNITS if chance.random() < PROBLEM / 2}
        done: set[str] = set()
        for quarter in range(QUARTERS):
            salt = f"year {year}, quarter {quarter + 1}"
            left = QUARTERS - quarter
            visits = inspect_next(UNITS, done=done, must=must, periods_left=left, seed=str(year), salt=f"{salt}, open")
            waiting = [unit for unit in UNITS if unit not in done]
            free = [place[unit] for unit in waiting if unit not in must]
            wanted = max(-(-len(waiting) // left) - (len(waiting) - len(free)), 0)
            share = wanted / len(free) if free else 0.0
            hit = np.isin(free, [place[unit] for unit in visits])
            surprise[free] += hit - share
            spread[free] += share * (1 - share)
            missed += len(must - set(visits))
            again += len((set(visits) & done) - must)
            largest = max(largest, len(visits))
            done |= set(visits)
            must = {unit for unit in visits if chance.random() < PROBLEM}
            unannounced[draw_srs(UNITS, n=UNANNOUNCED, seed=str(year), salt=f"{salt}, unannounced")] += 1
        unvisited += len(set(UNITS) - done)
    return Years(years, unvisited, missed, again, largest, surprise / np.sqrt(spread), unannounced)


def year_lines(years: int) -> list[Line]:
    """The verdict on the years."""
    found = live_years(years)
    draws = years * QUARTERS
    share = UNANNOUNCED / len(UNITS)
    chi, z = chi_square_z(found.unannounced, share, draws=draws)
    return [
        none_of("units without a 明查 at the end of their year", found.unvisited),
        none_of("must-check units left out", found.musts_missed),
        none_of("visits to units done and without a problem", found.visited_again),
        inform("most units in one quarter (80 in the year, problems again)", str(found.largest_round)),
        below(
            "明查 left to chance: largest |z| of 80 units",
            float(np.abs(found.announced_z).max()),
            family_z(len(UNITS)),
        ),
        below(
            f"暗访, 16 of 80, {draws} draws: largest |z| of 80 frequencies",
            float(frequency_z(found.unannounced, np.full(len(UNITS), share), draws=draws).max()),
            family_z(len(UNITS)),
        ),
        below(f"暗访: chi-square {chi:.0f} with {len(UNITS) - 1} df, |z|", abs(z), family_z(1)),
    ]


@dataclass(frozen=True, eq=False)
class SmallFrame:
    """A way to draw from few entries, and what each entry's probability should be."""

    name: str
    chances: FloatArray
    """(N,)"""
    draw: Callable[[str], Sequence[int] | npt.NDArray[np.intp]]
    """Seed to positions."""
    slack: float = 0.0
    """How far the stated probabilities may be off."""

    def line(self, seeds: range, *, note: str = "") -> Line:
        """Largest |z| of the frequencies over `seeds`; an entry that must be in and once is not breaks the limit."""
        times = np.zeros(len(self.chances), dtype=np.int64)
        for seed in seeds:
            times[self.draw(str(seed))] += 1
        z = frequency_z(times, self.chances, draws=len(seeds), slack=self.slack)
        always_in = bool(np.all(times[self.chances >= 1] == len(seeds)))
        return below(f"{self.name}: largest |z|{note}", float(z.max()) if always_in else np.inf, family_z(len(z)))


def small_frame_lines(draws: int) -> list[Line]:
    """Empirical inclusion frequencies of the other draws against their stated probabilities.

    One in a hundred such lines misses by chance. What misses is drawn again with new seeds, `AGAIN` times as many,
    and that line decides; the first stays in the table.
    """
    lines = []
    for frame in small_frames():
        first = frame.line(range(1, draws + 1))
        if first.good:
            lines.append(first)
            continue
        lines.append(inform(f"{first.name}; limit {first.limit}, missed", first.value))
        lines.append(frame.line(range(draws + 1, (AGAIN + 1) * draws + 1), note=f", {AGAIN * draws} new draws"))
    return lines


def small_frames() -> list[SmallFrame]:
    """Six ways to draw."""
    sizes = np.array([30 + (37 * k * k) % 400 for k in range(60)] + [3_000, 4_000])
    ids = [f"C{k:02}" for k in range(len(sizes))]
    pi = size_probabilities(sizes, n=20)
    must = ids[::9]
    key = np.isin(ids, must)
    fill, few, others = (20 - len(must)) / (~key).sum(), 4 / len(must), 16 / (~key).sum()
    place = {name: k for k, name in enumerate(ids)}

    def with_must(seed: str) -> list[int]:
        return [place[name] for name, _ in draw_with_must(ids, n=20, seed=seed, salt="must", must=must)]

    def clients(seed: str) -> list[int]:
        return [place[name] for name, _ in draw_clients(ids, key=must, n=20, key_take=4, seed=seed, salt="clients")]

    return [
        SmallFrame(
            "systematic, 20 of 62",
            np.full(len(ids), 20 / len(ids)),
            lambda seed: systematic(len(ids), n=20, seed=seed, salt="systematic"),
        ),
        SmallFrame(
            "PPS systematic, 20 of 62, 2 certain",
            pi,
            lambda seed: pps_systematic(sizes, n=20, seed=seed, salt="pps").positions,
        ),
        SmallFrame(
            "PPS by order (Pareto), 20 of 62, 2 certain",
            pi,
            lambda seed: pps_pareto(ids, sizes, n=20, seed=seed, salt="pareto").positions,
            slack=PARETO_ERROR,
        ),
        SmallFrame("20 of 62 with 7 that must be in", np.where(key, 1.0, fill), with_must),
        SmallFrame("20 clients, 4 of them from 7 key raters", np.where(key, few, others), clients),
        villages(),
    ]


def villages() -> SmallFrame:
    """Two townships of each of five counties, three villages of each township; small townships are taken whole."""
    tree: dict[str, Tree] = {
        f"county {c}": {f"town {c}.{t}": [f"village {c}.{t}.{v}" for v in range(2 + (c + t) % 5)] for t in range(3 + c)}
        for c in range(5)
    }
    chances = {
        f"village {c}.{t}.{v}": 2 / (3 + c) * min(3, 2 + (c + t) % 5) / (2 + (c + t) % 5)
        for c in range(5)
        for t in range(3 + c)
        for v in range(2 + (c + t) % 5)
    }
    place = {name: k for k, name in enumerate(chances)}

    def draw(seed: str) -> list[int]:
        chosen = draw_stages(tree, takes=(5, 2, 3), seed=seed, salt="stages")
        for entry in chosen:
            if abs(float(entry.probability) - chances[entry.path[-1]]) > 1e-12:
                raise SystemExit(f"{entry.path} claims the probability {entry.probability}")
        return [place[entry.path[-1]] for entry in chosen]

    name = f"two stages, 2 towns × 3 villages in 5 counties, {len(chances)} villages"
    return SmallFrame(name, np.array(list(chances.values())), draw)
