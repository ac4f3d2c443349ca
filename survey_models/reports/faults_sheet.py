"""The faults of a file as a sheet to work through (错误清单)."""

from __future__ import annotations

from collections.abc import Iterable

from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.uploads.rules import Fault

HEADER = ("行 Row", "单元格 Cell", "列 Column", "问题", "怎么改", "What is wrong", "What to do", "代码 Code")
WIDTHS = (8, 12, 28, 40, 40, 44, 44, 24)


def rows_of(faults: Iterable[Fault]) -> list[tuple[int | str | None, ...]]:
    """One row for each fault, in the order of the file."""
    rows: list[tuple[int | str | None, ...]] = []
    for fault in faults:
        problem = fault.problem()
        said = [part(language) for language in ("zh", "en") for part in (problem.sentence, problem.remedy)]
        rows.append((fault.row, fault.params.get("cell", ""), fault.column or "", *said, fault.code))
    return rows


def render(faults: Iterable[Fault]) -> bytes:
    """The workbook: one row for each fault."""
    return xlsx_bytes([Table("错误清单 Faults", HEADER, rows_of(faults), WIDTHS)])
