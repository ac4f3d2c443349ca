"""Tallies of what is no unit (其他题目的计票): single choices, 知晓率, aspects, several choices, nominations.

Counts of the whole campaign, never of a cell; unweighted. What fewer than ten sheets answered is not shown, nor what
fewer than thirty answered all alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from sampling.ranks import round_half_up
from survey_models.campaigns import queries
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.tables import Campaign
from survey_models.campaigns.tallies import SMALL_ALIKE
from survey_models.questionnaires.rules import AWARENESS, BLANK, CHOSEN, INVALID, UNIT, Form, Item

HUNDRED = 100


@dataclass(frozen=True)
class ItemTally:
    """Counts of one item: ``answered`` sheets of ``sheets``; ``counts`` by option code, None where too few answered.

    ``rate``: 知晓率 in percent, two places: those who know of those who answered.
    """

    item: Item
    sheets: int
    answered: int
    counts: Mapping[str, int] | None
    rate: Decimal | None = None


def item_tallies(session: Session, campaign: Campaign, form: Form) -> list[ItemTally]:
    """The tallies of a counted campaign, in the order of the questionnaire. The open QR is not in them."""
    cells = queries.cell_answers(session, campaign.id)
    more = queries.box_more(session, campaign.id) if form.extras else []
    return count_items(form, cells, more, threshold=max(campaign.min_cell, SMALLEST))


def count_items(
    form: Form, cells: Sequence[CellAnswers], more: Iterable[Mapping[str, Any]], *, threshold: int
) -> list[ItemTally]:
    """Count ``cells`` and what their sheets said in ``more``."""
    sheets = sum(cell.sheets for cell in cells)
    placed = _placed(form, cells)
    chosen, said = _chosen(form, more)
    found = []
    for item in form.listing:
        if item.kind in CHOSEN:
            found.append(_tally(form, item, sheets, said[item.key], chosen[item.key], threshold))
        elif item.key in placed:
            counts = placed[item.key]
            found.append(_tally(form, item, sheets, counts.total(), counts, threshold))
    return found


def _placed(form: Form, cells: Sequence[CellAnswers]) -> dict[str, Counter[str]]:
    """Options of every item with a place that rates no unit on the whole; blanks and invalid cells left out."""
    width = len(form.items)
    whole = "".join(cell.answers for cell in cells)
    found = {}
    for place, item in enumerate(form.items):
        if item.kind != UNIT:
            counts = Counter(whole[place::width])
            found[item.key] = Counter({code: n for code, n in counts.items() if code not in {BLANK, INVALID}})
    return found


def _chosen(form: Form, more: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """How often each option of an item was ticked, and on how many sheets anything was."""
    chosen: dict[str, Counter[str]] = {item.key: Counter() for item in form.extras}
    said: Counter[str] = Counter()
    for one in more:
        for key, codes in one.items():
            chosen[key].update(codes)
            said[key] += 1
    return chosen, said


def _tally(  # noqa: PLR0917 - one row, in the order of its columns
    form: Form, item: Item, sheets: int, answered: int, counts: Counter[str], threshold: int
) -> ItemTally:
    options = form.scales[item.scale]
    alike = answered < SMALL_ALIKE and max(counts.values(), default=0) == answered
    if answered < threshold or alike:
        return ItemTally(item, sheets, answered, None)
    rate = None
    if item.kind == AWARENESS:
        know = sum(counts[option.code] for option in options if option.satisfied)
        rate = round_half_up(Fraction(know * HUNDRED, answered))
    return ItemTally(item, sheets, answered, {option.code: counts[option.code] for option in options}, rate)
