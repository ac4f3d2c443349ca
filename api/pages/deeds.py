"""The public page of deeds (实事): what units promised in a round, and how it goes on. Nobody signs in to read it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.auth.guards import Public
from api.deps import ReadDb
from api.pages.render import notice, page
from api.pages.routes import PageView
from api.schemas.duties import DeedsView
from survey_models.core.errors import Problem
from survey_models.duties import service
from survey_models.rounds import service as rounds

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/deeds/{round_id}", operation_id="show_deeds")
def show_deeds(
    _guard: Annotated[None, Public], round_id: str, view: PageView, request: Request, db: ReadDb
) -> HTMLResponse:
    """Every unit's deeds with each word on their progress, oldest first."""
    title, words = view.words("deeds.title"), view.words
    try:
        promised = service.progress(db, round_id)
    except Problem as problem:
        said, next_ = words.sentence(problem), words.remedy(problem)
        return notice(view, title=title, heading=said, text=next_, status=problem.entry.status)
    zone = request.app.state.settings.timezone
    shown = [DeedsView.of(one, zone) for one in promised]
    return page("deeds.html", view, title=title, round=rounds.get(db, round_id).title, promised=shown)
