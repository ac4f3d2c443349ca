"""``pingyi rounds plan --added FILE``: the units that the city or a county adds to a round (增加的评议对象)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

Added = Annotated[
    Path | None,
    typer.Option(
        "--added",
        exists=True,
        dir_okay=False,
        help="增加的单位:地区、代码、名称、类别(CSV、xlsx)。 Units that are added: area, code, name, category.",
    ),
]


def text_of(file: Path) -> str:
    """The lines of a file (CSV or workbook) as a plan reads them. Raises what reading an uploaded file raises."""
    from survey_models.spreadsheets.read import read

    sheet = read(file.read_bytes(), file.name)
    found = io.StringIO()
    csv.writer(found).writerows([sheet.header, *(cells for _, cells in sheet.rows)])
    return found.getvalue()
