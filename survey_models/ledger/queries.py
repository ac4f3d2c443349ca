"""Reading the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from survey_models.core.ids import VALUE, as_typed
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.tables import LedgerEntry, LedgerHead, LedgerKey, LedgerLog, LedgerTile

RECEIPT = 12
_AMONG = 20_000


def newest(session: Session, *, log: str, limit: int) -> Sequence[LedgerEntry]:
    """The newest dated entries of ``log``. Ballots carry no time and are not listed: their order must not show."""
    query = (
        select(LedgerEntry)
        .where(LedgerEntry.log == log, LedgerEntry.at.is_not(None), LedgerEntry.event != Event.BALLOT_CAST.value)
        .order_by(LedgerEntry.at.desc(), LedgerEntry.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def bodies(session: Session, *, log: str, event: Event) -> Sequence[bytes]:
    """The canonical bodies of every entry of one kind in ``log``, in no order."""
    query = select(LedgerEntry.body).where(LedgerEntry.log == log, LedgerEntry.event == event.value)
    return session.scalars(query).all()


def by_receipt(session: Session, *, log: str, receipt: str) -> LedgerEntry | None:
    """The ballot's entry of ``log`` that answers to ``receipt`` (回执号): 60 bits, the first 15 hex digits."""
    text = as_typed(receipt)
    if len(text) != RECEIPT or any(char not in VALUE for char in text):
        return None
    number = 0
    for char in text:
        number = number << 5 | VALUE[char]
    first = f"{number:015x}"
    query = select(LedgerEntry).where(
        LedgerEntry.log == log,
        LedgerEntry.event == Event.BALLOT_CAST.value,
        # No hex digit reaches g: a range, which an index serves on both databases and in every collation.
        LedgerEntry.digest.between(first, f"{first}g"),
    )
    # Of those that wait for their place all are looked at, a window's at most as a rule; the others have an index. An
    # entry only ever moves from the first part to the second.
    for part in (query.where(LedgerEntry.seq.is_(None)), query.where(LedgerEntry.seq.is_not(None))):
        found = session.scalars(part.order_by(LedgerEntry.digest).limit(1)).first()
        if found is not None:
            return found
    return None


def holds_receipt(session: Session, *, log: str, receipt: str) -> bool:
    """Whether a ballot's entry of ``log`` answers to ``receipt`` (回执号)."""
    return by_receipt(session, log=log, receipt=receipt) is not None


def logs(session: Session) -> Sequence[LedgerLog]:
    """Every log that has a tree."""
    return session.scalars(select(LedgerLog).order_by(LedgerLog.log)).all()


def head(session: Session, *, log: str, before: datetime | None = None) -> LedgerHead | None:
    """The newest head of ``log``; the newest before an instant, where one is given."""
    query = select(LedgerHead).where(LedgerHead.log == log)
    if before is not None:
        query = query.where(LedgerHead.at < before)
    return session.scalars(query.order_by(LedgerHead.size.desc()).limit(1)).first()


def waiting(session: Session, *, log: str, most: int) -> int:
    """How many entries of ``log`` have no place in the tree yet; counted up to ``most``."""
    some = select(LedgerEntry.digest).where(LedgerEntry.log == log, LedgerEntry.seq.is_(None)).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def pending(session: Session, *, log: str, limit: int) -> Sequence[Row[uuid.UUID, str, bytes]]:
    """Id, digest and body of entries without a place in the tree, in the order of their digests.

    Of a longer queue some ``_AMONG`` are looked at, so that a slice costs the same however long it is.
    """
    some = select(LedgerEntry.id, LedgerEntry.digest, LedgerEntry.body)
    among = some.where(LedgerEntry.log == log, LedgerEntry.seq.is_(None)).limit(max(_AMONG, limit)).subquery()
    return session.execute(select(among.c.id, among.c.digest, among.c.body).order_by(among.c.digest).limit(limit)).all()


def placed_of(session: Session, *, log: str, event: Event, size: int) -> Sequence[LedgerEntry]:
    """Entries of one kind among the first ``size`` places of the tree, the newest place first."""
    query = select(LedgerEntry).where(LedgerEntry.log == log, LedgerEntry.event == event.value, LedgerEntry.seq < size)
    return session.scalars(query.order_by(LedgerEntry.seq.desc())).all()


def placed(session: Session, *, log: str, start: int, end: int) -> Sequence[bytes]:
    """The bodies of the entries at the places ``start`` to ``end`` (not included) of the tree, in order."""
    query = (
        select(LedgerEntry.body)
        .where(LedgerEntry.log == log, LedgerEntry.seq >= start, LedgerEntry.seq < end)
        .order_by(LedgerEntry.seq)
    )
    return session.scalars(query).all()


def tile(session: Session, *, log: str, level: int, index: int) -> bytes:
    """The hashes of a stored tile; empty when there is none."""
    key = LedgerTile.log == log, LedgerTile.level == level, LedgerTile.idx == index
    return bytes(session.scalar(select(LedgerTile.hashes).where(*key)) or b"")


def key_changes(session: Session) -> Sequence[LedgerKey]:
    """Every change of the ledger's key, in order."""
    return session.scalars(select(LedgerKey).order_by(LedgerKey.no)).all()


def of_system(session: Session, id_: uuid.UUID) -> LedgerEntry:
    """An entry of the system's log by its id."""
    return session.scalars(select(LedgerEntry).where(LedgerEntry.log == SYSTEM_LOG, LedgerEntry.id == id_)).one()


def head_of_size(session: Session, *, log: str, size: int) -> LedgerHead | None:
    """The head over the first ``size`` entries of ``log``, where one was published."""
    return session.get(LedgerHead, (log, size))
