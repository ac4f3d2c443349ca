"""Counting again from the ballots of a bundle (重新计票): pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from survey_models.ballots.tables import Channel
from survey_models.campaigns.answers import CellAnswers, in_joined_strata
from survey_models.campaigns.service import tally_digest
from survey_models.campaigns.tallies import count_cells
from survey_models.evidence.documents import Ballot, Ground
from survey_models.results.design import Design, designed, lines_of
from survey_models.results.sheets import Sheets, read_sheets, variants_by_cell

Scope = Mapping[str, Any]


def cells_of(
    ground: Ground, ballots: Iterable[Ballot], voids: Sequence[Scope] = (), *, with_aside: bool = False
) -> list[CellAnswers]:
    """Answers of every published cell: without what was set aside, the open QR, and what ``voids`` name.

    ``voids``: scopes of corrections after counting, a published cell or a file; ``with_aside``: nothing is left out
    but the open QR.
    """
    sampled = [ballot for ballot in ballots if ballot.row.cell.channel != Channel.OPEN]
    return _cells(ground, sampled, voids, with_aside=with_aside)


def open_cells_of(ground: Ground, ballots: Iterable[Ballot], voids: Sequence[Scope] = ()) -> list[CellAnswers]:
    """Answers of the open QR: without what was set aside and what ``voids`` name."""
    return _cells(ground, [ballot for ballot in ballots if ballot.row.cell.channel == Channel.OPEN], voids)


def _cells(
    ground: Ground, ballots: Iterable[Ballot], voids: Sequence[Scope], *, with_aside: bool = False
) -> list[CellAnswers]:
    joined = ground.joined
    gone = {(scope["stratum"], scope["point"], scope["channel"]) for scope in voids if "stratum" in scope}
    files = {uuid.UUID(scope["upload"]) for scope in voids if "upload" in scope}
    found: dict[tuple[int, int, str], list[str]] = {}
    for row, upload, _ in ballots:
        stratum, point, channel = row.cell
        left_out = row.set_aside or (joined.get(stratum, stratum), point, channel) in gone or upload in files
        if with_aside or not left_out:
            found.setdefault((stratum, point, channel), []).append(row.answers)
    cells = [CellAnswers(*cell, len(answers), "".join(answers)) for cell, answers in sorted(found.items())]
    return in_joined_strata(cells, joined)


def digest_of(ground: Ground, cells: Sequence[CellAnswers], blind: str | None) -> str:
    """The digest of the tally of these answers; ``blind``: the campaign's blinding value."""
    return tally_digest(count_cells(ground.form, cells), blind)


def rested_on(
    ground: Ground, ballots: Sequence[Ballot], voids: Sequence[Scope], inputs: str, *, blind: str | None
) -> list[CellAnswers]:
    """The answers that a result with these ``inputs`` (digest of a tally) rests on: with all corrections, or before.

    ``blind``: the campaign's blinding value. Where neither fits, those with all corrections: what is wrong then is for
    the checks to say.
    """
    corrected = cells_of(ground, ballots, voids)
    if voids and digest_of(ground, corrected, blind) != inputs:
        before = cells_of(ground, ballots)
        if digest_of(ground, before, blind) == inputs:
            return before
    return corrected


def sheets_of(ground: Ground, cells: Sequence[CellAnswers]) -> Sheets:
    """The sheets of ``cells``; there must be at least one."""
    channels = {cell.channel for cell in cells}
    return read_sheets(ground.form, cells, variants_by_cell(ground.variants, channels, *ground.moves))


def design_of(ground: Ground, cells: Sequence[CellAnswers]) -> Design:
    """How the campaign is estimated."""
    return designed(ground.layers, lines_of(cells), joined=ground.joined, stated=ground.stated)
