"""Changing the ledger's key (换钥): one transaction announces the new one under both, and the trees grow under it."""

from __future__ import annotations

import contextlib
from datetime import date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_models.ledger import proofs, queries
from survey_models.ledger.changes import Announced, Placed, change_body
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.merkle import inclusion_proof
from survey_models.ledger.notes import open_note, vkey_of
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.service import record
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerKey


def current_key(session: Session) -> bytes | None:
    """The key that was announced last (32 bytes); None where the first one never changed."""
    changes = queries.key_changes(session)
    return bytes.fromhex(changes[-1].public) if changes else None


def change(session: Session, *, old: Signer, new: Signer, host: str, by: str, at: datetime, today: date) -> int:
    """Announce ``new`` in the system's log, whose head both keys sign then; the number of the change.

    The caller keeps the sequencer out. What waits in the system's log gets its place first, under the old key: the
    announcement names the sizes that this key speaks for. Other logs grow under the new one when they are due.
    Raises ``ledger_key_differs`` where ``old`` is not the ledger's key.
    """
    grown = {"host": host, "at": at, "today": today}
    while integrate(session, SYSTEM_LOG, signer=old, **grown):  # type: ignore[arg-type]
        pass
    heads = [(row.origin, queries.head(session, log=row.log)) for row in queries.logs(session)]
    no = len(queries.key_changes(session)) + 1
    body = change_body(no, old=old, new=new, logs=[(origin, head.size) for origin, head in heads if head is not None])
    entry = record(session, SYSTEM_LOG, Event.LEDGER_KEY_CHANGED, body, at=at, by=by)
    session.execute(
        insert(LedgerKey).values(no=no, old=old.public.hex(), public=new.public.hex(), entry_id=entry, at=at)
    )
    while integrate(session, SYSTEM_LOG, signer=new, also=old, **grown):  # type: ignore[arg-type]
        pass
    return no


def announced(session: Session) -> Announced:
    """Every change with its proof, for those who know an earlier key."""
    changes = queries.key_changes(session)
    if not changes:
        return Announced()
    entries = [queries.of_system(session, row.entry_id) for row in changes]
    head = proofs.newest_head(session, SYSTEM_LOG)
    node = proofs.forest_of(session, SYSTEM_LOG).node
    placed = [
        Placed(bytes(row.body), row.seq, inclusion_proof(row.seq, head.size, node))
        for row in entries
        if row.seq is not None
    ]
    return Announced(tuple(placed), head.note)


def signed_with(session: Session, note: str, *, public: bytes) -> bytes:
    """Which of the ledger's keys signed a head of ours; ``public``: the one in use. That one, where none fits."""
    origin = note.split("\n", 1)[0]
    before = [bytes.fromhex(row.old) for row in reversed(queries.key_changes(session))]
    for one in (public, *before):
        with contextlib.suppress(ValueError):
            open_note(note, vkey_of(origin, one))
            return one
    return public
