"""One printed document as a file (排印): Word as it is, PDF with its own cut of the font."""

from __future__ import annotations

from pathlib import Path

from survey_models.reports.paper import Paper

ENDINGS = ("docx", "pdf")
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def typeset(paper: Paper, ending: str, *, font: bytes | None = None, named: Path | None = None) -> bytes:
    """The file. ``font``: an already cut one that has the letters; ``named``: the setting, from which it is cut else.

    Raises ``font_missing`` for a PDF where there is no Chinese font.
    """
    if ending == "docx":
        from survey_models.reports import paper_docx  # noqa: PLC0415 - as below

        return paper_docx.render(paper)
    # Half a second to load, and every process that serves would.
    from survey_models.reports import fonts, paper_pdf  # noqa: PLC0415

    return paper_pdf.render(paper, font or fonts.cut(paper.letters(), named))
