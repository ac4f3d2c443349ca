"""Prove by simulation what the samples claim: bias, coverage of intervals and rank sets, chances to be drawn.

`make simulate-sampling`. A city of 240,000 people and 80 units with every answer known, 2,000 public draws (seeds
1 to 2000) of a proportional and of a tenfold unequal design; 20 draws from 2.4 million; 2,000 years of inspections;
2,000 raked samples of clusters and of persons, with the error that each choice of residuals announces.
`--draws 20` is the short form; its limits follow from the larger Monte-Carlo error. Ends with 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from benchmarks.simulated_city import FULL_PEOPLE, PEOPLE, UNITS, build_city
from benchmarks.simulated_draws import DesignRun, run_designs, stretches
from benchmarks.simulated_lines import control_lines, draw_lines, estimate_lines, place_lines
from benchmarks.simulated_raking import raked_lines
from benchmarks.simulated_visits import small_frame_lines, year_lines
from benchmarks.verdicts import Line, heading

DRAWS, FULL_DRAWS = 2_000, 20
STRETCHES = 8
Job = tuple[int, range, int]
"""People of the city, seeds, and the seed number up to which rank sets are made."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print, and return 1 when a limit is missed."""
    options = _options(arguments)
    begun = time.monotonic()
    lines = []
    for part in simulate(
        draws=options.draws, full_draws=options.full_draws, ranked=options.ranked, processes=options.processes
    ):
        print(*part, sep="\n", flush=True)
        lines += part[1:]
    missed = [line for line in lines if isinstance(line, Line) and not line.good]
    spent = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    taken = f"{time.monotonic() - begun:.0f} s, {spent:.0f} s of processor time in all"
    print(f"\n{len(lines)} figures, {len(missed)} missed; {taken}")
    return int(bool(missed))


def simulate(*, draws: int, full_draws: int, ranked: int, processes: int) -> Iterator[list[str | Line]]:
    """Tables one after the other: a heading and its lines."""
    jobs = [(PEOPLE, stretch, min(ranked, draws)) for stretch in stretches(draws, STRETCHES)]
    if full_draws:
        jobs.insert(0, (FULL_PEOPLE, range(1, full_draws + 1), full_draws))
    runs: dict[tuple[int, str], DesignRun] = {}
    for people, found in _work(jobs, processes):
        for name, run in found.items():
            runs[people, name] = runs[people, name].joined(run) if (people, name) in runs else run
    for (people, name), run in sorted(runs.items()):
        city = build_city(people)
        count = len(run.outcomes)
        title = f"{people:,} people, {name}, {run.sizes.sum():,} sheets, {count} draws"
        yield [heading(title), *estimate_lines(city, run, draws=count), *draw_lines(city, run, draws=count)]
        yield [heading(f"  places of {UNITS} units"), *place_lines(run)]
        if name == "unequal":
            yield [heading("  control: the plain mean of the unequal sample"), *control_lines(city, run)]
    yield [heading(f"other draws on small frames, {draws} draws each"), *small_frame_lines(draws)]
    yield [heading(f"four quarters of inspections, {draws} years"), *year_lines(draws)]
    yield [heading(f"raked, by residuals: announced / observed error, {draws} draws each"), *raked_lines(draws)]


def _work(jobs: Sequence[Job], processes: int) -> Iterator[tuple[int, dict[str, DesignRun]]]:
    """Do the jobs, one after the other or in processes that each build the city for themselves."""
    if processes == 1:
        for job in jobs:
            yield job[0], _run(job)
        return
    # Fresh interpreters: a fork of a program that uses threads may hang.
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from zip([job[0] for job in jobs], pool.map(_run, jobs), strict=True)


def _run(job: Job) -> dict[str, DesignRun]:
    people, seeds, ranked = job
    return run_designs(people, seeds, ranked=ranked)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulate-sampling", description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws of the small city, and years (at least 2)")
    parser.add_argument("--full-draws", type=int, default=FULL_DRAWS, help="draws of 2.4 million people; 0: none")
    parser.add_argument("--ranked", type=int, default=DRAWS, help="draws of the small city with rank sets")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
