"""Reads one workbook in a process of its own: bytes on standard input, JSON rows of text on standard output.

Started by ``read``; a file that would take too much memory or time ends this process and nothing else.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import unicodedata

MEMORY = 1 << 30
CPU_SECONDS = 45


def main() -> int:
    """Exit status 0 and the rows, or 3 for a workbook that cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415 - after the limits

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())) as book:
            shown = [entry.name for entry in book.sheets_metadata if entry.visible is SheetVisibleEnum.Visible]
            rows = book.get_sheet_by_name(shown[0]).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, MemoryError):
        return 3
    sys.stdout.buffer.write(
        json.dumps([[cell_text(cell) for cell in row] for row in rows], ensure_ascii=False).encode()
    )
    return 0


def cell_text(cell: object) -> str:
    """A cell as a person reads it: ``1.0`` is ``1``."""
    if isinstance(cell, str):
        return cell if unicodedata.is_normalized("NFC", cell) else unicodedata.normalize("NFC", cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


if __name__ == "__main__":
    sys.exit(main())
