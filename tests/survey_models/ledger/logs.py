"""Entries put straight into a log, and a look at the tree that grew over them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from api.db import reading, unit_of_work
from survey_models.core.canonical import canonical_bytes
from survey_models.ledger import queries
from survey_models.ledger.merkle import consistency_proof, extends, leaf_hash, root_of
from survey_models.ledger.notes import open_note, vkey_of
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerEntry, LedgerHead
from survey_models.ledger.tiles import Forest, leaf_data

SIGNER = Signer(bytes(range(32)))
HOST = "pingyi.test"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def ballot_bodies(count: int, *, log: str = "poll", start: int = 0) -> list[bytes]:
    """Bodies as those of cast ballots, the same at each call."""
    return [
        canonical_bytes({"event": "ballots:cast", "log": log, "ballot": str(uuid.UUID(int=number)), "sheet": "0" * 64})
        for number in range(start, start + count)
    ]


def put(engine: Engine, bodies: Iterable[bytes], *, log: str = "poll") -> None:
    """Write entries as the ballot writer does: without a place, without a time."""
    rows = [
        {
            "log": log,
            "id": uuid.uuid4(),
            "event": "ballots:cast",
            "body": body,
            "digest": hashlib.sha256(body).hexdigest(),
            "at": None,
        }
        for body in bodies
    ]
    with unit_of_work(engine) as session:
        session.execute(insert(LedgerEntry), rows)


def grow(session: Session, *, log: str = "poll", limit: int = 1000) -> int:
    """One slice."""
    return integrate(session, log, signer=SIGNER, host=HOST, at=AT, today=TODAY, limit=limit)


def grow_all(engine: Engine, *, log: str = "poll", limit: int = 1000) -> int:
    """Slices, each its own transaction, until nothing waits; how many entries."""
    total = 0
    while True:
        with unit_of_work(engine) as session:
            done = grow(session, log=log, limit=limit)
        if not done:
            return total
        total += done


def heads(engine: Engine, *, log: str = "poll") -> list[LedgerHead]:
    """The published heads, smallest first."""
    with reading(engine) as session:
        return list(session.scalars(select(LedgerHead).where(LedgerHead.log == log).order_by(LedgerHead.size)))


def check_tree(engine: Engine, size: int, *, log: str = "poll", public: bytes = SIGNER.public) -> bytes:
    """Recompute everything from the bodies; the root. Fails when place, tile, head or signature is wrong."""
    with reading(engine) as session:
        places = session.scalars(
            select(LedgerEntry.seq)
            .where(LedgerEntry.log == log, LedgerEntry.seq.is_not(None))
            .order_by(LedgerEntry.seq)
        ).all()
        assert places == list(range(size))
        leaves = [leaf_hash(leaf_data(body)) for body in queries.placed(session, log=log, start=0, end=size)]
        forest = Forest(lambda level, index: queries.tile(session, log=log, level=level, index=index))
        before = None
        for head in heads(engine, log=log):
            note = open_note(head.note, vkey_of(f"{HOST}/ledger/{log}", public))
            assert (note.size, note.root.hex()) == (head.size, head.root)
            assert note.root == root_of(leaves[: head.size])
            if before is not None:
                proof = consistency_proof(before.size, head.size, forest.node)
                assert extends(bytes.fromhex(before.root), before.size, note.root, note.size, proof)
            before = head
        assert before is not None
        assert before.size == size
        return bytes.fromhex(before.root)
