"""Spreadsheets in (读表): bytes of a CSV, xlsx or xls file become text cells with their row numbers."""

from __future__ import annotations

import codecs
import csv
import io
import json
import subprocess
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey_models.core.errors import Problem
from survey_models.spreadsheets.formulas import plain

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_ENTRIES = 200
MAX_INFLATED = 200 * 1024 * 1024
WORKBOOK_SECONDS = 60

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_VBA_STREAM = "_VBA_PROJECT".encode("utf-16-le")
_CHUNK = 1 << 20
# How JSON spells it.
_NUL = rb"\u0000"
_BOOK_ENDINGS = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a file.

    ``header`` is its first row; each of ``rows`` is (row number as the spreadsheet program shows it, cells), as wide
    as the header; rows without any text are left out. Cells are NFC and stripped. ``encoding`` names the character
    encoding of a CSV and is ``None`` for a workbook.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    encoding: str | None


def read(content: bytes, filename: str) -> Sheet:
    """Read a file by what it is; its name only tells what it was meant to be.

    Raises:
        Problem: ``upload_empty``, ``upload_not_readable``, ``upload_wrong_encoding`` (with the byte offset).
    """
    if not content.strip():
        raise Problem("upload_empty")
    if content.startswith((_ZIP, _OLE)):
        rows, encoding = _workbook(content), None
    elif filename.lower().endswith(_BOOK_ENDINGS):
        raise Problem("upload_not_readable")
    else:
        text, encoding = decoded(content)
        rows = _csv_rows(text)
    return _sheet(rows, encoding)


def folded(text: str) -> str:
    """``text`` for comparing: full-width forms made narrow, case and outer spaces dropped (全角转半角)."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def decoded(content: bytes) -> tuple[str, str]:
    """Text of a CSV and the encoding it was in: UTF-16 by its mark, UTF-8, else GB18030; nothing is replaced.

    GB18030 accepts much that is broken UTF-8. So a file whose first line is UTF-8 beyond ASCII is taken at its word.
    """
    if content.startswith(_UTF16):
        return _strict(content, "utf-16"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        # utf-8-sig counts from behind the mark.
        utf8 = error.start + (3 if content.startswith(codecs.BOM_UTF8) else 0)
    first_line_end = content.find(b"\n")
    if content.startswith(codecs.BOM_UTF8) or (0 <= first_line_end < utf8 and not content[:first_line_end].isascii()):
        raise Problem("upload_wrong_encoding", byte=utf8)
    try:
        return content.decode("gb18030"), "gb18030"
    except UnicodeDecodeError as error:
        raise Problem("upload_wrong_encoding", byte=max(utf8, error.start)) from None


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Problem("upload_wrong_encoding", byte=error.start) from None


def _csv_rows(text: str) -> list[list[str]]:
    if "\x00" in text:
        raise Problem("upload_not_readable")
    first = text.partition("\n")[0]
    separator = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(unicodedata.normalize("NFC", text), newline=""), delimiter=separator)
    try:
        return [[plain(cell) for cell in row] for row in _bounded(reader)]
    except csv.Error:
        raise Problem("upload_not_readable") from None


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number > MAX_ROWS or len(row) > MAX_COLUMNS:
            raise Problem("upload_not_readable")
        yield row


def _workbook(content: bytes) -> list[list[str]]:
    if content.startswith(_ZIP):
        _refuse_unsafe_zip(content)
    elif _VBA_STREAM in content:
        raise Problem("upload_not_readable")
    # A cell far out makes the parser ask for memory beyond all measure; only a process of its own can die of that.
    command = [sys.executable, "-m", "survey_models.spreadsheets.workbook"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=WORKBOOK_SECONDS, check=True)  # noqa: S603 - our own module, no argument from outside
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Problem("upload_not_readable") from None
    if _NUL in done.stdout:
        # As in a CSV: PostgreSQL could not even store the fault that names such a cell.
        raise Problem("upload_not_readable")
    rows: list[list[str]] = json.loads(done.stdout)
    return list(_bounded(rows))


def _refuse_unsafe_zip(content: bytes) -> None:
    """Read the central directory before anything is inflated, then inflate with a meter: sizes in it may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if (
                len(entries) > MAX_ENTRIES
                or sum(entry.file_size for entry in entries) > MAX_INFLATED
                or "xl/workbook.xml" not in names
                or any("vbaProject" in name or name.startswith("xl/externalLinks/") for name in names)
                or any(entry.flag_bits & 1 for entry in entries)
            ):
                raise Problem("upload_not_readable")
            for entry in entries:
                with archive.open(entry) as stream:
                    # Stops at the stated size and then fails on the checksum if there is more.
                    while stream.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError):
        raise Problem("upload_not_readable") from None


def _sheet(rows: list[list[str]], encoding: str | None) -> Sheet:
    filled = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, start=1)]
    if not filled or not any(filled[0][1]):
        raise Problem("upload_empty" if not any(any(cells) for _, cells in filled) else "upload_not_readable")
    _, header = filled[0]
    body = [(number, cells) for number, cells in filled[1:] if any(cells)]
    width = max([_used(header), *(_used(cells) for _, cells in body)])
    return Sheet(
        header=_widened(header, width), rows=[(n, _widened(cells, width)) for n, cells in body], encoding=encoding
    )


def _used(cells: list[str]) -> int:
    """How many cells there are up to the last one with text."""
    count = len(cells)
    while count and not cells[count - 1]:
        count -= 1
    return count


def _widened(cells: list[str], width: int) -> list[str]:
    return cells[:width] + [""] * (width - len(cells))
