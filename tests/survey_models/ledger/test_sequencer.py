"""The tree grows whole or not at all, in an order that arrival does not decide, under one hand at a time."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, insert, select
from sqlalchemy.exc import IntegrityError

from api.db import make_engine, reading, unit_of_work
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.jobs import leases
from survey_models.jobs.tables import Lease
from survey_models.ledger import queries
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerEntry, LedgerHead, LedgerLog, LedgerTile
from survey_models.ledger.tiles import LONGEST_ENTRY, leaf_data
from tests.survey_models.ledger.logs import AT, HOST, TODAY, ballot_bodies, check_tree, grow, grow_all, heads, put


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url, allow_unsafe=True)
    yield made
    made.dispose()


def test_a_tree_grows_over_several_tiles(engine: Engine) -> None:
    put(engine, ballot_bodies(300))
    assert grow_all(engine, limit=170) == 300
    put(engine, ballot_bodies(420, start=300))
    assert grow_all(engine, limit=250) == 420
    check_tree(engine, 720)
    assert [head.size for head in heads(engine)] == [170, 300, 550, 720]


def test_the_order_is_that_of_the_digests_and_not_of_arrival(engine: Engine) -> None:
    bodies = ballot_bodies(200, log="one")
    put(engine, bodies, log="one")
    random.Random(7).shuffle(bodies)
    for start in range(0, 200, 25):
        put(engine, bodies[start : start + 25], log="two")
    for log in ("one", "two"):
        grow_all(engine, log=log)
    assert check_tree(engine, 200, log="one") == check_tree(engine, 200, log="two")
    with reading(engine) as session:
        query = select(LedgerEntry.digest).where(LedgerEntry.log == "two").order_by(LedgerEntry.seq)
        digests = session.scalars(query).all()
    assert digests == sorted(digests)


def test_two_at_once_never_take_the_same_entries(engine: Engine) -> None:
    put(engine, ballot_bodies(240))
    start, done, failures = threading.Barrier(3), [0, 0, 0], []

    def work(number: int) -> None:
        try:
            start.wait(20)
            while True:
                with unit_of_work(engine) as session:
                    took = grow(session, limit=20)
                if not took:
                    return
                done[number] += took
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sum(done) == 240
    assert len(heads(engine)) == 12
    check_tree(engine, 240)


class Crash(Exception):
    """The process ends here."""


def test_a_crash_at_any_statement_leaves_the_tree_as_it_was(engine: Engine) -> None:
    put(engine, ballot_bodies(10))
    grow_all(engine)
    put(engine, ballot_bodies(300, start=10))
    before, crashes, left = state(engine), 0, [0]

    @event.listens_for(engine, "after_cursor_execute")
    def _count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Crash

    for boundary in itertools.count(1):
        left[0] = boundary
        try:
            with unit_of_work(engine) as session:
                grow(session)
                # The last boundary: all is written, and the commit never comes.
                _count()
            break
        except Crash:
            crashes += 1
        left[0] = 0
        assert state(engine) == before
    assert crashes >= 8
    left[0] = 0
    check_tree(engine, 310)


def state(engine: Engine) -> tuple[object, ...]:
    with reading(engine) as session:
        placed = session.scalar(select(func.count()).where(LedgerEntry.seq.is_not(None)))
        sizes = session.scalars(select(LedgerHead.size).order_by(LedgerHead.size)).all()
        tiles = session.execute(
            select(LedgerTile.level, LedgerTile.idx, LedgerTile.hashes).order_by(LedgerTile.level, LedgerTile.idx)
        ).all()
    return placed, tuple(sizes), tuple((row.level, row.idx, bytes(row.hashes)) for row in tiles)


def test_no_place_is_given_twice_and_no_head_replaced(engine: Engine) -> None:
    put(engine, ballot_bodies(2))
    grow_all(engine)
    entry = {"log": "poll", "id": new_id(), "event": "x", "body": b"", "digest": "0" * 64, "at": None, "seq": 1}
    head = {"log": "poll", "size": 2, "root": "0" * 64, "note": "", "at": AT}
    for table, row in ((LedgerEntry, entry), (LedgerHead, head)):
        with unit_of_work(engine) as session, pytest.raises(IntegrityError), session.begin_nested():
            session.execute(insert(table).values(row))


def test_an_entry_too_long_for_a_bundle_is_in_the_tree_by_its_digest(engine: Engine) -> None:
    long = b"x" * (LONGEST_ENTRY + 1)
    put(engine, [*ballot_bodies(3), long])
    grow_all(engine)
    check_tree(engine, 4)
    assert leaf_data(long).startswith(b'{"bytes":65536,"sha256":"')
    assert leaf_data(long[:-1]) == long[:-1]


def test_a_log_keeps_the_name_it_began_with(engine: Engine) -> None:
    put(engine, ballot_bodies(1))
    grow_all(engine)
    with reading(engine) as session:
        assert session.scalars(select(LedgerLog.origin)).all() == [f"{HOST}/ledger/poll"]


def test_a_log_does_not_grow_under_another_key(engine: Engine) -> None:
    put(engine, ballot_bodies(1))
    grow_all(engine)
    put(engine, ballot_bodies(1, start=1))
    before = state(engine)
    with unit_of_work(engine) as session, pytest.raises(Problem) as refused:
        integrate(session, "poll", signer=Signer(bytes(32)), host=HOST, at=AT, today=TODAY)
    assert refused.value.code == "ledger_key_differs"
    assert state(engine) == before
    assert grow_all(engine) == 1


def test_a_receipt_is_found_before_and_after_its_place(engine: Engine) -> None:
    from survey_models.ledger.service import receipt_of  # noqa: PLC0415 - beside its only use

    put(engine, ballot_bodies(3))
    with reading(engine) as session:
        digest = session.scalars(select(LedgerEntry.digest)).first()
        assert digest is not None
        receipt = receipt_of(digest)
        waiting = queries.by_receipt(session, log="poll", receipt=receipt)
        assert waiting is not None
        assert (waiting.digest, waiting.seq) == (digest, None)
    grow_all(engine)
    with reading(engine) as session:
        placed = queries.by_receipt(session, log="poll", receipt=receipt.lower().replace("-", " "))
        assert placed is not None
        assert placed.digest == digest
        assert placed.seq in range(3)
        assert not queries.holds_receipt(session, log="other", receipt=receipt)
        assert not queries.holds_receipt(session, log="poll", receipt="0000-0000-0000")
        assert not queries.holds_receipt(session, log="poll", receipt=receipt + "0")
        assert not queries.holds_receipt(session, log="poll", receipt="U" * 12)


def test_a_lease_is_held_by_one_until_it_ends(engine: Engine) -> None:
    def held(holder: str, seconds: float) -> bool:
        with unit_of_work(engine) as session:
            return leases.hold(session, "task", holder=holder, at=AT + timedelta(seconds=seconds))

    assert held("a", 0)
    assert not held("b", 9)
    assert held("a", 9)
    assert not held("b", 18)
    assert held("b", 19)
    assert not held("a", 20)


def test_a_lease_of_a_clock_that_ran_ahead_is_free(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        session.add(Lease(name="task", holder="a", until=AT + timedelta(days=400)))
    with unit_of_work(engine) as session:
        assert leases.hold(session, "task", holder="b", at=AT)
