"""A faulty file given back (退回的文件): sent once more, it comes back with faulty cells marked. Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from api.bodies import XLSX, SentFile, download
from survey_models.reports import marked_file
from survey_models.spreadsheets.read import Sheet, read
from survey_models.uploads.refusing import Faulty
from survey_models.uploads.rules import Fault


def marked(file: SentFile, check: Callable[[Sheet], object]) -> Response:
    """The workbook of ``file`` with what ``check`` finds wrong in it; without a fault the cells as they are.

    The name is ours: the one that somebody gave a file may tell of people. Raises what reading and ``check`` raise
    besides ``file_faulty``.
    """
    sheet = read(file.content, file.name)
    try:
        check(sheet)
        found: tuple[Fault, ...] = ()
    except Faulty as faulty:
        found = faulty.found
    return download(marked_file.render(sheet, found), media=XLSX, name="marked.xlsx")
