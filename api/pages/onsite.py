"""The page on which a window is rated from one's own phone (现场扫码评价). It needs no script: a code can be typed."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse

from api.auth.guards import FromOurForms, Public
from api.db import unit_of_work
from api.deps import ReadDb
from api.pages.assets import FOLDER
from api.pages.render import notice, page
from api.pages.routes import PageView, ballot_id_of
from api.pages.words import View
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ratings import onsite
from survey_models.ratings.intake import RatingItem, store_ratings
from survey_models.ratings.rules import BAD, LEVELS, REASONS, SCALES, check_rating
from survey_models.units import service as units
from survey_models.units.tables import Mode, Window

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)
_SCRIPT = (FOLDER / "onsite.js").read_bytes()


@router.get("/w/onsite.js", operation_id="read_onsite_script")
def read_onsite_script(_guard: Annotated[None, Public]) -> Response:
    """What fills in the scanned code."""
    return Response(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/w/{window_id}", operation_id="show_onsite_form")
def show_onsite_form(
    _guard: Annotated[None, Public], window_id: str, view: PageView, request: Request, db: ReadDb
) -> HTMLResponse:
    """The form. Opening it spends nothing: the code stands in the fragment, which no server sees."""
    try:
        return _form(request, view, _rated(units.get_window(db, window_id)))
    except Problem as problem:
        return _refused(view, problem)


@router.post("/w/{window_id}", operation_id="take_onsite_rating")
async def take_onsite_rating(
    _guard: Annotated[None, FromOurForms], window_id: str, view: PageView, request: Request
) -> HTMLResponse:
    """Store the rating and thank, or show the form again with one sentence."""
    async with request.form(max_files=0, max_fields=20) as sent:
        return await run_in_threadpool(_take, request, view, window_id, sent)


def _take(request: Request, view: View, window_id: str, sent: FormData) -> HTMLResponse:
    state, at, level = request.app.state, clock.now(), _text(sent, "level")
    try:
        with unit_of_work(state.engine) as session:
            window = _rated(units.get_window(session, window_id))
            reasons = [one for one in sent.getlist("reason") if isinstance(one, str)] if level in BAD else []
            check_rating(level, reasons)
            rating_id = ballot_id_of(sent.get("id"))
            stream = onsite.spend(session, window.id, _text(sent, "code"), rating_id, pepper=state.pepper, at=at)
            item = RatingItem(window.id, rating_id, stream, level, reasons, at, channel="onsite")
            settings = state.settings
            store_ratings(session.connection(), [item], at=at, zone=settings.timezone, counting=settings.counting)
    except Problem as problem:
        if problem.entry.status >= 500:
            raise
        return _again(request, view, window_id, sent, problem)
    t = view.words
    return notice(view, title=t("onsite.title"), heading=t("onsite.thanks"), text=t("onsite.done"), status=201)


def _again(request: Request, view: View, window_id: str, sent: FormData, problem: Problem) -> HTMLResponse:
    with unit_of_work(request.app.state.engine) as session:
        try:
            window = _rated(units.get_window(session, window_id))
        except Problem as gone:
            return _refused(view, gone)
        return _form(request, view, window, sent, problem)


def _rated(window: Window) -> Window:
    """A window that people may rate from a phone. Raises ``window_unknown``."""
    if window.canary or window.mode == Mode.CASE:
        raise Problem("window_unknown")
    return window


def _refused(view: View, problem: Problem) -> HTMLResponse:
    t = view.words
    heading, text = t.sentence(problem), t.remedy(problem)
    return notice(view, title=t("onsite.title"), heading=heading, text=text, status=problem.entry.status)


def _form(
    request: Request, view: View, window: Window, sent: FormData | None = None, problem: Problem | None = None
) -> HTMLResponse:
    scale = SCALES[request.app.state.settings.window_scale]
    t, english = view.words, view.lang == "en"
    sent = sent if sent is not None else FormData()
    return page(
        "onsite.html",
        view,
        status=problem.entry.status if problem else 200,
        title=t("onsite.title"),
        window=window,
        id=ballot_id_of(sent.get("id")) if problem else uuid.uuid4(),
        code="" if problem else _text(sent, "code"),
        level=_text(sent, "level"),
        chosen=sent.getlist("reason"),
        levels=[(code, t.written(said[english])) for code, said in LEVELS.items() if code in scale],
        reasons=[(code, t.written(said[english])) for code, said in REASONS.items()],
        problem=problem and t.sentence(problem) + t("list.gap") + t.remedy(problem),
    )


def _text(sent: FormData, name: str) -> str:
    value = sent.get(name, "")
    return value[:40] if isinstance(value, str) else ""
