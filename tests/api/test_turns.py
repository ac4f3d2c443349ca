"""Writers of one process on one SQLite file: each has its turn, in the order in which they came."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api import db
from api.db import Queued, make_engine, unit_of_work
from api.turns import Turns

PATIENCE = 60.0


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


def turns_of(session: Session) -> Turns:
    """The queue in which the writer of an open transaction stood."""
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, Queued)
    assert driver.turns is not None
    return driver.turns


@contextmanager
def beside(call: Callable[[], None], turns: Turns) -> Iterator[None]:
    """A thread that is in the queue when the block begins, and done when this ends."""
    waiting = turns.waiting
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while turns.waiting == waiting and time.monotonic() < end:
        time.sleep(0.001)
    assert turns.waiting == waiting + 1
    yield
    thread.join(PATIENCE)
    assert not thread.is_alive()


def has_its_turn(driver: object) -> bool:
    assert isinstance(driver, Queued)
    return driver.turns is not None


def test_who_writes_without_a_pause_keeps_nobody_out(engine: Engine) -> None:
    done: list[str] = []

    def sign_in() -> None:
        with unit_of_work(engine) as session:
            session.execute(text("SELECT 1"))
            done.append("sign-in")

    with Session(engine) as session:
        turns = turns_of(session)
        with beside(sign_in, turns):
            session.commit()
            # The writer of the ballots begins its next batch at once.
            session.execute(text("SELECT 1"))
            done.append("next batch")
            session.rollback()
    assert done == ["sign-in", "next batch"]
    assert turns.take(0), "everybody has given it back"


def test_who_is_tired_of_waiting_leaves_the_queue() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    assert turns.waiting == 0
    turns.give()
    assert turns.take(0)


def test_a_turn_ends_when_there_is_no_transaction(
    sqlite_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(engine) as session:
        turns = turns_of(session)
    monkeypatch.setattr(db, "_PRAGMAS", ("busy_timeout=1",))
    impatient = make_engine(sqlite_url, allow_unsafe=True)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other, impatient.connect() as connection:
        other.execute("BEGIN IMMEDIATE")
        driver = connection.connection.driver_connection
        with pytest.raises(OperationalError, match="locked"):
            connection.begin()
        seen = [has_its_turn(driver)]
        other.rollback()
        with connection.begin():
            seen.append(has_its_turn(driver))
        seen.append(has_its_turn(driver))
        connection.begin()
        seen.append(has_its_turn(driver))
        connection.invalidate()
        seen.append(has_its_turn(driver))
    assert seen == [False, True, False, True, False]
    impatient.dispose()
    # The other engine has a queue of its own.
    assert turns.take(0)


def test_processes_that_write_into_one_file_take_turns(sqlite_url: str, engine: Engine) -> None:
    # Two engines share no queue of threads, as two processes share none.
    other = make_engine(sqlite_url)
    done: list[str] = []

    def sign_in() -> None:
        with unit_of_work(other) as session:
            session.execute(text("SELECT 1"))
            done.append("sign-in")

    following = Path(f"{sqlite_url.removeprefix('sqlite:///')}.next")
    with Session(engine) as session:
        session.execute(text("SELECT 1"))
        thread = threading.Thread(target=sign_in, daemon=True)
        thread.start()
        end = time.monotonic() + PATIENCE
        while not is_locked(following) and time.monotonic() < end:
            time.sleep(0.001)
        session.commit()
        # The writer of the ballots begins its next batch at once.
        session.execute(text("SELECT 1"))
        done.append("next batch")
        session.rollback()
    thread.join(PATIENCE)
    assert done == ["sign-in", "next batch"]
    other.dispose()


def is_locked(path: Path) -> bool:
    with path.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
