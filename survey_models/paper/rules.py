"""Pure decisions about paper sheets (纸质问卷): the serial number, what may be typed, where two entries differ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_models.ballots.rules import check_sheet
from survey_models.ballots.sealing import Plain
from survey_models.core.errors import Problem
from survey_models.questionnaires.more import checked_more
from survey_models.questionnaires.rules import Form, Item
from survey_models.tickets.tables import TicketState

# As it stands on the card: `000037`, `No. 37`, or with the campaign before it: `luohe-2026-000037`.
_SERIAL = re.compile(r"(?:(?P<campaign>[0-9a-z][0-9a-z_-]*?)[-/ ]+)?(?:no\.?|№)? ?(?P<number>[0-9]{1,9})")
_CARD = {
    None: "paper_serial_unknown",
    TicketState.RESERVE: "ticket_in_reserve",
}


def read_serial(campaign_id: str, typed: str) -> int:
    """The serial number that a clerk typed.

    Raises:
        Problem: ``paper_serial_malformed``; ``paper_other_campaign`` where another campaign stands before it.
    """
    text = " ".join(unicodedata.normalize("NFKC", typed).lower().split())
    own = campaign_id.lower()
    for mark in ("-", "/", " "):
        text = text.removeprefix(own + mark)
    found = _SERIAL.fullmatch(text)
    if found is None or not int(found["number"]):
        raise Problem("paper_serial_malformed")
    if found["campaign"]:
        raise Problem("paper_other_campaign", campaign=found["campaign"])
    return int(found["number"])


def check_card(state: str | None, serial: int) -> None:
    """Only a card that was given out can have a sheet.

    Whether one was used on-line or withdrawn is told to nobody who types: a clerk who knows who got which card would
    learn who has answered. The ballot door finds it when the sheet enters, and the office hears of it.

    Raises ``paper_serial_unknown``, ``ticket_in_reserve``.
    """
    if (code := _CARD.get(None if state is None else TicketState(state))) is not None:
        raise Problem(code, serial=serial)


def checked_entry(form: Form, variant: str, answers: str, more: Mapping[str, Any]) -> Plain:
    """A typed sheet as it is kept. Paper holds blanks and invalid cells (两个勾、涂改) that no screen lets through.

    Raises what ``check_sheet`` and ``checked_more`` raise.
    """
    kept = checked_more(form, more, variant, complete=False)
    check_sheet(form, answers, variant, more=kept, allow_invalid=True)
    return Plain(answers, kept)


@dataclass(frozen=True)
class Difference:
    """One place in which two entries differ; ``first`` and ``second`` as typed: a code, several, or words."""

    item: Item
    first: Any
    second: Any


def differences(form: Form, first: Plain, second: Plain) -> list[Difference]:
    """Where two entries of a sheet differ, in the order of the questionnaire."""
    found = []
    for item in form.listing:
        left, right = value_of(form, first, item), value_of(form, second, item)
        if left != right:
            found.append(Difference(item, left, right))
    return found


def value_of(form: Form, entry: Plain, item: Item) -> Any:
    """What an entry says of an item; None for nothing said of what lives in ``more``."""
    place = form.place.get(item.key)
    return (entry.more or {}).get(item.key) if place is None else entry.answers[place]


def fields_of(form: Form, variant: str) -> int:
    """How many places a sheet of the variant has to be typed."""
    return sum(form.carries(variant, item) for item in form.listing)


def settled(form: Form, first: Plain, found: list[Difference], values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The sheet with the differing places as the third person read them: answers and ``more``.

    Raises ``paper_not_settled`` unless ``values`` names exactly those places.
    """
    wanted = {difference.item.key for difference in found}
    if set(values) != wanted:
        raise Problem("paper_not_settled", count=len(wanted))
    answers, more = list(first.answers), dict(first.more or {})
    for key, value in values.items():
        place = form.place.get(key)
        if place is None:
            more[key] = value if value is not None else [] if form.extra[key].scale else ""
        elif isinstance(value, str) and len(value) == 1:
            answers[place] = value
        else:
            raise Problem("option_outside_scale", item=form.items[place].label)
    return "".join(answers), more
