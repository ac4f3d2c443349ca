"""Engine and sessions: one request or job is one transaction, committed here at the edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

import survey_models.tables  # noqa: F401 - foreign keys are resolved only when every table is known
from survey_models.core.errors import Problem

BUSY_MILLISECONDS = 20_000


def make_engine(url: str, *, allow_unsafe: bool = False) -> Engine:
    """An engine whose every commit is durable; refuses a database that would lose acknowledged ballots."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = create_engine(
        url,
        # Statements in error messages would show codes' digests and answers.
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        # Transaction-pooling proxies forget prepared statements.
        connect_args={"prepare_threshold": None},
    )
    if not allow_unsafe:
        _refuse_unsafe_postgresql(engine)
    return engine


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes loses updates or fails at once.
        read_only = connection.get_execution_options().get("pingyi_read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


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
    """A session that only reads: on SQLite it does not queue behind the writer."""
    with engine.connect().execution_options(pingyi_read_only=True) as connection, Session(connection) as session:
        yield session
