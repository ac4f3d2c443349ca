"""An .xls written by hand: a compound file with one stream of records, as small as the format allows."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_SECTOR, _END, _FREE, _TABLE = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
FORMULA = struct.pack("<HHH8sHIH", 0, 1, 0, struct.pack("<d", 7.0), 0, 0, 3) + b"\x1e\x07\x00"
"""7 as a formula in B1 with the value that it was saved with."""


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def label(row: int, column: int, text: str) -> bytes:
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def begin(what: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, what, 0, 1997, 0, 0x0600))


def book(sheet: Iterable[bytes], *, kind: int = 0, before: bytes = b"") -> bytes:
    """The records of a workbook with one sheet; ``kind`` 1: of macros; ``before``: records of the whole book."""
    name = b"\x05\x00Sheet"
    head = begin(0x0005) + before
    at = len(head) + 4 + 6 + len(name) + 4
    listed = record(0x0085, struct.pack("<IBB", at, 0, kind) + name)
    return head + listed + record(0x000A) + begin(0x0010) + b"".join(sheet) + record(0x000A)


def compound(stream: bytes) -> bytes:
    """The stream ``Workbook`` in a file system of 512-byte sectors; its sectors lie in the order of the chain."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    chain = [*range(3, 2 + sectors), _END]
    table = [_TABLE, _END, *chain]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    places = struct.pack("<128I", *table, *[_FREE] * (128 - len(table)))
    entries = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream)) + bytes(256)
    return head + places + entries + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE) -> bytes:
    spelt = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", _FREE, _FREE, child)
    return (
        spelt.ljust(64, b"\0")
        + struct.pack("<HBB", len(spelt), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
