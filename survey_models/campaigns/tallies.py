"""Tallies (计票): counts of every option by cell, and the cuts of them that may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from survey_models.campaigns import queries
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.tables import Stratum
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import BLANK, INVALID, Form

CUTS = ("unit", "stratum", "kind", "channel")
# A cell this small in which all answered alike would tell what each of its people said.
SMALL_ALIKE = 30
_BYTE = 255


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of a campaign.

    ``codes``: option codes, then blank and invalid; ``units``: unit keys; ``cells``: stratum, point and
    channel of each cell; ``sheets`` (cells,); ``counts`` (cells, units, codes).
    """

    codes: tuple[str, ...]
    units: tuple[str, ...]
    cells: tuple[tuple[int, int, str], ...]
    sheets: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """One cell of a cut: the values of its dimensions, its sheets and the counts of each code."""

    labels: dict[str, str]
    n: int
    counts: dict[str, int]


def count_cells(form: Form, cells: Sequence[CellAnswers]) -> Tally:
    """Count the answers of ``cells``. A code that the scale does not know raises: nothing is skipped silently.

    A questionnaire that rates no unit gives a tally without units.
    """
    places = list(form.units)
    codes = (*(option.code for option in form.unit_scale), BLANK, INVALID)
    width = len(form.items)
    counts = np.zeros((len(cells), len(places), len(codes)), dtype=np.int64)
    for number, cell in enumerate(cells):
        sheets = np.frombuffer(cell.answers.encode("ascii"), dtype=np.uint8).reshape(cell.sheets, width)
        for place, code in enumerate(codes):
            counts[number, :, place] = _true_in_columns(sheets == ord(code))[places]
        if int(counts[number].sum()) != cell.sheets * len(places):
            msg = "a stored sheet holds a code that its scale does not know"
            raise ValueError(msg)
    return Tally(
        codes=codes,
        units=tuple(form.items[place].key for place in places),
        cells=tuple((cell.stratum_no, cell.point_no, cell.channel) for cell in cells),
        sheets=np.array([cell.sheets for cell in cells], dtype=np.int64),
        counts=counts,
    )


def _true_in_columns(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many are true in each column; bytes are added up 255 rows at a time, which is as far as a byte counts."""
    bits = marks.view(np.uint8)
    whole = len(bits) // _BYTE * _BYTE
    blocks = bits[:whole].reshape(-1, _BYTE, bits.shape[1]).sum(axis=1, dtype=np.uint8)
    found: npt.NDArray[np.int64] = blocks.sum(axis=0, dtype=np.int64) + bits[whole:].sum(axis=0, dtype=np.int64)
    return found


def tally(session: Session, form: Form, campaign_id: str) -> Tally:
    """The tally of all counted sheets of a campaign."""
    return count_cells(form, queries.cell_answers(session, campaign_id))


def cut(
    whole: Tally,
    *,
    by: Sequence[str],
    strata: Sequence[Stratum],
    threshold: int,
    joined: Mapping[int, int] | None = None,
) -> list[Cut]:
    """Add the tally up by ``by``. One cell below ``threshold`` refuses the whole cut, for every role.

    ``joined``: strata that are counted within another; its label names them all.
    """
    unknown = [name for name in by if name not in CUTS]
    if unknown:
        raise Problem("cut_unknown", by=",".join(unknown))
    names = _named_together(strata, joined or {})
    groups: dict[tuple[str, ...], list[int]] = {}
    dimensions = [name for name in by if name != "unit"]
    for number, (stratum_no, _, channel) in enumerate(whole.cells):
        values = {**names[stratum_no], "channel": channel}
        groups.setdefault(tuple(values[name] for name in dimensions), []).append(number)
    found: list[Cut] = []
    for key, members in groups.items():
        n = int(whole.sheets[members].sum())
        counts = whole.counts[members].sum(axis=0)
        _refuse_small(n, counts, threshold)
        labels = dict(zip(dimensions, key, strict=True))
        if "unit" in by:
            found += [
                Cut({**labels, "unit": unit}, n, _named(whole.codes, counts[place]))
                for place, unit in enumerate(whole.units)
            ]
        else:
            found.append(Cut(labels, n, _named(whole.codes, counts.sum(axis=0))))
    return found


def _named_together(strata: Sequence[Stratum], joined: Mapping[int, int]) -> dict[int, dict[str, str]]:
    """Labels of each stratum that is counted: its own and those of the strata that were joined into it."""
    members: dict[int, list[Stratum]] = {}
    for stratum in strata:
        members.setdefault(joined.get(stratum.no, stratum.no), []).append(stratum)
    return {
        no: {
            "stratum": "＋".join(f"{one.area_name}·{one.kind_name}" for one in found),
            "kind": "＋".join(dict.fromkeys(one.kind_name for one in found)),
        }
        for no, found in members.items()
    }


def _refuse_small(n: int, counts: npt.NDArray[np.int64], threshold: int) -> None:
    alike = n < SMALL_ALIKE and bool((counts.max(axis=1) == n).any())
    if n < threshold or alike:
        raise Problem("cell_too_small", threshold=max(threshold, SMALL_ALIKE if alike else 0))


def _named(codes: Sequence[str], counts: npt.NDArray[np.int64]) -> dict[str, int]:
    return {code: int(number) for code, number in zip(codes, counts, strict=True)}
