"""Engine and sessions: one request or job is one transaction, committed here at the edge."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

import survey_models.tables  # noqa: F401 - foreign keys are resolved only when every table is known
from api.turns import Turns
from survey_models.core.errors import Problem

BUSY_MILLISECONDS = 20_000
# Of a new file only: a ballot touches a few random pages, and every page that it touches is written whole.
PAGE_BYTES = 2048
_PRAGMAS = (
    f"page_size={PAGE_BYTES}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_MILLISECONDS}",
)
# 16 MiB: most pages are touched again before they are written back.
LOG_PAGES = 8000
# FULL and EXTRA flush the log at every commit; NORMAL and OFF may forget what was acknowledged.
_DURABLE: dict[str, set[object]] = {"journal_mode": {"wal"}, "synchronous": {2, 3}}
# A server that does not answer is given up: the next batch tries a new connection.
_PATIENCE = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "tcp_user_timeout": 10_000}


class Queued(sqlite3.Connection):
    """A connection that gives its turn back when its transaction ends, however that ends."""

    turns: Turns | None = None
    """Set while it is this one's turn."""

    def take_turn(self, turns: Turns, seconds: float) -> None:
        """Wait for the turn. Without it SQLite itself says whether the file is busy."""
        if self.turns is None and turns.take(seconds):
            self.turns = turns

    def commit(self) -> None:
        """As SQLite does; a commit that fails may leave the transaction open."""
        try:
            super().commit()
        finally:
            if not self.in_transaction:
                self.give_turn()

    def rollback(self) -> None:
        """As SQLite does."""
        try:
            super().rollback()
        finally:
            if not self.in_transaction:
                self.give_turn()

    def close(self) -> None:
        """As SQLite does; what was open is undone."""
        try:
            super().close()
        finally:
            self.give_turn()

    def give_turn(self) -> None:
        """Let the next one write, if it was this one's turn."""
        turns, self.turns = self.turns, None
        if turns is not None:
            turns.give()


def make_engine(url: str, *, allow_unsafe: bool = False, log_pages: int = LOG_PAGES) -> Engine:
    """An engine whose every commit is durable; refuses a database that would lose acknowledged ballots.

    ``log_pages``: from which length on a commit writes the log of an SQLite file back.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url, allow_unsafe=allow_unsafe, log_pages=log_pages)
    engine = create_engine(
        url,
        # Statements in error messages would show codes' digests and answers.
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        # Transaction-pooling proxies forget prepared statements.
        connect_args={"prepare_threshold": None, **_PATIENCE},
    )
    if not allow_unsafe:
        _refuse_unsafe_postgresql(engine)
    return engine


def _sqlite(url: str, *, allow_unsafe: bool, log_pages: int) -> Engine:
    database = _file_of(url)
    if database is not None:
        database.parent.mkdir(parents=True, exist_ok=True)
    turns = Turns(database)
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False, "factory": Queued},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, f"wal_autocheckpoint={log_pages}"):
            cursor.execute(f"PRAGMA {pragma}")
        try:
            if not allow_unsafe:
                _refuse_unsafe_sqlite(cursor)
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes loses updates or fails at once.
        if connection.get_execution_options().get("pingyi_read_only"):
            connection.exec_driver_sql("BEGIN")
            return
        with _in_turn(connection.connection.driver_connection, turns):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def _in_turn(driver: Any, turns: Turns) -> Iterator[None]:
    if not isinstance(driver, Queued):
        # A driver of somebody's own, who looks after the order himself.
        yield
        return
    driver.take_turn(turns, BUSY_MILLISECONDS / 1000)
    try:
        yield
    except BaseException:
        # SQLAlchemy knows of no transaction yet, and would end none: this gives the turn back.
        driver.rollback()
        raise


def _file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for any other."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database or parts.database == ":memory:":
        return None
    return Path(parts.database.removeprefix("file:"))


def _refuse_unsafe_sqlite(cursor: Any) -> None:
    """What the database answers counts, not what it was asked: a file system may lack what WAL needs."""
    for setting, durable in _DURABLE.items():
        value = cursor.execute(f"PRAGMA {setting}").fetchone()[0]
        if value not in durable:
            raise Problem("database_unsafe", setting=setting, value=value)


@contextmanager
def serving_alone(url: str) -> Iterator[bool]:
    """Hold the one place of the serving process beside an SQLite file (单写进程); yields whether there is such a place.

    Other databases take any number of processes.

    The place is a lock of the operating system, so that a process that dies leaves it free. Commands and
    workers do not ask for it: their short transactions queue behind the writer's.

    Raises:
        Problem: ``already_served``; another process serves this file.
    """
    database = _file_of(url)
    if database is None:
        yield False
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(database.with_name(f"{database.name}.serving"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace") or "?"
            raise Problem("already_served", process=holder) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield True
    finally:
        os.close(handle)


def _refuse_unsafe_postgresql(engine: Engine) -> None:
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit"):
            value = connection.execute(text(f"SHOW {setting}")).scalar_one()
            if value == "off":
                raise Problem("database_unsafe", setting=setting, value=value)


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """A session that commits once when the block ends well, and rolls back otherwise."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads: on SQLite it does not queue behind the writer.

    Its connection is taken with the first question. Requests that wait for a thread would otherwise hold connections
    that the threads wait for.
    """
    with Session(engine.execution_options(pingyi_read_only=True)) as session:
        yield session
