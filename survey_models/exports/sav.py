"""SPSS system files (.sav), row by row (统计文件): numbers with labels in Chinese, UTF-8, compressed by bytes.

The format as PSPP's developers' guide, "System File Format", writes it down. A file is written as it is told, so that a
million sheets need no more memory than ten; the libraries at hand want a whole data frame first.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from survey_models.exports.columns import BLANK_NUMBER, INVALID_NUMBER, Cell, Column, Table

_BIAS, _LITERAL, _SYSMIS = 100, 253, 255
_LARGEST = 1.7976931348623157e308
_LOWEST = -1.7976931348623155e308
_LABEL, _VALUE_LABEL = 250, 120
_SMALL = 251 - _BIAS
"""The largest whole number that one byte holds."""
_AT_ONCE = 5_000
_MADE, _TIME = b"01 Jan 00", b"00:00:00"
_F = 5 << 16
"""Numbers as numbers."""


def write(out: BinaryIO, table: Table) -> int:
    """Write the file; how many rows. Text columns have to be coded before (``columns.coded``)."""
    wide = [_wide(column) for column in table.columns]
    _head(out, table)
    rows, written = table.rows(), 0
    while chunk := list(islice(rows, _AT_ONCE)):
        out.write(_compressed(chunk, wide))
        written += len(chunk)
    return written


def _wide(column: Column) -> bool:
    """Whether its numbers may need eight bytes: counts, decimals, and lists longer than a byte."""
    return not column.values or max(column.values) > _SMALL


def _compressed(rows: Sequence[Sequence[Cell]], wide: Sequence[bool]) -> bytes:
    """Rows in bytes: for each eight columns eight codes, then what needs eight bytes of its own.

    Every row is laid out alike and padded to whole groups of eight, so that all are put into place at once.
    """
    values = np.array([[np.nan if cell is None else float(cell) for cell in row] for row in rows], dtype="<f8")
    groups = -(-len(wide) // 8)
    made: list[npt.NDArray[np.uint8]] = []
    for group in range(groups):
        codes = np.zeros((len(rows), 8), dtype=np.uint8)
        literals: list[npt.NDArray[np.uint8]] = []
        for place, column in enumerate(range(group * 8, min(group * 8 + 8, len(wide)))):
            found = values[:, column]
            if wide[column]:
                codes[:, place] = _LITERAL
                filled = np.where(np.isnan(found), -_LARGEST, found).astype("<f8")
                literals.append(filled.view(np.uint8).reshape(len(rows), 8))
            else:
                codes[:, place] = np.where(np.isnan(found), _SYSMIS, np.nan_to_num(found) + _BIAS).astype(np.uint8)
        made += [codes, *literals]
    return np.concatenate(made, axis=1).tobytes()


def _head(out: BinaryIO, table: Table) -> None:
    """Everything before the data."""
    name = b"@(#) SPSS DATA FILE pingyi".ljust(60)
    numbers = struct.pack("<iiiiid", 2, len(table.columns), 1, 0, table.count, float(_BIAS))
    label = _cut(table.title, 64).ljust(64)
    out.write(b"$FL2" + name + numbers + _MADE + _TIME + label + b"\0" * 3)
    out.writelines(_variable(number, column) for number, column in enumerate(table.columns, 1))
    for number, column in enumerate(table.columns, 1):
        if column.values:
            out.write(_labels(number, column))
    out.write(_extension(3, 4, struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, 65001)))
    out.write(_extension(4, 8, struct.pack("<3d", -_LARGEST, _LARGEST, _LOWEST)))
    names = "\t".join(f"V{number}={column.name}" for number, column in enumerate(table.columns, 1))
    out.write(_extension(13, 1, names.encode("ascii")))
    out.write(_extension(16, 8, struct.pack("<qq", 1, table.count)))
    out.write(_extension(20, 1, b"UTF-8"))
    out.write(struct.pack("<ii", 999, 0))


def _variable(number: int, column: Column) -> bytes:
    shape = _F | (max(8, column.width // 2) << 8) | column.places
    missing = (BLANK_NUMBER, INVALID_NUMBER) if column.missing else ()
    label = _cut(column.label, _LABEL)
    head = struct.pack("<6i", 2, 0, 1, len(missing), shape, shape) + f"V{number}".encode().ljust(8)
    padded = label + b"\0" * (-len(label) % 4)
    return head + struct.pack("<i", len(label)) + padded + struct.pack(f"<{len(missing)}d", *missing)


def _labels(number: int, column: Column) -> bytes:
    said = [struct.pack("<ii", 3, len(column.values))]
    for value, meaning in column.values.items():
        label = _cut(meaning, _VALUE_LABEL)
        said.append(struct.pack("<dB", float(value), len(label)) + label + b" " * (-(len(label) + 1) % 8))
    return b"".join([*said, struct.pack("<iii", 4, 1, number)])


def _extension(kind: int, size: int, content: bytes) -> bytes:
    return struct.pack("<iiii", 7, kind, size, len(content) // size) + content


def _cut(text: str, most: int) -> bytes:
    """At most so many bytes of UTF-8, and whole letters."""
    return text.encode()[:most].decode("utf-8", "ignore").encode()
