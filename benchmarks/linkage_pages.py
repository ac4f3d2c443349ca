"""What an SQLite file and its write-ahead log say to whoever reads their bytes: which rows each commit wrote.

Page and log formats: the SQLite project's "Database File Format", sections 1.6, 2.1 and 4. The log keeps every commit
since it was last begun anew, each with whole pages; what is on a new page and was on none of the old ones is new.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_TABLE, _INDEX, _INDEX_ABOVE = 0x0D, 0x0A, 0x02
_LEAF_HEADER, _ABOVE_HEADER, _CHILD = 8, 12, 4
_FRAME, _WAL_HEADER, _FILE_HEADER = 24, 32, 100
_WIDTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
_TEXT_OR_BLOB = 12

Value = bytes | None


class Commit(NamedTuple):
    """One transaction of the log: the records it wrote, each as its values (texts and blobs; numbers are None)."""

    records: list[list[Value]]


def pages_of(file: bytes) -> dict[int, bytes]:
    """The pages of a database file by number, from 1."""
    size = page_size(file)
    return {at // size + 1: file[at : at + size] for at in range(0, len(file), size)}


def page_size(file: bytes) -> int:
    """Bytes of a page."""
    size = int.from_bytes(file[16:18], "big")
    return 65536 if size == 1 else size


def commits(pages: dict[int, bytes], wal: bytes) -> Iterator[Commit]:
    """The transactions of a log in their order. ``pages``: the file's when the log began; at the end as it ended."""
    changed: dict[int, bytes] = {}
    size = int.from_bytes(wal[8:12], "big")
    salt = wal[16:24]
    for at in range(_WAL_HEADER, len(wal) - size - _FRAME + 1, size + _FRAME):
        number, whole = struct.unpack(">II", wal[at : at + 8])
        if wal[at + 8 : at + 16] != salt:
            return  # left over from a log that was begun anew
        changed[number] = wal[at + _FRAME : at + _FRAME + size]
        if whole:
            yield Commit(_written(pages, changed))
            pages.update(changed)
            changed = {}


def _written(pages: dict[int, bytes], changed: dict[int, bytes]) -> list[list[Value]]:
    # A row that moved to another page stands on an old page too: only what stood nowhere is new.
    old = {cell for number in changed if number in pages for cell in cells(pages[number], number)}
    new = {cell for number, page in changed.items() for cell in cells(page, number)}
    return [values(cell) for cell in new - old]


def places(pages: Mapping[int, bytes]) -> Iterator[tuple[int, list[Value]]]:
    """Every record in the order in which the pages lie on the disk, with its number in this order."""
    number = 0
    for page_no, page in sorted(pages.items()):
        for cell in cells(page, page_no):
            number += 1
            yield number, values(cell)


def cells(page: bytes, number: int) -> Iterator[bytes]:
    """The records of a page of rows or of an index, as far as they stand on it; nothing for other pages.

    An index keeps some of its entries above its leaves, and they move up and down: left out they would look like new.
    """
    start = _FILE_HEADER if number == 1 else 0
    kind = page[start]
    if kind not in {_TABLE, _INDEX, _INDEX_ABOVE}:
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    child = _CHILD if kind == _INDEX_ABOVE else 0
    first = start + (_ABOVE_HEADER if child else _LEAF_HEADER)
    for place in range(first, first + 2 * count, 2):
        at = int.from_bytes(page[place : place + 2], "big") + child
        length, at = _varint(page, at)
        if kind == _TABLE:
            _, at = _varint(page, at)
        yield page[at : at + length]


def values(record: bytes) -> list[Value]:
    """The texts and blobs of a record in the order of its columns; None for numbers and for what is cut off."""
    end, at = _varint(record, 0)
    found: list[Value] = []
    body = end
    while at < end:
        kind, at = _varint(record, at)
        width = (kind - _TEXT_OR_BLOB) // 2 if kind >= _TEXT_OR_BLOB else _WIDTHS.get(kind, 0)
        whole = kind >= _TEXT_OR_BLOB and body + width <= len(record)
        found.append(record[body : body + width] if whole else None)
        body += width
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        if place >= len(data):
            return value, place
        value = value << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return value, place + 1
    return value << 8 | data[at + 8], at + 9
