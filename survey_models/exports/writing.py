"""One table as CSV, as a workbook that an office prints, or as an SPSS file (导出文件), told row by row."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from survey_models.core.errors import Problem
from survey_models.exports import sav, scratch
from survey_models.exports.columns import Cell, Table, coded
from survey_models.exports.kinds import Format
from survey_models.spreadsheets.formulas import neutral

XLSX_ROWS = 100_000
"""More rows than anybody prints; a workbook beyond opens nowhere in reasonable time."""
_A4 = 9
_AT_ONCE = 5_000
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_SEAL, _DAY = "盖章处：", "日期：     年   月   日"


def write(out: BinaryIO, table: Table, form: Format) -> int:
    """Write the table; how many rows. Raises ``export_too_long`` for a workbook of more than 100,000 rows."""
    match form:
        case Format.CSV:
            return _csv(out, table)
        case Format.XLSX:
            return _xlsx(out, table)
        case Format.SAV:
            return sav.write(out, coded(table))


def head(table: Table) -> bytes:
    """The first line of a CSV with the mark of UTF-8, so that spreadsheet programs take it for what it is."""
    return b"\xef\xbb\xbf" + _lines([[neutral(column.name) for column in table.columns]])


def _csv(out: BinaryIO, table: Table) -> int:
    out.write(head(table))
    rows, written = table.rows(), 0
    while chunk := list(islice(rows, _AT_ONCE)):
        out.write(_lines([[neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in chunk]))
        written += len(chunk)
    return written


def _lines(rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _xlsx(out: BinaryIO, table: Table) -> int:
    if table.count > XLSX_ROWS:
        raise Problem("export_too_long", rows=table.count, most=XLSX_ROWS)
    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    # A workbook is an archive that goes back to its heads; what it is copied to may be a stream.
    with tempfile.TemporaryFile() as whole, scratch.folder() as parts:
        book = xlsxwriter.Workbook(whole, {**options, "tmpdir": parts})
        book.set_properties({"created": _MADE, "title": table.title})
        written = _fill(book, table)
        book.close()
        whole.seek(0)
        shutil.copyfileobj(whole, out)
    return written


def _fill(book: xlsxwriter.Workbook, table: Table) -> int:
    """Title, notes, heads, rows, and the line for the seal; how many rows."""
    base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    framed = {**base, "border": 1, "text_wrap": True}
    heads = book.add_format({**framed, "bold": True, "align": "center", "bg_color": "#D9D9D9"})
    plain, note = book.add_format(framed), book.add_format(base)
    figures = [book.add_format({**framed, "num_format": _shape(places)}) for places in range(10)]
    sheet = book.add_worksheet("导出")
    _set_page(sheet, table)
    sheet.write_string(0, 0, table.title, book.add_format({**base, "font_size": 16, "bold": True}))
    top = 1 + len(table.notes)
    for row, said in enumerate(table.notes, 1):
        sheet.write_string(row, 0, said, note)
    for place, column in enumerate(table.columns):
        sheet.write_string(top, place, column.label, heads)
    sheet.repeat_rows(top)
    sheet.freeze_panes(top + 1, 0)
    written = 0
    for cells in table.rows():
        written += 1
        for place, cell in enumerate(cells):
            column = table.columns[place]
            _write_cell(sheet, (top + written, place), cell, column.values, (plain, figures[column.places]))
    seal = book.add_format({**base, "font_size": 12})
    sheet.write_string(top + written + 2, 0, _SEAL, seal)
    sheet.write_string(top + written + 2, max(len(table.columns) - 3, 1), _DAY, seal)
    return written


def _write_cell(
    sheet: Worksheet, place: tuple[int, int], cell: Cell, values: Mapping[int, str], styles: tuple[Any, Any]
) -> None:
    """Words for what stands for something, numbers as numbers, text as text whatever it begins with."""
    plain, figure = styles
    if isinstance(cell, int) and cell in values:
        sheet.write_string(*place, values[cell], plain)
    elif isinstance(cell, str):
        sheet.write_string(*place, cell, plain)
    elif cell is None:
        sheet.write_string(*place, "—", plain)
    else:
        sheet.write_number(*place, cell, figure)


def _shape(places: int) -> str:
    return "0" if not places else "0." + "0" * places


def _set_page(sheet: Worksheet, table: Table) -> None:
    """A4 across, all columns on one page's width, the head on every page, page numbers."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.8)
    if len(table.columns) <= 16:
        sheet.fit_to_pages(1, 0)
    sheet.set_footer("&R&9第 &P 页 共 &N 页")
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
