"""One statement to PostgreSQL in its own binary form: the way of the intake, where every microsecond is a sheet's.

The driver's cursors cost more than the statements they carry. Arrays and numbers are laid out as the server's
`array_recv` and `int4recv` read them (src/backend/utils/adt); what goes wrong is raised as the driver raises it.

Statements are prepared once for a connection, for planning them anew costs as much as a few sheets. A proxy that hands
out another server connection for each transaction has none of it: then they go as they are, from the first such error.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

_TEXT, _DATE, _INT4, _UUID, _BYTEA = 25, 1082, 23, 2950, 17
_ARRAY_OF = {_TEXT: 1009, _INT4: 1007, _UUID: 2951, _BYTEA: 1001}
_NUMBER = struct.Struct("!i")
_HEAD = struct.Struct("!iiIii")  # dimensions, holds nulls, type of the elements, how many, first index
_COUNT = struct.Struct("!h")
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # signature, no flags, no extension
_DAY_ZERO = date(2000, 1, 1)
_ENCODING = "utf-8"
_DONE = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
# invalid_sql_statement_name, duplicate_prepared_statement: somebody else's connection.
UNPREPARED = frozenset({"26000", "42P05"})
_SIZES = {size: _NUMBER.pack(size) for size in range(4096)}


class Value(NamedTuple):
    """A parameter: its type and its bytes."""

    oid: int
    raw: bytes


def text(value: str) -> Value:
    """A text."""
    return Value(_TEXT, value.encode())


def day(value: date) -> Value:
    """A date, counted from the year 2000."""
    return Value(_DATE, _NUMBER.pack((value - _DAY_ZERO).days))


def number(value: int) -> Value:
    """A number of four bytes."""
    return Value(_INT4, _NUMBER.pack(value))


def texts(values: Iterable[str]) -> Value:
    """An array of texts."""
    return _array(_TEXT, [value.encode() for value in values])


def numbers(values: Iterable[int]) -> Value:
    """An array of numbers of four bytes."""
    return _array(_INT4, list(map(_NUMBER.pack, values)))


def uuids(values: Iterable[uuid.UUID]) -> Value:
    """An array of UUIDs."""
    return _array(_UUID, [value.bytes for value in values])


def blobs(values: Iterable[bytes]) -> Value:
    """An array of bytes."""
    return _array(_BYTEA, list(values))


def field(raw: bytes) -> bytes:
    """A field of a line for ``copy_lines``."""
    return _NUMBER.pack(len(raw)) + raw


def copy_lines(connection: psycopg.Connection[Any], statement: str, lines: Iterable[bytes], *, fields: int) -> None:
    """COPY … FROM STDIN (FORMAT BINARY) of lines, each its fields one after the other. Raises psycopg.Error."""
    start = _COUNT.pack(fields)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_COPY_HEAD + b"".join([start + line for line in lines]) + _COUNT.pack(-1))


def number_of(raw: bytes) -> int:
    """A number of four or eight bytes as the server sends it."""
    return int.from_bytes(raw, "big", signed=True)


def _array(oid: int, items: Sequence[bytes]) -> Value:
    if not items:
        return Value(_ARRAY_OF[oid], struct.pack("!iiI", 0, 0, oid))
    parts = [_HEAD.pack(1, 0, oid, len(items), 1)]
    for item in items:
        size = len(item)
        parts.append(_SIZES.get(size) or _NUMBER.pack(size))
        parts.append(item)
    return Value(_ARRAY_OF[oid], b"".join(parts))


# The name of each statement that a connection has prepared; None where it cannot.
_PREPARED: WeakKeyDictionary[psycopg.Connection[Any], dict[bytes, bytes] | None] = WeakKeyDictionary()


def in_transaction(connection: psycopg.Connection[Any]) -> None:
    """Begin a transaction if none is open: without one every statement is a transaction of its own."""
    wire = connection.pgconn
    if wire.transaction_status == TransactionStatus.IDLE:
        _checked(wire, wire.exec_(b"BEGIN"))


def execute(connection: psycopg.Connection[Any], statement: bytes, values: Sequence[Value]) -> list[list[bytes | None]]:
    """The rows of ``statement`` (parameters $1 …), every column in binary form.

    Raises psycopg.Error; one of ``UNPREPARED`` at most once for a connection.
    """
    wire = connection.pgconn
    prepared = _PREPARED.setdefault(connection, {})
    try:
        result = _executed(wire, prepared, statement, values)
    except psycopg.Error as error:
        if error.sqlstate in UNPREPARED:
            _PREPARED[connection] = None
        raise
    columns = range(result.nfields)
    return [[result.get_value(row, column) for column in columns] for row in range(result.ntuples)]


def _executed(wire: Any, prepared: dict[bytes, bytes] | None, statement: bytes, values: Sequence[Value]) -> Any:
    raw = [value.raw for value in values]
    formats = [1] * len(values)
    oids = [value.oid for value in values]
    if prepared is None:
        return _checked(wire, wire.exec_params(statement, raw, oids, formats, 1))
    name = prepared.get(statement)
    if name is None:
        name = b"pingyi_" + sha256(statement).hexdigest()[:16].encode()
        _checked(wire, wire.prepare(name, statement, oids))
        prepared[statement] = name
    return _checked(wire, wire.exec_prepared(name, raw, formats, 1))


def _checked(wire: Any, result: Any) -> Any:
    if result.status in _DONE:
        return result
    if wire.status == ConnStatus.BAD and result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) is None:
        raise psycopg.OperationalError("the connection was lost")
    raise error_from_result(result, encoding=_ENCODING)
