"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

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
