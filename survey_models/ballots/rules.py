"""What makes a sheet acceptable, and what becomes of it: pure decisions of the ballot door (评议票)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import BLANK, INVALID, UNIT, Form
from survey_models.tickets.tables import TicketState

NAMED = 3


def check_sheet(form: Form, answers: str, variant: str, *, allow_invalid: bool = False) -> None:
    """Refuse a sheet that is not one of this questionnaire.

    ``answers`` has one code per item. Only paper may hold invalid cells (two marks, 无效).
    """
    if form.accepted[variant].fullmatch(answers):
        return
    if len(answers) != len(form.items):
        raise Problem("answers_wrong_length", expected=len(form.items), found=len(answers))
    carried = form.carried(variant)
    judged = False
    missing: list[str] = []
    for item, code, codes, on_sheet in zip(form.items, answers, form.allowed, carried, strict=True):
        if code not in codes and not (allow_invalid and code == INVALID):
            raise Problem("option_outside_scale", item=item.label)
        if code != BLANK and not on_sheet:
            raise Problem("unit_not_in_variant", item=item.label)
        if item.kind == UNIT and on_sheet:
            judged = judged or code != BLANK
            if code == BLANK:
                missing.append(item.label)
    if not judged:
        raise Problem("ballot_empty")
    if missing and not form.blank_allowed:
        named = "、".join(missing[:NAMED]) + ("…" if len(missing) > NAMED else "")
        raise Problem("answers_missing", count=len(missing), items=named)


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
