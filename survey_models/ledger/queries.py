"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from survey_models.core.ids import VALUE, as_typed
from survey_models.ledger.events import Event
from survey_models.ledger.tables import LedgerEntry


def newest(session: Session, *, log: str, limit: int) -> Sequence[LedgerEntry]:
    """The newest dated entries of ``log``. Ballots carry no time and are not listed: their order must not show."""
    query = (
        select(LedgerEntry)
        .where(LedgerEntry.log == log, LedgerEntry.event != Event.BALLOT_CAST.value)
        .order_by(LedgerEntry.at.desc(), LedgerEntry.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def bodies(session: Session, *, log: str, event: Event) -> Sequence[bytes]:
    """The canonical bodies of every entry of one kind in ``log``, in no order."""
    query = select(LedgerEntry.body).where(LedgerEntry.log == log, LedgerEntry.event == event.value)
    return session.scalars(query).all()


def holds_receipt(session: Session, *, log: str, receipt: str) -> bool:
    """Whether a ballot's entry of ``log`` answers to ``receipt`` (回执号): 60 bits, the first 15 hex digits."""
    text = as_typed(receipt)
    if len(text) != 12 or any(char not in VALUE for char in text):
        return False
    number = 0
    for char in text:
        number = number << 5 | VALUE[char]
    entry = exists().where(
        LedgerEntry.log == log,
        LedgerEntry.event == Event.BALLOT_CAST.value,
        LedgerEntry.digest.startswith(f"{number:015x}"),
    )
    return bool(session.scalar(select(entry)))
