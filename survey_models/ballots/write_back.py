"""Writing the log of an SQLite file back beside the commits (检查点), and not in the midst of one.

A commit that finds a long log writes it back at once, and everybody waits for some 50 ms. Here a thread does it while
commits go on; what they have added meanwhile is little, and is written back between two of them: then the log begins
anew instead of growing.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey_models.ballots.statements import errors_of

EVERY = 3000
"""Sheets: some 28 MB of log."""
LOG_PAGES = 32_000
"""Where a commit of the writer process writes the log back after all, should the thread have ended."""
_WRITE_BACK = "PRAGMA wal_checkpoint(PASSIVE)"


class WriteBack:
    """The thread of one writer process; nothing at all on a database without such a log."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wanted, self._done = threading.Event(), threading.Event()
        self._written = 0
        self._thread = threading.Thread(target=self._run, name="intake-write-back", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self._engine.dialect.name == "sqlite":
            self._thread.start()

    def after(self, sheets: int, connection: Connection) -> None:
        """Between two transactions of ``connection``: so many sheets more are durable."""
        self._written += sheets
        if self._done.is_set():
            self._done.clear()
            _write_back(connection)
        elif self._written >= EVERY and self._thread.is_alive():
            self._written = 0
            self._wanted.set()

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            with suppress(DBAPIError):
                with self._engine.connect() as connection:
                    _write_back(connection)
                self._done.set()


def _write_back(connection: Connection) -> None:
    """Past SQLAlchemy, which would begin a transaction. Whoever is in the way is left alone: another time will do."""
    driver: Any = connection.connection.driver_connection
    with errors_of(connection, _WRITE_BACK):
        driver.execute(_WRITE_BACK).fetchall()
