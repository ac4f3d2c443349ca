"""A faulty file given back (退回的文件): the cells as they were sent, faulty ones coloured, each with its remedy."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey_models.reports import faults_sheet
from survey_models.spreadsheets.read import Sheet
from survey_models.spreadsheets.write import workbook
from survey_models.uploads.rules import Fault, column_letters

SHEET, LIST = "退回 Returned", "错误清单 Faults"
FAULTY, ROW_FAULTY = "#FFC7CE", "#FFEB9C"
_COMMENT = {"x_scale": 2.2, "y_scale": 1.6}


def render(sheet: Sheet, faults: Sequence[Fault]) -> bytes:
    """The workbook: every cell at its address, text as text; a fault without a cell colours the head of its row."""
    told = _told(faults)
    out = io.BytesIO()
    with workbook(out) as book:
        page = book.add_worksheet(SHEET)
        plain, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "text_wrap": True})
        wrong, row_wrong = book.add_format({"bg_color": FAULTY}), book.add_format({"bg_color": ROW_FAULTY})
        page.freeze_panes(1, 1)
        for number, cells in [(1, sheet.header), *sheet.rows]:
            for at, text in enumerate(cells):
                said = told.get((number, column_letters(at)), []) + (told.get((number, ""), []) if at == 0 else [])
                if not said:
                    if text:
                        page.write_string(number - 1, at, text, bold if number == 1 else plain)
                    continue
                page.write_string(number - 1, at, text, wrong if (number, column_letters(at)) in told else row_wrong)
                page.write_comment(number - 1, at, "\n".join(said), _COMMENT)
        _write_list(book.add_worksheet(LIST), faults, bold)
    return out.getvalue()


def _told(faults: Iterable[Fault]) -> dict[tuple[int, str], list[str]]:
    """By row and letters of the column (none: the whole row) what is wrong and what to do, in both languages."""
    told: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for fault in faults:
        if fault.row is not None:
            letters = str(fault.params.get("cell") or "").rstrip("0123456789")
            problem = fault.problem()
            words = [f"{problem.sentence(language)} {problem.remedy(language)}" for language in ("zh", "en")]
            told[fault.row, letters] += words
    return dict(told)


def _write_list(page: Worksheet, faults: Sequence[Fault], bold: Format) -> None:
    for column, (title, width) in enumerate(zip(faults_sheet.HEADER, faults_sheet.WIDTHS, strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, title, bold)
    for number, row in enumerate(faults_sheet.rows_of(faults), start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(number, column, cell)
            else:
                page.write_string(number, column, cell or "")
    page.freeze_panes(1, 0)
