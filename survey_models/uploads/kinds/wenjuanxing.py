"""Cells of 问卷星's export in our words: an option by its place in the question, and what was skipped or left empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey_models.questionnaires.rules import BLANK, Option
from survey_models.spreadsheets.read import Sheet

_NOTHING = ("-3", "-2", "(跳过)", "(空)", "（跳过）", "（空）")


def translated(sheet: Sheet, scales: Mapping[int, Sequence[Option]], seconds: int | None) -> Sheet:
    """The sheet with the cells of some columns spelled as ours; a cell that means nothing stays as it is.

    ``scales``: index of a column → the options of its item; ``seconds``: the column of the time it took, ``125秒``.
    """
    words = {at: _words(options) for at, options in scales.items()}
    rows = []
    for number, cells in sheet.rows:
        ours = [words[at].get(cell, cell) if at in words else cell for at, cell in enumerate(cells)]
        if seconds is not None:
            ours[seconds] = ours[seconds].removesuffix("秒")
        rows.append((number, ours))
    return Sheet(sheet.header, rows, sheet.encoding, sheet.names)


def _words(options: Sequence[Option]) -> dict[str, str]:
    places = {str(place): option.code for place, option in enumerate(options, start=1)}
    return places | dict.fromkeys(_NOTHING, BLANK)
