"""Pure decisions about tickets (票): what a reason may hold, and why a ticket cannot be withdrawn."""

from __future__ import annotations

import re

from survey_models.core.errors import Problem
from survey_models.tickets.codes import LENGTH, looks_like_code
from survey_models.tickets.tables import TicketState

REASON_LENGTH = 200
_RUN = re.compile(r"[0-9A-Za-z](?:[ \u2010\u2013\u2014-]?[0-9A-Za-z])*")
_WHY = {
    None: "ticket_unknown",
    TicketState.SPENT: "ticket_used",
    TicketState.RESERVE: "ticket_in_reserve",
    TicketState.VOID: "ticket_void",
}


def fit_reason(reason: str) -> str:
    """The reason as it goes to the ledger, which never forgets. Raises ``reason_unfit``.

    It must be there, be short, and hold nothing of a code's shape: codes stand nowhere but on cards.
    """
    said = " ".join(reason.split())
    if not said or len(said) > REASON_LENGTH or holds_code(said):
        raise Problem("reason_unfit", limit=REASON_LENGTH)
    return said


def holds_code(text: str) -> bool:
    """Whether a code stands anywhere in ``text``, with or without dashes or spaces."""
    for run in _RUN.findall(text):
        bare = "".join(char for char in run if char.isalnum())
        if any(looks_like_code(bare[at : at + LENGTH]) for at in range(len(bare) - LENGTH + 1)):
            return True
    return False


def why_not_withdrawn(state: str | None) -> str:
    """The error code for a ticket in ``state`` (None: no such serial number)."""
    return _WHY[None if state is None else TicketState(state)]
