"""What a database holds, in few numbers: rows and a digest of each table, and the roots of every ledger (内容指纹).

The digest of a table does not depend on the order of its rows: each row's SHA-256 is added up modulo 2^256. It is read
as the driver gives it, so that two databases of one kind can be compared, and a database with its copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect, text

from survey_models.ledger.merkle import EMPTY_ROOT, leaf_hash, node_hash
from survey_models.ledger.tiles import leaf_data

_AT_ONCE = 5_000
_MODULUS = 1 << 256


@dataclass(frozen=True)
class Table:
    """Rows of a table and the digest of them all, hex."""

    rows: int
    content: str


@dataclass(frozen=True)
class Tree:
    """A ledger's tree: its size and root, and the roots it had at other sizes that were asked for, hex."""

    size: int
    root: str
    roots: Mapping[int, str]


def tables_of(connection: Connection) -> list[str]:
    """The names of every table, in order."""
    return sorted(inspect(connection).get_table_names())


def table(connection: Connection, name: str) -> Table:
    """Read a table whole, in flat memory."""
    columns = sorted(column["name"] for column in inspect(connection).get_columns(name))
    quote = connection.dialect.identifier_preparer.quote
    query = text(f"SELECT {', '.join(map(quote, columns))} FROM {quote(name)}")  # noqa: S608 - names of the schema
    rows, added = 0, 0
    for row in _streamed(connection, query):
        rows += 1
        added += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest(), "big")
    return Table(rows, f"{added % _MODULUS:064x}")


def tree(connection: Connection, log: str, sizes: Collection[int] = ()) -> Tree:
    """The tree over the entries of ``log``, computed anew from their bodies (RFC 6962, 2.1)."""
    query = text("SELECT body FROM ledger_entries WHERE log = :log AND seq IS NOT NULL ORDER BY seq")
    peaks: list[tuple[int, bytes]] = []
    size, asked, roots = 0, set(sizes), {}
    for (body,) in _streamed(connection, query, {"log": log}):
        _grow(peaks, leaf_hash(leaf_data(bytes(body))))
        size += 1
        if size in asked:
            roots[size] = _root(peaks).hex()
    return Tree(size, _root(peaks).hex(), roots)


def heads(connection: Connection) -> dict[str, dict[int, str]]:
    """Log → size → the root that its head of that size says."""
    found: dict[str, dict[int, str]] = {}
    for log, size, root in connection.execute(text("SELECT log, size, root FROM ledger_heads")):
        found.setdefault(log, {})[size] = root
    return found


def all_of(connection: Connection, *, told: Callable[[str], None]) -> tuple[dict[str, Table], dict[str, Tree]]:
    """Every table and every tree. ``told`` hears the name of each before it is read."""
    names = tables_of(connection)
    read = {}
    for name in names:
        told(name)
        read[name] = table(connection, name)
    trees = {}
    for log, roots in heads(connection).items() if "ledger_heads" in names else ():
        told(log)
        trees[log] = tree(connection, log, roots)
    return read, trees


def _streamed(connection: Connection, query: Any, values: Mapping[str, Any] | None = None) -> Any:
    options = {"stream_results": True, "yield_per": _AT_ONCE}
    return connection.execute(query, values or {}, execution_options=options)


def _grow(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    """Add a leaf to the complete subtrees (height, root) that stand side by side, the highest first."""
    height, running = 0, leaf
    while peaks and peaks[-1][0] == height:
        running = node_hash(peaks.pop()[1], running)
        height += 1
    peaks.append((height, running))


def _root(peaks: list[tuple[int, bytes]]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    running = peaks[-1][1]
    for _, peak in reversed(peaks[:-1]):
        running = node_hash(peak, running)
    return running
