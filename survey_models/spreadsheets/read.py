"""Spreadsheets in (读表): bytes of a CSV, xlsx, xls or SPSS file become text cells with their row numbers."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from survey_models.core.errors import Problem
from survey_models.spreadsheets.apart import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, rows_of
from survey_models.spreadsheets.formulas import plain
from survey_models.spreadsheets.packages import OLE, ZIP, refuse_unsafe

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPSS = (b"$FL2", b"$FL3")
_BINARY_ENDINGS = (".xlsx", ".xlsm", ".xls", ".sav", ".zsav")


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a file.

    ``header`` is its first row; each of ``rows`` is (row number as the spreadsheet program shows it, cells), as wide
    as the header; rows without any text are left out. Cells are NFC and stripped. ``encoding`` names the character
    encoding of a CSV and is ``None`` for a workbook. ``names``: of an SPSS file the names of its variables, where the
    header has their labels.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    encoding: str | None
    names: tuple[str, ...] = ()


def read(content: bytes, filename: str) -> Sheet:
    """Read a file by what it is; its name only tells what it was meant to be.

    Raises:
        Problem: ``upload_empty``, ``upload_not_readable``, ``upload_wrong_encoding`` (with the byte offset),
            ``upload_too_large``, ``upload_active_content``, ``upload_has_password``, ``upload_holds_formulas``.
    """
    if not content.strip():
        raise Problem("upload_empty")
    if content.startswith(_SPSS):
        return _cases(rows_of("spss", content))
    if content.startswith((ZIP, OLE)):
        refuse_unsafe(content)
        rows, encoding = rows_of("workbook", content), None
    elif filename.lower().endswith(_BINARY_ENDINGS):
        raise Problem("upload_not_readable")
    else:
        text, encoding = decoded(content)
        separator = _separator(text)
        del text
        rows = _csv_rows(content, encoding, separator)
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


def _separator(text: str) -> str:
    if "\x00" in text:
        raise Problem("upload_not_readable")
    return max(",\t;", key=text.partition("\n")[0].count)


def _csv_rows(content: bytes, encoding: str, separator: str) -> list[list[str]]:
    """The rows of a CSV whose bytes are known to be right; equal cells are one object."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    stream = io.TextIOWrapper(io.BytesIO(content), encoding=codec, newline="")
    known: dict[str, str] = {}
    try:
        return [[_cell(text, known) for text in row] for row in _bounded(csv.reader(stream, delimiter=separator))]
    except csv.Error:
        raise Problem("upload_not_readable") from None


def _cell(text: str, known: dict[str, str]) -> str:
    found = known.get(text)
    if found is None:
        found = known[text] = plain(unicodedata.normalize("NFC", text))
    return found


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        if number > MAX_ROWS or len(row) > MAX_COLUMNS or cells > MAX_CELLS:
            raise Problem("upload_too_large")
        yield row


def _cases(rows: list[list[str]]) -> Sheet:
    """An SPSS file: labels, names, then its cases, numbered as in a workbook of it, where the heading is row 1."""
    labels, names, *cases = rows
    if not cases or not labels:
        raise Problem("upload_empty")
    body = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(cases, start=2)]
    filled = [(number, cells) for number, cells in body if any(cells)]
    return Sheet([label.strip() for label in labels], filled, None, tuple(names))


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
