"""Letting the tree grow (排序): entries get their places, tiles and a signed head, all in the caller's transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.upsert import insert_new, put
from survey_models.ledger import queries
from survey_models.ledger.merkle import leaf_hash, tree_root
from survey_models.ledger.notes import Checkpoint, open_note, origin_of, signed_note, vkey_of
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerEntry, LedgerHead, LedgerLog, LedgerTile
from survey_models.ledger.tiles import Forest, leaf_data

# One tile's width: on SQLite whoever writes ballots waits for no longer than this many take.
SLICE = 256


def integrate(
    session: Session,
    log: str,
    *,
    signer: Signer,
    host: str,
    at: datetime,
    today: date,
    limit: int = SLICE,
    also: Signer | None = None,
) -> int:
    """Give at most ``limit`` waiting entries of ``log`` their places; how many it were.

    They are taken in the order of their digests: within a window the tree does not tell who came first. A log keeps
    the origin that it began with, made from ``host``. Two that grow one log at once wait for each other at its row.
    ``also``: the key before, whose signature stands under the head as well.
    Raises ``ledger_key_differs``: a head under another key would be refused by everybody who knows the last one.
    """
    signer = signer.current()
    origin = _held(session, log, host=host, today=today)
    rows = sorted(queries.pending(session, log=log, limit=limit), key=lambda row: (row.digest, str(row.id)))
    if not rows:
        return 0
    keys = _keys_with(session, signer, log)
    before = queries.head(session, log=log)
    size = _size_under(before, origin, keys, log) if before else 0
    _place(session, log, size, [row.id for row in rows])
    forest = Forest(lambda level, index: queries.tile(session, log=log, level=level, index=index))
    forest.append(size, [leaf_hash(leaf_data(bytes(row.body))) for row in rows])
    _store_tiles(session, log, forest)
    size += len(rows)
    root = tree_root(size, forest.node)
    note = signed_note(Checkpoint(origin, size, root), *([also] if also else []), signer)
    session.execute(insert(LedgerHead).values(log=log, size=size, root=root.hex(), note=note, at=at))
    return len(rows)


def end_day(session: Session, log: str, *, today: date) -> None:
    """Remember that everything of the days before ``today`` has its place."""
    session.execute(update(LedgerLog).where(LedgerLog.log == log).values(day=today))


def _held(session: Session, log: str, *, host: str, today: date) -> str:
    """The origin of the log, its row held until the transaction ends; made at the first entry."""
    row = {"log": log, "origin": origin_of(host, log), "day": today}
    insert_new(session.connection(), LedgerLog, [row], key="log")
    return session.scalars(select(LedgerLog.origin).where(LedgerLog.log == log).with_for_update()).one()


def _keys_with(session: Session, signer: Signer, log: str) -> list[bytes]:
    """The ledger's keys, of which this signer's must be the last one announced."""
    changes = queries.key_changes(session)
    if changes and changes[-1].public != signer.public.hex():
        raise Problem("ledger_key_differs", log=log)
    return [signer.public, *(bytes.fromhex(change.old) for change in changes)]


def _size_under(head: LedgerHead, origin: str, keys: Iterable[bytes], log: str) -> int:
    """The size of the last head, which one of the ledger's keys must have signed."""
    for public in keys:
        with contextlib.suppress(ValueError):
            return open_note(head.note, vkey_of(origin, public)).size
    raise Problem("ledger_key_differs", log=log)


def _place(session: Session, log: str, size: int, ids: Iterable[object]) -> None:
    statement = (
        update(LedgerEntry.__table__)  # type: ignore[arg-type]
        .where(LedgerEntry.log == bindparam("of_log"), LedgerEntry.id == bindparam("of_id"))
        .values(seq=bindparam("place"))
    )
    rows = [{"of_log": log, "of_id": id_, "place": place} for place, id_ in enumerate(ids, start=size)]
    session.connection().execute(statement, rows)


def _store_tiles(session: Session, log: str, forest: Forest) -> None:
    rows = [
        {"log": log, "level": level, "idx": index, "hashes": hashes}
        for (level, index), hashes in sorted(forest.changed.items())
    ]
    put(session.connection(), LedgerTile, rows, key=("log", "level", "idx"), values=("hashes",))
