"""Signatures of witnesses under our heads (会签): which witnesses the office knows, and what they handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.upsert import insert_new
from survey_models.ledger import queries
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.notes import WITNESS_KEY, cosignature, read_checkpoint, read_vkey
from survey_models.ledger.service import record
from survey_models.ledger.tables import LedgerCosignature, LedgerHead, LedgerWitness

LONGEST_NAME = 120
NEWEST = 20
_BEYOND = 2**63
# Clocks differ; who signs a head long before it was made, or in the time to come, did not look at it then.
_ASTRAY = timedelta(minutes=5)


@dataclass(frozen=True)
class Cosigned:
    """A head with the lines of its witnesses under it, and who they are by name: when each signed."""

    size: int
    note: str
    by: dict[str, datetime]


@dataclass(frozen=True)
class HandedIn:
    """A witness's line under the head of ``log`` at ``size``, and when it signed; ``is_new``: not here yet."""

    log: str
    size: int
    witness: str
    line: str
    at: datetime
    is_new: bool


def add_witness(session: Session, vkey: str, *, by: str, at: datetime) -> str:
    """Take cosignatures of this witness from now on; its name. One that was removed comes back under its old key.

    Raises ``witness_key_malformed``, ``witness_exists`` (also for another key of the same name).
    """
    name = _name_of(vkey)
    row = session.get(LedgerWitness, name)
    if row is not None and (row.removed_at is None or row.vkey != vkey):
        raise Problem("witness_exists", name=name)
    if row is None:
        session.add(LedgerWitness(name=name, vkey=vkey, added_at=at, removed_at=None))
    else:
        row.removed_at = None
    record(session, SYSTEM_LOG, Event.WITNESS_ADDED, {"witness": name, "vkey": vkey}, at=at, by=by)
    return name


def remove_witness(session: Session, name: str, *, by: str, at: datetime) -> None:
    """Take no further cosignature of this witness. Raises ``witness_unknown``."""
    row = session.get(LedgerWitness, name)
    if row is None or row.removed_at is not None:
        raise Problem("witness_unknown")
    row.removed_at = at
    record(session, SYSTEM_LOG, Event.WITNESS_REMOVED, {"witness": name, "vkey": row.vkey}, at=at, by=by)


def witnesses(session: Session) -> Sequence[LedgerWitness]:
    """Every witness that was ever registered, by name."""
    return session.scalars(select(LedgerWitness).order_by(LedgerWitness.name)).all()


def checked(session: Session, log: str, note: str, *, at: datetime) -> HandedIn:
    """What a witness hands in under a head of ``log``; only reads. The first signature of each witness stays.

    ``note``: the checkpoint as it was served, with the witness's line. What costs least is looked at first: anybody
    may ask. Raises ``checkpoint_foreign``, ``witness_unknown``, ``cosignature_wrong``.
    """
    head = _head_of(session, log, note)
    for row in witnesses(session):
        if row.removed_at is None and f"\n\u2014 {row.name} " in note:
            return _checked(session, head, row, note, at=at)
    raise Problem("witness_unknown")


def keep(session: Session, new: HandedIn) -> None:
    """Store it; of two at once one is stored."""
    row = {"log": new.log, "size": new.size, "witness": new.witness, "line": new.line, "at": new.at}
    insert_new(session.connection(), LedgerCosignature, [row], key="log")


def with_witnesses(session: Session, head: LedgerHead) -> Cosigned:
    """A head with what its witnesses signed."""
    query = select(LedgerCosignature).where(LedgerCosignature.log == head.log, LedgerCosignature.size == head.size)
    return _cosigned(head, session.scalars(query.order_by(LedgerCosignature.witness)).all())


def newest_cosigned(session: Session, log: str, *, before: datetime | None = None, limit: int = 1) -> list[Cosigned]:
    """The newest heads of ``log`` that a witness signed, the newest first; made before an instant, where given."""
    signed = select(LedgerCosignature.size).where(LedgerCosignature.log == log)
    query = select(LedgerHead).where(LedgerHead.log == log, LedgerHead.size.in_(signed))
    if before is not None:
        query = query.where(LedgerHead.at < before)
    heads = session.scalars(query.order_by(LedgerHead.size.desc()).limit(limit)).all()
    return [with_witnesses(session, head) for head in heads]


def _name_of(vkey: str) -> str:
    try:
        name, kind, _ = read_vkey(vkey)
    except ValueError:
        raise Problem("witness_key_malformed") from None
    logs_own = "/ledger/" in name
    if kind != WITNESS_KEY or len(name) > LONGEST_NAME or logs_own:
        raise Problem("witness_key_malformed")
    return name


def _head_of(session: Session, log: str, note: str) -> LedgerHead:
    """The head that ``note`` shows, word for word."""
    text = note.partition("\n\n")[0] + "\n"
    try:
        size = read_checkpoint(text).size
    except ValueError:
        raise Problem("checkpoint_foreign", log=log) from None
    head = queries.head_of_size(session, log=log, size=size) if size < _BEYOND else None
    if head is None or not head.note.startswith(f"{text}\n"):
        raise Problem("checkpoint_foreign", log=log)
    return head


def _checked(session: Session, head: LedgerHead, witness: LedgerWitness, note: str, *, at: datetime) -> HandedIn:
    found = session.get(LedgerCosignature, (head.log, head.size, witness.name))
    if found is not None:
        return HandedIn(head.log, head.size, witness.name, found.line, found.at, is_new=False)
    try:
        seconds, line = cosignature(note, witness.vkey)
    except ValueError:
        raise Problem("cosignature_wrong") from None
    if not (head.at - _ASTRAY).timestamp() <= seconds <= (at + _ASTRAY).timestamp():
        raise Problem("cosignature_wrong")
    return HandedIn(head.log, head.size, witness.name, line, datetime.fromtimestamp(seconds, UTC), is_new=True)


def _cosigned(head: LedgerHead, rows: Sequence[LedgerCosignature]) -> Cosigned:
    return Cosigned(head.size, head.note + "".join(row.line for row in rows), {row.witness: row.at for row in rows})
