"""The pages that the server draws whole. Without script they are enough; with it they are where it starts."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from api.auth.guards import Public, TicketHolder
from api.db import reading, unit_of_work
from api.deps import ReadDb
from api.pages.assets import ASSETS, PREFIX
from api.pages.forms import answers_of, more_of
from api.pages.phone import (
    Sheet,
    draw_blank_form,
    draw_form,
    draw_refusal,
    is_rehearsal,
    readings,
    sole_variant,
    title_of,
    unavailable,
)
from api.pages.render import aids_words, notice, page, point_words
from api.pages.words import LANGUAGES, Language, View
from api.watch import Asker, CodeWatch, hand_in, look_up
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.queries import all_campaigns
from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from survey_models.ledger.queries import holds_receipt
from survey_models.questionnaires.rules import Form
from survey_models.tickets.service import Checked

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)

RANDOM = 4
FOR_EVER = "public, max-age=31536000, immutable"


def view_of(request: Request, lang: str = "", elder: str = "", point: str = "") -> View:
    """The view that the address asks for; Chinese and standard size unless it says otherwise."""
    language: Language = next((code for code in LANGUAGES if code == lang), "zh")
    return View(request.url.path, language, elder == "1", point == "1")


PageView = Annotated[View, Depends(view_of)]


@router.get("/", operation_id="show_start")
def show_start(_guard: Annotated[None, Public], view: PageView, db: ReadDb) -> HTMLResponse:
    """Where to go: the campaigns, the window terminal, the console."""
    listed = [
        {
            "title": title_of(campaign, view),
            "state": campaign.state,
            "href": View(f"/b/{campaign.id}", view.lang, view.elder).link(),
        }
        for campaign in all_campaigns(db)
    ]
    return page("home.html", view, title=view.words("home.title"), campaigns=listed)


@router.get("/point", operation_id="show_point_pairing")
def show_point_pairing(_guard: Annotated[None, Public], view: PageView) -> HTMLResponse:
    """Where a tablet of a test point (测评点平板) is paired; once paired it goes on to its campaign."""
    return page("point_pair.html", view, title=view.words("point.title"), point_words=point_words(view.words))


@router.get("/b/{campaign_id}", operation_id="show_form")
def show_form(_guard: Annotated[None, Public], campaign_id: str, view: PageView, db: ReadDb) -> HTMLResponse:
    """The form: the same for everybody but for a fresh ballot id. Opening it spends nothing."""
    try:
        campaign = campaigns.get(db, campaign_id)
    except Problem:
        return _unknown(view)
    refusal = unavailable(campaign)
    if refusal is not None:
        return draw_refusal(refusal, campaign, view, status=200)  # asking too early or too late is no error
    form = campaigns.form_of(db, campaign)
    return draw_blank_form(campaign, form, view)


@router.get("/b/{campaign_id}/aids", operation_id="read_aids", response_class=JSONResponse)
def read_aids(_guard: Annotated[None, Public], campaign_id: str, view: PageView, db: ReadDb) -> JSONResponse:
    """What finding and reading aloud need: their sentences, and how the names are read. Asked for by few."""
    form = campaigns.form_of(db, campaigns.get(db, campaign_id))
    return JSONResponse({**aids_words(view.words), "readings": readings(form)}, headers={"Cache-Control": "no-store"})


@router.post("/b/{campaign_id}", operation_id="cast_form")
async def cast_form(_guard: Annotated[None, TicketHolder], campaign_id: str, request: Request) -> Response:
    """Cast what a browser without script sends, or (field ``show``) draw it again in another view."""
    return await answer_form(request, campaign_id)


async def answer_form(request: Request, campaign_id: str) -> Response:
    """The answer to a form, sent to the page or to the ballot door itself: 303 to the receipt, or a page."""
    asked = request.query_params
    asked_for = view_of(request, asked.get("lang", ""), asked.get("elder", ""), asked.get("point", ""))
    view = replace(asked_for, path=f"/b/{campaign_id}")
    try:
        campaign, form = await run_in_threadpool(_load, request.app.state.engine, campaign_id)
    except Problem:
        return _unknown(view)
    if request.headers.get("content-type", "").startswith("multipart/"):
        # Our form never sends one; its parts may name a character encoding of their own, down to broken text.
        raise Problem("request_malformed", where="Content-Type")
    async with request.form(max_files=0, max_fields=form.most_fields + 8) as fields:
        sheet = _sheet(form, fields)
        only_draw = "show" in fields
    if only_draw:
        return draw_form(campaign, form, view, sheet)
    if not sheet.code.strip():
        return draw_form(campaign, form, view, sheet, code_missing=True)
    return await _take(request, campaign, form, view, sheet)


async def _take(request: Request, campaign: Campaign, form: Form, view: View, sheet: Sheet) -> Response:
    """Cast the sheet; or, while its variant is not known, look at the code and draw the form that it carries."""
    state = request.app.state
    watch: CodeWatch = state.watch
    try:
        asker = await watch.admit(request.scope)
        if not sheet.variant:
            found = await run_in_threadpool(_look_up, state, asker, campaign.id, sheet.code)
            return draw_form(campaign, form, view, replace(sheet, variant=found.variant))
        receipt = await hand_in(
            state,
            asker,
            campaign.id,
            code=sheet.code,
            ballot_id=sheet.ballot_id,
            answers=sheet.answers,
            more=sheet.more,
        )
    except Problem as problem:
        return _refused(problem, campaign, form, view, sheet)
    kept = View(f"/b/{campaign.id}/receipt/{receipt.code}", view.lang, view.elder)
    return RedirectResponse(kept.link(), status_code=303, headers={"Cache-Control": "no-store"})


@router.get("/b/{campaign_id}/receipt/{receipt}", operation_id="show_receipt")
def show_receipt(
    _guard: Annotated[None, Public], campaign_id: str, receipt: str, view: PageView, db: ReadDb
) -> HTMLResponse:
    """The receipt, large enough to photograph. It says that the sheet is in, never what is on it."""
    try:
        campaign = campaigns.get(db, campaign_id)
    except Problem:
        return _unknown(view)
    title = title_of(campaign, view)
    if not holds_receipt(db, log=campaign.id, receipt=receipt):
        t = view.words
        heading, text = t("receipt.unknown_title"), t("receipt.unknown_text")
        return notice(view, title=title, heading=heading, text=text, status=404)
    return page("receipt.html", view, title=title, rehearsal=is_rehearsal(campaign), receipt=receipt.upper())


@router.get(PREFIX + "{name}", operation_id="read_phone_asset", response_class=Response)
def read_phone_asset(_guard: Annotated[None, Public], name: str) -> Response:
    """Script and icon. Their names change with their content, so that they are kept for ever."""
    asset = ASSETS.by_name.get(name)
    if asset is None:
        raise Problem("not_found")
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": FOR_EVER})


def _load(engine: Engine, campaign_id: str) -> tuple[Campaign, Form]:
    with reading(engine) as session:
        campaign = campaigns.get(session, campaign_id)
        return campaign, campaigns.form_of(session, campaign)


def ballot_id_of(sent: object) -> uuid.UUID:
    """The id that came with the form; a fresh one where none came, or one that is not random."""
    try:
        found = uuid.UUID(str(sent))
    except ValueError:
        return uuid.uuid4()
    return found if found.version == RANDOM else uuid.uuid4()


def _sheet(form: Form, fields: FormData) -> Sheet:
    ballot_id = ballot_id_of(fields.get("ballot_id"))
    named = str(fields.get("variant", ""))
    variant = named if named in form.variants else sole_variant(form)
    return Sheet(ballot_id, str(fields.get("code", "")), answers_of(form, fields), variant, more_of(form, fields))


def _look_up(state: Any, asker: Asker, campaign_id: str, code: str) -> Checked:
    """What the code says. It is looked at and not spent; one that is not live is refused."""
    with unit_of_work(state.engine) as session:
        found = look_up(state, session, asker, campaign_id, code)
    if found.state in _NOT_LIVE:
        raise Problem(_NOT_LIVE[found.state])
    return found


_NOT_LIVE = {"spent": "ticket_used", "void": "ticket_void", "expired": "ticket_expired"}


def _unknown(view: View) -> HTMLResponse:
    t = view.words
    heading = t("unknown.title")
    return notice(view, title=t("home.title"), heading=heading, text=t("unknown.text"), status=404)


def _refused(problem: Problem, campaign: Campaign, form: Form, view: View, sheet: Sheet) -> HTMLResponse:
    ends_here = {"ticket_used", "ticket_void", "ticket_expired", "campaign_not_open", "campaign_closed"}
    if problem.code in ends_here:
        return draw_refusal(problem, campaign, view, status=problem.entry.status)
    if problem.code == "ballot_id_taken":
        sheet = replace(sheet, ballot_id=uuid.uuid4())
    return draw_form(campaign, form, view, sheet, problem=problem)
