"""The pages of the open QR (开放扫码): what it is, the form of one visit, the receipt. They need no script."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from api import visits
from api.auth.guards import FromOurForms, Public
from api.pages.forms import answers_of, form_view, more_of
from api.pages.phone import Sheet, draw_refusal, is_rehearsal, notice_of, remark_on, title_of, unavailable
from api.pages.render import notice, page
from api.pages.routes import PageView, ballot_id_of
from api.pages.words import View
from survey_models.ballots.open_door import OpenDoor, variant_of
from survey_models.campaigns.rules import level
from survey_models.campaigns.tables import Campaign
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import Form
from survey_models.tickets import open_qr

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)

_ENDS_HERE = frozenset(
    {
        "open_ticket_unknown",
        "open_ticket_expired",
        "open_ticket_used",
        "open_device_used",
        "campaign_not_open",
        "campaign_closed",
    }
)


@router.get("/o/{campaign_id}", operation_id="show_open_start")
async def show_open_start(
    _guard: Annotated[None, Public], campaign_id: str, view: PageView, request: Request
) -> HTMLResponse:
    """What the open QR is and what it is not. Reading it begins nothing and leaves no cookie."""
    try:
        campaign, _ = await run_in_threadpool(visits.open_campaign_of, request.app.state, campaign_id)
    except Problem:
        return _unknown(view)
    refusal = unavailable(campaign)
    if refusal is not None:
        return draw_refusal(refusal, campaign, view, status=200)  # asking too early or too late is no error
    return page(
        "open_start.html",
        view,
        title=title_of(campaign, view),
        rehearsal=is_rehearsal(campaign),
        minutes=open_qr.MINUTES,
    )


@router.post("/o/{campaign_id}", operation_id="answer_open_form")
async def answer_open_form(
    _guard: Annotated[None, FromOurForms], campaign_id: str, view: PageView, request: Request
) -> Response:
    """Begin a visit, draw its form again in another view (field ``show``), or cast what it holds."""
    try:
        campaign, form = await run_in_threadpool(visits.open_campaign_of, request.app.state, campaign_id)
    except Problem:
        return _unknown(view)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise Problem("request_malformed", where="Content-Type")
    async with request.form(max_files=0, max_fields=form.most_fields + 8) as fields:
        ticket = str(fields.get("ticket", ""))
        sheet = Sheet(
            ballot_id_of(fields.get("ballot_id")),
            "",
            answers_of(form, fields),
            variant_of(form),
            more_of(form, fields),
        )
        only_draw = "show" in fields
    if not ticket:
        return await run_in_threadpool(_begin, request, campaign, view)
    if only_draw:
        return _draw(_Shown(campaign, form, ticket), view, sheet)
    door: OpenDoor = request.app.state.open_door
    try:
        receipt = await door.post(
            campaign.id,
            form,
            ballot_id=sheet.ballot_id,
            ticket=ticket,
            answers=sheet.answers,
            more=sheet.more,
            cookie=visits.cookie_in(request),
            at=clock.now(),
        )
    except Problem as problem:
        return _refused(_Shown(campaign, form, ticket), view, sheet, problem)
    kept = View(f"/b/{campaign.id}/receipt/{receipt.code}", view.lang, view.elder)
    return RedirectResponse(kept.link(), status_code=303, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True)
class _Shown:
    """Whose form it is, and the ticket of the visit."""

    campaign: Campaign
    form: Form
    ticket: str = field(repr=False)


def _begin(request: Request, campaign: Campaign, view: View) -> Response:
    state = request.app.state
    try:
        visit = visits.arrive(state, campaign.id, visits.cookie_in(request))
    except Problem as problem:
        return draw_refusal(problem, campaign, view, status=problem.entry.status)
    sheet = Sheet(uuid.uuid4(), "", "", variant_of(visit.form))
    drawn = _draw(_Shown(visit.campaign, visit.form, visit.ticket), view, sheet)
    visits.keep_cookie(drawn, state.settings, visit.cookie)
    return drawn


def _refused(shown: _Shown, view: View, sheet: Sheet, problem: Problem) -> HTMLResponse:
    if problem.code in _ENDS_HERE:
        return draw_refusal(problem, shown.campaign, view, status=problem.entry.status)
    return _draw(shown, view, sheet, problem)


def _draw(shown: _Shown, view: View, sheet: Sheet, problem: Problem | None = None) -> HTMLResponse:
    flag_open = problem is not None and problem.code == "answers_missing"
    fields = form_view(
        shown.form, view.words, variant=sheet.variant, answers=sheet.answers, more=sheet.more, flag_open=flag_open
    )
    return page(
        "open_form.html",
        view,
        status=problem.entry.status if problem else 200,
        title=title_of(shown.campaign, view),
        rehearsal=is_rehearsal(shown.campaign),
        form=fields,
        level=level(shown.campaign.key_kept).value,
        notice=notice_of(shown.campaign, view),
        campaign_id=shown.campaign.id,
        ballot_id=sheet.ballot_id,
        ticket=shown.ticket,
        problem=remark_on(problem, shown.form, view, sheet),
    )


def _unknown(view: View) -> HTMLResponse:
    t = view.words
    return notice(view, title=t("home.title"), heading=t("unknown.title"), text=t("open.unknown"), status=404)
