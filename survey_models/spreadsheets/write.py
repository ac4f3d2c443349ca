"""Spreadsheets out (写表): text stays text. No cell that came from outside is ever a formula or a link."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import xlsxwriter

from survey_models.spreadsheets.formulas import neutral

# A workbook names the time it was made in its properties; without one of ours the same rows would give other bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Table:
    """One sheet of a plain workbook: ``widths`` in characters, one for each column that is not of usual width."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] = field(default_factory=tuple)


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """CSV that spreadsheet programs open as UTF-8 (with its mark, lines ended by CR LF)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


@contextmanager
def workbook(out: io.BytesIO) -> Iterator[xlsxwriter.Workbook]:
    """A workbook written to ``out`` when the block ends; strings are never read as formulas, links or numbers."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"created": _MADE})
    yield book
    book.close()


def xlsx_bytes(tables: Iterable[Table]) -> bytes:
    """A plain workbook of ``tables``: bold frozen header, text as text, integers and decimals as numbers."""
    out = io.BytesIO()
    with workbook(out) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for table in tables:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            for column, width in enumerate(table.widths):
                sheet.set_column(column, column, width)
            for column, title in enumerate(table.header):
                sheet.write_string(0, column, title, bold)
            for number, row in enumerate(table.rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell, wrapped)
                    elif cell is not None:
                        sheet.write_number(number, column, cell, wrapped)
    return out.getvalue()
