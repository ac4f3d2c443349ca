"""Counted sheets as arrays: what estimation reads (评议票矩阵)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.cells import Cell, Moves, published
from survey_models.questionnaires.rules import BACKGROUND, Form
from survey_models.questionnaires.variants import AREA

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sheets:
    """The n counted sheets of a campaign.

    ``codes`` (n, units): ASCII option codes; ``stratum`` and ``point`` (n,): numbers of the cell; ``background``:
    for each background item the ASCII code of every sheet (n,), that of ``-`` where it was left blank;
    ``carries`` (n, units): whether the sheet's variant of the questionnaire has the unit on it.
    """

    codes: npt.NDArray[np.uint8]
    stratum: Numbers
    point: Numbers
    background: dict[str, Numbers]
    carries: npt.NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of sheets."""
        return len(self.codes)

    def by_stratum(self) -> dict[int, int]:
        """Sheets returned in each stratum."""
        numbers, counts = np.unique(self.stratum, return_counts=True)
        return {int(no): int(count) for no, count in zip(numbers, counts, strict=True)}


def read_sheets(
    form: Form, cells: Sequence[CellAnswers], variants: Mapping[tuple[int, int], Collection[str]] | None = None
) -> Sheets:
    """The sheets of ``cells``, one after the other; their order within a cell means nothing.

    ``variants``: of each cell. A ballot does not tell its variant, so only a cell with one variant leaves units out;
    where people with different variants shared a cell, a unit that is not on a sheet counts as blank there. Variants
    of areas (县区增加的单位) are those of a whole stratum: files of its test points, which had no tickets, follow it,
    and a cell joined from several areas leaves out what none of them was asked about.
    """
    width = len(form.items)
    whole = np.frombuffer("".join(cell.answers for cell in cells).encode("ascii"), dtype=np.uint8).reshape(-1, width)
    repeats = [cell.sheets for cell in cells]
    return Sheets(
        codes=np.ascontiguousarray(whole[:, list(form.units)]),
        stratum=np.repeat(np.array([cell.stratum_no for cell in cells], dtype=np.int64), repeats),
        point=np.repeat(np.array([cell.point_no for cell in cells], dtype=np.int64), repeats),
        background={
            item.key: whole[:, place].astype(np.int64)
            for place, item in enumerate(form.items)
            if item.kind == BACKGROUND
        },
        carries=np.repeat(_carried(form, cells, variants or {}), repeats, axis=0),
    )


def variants_by_cell(
    issued: Mapping[tuple[int, int], Collection[str]], channels: Collection[str], opening: Moves, returned: Moves
) -> dict[tuple[int, int], set[str]]:
    """Questionnaire variants of each published cell: those of every cell that was joined to it.

    ``issued``: variants of the tickets of each cell (stratum, point) as they were made.
    """
    found: dict[tuple[int, int], set[str]] = {}
    for (stratum, point), names in issued.items():
        there = {published(Cell(stratum, point, channel), opening, returned) for channel in channels}
        for cell in {(one.stratum_no, one.point_no) for one in there}:
            found.setdefault(cell, set()).update(names)
    return found


def _carried(
    form: Form, cells: Sequence[CellAnswers], variants: Mapping[tuple[int, int], Collection[str]]
) -> npt.NDArray[np.bool_]:
    """Which units the sheets of each cell carry, (cells, units)."""
    everything = np.ones(len(form.units), dtype=np.bool_)
    by_area = any(name.startswith(AREA) for name in form.variants)
    rows = []
    for cell in cells:
        names = set(variants.get((cell.stratum_no, cell.point_no), ()))
        if by_area:
            names = names or {name for (no, _), all_ in variants.items() if no == cell.stratum_no for name in all_}
        if len(names) == 1 or (by_area and names):
            carried = np.any([form.carried(name) for name in sorted(names)], axis=0)
            rows.append(carried[list(form.units)])
        else:
            rows.append(everything)
    return np.stack(rows)
