"""INSERT … ON CONFLICT, the same on both databases, in one place for engines that spell it otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

Upsert = postgresql.Insert | sqlite.Insert


def _insert(connection: Connection, table: type[DeclarativeBase]) -> Upsert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(
    connection: Connection, table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]], *, key: str
) -> set[Any]:
    """Insert the rows that are not there yet; the values of column ``key`` of those that were new."""
    statement = _insert(connection, table).on_conflict_do_nothing()
    column = getattr(table, key)
    return set(connection.execute(statement.values(list(rows)).returning(column)).scalars())


def add_to(
    connection: Connection,
    table: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    counters: Sequence[str],
) -> None:
    """Add the ``counters`` of ``rows`` to the rows of the same ``key``, making those that are missing."""
    statement = _insert(connection, table)
    statement = statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: getattr(table, name) + statement.excluded[name] for name in counters},
    )
    connection.execute(statement, list(rows))


def put(
    connection: Connection,
    table: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    values: Sequence[str],
) -> None:
    """Insert ``rows``; where the ``key`` is there already, its ``values`` become those given."""
    statement = _insert(connection, table)
    changed = {name: statement.excluded[name] for name in values}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))
