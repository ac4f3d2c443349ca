"""How well the detectors see stuffing, and how often they cry wolf (检出率与误报率): value, limit, ratio.

``make proofs-stuffing``. Honest cities tell the false alarms of each campaign-day; the same cities with one of seven
known injections tell the power. The thresholds of rules.yaml were chosen on cities of other seeds (``--tune``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from scipy import special

from benchmarks import stuffing_injections as inject
from benchmarks.stuffing_city import BEST, DAYS, SHEETS, WINDOW_DAYS, Campaign, Hall, Rng, made_campaign, made_hall
from benchmarks.verdicts import Line, at_least, below, heading, inform
from survey_models.flags.detectors_answers import share_excess, straight_sheets, unit_shifts
from survey_models.flags.detectors_counts import cell_bursts, channel_mix, ratings_over_cases, top_box, window_bursts
from survey_models.flags.near_duplicates import near_duplicates
from survey_models.flags.rules import rule_set
from survey_models.flags.suspicion import Suspicion
from survey_models.flags.tables import Rule

REPORTED, TUNING = 10_000, 1_007_000
POWER, FALSE_ALARMS = 0.80, 0.01
FIRST_DAY, FIRST_WINDOW_DAY = 4, 30
RULES = rule_set()


def window_burst(hall: Hall, day: int) -> list[Suspicion]:
    """The burst rule at the end of ``day``."""
    histories = [window[max(0, day - 28) : day] for window in hall.minutes]
    return window_bursts([window[day] for window in hall.minutes], histories, RULES.rule(Rule.WINDOW_BURST))


def over_cases(hall: Hall, day: int) -> list[Suspicion]:
    """The rule of ratings and cases at the end of ``day``."""
    span = slice(day - 28, day + 1)
    return ratings_over_cases(hall.ratings[:, span], hall.cases[:, span], RULES.rule(Rule.RATINGS_OVER_CASES))


def hall_flags(hall: Hall, day: int) -> dict[Rule, list[Suspicion]]:
    """What the daily run says of the windows at the end of ``day``."""
    end = day + 1
    return {
        Rule.WINDOW_BURST: window_burst(hall, day),
        Rule.RATINGS_OVER_CASES: over_cases(hall, day),
        Rule.TOP_BOX: top_box(hall.top[:, :end], hall.ratings[:, :end], RULES.rule(Rule.TOP_BOX)),
    }


def open_flags(campaign: Campaign, day: int) -> dict[Rule, list[Suspicion]]:
    """What the daily run says of the returns at the end of ``day``, all sheets still sealed."""
    cohort = np.zeros(len(campaign.area), dtype=np.int64)
    rule = RULES.rule(Rule.CELL_BURST)
    return {Rule.CELL_BURST: cell_bursts(campaign.done[:, : day + 1], campaign.issued, cohort, rule)}


def surge(campaign: Campaign) -> list[Suspicion]:
    """The surge before closing."""
    rule = RULES.rule(Rule.LATE_SURGE)
    cohort = np.zeros(len(campaign.area), dtype=np.int64)
    return cell_bursts(campaign.done, campaign.issued, cohort, rule, spans=rule.several("last_days"))


def straight(campaign: Campaign) -> list[Suspicion]:
    """Cells with too many one-answer sheets."""
    rule, cells = RULES.rule(Rule.STRAIGHT_LINING), len(campaign.area)
    alike = campaign.cell[straight_sheets(campaign.answers, rule)]
    sheets = np.bincount(campaign.cell, minlength=cells)
    return share_excess(np.bincount(alike, minlength=cells), sheets, campaign.kind, rule)


def fast(campaign: Campaign) -> list[Suspicion]:
    """Groups filled too fast."""
    cells = len(campaign.area)
    quick = np.bincount(campaign.cell[campaign.fast], minlength=cells)
    cohort = np.zeros(cells, dtype=np.int64)
    return share_excess(quick, np.bincount(campaign.cell, minlength=cells), cohort, RULES.rule(Rule.SPEEDING))


def shifts(campaign: Campaign) -> list[Suspicion]:
    """Units whose answers in one area stand apart."""
    return unit_shifts(*by_area(campaign), RULES.rule(Rule.UNIT_SHIFT))


def copies(campaign: Campaign) -> list[Suspicion]:
    """Clusters of near-duplicate sheets."""
    return near_duplicates(campaign.answers, RULES.rule(Rule.NEAR_DUPLICATES))


def final_flags(campaign: Campaign) -> dict[Rule, list[Suspicion]]:
    """What is said once: after closing on counts and channels, after counting on answers and durations."""
    return {
        Rule.LATE_SURGE: surge(campaign),
        Rule.CHANNEL_MIX: channel_mix(campaign.channels, campaign.kind, RULES.rule(Rule.CHANNEL_MIX)),
        Rule.STRAIGHT_LINING: straight(campaign),
        Rule.SPEEDING: fast(campaign),
        Rule.UNIT_SHIFT: shifts(campaign),
        Rule.NEAR_DUPLICATES: copies(campaign),
    }


def by_area(campaign: Campaign) -> tuple[Any, Any]:
    """Best answers and judging sheets of each unit in each area, (units, areas)."""
    area = campaign.area[campaign.cell]
    member = (area[:, None] == np.arange(campaign.area.max() + 1)).astype(np.float32)
    best = (campaign.answers == BEST).astype(np.float32)
    judged = np.isin(campaign.answers, list(b"123")).astype(np.float32)
    return (best.T @ member).astype(np.int64), (judged.T @ member).astype(np.int64)


@dataclass
class Alarms:
    """False alarms of the honest city: campaign-days with any flag of a rule, and campaign-days looked at."""

    days: Counter[Rule]
    alarms: Counter[Rule]
    any_open: int = 0
    open_days: int = 0
    honest_in_clusters: int = 0

    def note(self, flags: dict[Rule, list[Suspicion]], days: int = 1) -> None:
        """One run that stands for ``days`` campaign-days."""
        for rule, found in flags.items():
            self.days[rule] += days
            self.alarms[rule] += bool(found)


def honest(seeds: range, *, hall_days: int, campaigns: int) -> Alarms:
    """False alarms of the daily and the final runs over honest cities."""
    seen = Alarms(Counter(), Counter())
    for seed in seeds[:campaigns]:
        campaign = made_campaign(np.random.default_rng(seed))
        for day in range(FIRST_DAY, DAYS):
            seen.note(open_flags(campaign, day))
        final = final_flags(campaign)
        seen.note(final, DAYS)
        seen.honest_in_clusters += len(_sheets_in(final[Rule.NEAR_DUPLICATES]))
    done = 0
    for seed in seeds:
        if done >= hall_days:
            break
        hall = made_hall(np.random.default_rng(seed))
        for day in range(FIRST_WINDOW_DAY, min(WINDOW_DAYS, FIRST_WINDOW_DAY + hall_days - done)):
            flags = hall_flags(hall, day)
            seen.note(flags)
            seen.open_days += 1
            seen.any_open += any(bool(found) for found in flags.values())
            done += 1
    return seen


def _at_place(found: list[Suspicion], place: int) -> bool:
    return any(one.place == place for one in found)


def _sheets_in(clusters: list[Suspicion]) -> set[int]:
    found: set[int] = set()
    for one in clusters:
        sheets = one.evidence["sheets"]
        found.update(sheets if isinstance(sheets, list) else [])
    return found


def _in_hall(injection: Callable[..., int], look: Callable[[Hall, int], list[Suspicion]]) -> Callable[..., bool]:
    def caught(rng: Rng, **size: float) -> bool:
        hall = made_hall(rng)
        place = injection(hall, rng, **size)
        return _at_place(look(hall, WINDOW_DAYS - 1), place)

    return caught


def _in_campaign(injection: Callable[..., int], look: Callable[[Campaign], list[Suspicion]]) -> Callable[..., bool]:
    def caught(rng: Rng, **size: float) -> bool:
        campaign = made_campaign(rng)
        place = injection(campaign, rng, **size)
        return _at_place(look(campaign), place)

    return caught


def _copies_caught(rng: Rng, **size: float) -> bool:
    """Found when at least four fifths of the copies lie in the clusters."""
    campaign = made_campaign(rng)
    places = inject.copied(campaign, rng, **size)
    return len(_sheets_in(copies(campaign)) & places) >= 0.8 * len(places)


@dataclass(frozen=True)
class Case:
    """One injection: its name, the rule that should see it, how to try it, and other sizes to try."""

    name: str
    rule: Rule
    caught: Callable[..., bool]
    argument: str
    usual: float
    others: tuple[float, ...]


CASES = (
    Case(
        "1 burst: 30 top ratings in 5 min, window of 300 a day",
        Rule.WINDOW_BURST,
        _in_hall(inject.burst_at_window, window_burst),
        *("minutes", inject.BURST_MINUTES, (10, 20, 40)),
    ),
    Case(
        "2 ratings 30 % over cases for a day",
        Rule.RATINGS_OVER_CASES,
        _in_hall(inject.more_ratings_than_cases, over_cases),
        *("share", inject.OVER_CASES, (0.10, 0.20, 0.50)),
    ),
    Case(
        "3 a quarter of a cell replaced by one-answer sheets",
        Rule.STRAIGHT_LINING,
        _in_campaign(inject.straight_lined, straight),
        *("share", inject.STRAIGHT, (0.10, 0.15, 0.20)),
    ),
    Case(
        "4 a quarter of a group filled too fast",
        Rule.SPEEDING,
        _in_campaign(inject.speeders, fast),
        *("share", inject.SPEEDERS, (0.10, 0.15, 0.20)),
    ),
    Case(
        "5 two fifths of an area won for one unit",
        Rule.UNIT_SHIFT,
        _in_campaign(inject.drummed_up, shifts),
        *("share", inject.SHIFT, (0.10, 0.20, 0.30)),
    ),
    Case("6 5 % near-duplicate sheets", Rule.NEAR_DUPLICATES, _copies_caught, "share", inject.COPIES, (0.01, 0.02)),
    Case(
        "7 half of a cell's unused tickets used on the last day",
        Rule.LATE_SURGE,
        _in_campaign(inject.late_surge, surge),
        *("share", inject.SURGE, (0.25, 0.75, 1.0)),
    ),
)


def power(case: Case, seeds: range, size: float) -> float:
    """The share of runs in which the rule flags the very place of the injection."""
    return sum(case.caught(np.random.default_rng([seed, 1]), **{case.argument: size}) for seed in seeds) / len(seeds)


def upper(found: int, of: int) -> float:
    """The 95 % upper bound of a rate (Clopper-Pearson)."""
    return 1.0 if found >= of else float(special.betaincinv(found + 1, of - found, 0.95))


def alarm_lines(start: int, *, campaigns: int, hall_days: int) -> Iterator[Line]:
    """False alarms of each rule and of all, in honest cities."""
    seen = honest(range(start, start + 100_000), hall_days=hall_days, campaigns=campaigns)
    for rule in Rule:
        days, alarms = seen.days[rule], seen.alarms[rule]
        name = f"false alarms per campaign-day: {rule.value} ({alarms} in {days:,})"
        yield below(name, alarms / days, FALSE_ALARMS, form=".2%")
        yield inform(f"    95 % upper bound of {rule.value}", f"{upper(alarms, days):.2%}")
    whole = sum(seen.alarms[rule] / seen.days[rule] for rule in Rule)
    yield below("false alarms per campaign-day: all ten rules added up", whole, FALSE_ALARMS, form=".2%")
    honest_share = seen.honest_in_clusters / max(1, campaigns * SHEETS)
    yield below("honest sheets in near-duplicate clusters", honest_share, 0.001, form=".3%")


def power_lines(start: int, *, runs: int, curves: bool) -> Iterator[Line]:
    """Power of each injection, and of other sizes of it in fewer runs."""
    for case in CASES:
        seeds = range(start + 500_000, start + 500_000 + runs)
        yield at_least(f"power: {case.name}", power(case, seeds, case.usual), POWER)
        if curves:
            fewer = seeds[: max(1, runs // 4)]
            tried = [f"{size:g}: {power(case, fewer, size):.0%}" for size in case.others]
            yield inform(f"    other sizes of {case.rule.value}: {'  '.join(tried)}", "")


def main() -> int:
    """Measure and print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=150, help="runs of each injection; 0: no power")
    parser.add_argument("--campaigns", type=int, default=300, help="honest campaigns of 14 days; 0: no false alarms")
    parser.add_argument("--hall-days", type=int, default=1_500, help="honest days of a hall of 30 windows")
    parser.add_argument("--tune", action="store_true", help="the seeds on which thresholds may be chosen")
    parser.add_argument("--no-curves", action="store_true", help="only the sizes that have a limit")
    options = parser.parse_args()
    begun = time.monotonic()
    print(f"rule set {RULES.hash}")
    print(heading("detectors against stuffing"))
    start = TUNING if options.tune else REPORTED
    parts: list[Iterator[Line]] = []
    if options.campaigns:
        parts.append(alarm_lines(start, campaigns=options.campaigns, hall_days=options.hall_days))
    if options.runs:
        parts.append(power_lines(start, runs=options.runs, curves=not options.no_curves))
    good = True
    for line in chain.from_iterable(parts):
        print(line, flush=True)
        good = good and line.good
    print(f"{time.monotonic() - begun:.0f} s")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
