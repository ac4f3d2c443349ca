"""What makes a sheet acceptable, and what becomes of it: pure decisions of the ballot door (评议票)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import BLANK, INVALID, JUDGING, Form
from survey_models.tickets.tables import TicketState

NAMED = 3


def check_sheet(
    form: Form, answers: str, variant: str, *, more: Mapping[str, Any] | None = None, allow_invalid: bool = False
) -> None:
    """Refuse a sheet that is not one of this questionnaire.

    ``answers`` has one code per item of one choice; ``more`` is what `questionnaires.more` has checked. Only paper may
    hold invalid cells (two marks, 无效), and leave out what a screen would ask for. At least one unit or aspect is
    judged; where a sheet carries none, anything that is asked is answered.
    """
    if form.accepted[variant].fullmatch(answers):
        return
    if len(answers) != len(form.items):
        raise Problem("answers_wrong_length", expected=len(form.items), found=len(answers))
    carried = form.carried(variant)
    judged = any(answers[place] != BLANK for place in form.judged(variant))
    missing: list[str] = []
    for item, code, codes, on_sheet in zip(form.items, answers, form.allowed, carried, strict=True):
        if code not in codes and not (allow_invalid and code == INVALID):
            raise Problem("option_outside_scale", item=item.label)
        if code != BLANK and not on_sheet:
            raise Problem("unit_not_in_variant", item=item.label)
        if code == BLANK and on_sheet and not allow_invalid and form.is_required(item):
            missing.append(item.label)
    if not judged and not (more and not rates_units(form, variant)):
        raise Problem("ballot_empty" if rates_units(form, variant) else "ballot_unanswered")
    if missing:
        named = "、".join(missing[:NAMED]) + ("…" if len(missing) > NAMED else "")
        raise Problem("answers_missing", count=len(missing), items=named)


def rates_units(form: Form, variant: str) -> bool:
    """Whether sheets of this variant carry a unit or an aspect of one."""
    return any(item.kind in JUDGING and form.carries(variant, item) for item in form.items)


def check_version(form: Form, version: int | None) -> None:
    """Refuse a sheet that was filled in on another version; None where the sender does not say."""
    if version not in {None, form.version}:
        raise Problem("questionnaire_changed")


class Verdict(StrEnum):
    """What the door does with a sheet whose shape is right."""

    STORE = "store"
    REPLAY = "replay"


@dataclass(frozen=True)
class Known:
    """What the database knows when a sheet arrives: its ticket's state (None: no such) and its ballot id."""

    ticket: str | None
    expired: bool
    ballot_id_known: bool


_REFUSALS = {TicketState.VOID: "ticket_void", TicketState.RESERVE: "ticket_unknown"}


def decide(known: Known) -> Verdict:
    """Store, replay, or refuse.

    Known id and spent ticket: the first receipt of that id. Known id and unspent ticket: the id belongs
    to somebody else, and the ticket stays whole. Unknown id and spent ticket: the ticket was used.
    """
    if known.ticket is None:
        raise Problem("ticket_unknown")
    state = TicketState(known.ticket)
    if state in _REFUSALS:
        raise Problem(_REFUSALS[state])
    if state is TicketState.SPENT:
        if known.ballot_id_known:
            return Verdict.REPLAY
        raise Problem("ticket_used")
    if known.ballot_id_known:
        raise Problem("ballot_id_taken")
    if known.expired:
        raise Problem("ticket_expired")
    return Verdict.STORE
