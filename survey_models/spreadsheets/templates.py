"""Templates to fill in (填写模板): headings, grey examples, drop-down lists, and a sheet that explains every column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from survey_models.spreadsheets.write import workbook

# A row whose first cell begins so is one of the template's own and is never read as data.
EXAMPLE = "示例"
NOTES, LISTS = "说明 Notes", "选项"
LAST_ROW = 20_000


@dataclass(frozen=True)
class Column:
    """A column: its heading, what to write (Chinese, English), what may be chosen, bounds of a whole number."""

    name: str
    zh: str
    en: str
    width: int = 16
    choices: Sequence[str] = field(default_factory=tuple)
    whole: tuple[int, int] | None = None


def template(name: str, columns: Sequence[Column], examples: Sequence[Sequence[str | int]]) -> bytes:
    """The workbook ``name``. The first cell of each example begins with ``EXAMPLE``."""
    out = io.BytesIO()
    with workbook(out) as book:
        sheet = book.add_worksheet(name)
        _notes(book, columns)
        _headings(book, sheet, columns)
        grey = book.add_format({"italic": True, "font_color": "#7F7F7F"})
        for row, cells in enumerate(examples, start=1):
            for at, text in enumerate(cells):
                sheet.write(row, at, text, grey)
        _choices(book, sheet, columns)
    return out.getvalue()


def is_example(first: str) -> bool:
    """Whether a row is one of the template's examples, by its first cell."""
    return first.startswith(EXAMPLE)


def _headings(book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#D9D9D9"})
    as_text = book.add_format({"num_format": "@"})
    for at, column in enumerate(columns):
        # A code such as 0012 must not become 12.
        sheet.set_column(at, at, column.width, None if column.whole else as_text)
        sheet.write_string(0, at, column.name, bold)
    sheet.freeze_panes(1, 0)


def _choices(book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[Column]) -> None:
    lists = book.add_worksheet(LISTS)
    lists.hide()
    for at, column in enumerate(columns):
        wanted: dict[str, Any] | None = None
        if column.choices:
            for row, word in enumerate(column.choices):
                lists.write_string(row, at, word)
            letters = xlsxwriter.utility.xl_col_to_name(at, col_abs=True)
            source = f"='{LISTS}'!{letters}$1:{letters}${len(column.choices)}"
            # Lists that the office may add to warn; they do not refuse.
            wanted = {"validate": "list", "source": source, "error_type": "warning"}
        elif column.whole:
            low, high = column.whole
            wanted = {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
        if wanted:
            said = {"error_title": column.name, "error_message": f"{column.zh} {column.en}"[:250]}
            sheet.data_validation(1, at, LAST_ROW, at, {**wanted, **said})


def _notes(book: xlsxwriter.Workbook, columns: Sequence[Column]) -> None:
    sheet = book.add_worksheet(NOTES)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 2, 52)
    lines = [
        ("", "每行一条，从第 2 行填起；不要改动第 1 行的列名。", "One a line, from row 2. Keep row 1."),
        (
            "",
            f"灰色的行是示例，送交前请删去；第一格以“{EXAMPLE}”开头的行会被退回。",
            f"Grey rows are examples: remove them. A row that begins with {EXAMPLE} is refused.",
        ),
        *((column.name, column.zh, column.en) for column in columns),
    ]
    for row, cells in enumerate(lines):
        for at, text in enumerate(cells):
            sheet.write_string(row, at, text, wrapped)
