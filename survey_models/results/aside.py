"""Scores with and without what was set aside (剔除前后的得分): stated beside every result that leaves sheets out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.tallies import SMALL_ALIKE, count_cells
from survey_models.questionnaires.rules import BLANK, Form

Scorer = Callable[[Sequence[CellAnswers]], Mapping[str, Decimal | None]]


def with_aside(
    form: Form,
    counted: Sequence[CellAnswers],
    whole: Sequence[CellAnswers],
    *,
    voids: Sequence[Mapping[str, Any]],
    score: Scorer,
) -> dict[str, Any] | None:
    """What a result says about the sheets that were set aside; None where nobody set any aside.

    ``whole``: the counted sheets and those set aside; ``voids``: the corrections with their reasons and numbers of
    sheets; ``score`` computes the scores of ``whole``. The difference of both figures is that of the sheets set aside:
    where they are fewer than ten, or all alike, only their number is said; so for each unit.
    """
    sheets = sum(cell.sheets for cell in whole) - sum(cell.sheets for cell in counted)
    if not sheets and not voids:
        return None
    if sheets < SMALLEST:
        return {"sheets": sheets, "by": list(voids), "scores": None}
    fit = _units_that_may_show(form, counted, whole)
    found = score(whole)
    scores = {unit: None if value is None or unit not in fit else f"{value:f}" for unit, value in found.items()}
    return {"sheets": sheets, "by": list(voids), "scores": scores}


def _units_that_may_show(form: Form, counted: Sequence[CellAnswers], whole: Sequence[CellAnswers]) -> set[str]:
    """Units which at least ten of the sheets set aside answered, and not fewer than thirty all alike."""
    tally = count_cells(form, whole)
    apart = tally.counts.sum(axis=0)
    if counted:
        apart = apart - count_cells(form, counted).counts.sum(axis=0)
    return {
        unit
        for unit, counts in zip(tally.units, _answered(apart, tally.codes), strict=True)
        if counts.sum() >= SMALLEST and not (counts.sum() < SMALL_ALIKE and counts.max() == counts.sum())
    }


def _answered(counts: npt.NDArray[np.int64], codes: Sequence[str]) -> npt.NDArray[np.int64]:
    """The counts without blanks: a unit that is not on a sheet's variant is blank there."""
    return counts[:, [place for place, code in enumerate(codes) if code != BLANK]]


def lines(aside: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The sentence for the method."""
    if aside is None:
        return []
    sheets = aside["sheets"]
    if aside["scores"] is None:
        return [
            (
                f"经两人办理剔除 {sheets} 份评议票（原票保留）；不足 {SMALLEST} 份，不列剔除前的得分。",
                f"Two people set {sheets} sheets aside; nothing is deleted. Fewer than {SMALLEST}: no second score.",
            )
        ]
    return [
        (
            f"经两人办理剔除 {sheets} 份评议票（原票保留）；得分不含这些票，旁边另列含这些票的得分。",
            f"Two people set {sheets} sheets aside; nothing is deleted. Beside each score stands the one with them.",
        )
    ]
