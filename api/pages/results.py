"""The public page of a published round (公布页): no script is needed to read it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.auth.guards import Public
from api.deps import ReadDb
from api.pages.render import notice, page
from api.pages.routes import PageView
from survey_models.core.errors import Problem
from survey_models.publications import service
from survey_models.publications.sheets import documents_of
from survey_models.reports.round_page import Piece, pieces
from survey_models.reports.round_sheet import RoundSheet

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/results/{round_id}", operation_id="show_published_round")
def show_published_round(
    _guard: Annotated[None, Public], round_id: str, view: PageView, request: Request, db: ReadDb
) -> HTMLResponse:
    """Method, numbers of sheets, weights, option values, intervals, grades, ranking and files to download."""
    title = view.words("results.title")
    try:
        row = service.published_row(db, round_id)
    except Problem as problem:
        words = view.words
        return notice(
            view, title=title, heading=words.sentence(problem), text=words.remedy(problem), status=problem.entry.status
        )
    zone, shelf = request.app.state.settings.timezone, request.app.state.published
    sheet, told = shelf.get(row.id, "page", lambda: _page(documents_of(db, row, zone=zone).sheet))
    return page(
        "results.html",
        view,
        title=title,
        sheet=sheet,
        pieces=told,
        files=[one.name for one in service.public_files(db, round_id)],
        round_id=round_id,
    )


def _page(sheet: RoundSheet) -> tuple[RoundSheet, list[Piece]]:
    return sheet, list(pieces(sheet))
