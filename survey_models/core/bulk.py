"""Many rows at once, when an INSERT for each would take minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.orm import DeclarativeBase


def insert_many(connection: Connection, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, of plain text, whole numbers and truth values.

    On PostgreSQL by COPY, some eight times as fast as statements; else by one statement with many parameters.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    columns = list(rows[0])
    quoted = connection.dialect.identifier_preparer.quote
    listed = ", ".join(quoted(column) for column in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {quoted(table.__tablename__)} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])
