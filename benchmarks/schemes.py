"""Time the evaluation of a full round beside bare sums of fractions (计分基准).

`make bench-schemes`. The 118 units of Nanyang's preset with made answers, marks, windows and cases: totals, traces in
two languages, places, rank sets; then a year of two halves with its awards. The floor sums the same numbers as
fractions and sorts them, without lines, sentences, errors or checks. One thread that calculates: the limit is held
against its processor seconds, which a busy machine does not stretch; the clock is printed beside. Best of several
runs. Ends with 1 when the limit is missed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random
from time import perf_counter, process_time

from benchmarks.verdicts import below, heading, inform
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, RatedUnit
from survey_models.schemes.loading import preset, read, units_of
from survey_models.schemes.sensitivity import compare, with_map
from survey_models.schemes.years import year

PRESET = "nanyang-2014-27"
CAMPAIGNS = {"fixed-users": 100, "random-users": 200, "deputies": 60, "peers": 117}
OFFICES = ("C3", "C6")
OPTIONS = {"满意": Fraction(100), "基本满意": Fraction(60), "不满意": Fraction(0)}
LIMIT = 0.2
ROUNDS = 15


def main() -> int:
    """Measure, print, and return 1 when the limit is missed."""
    loaded = read(preset(PRESET))
    scheme, digest, inputs = loaded.scheme, loaded.digest, made()
    ours, floor = best(lambda: evaluate(scheme, digest, inputs)), best(lambda: bare(inputs))
    first = below(f"evaluation of {len(inputs.units)} units, processor s", ours[1], LIMIT)
    print(heading(f"{PRESET}, {len(inputs.units)} units"), first, sep="\n")
    print(inform("  by the clock, s", f"{ours[0]:.3f}"))
    print(
        inform("  floor: bare sums of fractions, processor s; times floor", f"{floor[1]:.4f}; {ours[1] / floor[1]:.1f}")
    )
    half = evaluate(scheme, digest, inputs)
    whole = best(lambda: year(scheme, digest, [half, half], inputs.units), times=5)
    print(inform("a year from two halves, with awards and borders, processor s", f"{whole[1]:.3f}"))
    other = with_map(scheme, "three", {"满意": 100, "基本满意": 80, "不满意": 0})
    again = best(lambda: compare(scheme, digest, inputs, other), times=5)
    print(inform("the same round under another option map, compared, processor s", f"{again[1]:.3f}"))
    return int(not first.good)


def best(work: Callable[[], object], *, times: int = ROUNDS) -> tuple[float, float]:
    """Best seconds by the clock and of the processor."""
    clocks, processors = [], []
    for _ in range(times):
        begun, used = perf_counter(), process_time()
        work()
        clocks.append(perf_counter() - begun)
        processors.append(process_time() - used)
    return min(clocks), min(processors)


def made() -> Inputs:
    """Answers with weighted shares and errors, marks, a third with windows, one case for every second unit."""
    random = Random(27)
    rows = units_of(read(preset(PRESET)).scheme)
    windows = frozenset({"has_window"})
    units = tuple(
        RatedUnit(row["code"], row["name"], row["category"], windows if k % 3 == 0 else frozenset())
        for k, row in enumerate(rows)
    )
    return Inputs(
        units=units,
        answers={(name, unit.code): _answers(random, n) for unit in units for name, n in CAMPAIGNS.items()},
        references={
            ("C1w", unit.code): tuple((f"2015-0{k}", Fraction(random.randint(8000, 10000), 100)) for k in range(1, 7))
            for unit in units
            if unit.flags
        },
        marks={
            (part, unit.code): (Mark(Decimal(random.randint(600, 1000)) / 10, "办公室"),)
            for unit in units
            for part in OFFICES
        },
        booked=tuple(Booked(unit.code, "C5", "not_as_required", "一", "2015Q1") for unit in units[::2]),
        quarters=("2015Q1", "2015Q2"),
    )


def _answers(random: Random, n: int) -> Answers:
    """Weighted shares that differ a little from the counts, and a score of nine decimals, as estimates are."""
    good = random.randint(n // 3, n)
    fair = random.randint(0, n - good)
    counts = dict(zip(OPTIONS, (good, fair, n - good - fair), strict=True))
    weights = {name: Fraction(random.randint(90, 110) * count + 1, 100) for name, count in counts.items()}
    whole = sum(weights.values(), Fraction(0))
    shares = {name: weight / whole for name, weight in weights.items()}
    score = sum((OPTIONS[name] * share for name, share in shares.items()), Fraction(0))
    return Answers(n, n, counts, Fraction(round(score * 10**9), 10**9), Decimal("1.234567891"), shares)


def bare(inputs: Inputs) -> dict[str, list[str]]:
    """Scores by option, weights, marks, windows and cases of every unit as sums of fractions; units by total."""
    totals: dict[str, list[tuple[Fraction, str]]] = {}
    for unit in inputs.units:
        scores = []
        for name in CAMPAIGNS:
            shares = inputs.answers[name, unit.code].shares or {}
            scores.append(sum((OPTIONS[option] * share for option, share in shares.items()), Fraction(0)))
        people = (scores[0] + scores[1]) / 2
        taken = inputs.references.get(("C1w", unit.code), ())
        served = people * 3 / 10
        if taken:
            served = people / 10 + sum((score for _, score in taken), Fraction(0)) / len(taken) / 5
        marked = [Fraction(inputs.marks[part, unit.code][0].value) for part in OFFICES]
        total = served + scores[2] / 10 + marked[0] / 5 + scores[3] / 5 + marked[1] / 10 + Fraction(17, 2)
        totals.setdefault(unit.category, []).append((total, unit.code))
    return {name: [code for _, code in sorted(group, reverse=True)] for name, group in totals.items()}


if __name__ == "__main__":
    sys.exit(main())
