"""`make bench-checks`: ten thousand sheets of 80 units, a contractor's file checked and near-duplicates looked for.

The file is checked as it lies in memory, and from its bytes on as csv, xlsx and sav; the latter in processor time, the
parser's own process among it, so that whatever else the machine does is not counted.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.stuffing_city import made_campaign
from benchmarks.verdicts import Line, below, heading
from survey_models.flags.near_duplicates import near_duplicates
from survey_models.flags.rules import rule_set
from survey_models.flags.tables import Rule
from survey_models.questionnaires.rules import BLANK, INVALID
from survey_models.spreadsheets.read import Sheet
from survey_models.spreadsheets.write import Table, csv_bytes, xlsx_bytes
from survey_models.uploads.arrivals import examine
from survey_models.uploads.kinds.ballots import INVALID_WORDS, Layout
from survey_models.uploads.kinds.ballots_check import check
from survey_models.uploads.kinds.ballots_summary import summary
from survey_models.uploads.rules import refuse_codes
from tests.survey_models.spreadsheets.spss_files import Variable, sav
from tests.survey_models.uploads.paper import many_sheets

SHEETS, CHECKED, LOOKED_THROUGH, WHOLE = 10_000, 3.0, 5.0, 5.0
# The first columns of a file are words, in SPSS text of so many bytes; an invalid answer has a code that no option has.
WORDS, WIDE, INVALID_CODE = 4, 24, 9


def seconds(call: Callable[[], None]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def processor_seconds(call: Callable[[], None]) -> float:
    """Processor time that it takes, that of processes it started and waited for included."""

    def used() -> float:
        both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return sum(one.ru_utime + one.ru_stime for one in both)

    begun = used()
    call()
    return used() - begun


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


def as_spss(sheet: Sheet, layout: Layout) -> bytes:
    """The same rows as SPSS writes them: answers are numbers with labels, what was not answered is missing."""
    items = layout.form.items
    labels: list[dict[float, str]] = [
        {float(option.code): option.label for option in layout.form.scales[item.scale]}
        | {INVALID_CODE: INVALID_WORDS[0]}
        for item in items
    ]
    variables = [
        *(Variable(f"w{at}", name, WIDE) for at, name in enumerate(sheet.header[:WORDS])),
        *(
            Variable(f"a{at}", name, labels=known)
            for at, (name, known) in enumerate(zip(sheet.header[WORDS:], labels, strict=True))
        ),
    ]
    numbers: dict[str | None, float | None] = {BLANK: None, INVALID: INVALID_CODE}
    cases = [
        [
            *cells[:WORDS],
            *(
                numbers[code] if code in numbers else float(code or 0)
                for text, item in zip(cells[WORDS:], items, strict=True)
                for code in [layout.choices[item.scale].read(text)]
            ),
        ]
        for _, cells in sheet.rows
    ]
    return sav(variables, cases)


def from_its_bytes(name: str, content: bytes, layout: Layout) -> float:
    """Processor seconds from the bytes of a file to its summary: read apart, searched for codes, every cell checked."""

    def run() -> None:
        found = check(examine(name, content).sheet, layout)
        summary(found.entries, layout)
        if found.faults or len(found.entries) != SHEETS:
            raise RuntimeError(f"{name} was to be without a fault: {found.faults[:1]}")

    return processor_seconds(run)


def whole_files() -> list[Line]:
    """A line for each form of file."""
    sheet, layout = many_sheets(SHEETS)
    body = [cells for _, cells in sheet.rows]
    files = {
        "csv": csv_bytes([sheet.header, *body]),
        "xlsx": xlsx_bytes([Table("评议票", sheet.header, body)]),
        "sav": as_spss(sheet, layout),
    }
    return [
        below(
            f"{ending} of {SHEETS:,} x {len(sheet.header)} from its bytes to its summary, processor s",
            from_its_bytes(f"a.{ending}", content, layout),
            WHOLE,
            form=".2f",
        )
        for ending, content in files.items()
    ]


def look_for_copies() -> float:
    """Seconds to look for near-duplicates in a campaign."""
    answers = made_campaign(np.random.default_rng(11)).answers
    rule = rule_set().rule(Rule.NEAR_DUPLICATES)
    return seconds(lambda: (near_duplicates(answers, rule), None)[1])


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    lines = [
        below(f"file of {SHEETS:,} x 84 cells checked, s", check_a_file(), CHECKED, form=".2f"),
        *whole_files(),
        below(f"near-duplicates among {SHEETS:,} sheets of 80, s", look_for_copies(), LOOKED_THROUGH, form=".2f"),
    ]
    print(heading("Checks"), *lines, sep="\n")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
