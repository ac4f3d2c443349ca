"""What may not stand in an .xls (拒收的旧工作簿): programs, formulas and links, looked for record by record.

An .xls is a compound file, which is a small file system ([MS-CFB]), with a stream of records in it ([MS-XLS]). Runs in
the process of ``apart``, before a parser sees the file: a parser gives the value that a formula was saved with, which
nobody typed, and says nothing of programs.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

from survey_models.spreadsheets.apart import FORMULAS, LOCKED, PROGRAMS, RefusedError

_FREE = 0xFFFFFFFA  # from here on: no sector
_STREAM, _ROOT = 2, 5
_BOOKS = {"workbook", "book"}
# FORMULA as each version of the format numbers it; ARRAY, TABLE and SHRFMLA come with one.
_FORMULA = {0x0006, 0x0206, 0x0406}
_LOCK, _SHEET, _BEGIN = 0x002F, 0x0085, {0x0009, 0x0209, 0x0409, 0x0809}
# ObProj: a Visual Basic project; Qsi and DConn: a query of another database.
_ACTIVE = {0x00D3, 0x01AD, 0x0876}
_SUPBOOK, _OWN_BOOK, _ADD_INS = 0x01AE, b"\x01\x04", b"\x01\x3a"
_MACRO_SHEETS, _MACRO_BEGIN = {1, 6}, {0x0040, 0x0006}


def refuse_unsafe(content: bytes) -> None:
    """Raise RefusedError for what may not stand in it; ValueError where the file is not what its format says."""
    try:
        for book in _books(content):
            _refuse_records(book)
    except (struct.error, IndexError, OverflowError):
        raise ValueError("no compound file") from None


def _refuse_records(book: bytes) -> None:
    at = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        _refuse(kind, book[at + 4 : at + 4 + size])
        at += 4 + size


def _refuse(kind: int, body: bytes) -> None:
    if kind in _FORMULA:
        row, column = struct.unpack_from("<HH", body)
        raise RefusedError(FORMULAS, f"{_letters(column)}{row + 1}")
    if kind == _LOCK:
        raise RefusedError(LOCKED)
    linked = kind == _SUPBOOK and len(body) > 4 and body[2:4] not in {_OWN_BOOK, _ADD_INS}
    macro = kind == _SHEET and len(body) > 5 and body[5] in _MACRO_SHEETS
    begun = kind in _BEGIN and struct.unpack_from("<H", body, 2)[0] in _MACRO_BEGIN
    if kind in _ACTIVE or linked or macro or begun:
        raise RefusedError(PROGRAMS)


def _letters(column: int) -> str:
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _books(content: bytes) -> Iterator[bytes]:
    """Every stream of the file that a parser could take for the workbook. Raises ValueError where there is none."""
    size, small = 1 << struct.unpack_from("<H", content, 30)[0], 1 << struct.unpack_from("<H", content, 32)[0]
    if size not in {512, 4096} or small != 64:
        raise ValueError("no compound file")
    first_entry, cutoff, first_small = (struct.unpack_from("<I", content, at)[0] for at in (48, 56, 60))

    def sector(number: int) -> bytes:
        return content[size * (number + 1) : size * (number + 2)]

    table = _numbers(b"".join(sector(one) for one in _table_sectors(content, size)))
    entries = _joined(first_entry, table, sector)
    listed = [entries[at : at + 128] for at in range(0, len(entries) - 127, 128)]
    root = next((one for one in listed if one[66] == _ROOT), None)
    if root is None:
        raise ValueError("no compound file")
    smalls = _joined(struct.unpack_from("<I", root, 116)[0], table, sector)
    small_table = _numbers(_joined(first_small, table, sector))
    found = False
    for one in listed:
        name = one[: max(0, struct.unpack_from("<H", one, 64)[0] - 2)].decode("utf-16-le", "replace")
        if one[66] != _STREAM or name.lower() not in _BOOKS:
            continue
        found = True
        start, length = struct.unpack_from("<I", one, 116)[0], struct.unpack_from("<I", one, 120)[0]
        if length < cutoff:
            whole = _joined(start, small_table, lambda number: smalls[64 * number : 64 * (number + 1)])
        else:
            whole = _joined(start, table, sector)
        yield whole[:length]
    if not found:
        raise ValueError("no workbook in it")


def _table_sectors(content: bytes, size: int) -> list[int]:
    """Where the table of sectors lies: 109 places in the header, further ones in sectors of their own."""
    found = list(struct.unpack_from("<109I", content, 76))
    after, each, seen = struct.unpack_from("<I", content, 68)[0], size // 4, 0
    while after < _FREE and seen <= len(content) // size:
        numbers = struct.unpack_from(f"<{each}I", content, size * (after + 1))
        found += numbers[:-1]
        after, seen = numbers[-1], seen + 1
    return [one for one in found if one < _FREE]


def _numbers(raw: bytes) -> Sequence[int]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


def _joined(start: int, table: Sequence[int], sector: Callable[[int], bytes]) -> bytes:
    """The sectors of a chain one after the other. Raises ValueError for one that goes round."""
    parts: list[bytes] = []
    while start < _FREE:
        if len(parts) > len(table):
            raise ValueError("a chain without end")
        parts.append(sector(start))
        start = table[start]
    return b"".join(parts)
