"""`make bench-checks`: ten thousand sheets of 80 units, a contractor's file checked and near-duplicates looked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.stuffing_city import made_campaign
from benchmarks.verdicts import below, heading
from survey_models.flags.near_duplicates import near_duplicates
from survey_models.flags.rules import rule_set
from survey_models.flags.tables import Rule
from survey_models.uploads.kinds.ballots_check import check
from survey_models.uploads.kinds.ballots_summary import summary
from survey_models.uploads.rules import refuse_codes
from tests.survey_models.uploads.paper import many_sheets

SHEETS, CHECKED, LOOKED_THROUGH = 10_000, 3.0, 5.0


def seconds(call: Callable[[], None]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def check_a_file() -> float:
    """Seconds to check a file without a fault."""
    sheet, layout = many_sheets(SHEETS)

    def run() -> None:
        refuse_codes(sheet)
        found = check(sheet, layout)
        summary(found.entries, layout)
        if found.faults or len(found.entries) != SHEETS:
            raise RuntimeError("the file was to be without a fault")

    return seconds(run)


def look_for_copies() -> float:
    """Seconds to look for near-duplicates in a campaign."""
    answers = made_campaign(np.random.default_rng(11)).answers
    rule = rule_set().rule(Rule.NEAR_DUPLICATES)
    return seconds(lambda: (near_duplicates(answers, rule), None)[1])


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    lines = [
        below(f"file of {SHEETS:,} x 84 cells checked, s", check_a_file(), CHECKED, form=".2f"),
        below(f"near-duplicates among {SHEETS:,} sheets of 80, s", look_for_copies(), LOOKED_THROUGH, form=".2f"),
    ]
    print(heading("Checks"), *lines, sep="\n")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
