"""What stands beside the scores (旁列): those with the sheets set aside, and the open QR's column. Pure.

A result holds both with nine decimals. Printed are two, as on paper; beside a unit with hidden lines nothing that
would tell more of its score than its printed two decimals do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sampling.ranks import round_half_up
from survey_models.evidence.documents import Ballot, Ground
from survey_models.evidence.recounts import Scope, cells_of, design_of, open_cells_of, sheets_of
from survey_models.results import aside
from survey_models.results.open_column import open_column
from survey_models.results.rules import UnitScore, score_units

Stated = dict[str, Any]
_FULL = ("", None)
_OF_SCORE = ("difference", "p_adjusted", "differs")


def beside(method: Mapping[str, Any]) -> Stated:
    """Both as a result states them; None for what it does not have."""
    return {"set_aside": method.get("set_aside"), "open": method.get("open")}


def printed(stated: Mapping[str, Any], units: Iterable[Mapping[str, Any]]) -> Stated:
    """Both as the public reads them; ``units``: the printed rows, ``masked`` says what is hidden of each."""
    full = {row["unit"] for row in units if row["masked"] in _FULL}
    return {
        "set_aside": _printed_aside(stated["set_aside"], full),
        "open": _printed_open(stated["open"], full),
    }


def recomputed_aside(
    ground: Ground, ballots: Sequence[Ballot], *, counted: Any, voids: Sequence[Mapping[str, Any]], seed: str
) -> Stated | None:
    """The scores with what was set aside, from the box; ``counted``: the answers that the result rests on."""

    def score(whole: Any) -> dict[str, Decimal | None]:
        if not ground.form.units:
            return {}
        found = score_units(sheets_of(ground, whole), ground.form, design_of(ground, whole), seed=seed)
        return {unit.unit: unit.score for unit in found.units}

    whole = cells_of(ground, ballots, with_aside=True)
    return aside.with_aside(ground.form, counted, whole, voids=voids, score=score)


def recomputed_open(
    ground: Ground, ballots: Sequence[Ballot], *, units: Sequence[UnitScore], voids: Sequence[Scope], sheets: int
) -> Stated | None:
    """The open QR's column from the box: with all corrections, or before, whichever has as many ``sheets``."""
    cells = open_cells_of(ground, ballots, voids)
    if voids and sum(cell.sheets for cell in cells) != sheets:
        cells = open_cells_of(ground, ballots)
    found = open_column(ground.form, cells, units, ground.stated)
    return None if found is None else found.as_dict()


def _printed_aside(stated: Mapping[str, Any] | None, full: set[str]) -> Stated | None:
    if stated is None or stated["scores"] is None:
        return None if stated is None else dict(stated)
    scores = {unit: _two(score) if unit in full else None for unit, score in stated["scores"].items()}
    return {**stated, "scores": scores}


def _printed_open(stated: Mapping[str, Any] | None, full: set[str]) -> Stated | None:
    if stated is None:
        return None
    units = []
    for unit in stated["units"]:
        row = {**unit, "score": _two(unit["score"]), "reference": _two(unit["reference"])}
        row |= {"difference": _two(unit["difference"]), "p_adjusted": _four(unit["p_adjusted"])}
        units.append(row if unit["unit"] in full else {**row, **dict.fromkeys(_OF_SCORE)})
    return {**stated, "units": units}


def _two(figure: str | None) -> str | None:
    return None if figure is None else f"{round_half_up(Decimal(figure)):f}"


def _four(figure: str | None) -> str | None:
    return None if figure is None else f"{round_half_up(Decimal(figure), 4):f}"
