"""A driver for SQLAlchemy over apsw (PEP 249, as much of it as the product uses).

With it the product's own engine, pragmas and statements run on a file system of ours; the driver of the standard
library cannot be told to. Every statement runs to its end before its rows are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import apsw
from sqlalchemy import Engine
from sqlalchemy import create_engine as real_create_engine

_Rows = list[tuple[Any, ...]]


class Cursor:
    """Runs statements on one connection."""

    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: _Rows = []
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Cursor:
        """Run one statement."""
        return self._run(lambda cursor: cursor.execute(statement, parameters))

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Cursor:
        """Run one statement with each of the parameters."""
        return self._run(lambda cursor: cursor.executemany(statement, parameters))

    def _run(self, act: Callable[[apsw.Cursor], apsw.Cursor]) -> Cursor:
        cursor = self._connection.cursor()
        columns: list[tuple[str, str]] = []

        def look(running: apsw.Cursor, _sql: str, _bindings: Any) -> bool:
            # Asked before the first step: afterwards a statement without rows no longer tells its columns.
            columns[:] = running.get_description()
            return True

        cursor.exec_trace = look
        before = self._connection.total_changes()
        self._rows = list(act(cursor))
        changed = self._connection.total_changes() - before
        self.description = tuple((name, *(None,) * 6) for name, _declared in columns) if columns else None
        self.rowcount = -1 if columns and not changed else changed
        self.lastrowid = self._connection.last_insert_rowid()
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, if there is one."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> _Rows:
        """The next rows."""
        found, self._rows = self._rows[:size], self._rows[size:]
        return found

    def fetchall(self) -> _Rows:
        """All further rows."""
        found, self._rows = self._rows, []
        return found

    def __iter__(self) -> Cursor:
        return self

    def __next__(self) -> tuple[Any, ...]:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []


class Connection:
    """A connection whose transactions begin and end as they are told to."""

    isolation_level: str | None = None

    def __init__(self, file: str, vfs: str) -> None:
        self._connection = apsw.Connection(file, vfs=vfs)

    def cursor(self) -> Cursor:
        """A cursor."""
        return Cursor(self._connection)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Run one statement."""
        return self.cursor().execute(statement, parameters)

    def commit(self) -> None:
        """End the transaction, if there is one."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def create_function(self, name: str, arguments: int, function: Callable[..., Any], **_more: Any) -> None:
        """Register a function."""
        self._connection.create_scalar_function(name, function, arguments)


class Driver:
    """What SQLAlchemy expects of a driver's module; every file is opened on the file system ``vfs``."""

    apilevel, threadsafety, paramstyle = "2.0", 1, "qmark"
    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))
    PARSE_DECLTYPES, PARSE_COLNAMES, Binary = 1, 2, bytes
    Error = Warning = apsw.Error
    OperationalError = DatabaseError = IntegrityError = InterfaceError = apsw.Error
    DataError = InternalError = ProgrammingError = NotSupportedError = apsw.Error

    def __init__(self, vfs: str) -> None:
        self._vfs = vfs

    def connect(self, file: str, **_more: Any) -> Connection:
        """Open a file."""
        return Connection(file, self._vfs)

    def create_engine(self, url: str, **more: Any) -> Engine:
        """As SQLAlchemy's own function, with this driver."""
        return real_create_engine(url, module=self, **more)
