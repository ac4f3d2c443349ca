"""Reads one workbook, xlsx or xls, in a process of its own: see ``apart``."""

from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Iterator

from survey_models.spreadsheets import old_records
from survey_models.spreadsheets.apart import UNREADABLE, check_size, limited
from survey_models.spreadsheets.packages import OLE


def rows(content: bytes) -> Iterator[list[str]]:
    """The rows of the first visible sheet, from its first row and column on. Raises as ``old_records``."""
    if content.startswith(OLE):
        old_records.refuse_unsafe(content)
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 - after the limits

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        shown = [entry.name for entry in book.sheets_metadata if entry.visible is SheetVisibleEnum.Visible]
        sheet = book.get_sheet_by_name(shown[0])
        down, right = sheet.start or (0, 0)
        check_size(down + sheet.height - 1, right + sheet.width)
        for _ in range(down):
            yield []
        left = [""] * right
        for row in sheet.iter_rows():
            yield left + [cell_text(cell) for cell in row]


def cell_text(cell: object) -> str:
    """A cell as a person reads it: ``1.0`` is ``1``."""
    if isinstance(cell, str):
        return cell if unicodedata.is_normalized("NFC", cell) else unicodedata.normalize("NFC", cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def main() -> int:
    """See ``apart.limited``; what the library cannot read is unreadable."""
    from python_calamine import CalamineError  # noqa: PLC0415 - as above

    try:
        return limited(rows)
    except (CalamineError, OSError, IndexError, ValueError):
        return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
