"""Changing the ledger's key (换钥) beside a server that may be running: its sequencer waits meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from api.jobs.sequencer import LEASE
from api.settings import Settings
from survey_models.core import clock
from survey_models.jobs import leases
from survey_models.ledger import queries, rotation
from survey_models.ledger.signing import Signer


def change_key(session: Session, settings: Settings, *, old: Signer, new: Signer, by: str, at: datetime) -> int:
    """Announce ``new``; the number of the change. One that is announced already is left as it is.

    Raises ``ledger_key_differs`` where ``old`` is not the key in use.
    """
    leases.interrupt(session, LEASE, at=at)
    changes = queries.key_changes(session)
    if changes and changes[-1].public == new.public.hex():
        return changes[-1].no
    today = clock.local_day(at, settings.timezone)
    return rotation.change(session, old=old, new=new, host=settings.host, by=by, at=at, today=today)
