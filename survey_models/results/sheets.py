"""Counted sheets as arrays: what estimation reads (评议票矩阵)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_models.campaigns.answers import CellAnswers
from survey_models.questionnaires.rules import BACKGROUND, Form

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sheets:
    """The n counted sheets of a campaign.

    ``codes`` (n, units): ASCII option codes; ``stratum`` and ``point`` (n,): numbers of the cell; ``background``:
    for each background item the ASCII code of every sheet (n,), that of ``-`` where it was left blank.
    """

    codes: npt.NDArray[np.uint8]
    stratum: Numbers
    point: Numbers
    background: dict[str, Numbers]

    @property
    def n(self) -> int:
        """Number of sheets."""
        return len(self.codes)

    def by_stratum(self) -> dict[int, int]:
        """Sheets returned in each stratum."""
        numbers, counts = np.unique(self.stratum, return_counts=True)
        return {int(no): int(count) for no, count in zip(numbers, counts, strict=True)}


def read_sheets(form: Form, cells: Sequence[CellAnswers]) -> Sheets:
    """The sheets of ``cells``, one after the other; their order within a cell means nothing."""
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
    )
