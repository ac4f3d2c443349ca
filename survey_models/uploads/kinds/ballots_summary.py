"""What a contractor is asked to confirm of a file of collected questionnaires (汇总): rows and signs, never answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from survey_models.questionnaires.rules import BLANK, INVALID
from survey_models.uploads.kinds.ballots import Entry, Layout

STRAIGHT_SHARE, STRAIGHT_UNITS = 95, 20
FEW_ANSWERS = 4


def summary(entries: Sequence[Entry], layout: Layout) -> dict[str, Any]:
    """What the contractor is asked to confirm: counts of rows and flags, never a count of answers.

    ``cells``: rows by area, kind and test point; ``alike``: rows whose units got one and the same answer in at least
    95 % of 20 or more; ``few``: rows that rate less than a quarter of the units.
    """
    names = {cell.no: (cell.area, cell.kind) for cell in layout.cells}
    points = {point.no: point.name for point in layout.points}
    counts = Counter((entry.stratum_no, entry.point_no) for entry in entries)
    units = layout.form.units
    sheets = Counter("".join(entry.answers[place] for place in units) for entry in entries)
    return {
        "rows": len(entries),
        "cells": [
            {"area": names[stratum][0], "kind": names[stratum][1], "point": points.get(point), "rows": count}
            for (stratum, point), count in sorted(counts.items())
        ],
        "alike": sum(count for answers, count in sheets.items() if _is_straight(answers)),
        "few": sum(count for answers, count in sheets.items() if _judged(answers) * FEW_ANSWERS < len(units)),
    }


def _judged(answers: str) -> int:
    return len(answers) - answers.count(BLANK) - answers.count(INVALID)


def _is_straight(answers: str) -> bool:
    """Straight-lining (一勾到底): a sign to look at, not a fault; honest sheets of this kind exist."""
    judged = _judged(answers)
    most = max((answers.count(code) for code in set(answers) - {BLANK, INVALID}), default=0)
    return judged >= STRAIGHT_UNITS and most * 100 >= judged * STRAIGHT_SHARE
