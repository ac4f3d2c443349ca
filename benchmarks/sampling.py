"""Time the statistics on made ballots, each beside a bare floor in the same process (统计计算基准).

`make bench-sampling`. Every measurement runs in its own process, so that its peak memory is its own; ours and the
floor take turns, and the best run of each counts, because the machine may be busy. A floor does the least arithmetic
that the figure needs, without designs, checks or errors. Where R's survey, svy or samplics are installed, a line each
says what they need. Ends with 1 when a limit is missed.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.other_packages import other_lines
from benchmarks.verdicts import FloatArray, Line, below, heading, inform
from sampling.estimation import Codes, domain_estimates
from sampling.rank_sets import last_set, rank_sets
from sampling.replicates import ballot_scores, rao_wu
from sampling.scales import OptionScale
from sampling.selection import draw_stratified
from sampling.variance import SampleDesign

UNITS, STRATA, REPLICATES = 118, 60, 1_000
SCALE = OptionScale.of({"1": 100, "2": 60, "3": 0, "0": None}, satisfied={"1", "2"})


@dataclass(frozen=True)
class Timing:
    """Best seconds of ours and of the floor, by the clock and of the processor, and memory in MiB."""

    ours: float
    floor: float
    processor: float
    """Processor seconds of ours: less than `ours` where the machine was busy."""
    floor_processor: float
    mebibytes: float
    """Peak memory of the process."""
    grown: float
    """Of which ours added to what was there before its first run."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a measurement must keep: seconds, times the floor, MiB in all and on top of the data."""

    seconds: float
    over_floor: float | None = None
    memory: float | None = None
    grown: float | None = None


def main() -> int:
    """Measure, print, and return 1 when a limit is missed."""
    lines: list[Line] = []
    print(heading(f"{UNITS} units, {STRATA} strata"))
    for title, work, limits in (
        ("scores, errors and covariance, 10,000 ballots", scores_small, Limits(seconds=0.05)),
        ("scores, errors and covariance, 1,000,000 ballots", scores_large, Limits(seconds=2.5, memory=400)),
        (f"{REPLICATES} Rao-Wu replicates and their places, 10,000 ballots", replicates, Limits(seconds=1.0)),
        ("simultaneous rank sets, 1,000 bootstrap draws", ranks, Limits(seconds=0.3)),
        ("who may be among the last two", tail, Limits(seconds=0.3)),
        ("draw 10,000 of 2.4 million by SHA-256 order", draw, Limits(seconds=2.5, over_floor=1.3, grown=60)),
    ):
        lines += _show(title, alone(work), limits)
    for line in other_lines(_columns(), units=UNITS):
        print(line, flush=True)
    return int(not all(line.good for line in lines))


def alone(work: Callable[[], Timing]) -> Timing:
    """Run one measurement in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work).result()


def _show(title: str, t: Timing, limits: Limits) -> list[Line]:
    """Print the lines of one measurement."""
    ratio, against = t.ours / t.floor, "  times floor"
    lines = [
        below(f"{title}, s", t.ours, limits.seconds),
        inform(against, f"{ratio:.2f}") if limits.over_floor is None else below(against, ratio, limits.over_floor),
        inform("  floor, s", f"{t.floor:.3f}"),
        inform("  processor seconds of ours; times floor", f"{t.processor:.3f}; {t.processor / t.floor_processor:.2f}"),
    ]
    if limits.memory is not None:
        lines.append(below("  peak memory, MiB", t.mebibytes, limits.memory))
    if limits.grown is not None:
        lines.append(below("  memory on top of the frame, MiB", t.grown, limits.grown))
    print(*lines, sep="\n", flush=True)
    return lines


def timing(ours: Callable[[], object], floor: Callable[[], object], *, times: int) -> Timing:
    """Ours first, so that the peak memory is ours; then in turn, so that what disturbs the one disturbs the other."""
    before = _peak()
    own = [_seconds(ours)]
    peak = _peak()
    bare = []
    for _ in range(times):
        bare.append(_seconds(floor))
        own.append(_seconds(ours))
    clock, processor = (min(kind) for kind in zip(*own, strict=True))
    floor_clock, floor_processor = (min(kind) for kind in zip(*bare, strict=True))
    return Timing(
        ours=clock,
        floor=floor_clock,
        processor=processor,
        floor_processor=floor_processor,
        mebibytes=peak,
        grown=peak - before,
    )


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - used


def _peak() -> float:
    """Largest memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def ballots(n: int) -> tuple[Codes, FloatArray, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Made ballots (n, UNITS) with about a third of 不了解, blank and invalid; weights; strata."""
    rng = np.random.default_rng(1)
    marks = np.frombuffer(b"112220-!", dtype=np.uint8)
    codes = np.empty((n, UNITS), dtype=np.uint8)
    for start in range(0, n, 10_000):
        part = codes[start : start + 10_000]
        part[...] = marks[rng.integers(0, len(marks), part.shape, dtype=np.uint8)]
        part[rng.random(part.shape) < 0.1] = ord("3")
    strata = rng.integers(0, STRATA, n)
    return codes, rng.uniform(1, 3, STRATA)[strata] * rng.uniform(0.8, 1.2, n), strata


def scores_small() -> Timing:
    """10,000 ballots."""
    return _scores(10_000, times=15)


def scores_large() -> Timing:
    """1,000,000 ballots."""
    return _scores(1_000_000, times=3)


def _scores(n: int, *, times: int) -> Timing:
    codes, weights, strata = ballots(n)
    return timing(
        lambda: domain_estimates(codes, scale=SCALE, weights=weights, strata=strata),
        lambda: bare_scores(codes, weights),
        times=times,
    )


def bare_scores(codes: Codes, weights: FloatArray) -> FloatArray:
    """Two passes with one table each, one product of the weighted deviations: no strata, no rates, no checks."""
    value, judges = np.zeros(256), np.zeros(256)
    value[SCALE.octets], judges[SCALE.octets] = SCALE.values, SCALE.judging_mask
    top, base = np.zeros(UNITS), np.zeros(UNITS)
    cross = np.zeros((UNITS, UNITS))
    blocks = [slice(start, start + 2048) for start in range(0, len(codes), 2048)]
    for rows in blocks:
        top += weights[rows] @ value[codes[rows]]
        base += weights[rows] @ judges[codes[rows]]
    score = top / base
    for rows in blocks:
        z = (value[codes[rows]] - judges[codes[rows]] * score) * weights[rows][:, None]
        cross += z.T @ z
    return cross / np.outer(base, base)


def replicates() -> Timing:
    """Rao-Wu replicates and the places in each."""
    codes, weights, strata = ballots(10_000)
    design = SampleDesign.of(weights=weights, strata=strata)
    figure = ballot_scores(codes, scale=SCALE)

    def ours() -> object:
        drawn = rao_wu(ballot_scores(codes, scale=SCALE), design, seed="1", replicates=REPLICATES).replicates
        return np.argsort(np.argsort(-drawn, axis=1), axis=1)

    def floor() -> object:
        rng = np.random.default_rng(1)
        parts = []
        for _ in range(0, REPLICATES, 50):
            drawn = rng.integers(0, len(codes), (50, len(codes))) + len(codes) * np.arange(50)[:, None]
            times = np.bincount(drawn.ravel(), minlength=50 * len(codes)).reshape(50, -1)
            parts.append(figure(times * weights))
        return np.argsort(np.argsort(-np.concatenate(parts), axis=1), axis=1)

    return timing(ours, floor, times=3)


def _made_scores() -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(2)
    return rng.normal(80, 4, UNITS), 0.12 * np.eye(UNITS) + 0.05


def _bare_maxima() -> object:
    """Largest studentised difference of each of 1,000 draws, once."""
    z = np.random.default_rng(1).standard_normal((UNITS, 1_000))
    return np.max([np.abs(z - z[j]).max(axis=0) for j in range(UNITS)], axis=0)


def ranks() -> Timing:
    """Both ends of all units."""
    score, covariance = _made_scores()
    return timing(lambda: rank_sets(score, covariance, seed="1"), _bare_maxima, times=7)


def tail() -> Timing:
    """Possible and certain members of the last two."""
    score, covariance = _made_scores()
    return timing(lambda: last_set(score, covariance, k=2, seed="1"), _bare_maxima, times=7)


def draw() -> Timing:
    """The public draw from the whole city."""
    people = 2_400_000
    ids = [f"p{i:07d}" for i in range(people)]
    names = [f"s{i % STRATA:02d}" for i in range(people)]
    sizes = {f"s{h:02d}": 10_000 // STRATA + (h < 10_000 % STRATA) for h in range(STRATA)}

    seed, salt = "1" * 20, "salt"

    def floor() -> object:
        return [hashlib.sha256(f"{seed},{salt},{one}".encode()).digest() for one in ids]

    return timing(lambda: draw_stratified(ids, names, sizes=sizes, seed=seed, salt=salt), floor, times=5)


def _columns() -> FloatArray:
    """10,000 ballots as other packages want them: values, judging or not, weight, stratum."""
    codes, weights, strata = ballots(10_000)
    table = np.zeros(256)
    table[SCALE.octets] = SCALE.values
    judging = np.isin(codes, SCALE.octets[SCALE.judging_mask])
    return np.column_stack([table[codes] * judging, judging, weights, strata])


if __name__ == "__main__":
    sys.exit(main())
