"""The answers of one cell, as they come out of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class CellAnswers:
    """All answers of one cell and channel, sheet after sheet in no order that means anything."""

    stratum_no: int
    point_no: int
    channel: str
    sheets: int
    answers: str


def in_joined_strata(cells: Sequence[CellAnswers], joined: Mapping[int, int]) -> list[CellAnswers]:
    """The same answers with those of joined strata under the stratum that theirs went into.

    Only lines of contractors' files still stand under their own: ballots were put into the box joined.
    """
    if not joined:
        return list(cells)
    found: dict[tuple[int, int, str], CellAnswers] = {}
    for cell in cells:
        stratum = joined.get(cell.stratum_no, cell.stratum_no)
        key = (stratum, cell.point_no, cell.channel)
        other = found.get(key)
        sheets, answers = (other.sheets, other.answers) if other else (0, "")
        whole = replace(cell, stratum_no=stratum, sheets=cell.sheets + sheets, answers=answers + cell.answers)
        found[key] = whole
    return [found[key] for key in sorted(found)]
