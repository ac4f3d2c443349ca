"""The page that takes reports of vote-buying and canvassing (拉票举报). It needs no script and asks for no name."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse

from api.addresses import Proxies, asking_address
from api.auth.guards import FromOurForms, Public
from api.db import reading, unit_of_work
from api.deps import ReadDb
from api.limits import REPORT_FORM
from api.pages.phone import title_of
from api.pages.render import notice, page
from api.pages.routes import PageView, ballot_id_of
from api.pages.sent_forms import form_of
from api.pages.words import View
from api.slowing import Slowing
from survey_models.campaigns.queries import all_campaigns
from survey_models.campaigns.tables import State
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.hotline import service
from survey_models.hotline.rules import ATTACHMENT_BYTES, TEXT_LENGTH
from survey_models.hotline.service import Draft

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)

_FIELDS = 8


@router.get(REPORT_FORM, operation_id="show_report_form")
def show_report_form(
    _guard: Annotated[None, Public],
    view: PageView,
    db: ReadDb,
    campaign: Annotated[str, Query(max_length=60)] = "",
) -> HTMLResponse:
    """The form: what happened, perhaps in which campaign, perhaps a picture."""
    return _draw(view, _named(db, view), Draft(uuid.uuid4(), "", campaign))


@router.post(REPORT_FORM, operation_id="take_report")
async def take_report(_guard: Annotated[None, FromOurForms], view: PageView, request: Request) -> Response:
    """Take a report: 303 to its number, or the form again with what was written and one sentence."""
    slowing: Slowing = request.app.state.slowing
    settings = request.app.state.settings
    async with slowing.turn(asking_address(request.scope, Proxies(settings.trusted_proxies))):
        try:
            draft = await _sent(request)
        except Problem as problem:
            if problem.code != "body_too_large":
                raise
            return await run_in_threadpool(_again, request, view, problem)
        return await run_in_threadpool(_keep, request, view, draft)


@router.get(REPORT_FORM + "/{number}", operation_id="show_report_number")
def show_report_number(_guard: Annotated[None, Public], number: str, view: PageView, db: ReadDb) -> HTMLResponse:
    """The number of a report, to note down. It says that the report is here, and never what is in it."""
    t = view.words
    try:
        found = service.get(db, number)
    except Problem as problem:
        heading, text = problem.sentence(view.lang), problem.remedy(view.lang)
        return notice(view, title=t("report.title"), heading=heading, text=text, status=404)
    return page("report_receipt.html", view, title=t("report.title"), number=found.number)


def _keep(request: Request, view: View, draft: Draft) -> Response:
    engine, zone = request.app.state.engine, request.app.state.settings.timezone
    try:
        with unit_of_work(engine) as session:
            number = service.receive(session, draft, at=clock.now(), zone=zone).number
    except Problem as problem:
        if problem.entry.status >= 500:
            raise
        return _again(request, view, problem, draft)
    kept = View(f"{REPORT_FORM}/{number}", view.lang, view.elder)
    return RedirectResponse(kept.link(), status_code=303, headers={"Cache-Control": "no-store"})


def _again(request: Request, view: View, problem: Problem, draft: Draft | None = None) -> HTMLResponse:
    """The form with one sentence; without ``draft`` nothing of what was sent could be kept."""
    with reading(request.app.state.engine) as session:
        named = _named(session, view)
    return _draw(view, named, draft or Draft(uuid.uuid4(), ""), problem)


async def _sent(request: Request) -> Draft:
    """The fields and the file of the form. Raises ``request_malformed``, ``body_too_large``."""
    async with form_of(request, limit=ATTACHMENT_BYTES, fields=_FIELDS) as form:
        return await _draft(form)


async def _draft(form: FormData) -> Draft:
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    text, campaign = form.get("text", ""), form.get("campaign", "")
    if not isinstance(text, str) or not isinstance(campaign, str):
        raise Problem("request_malformed", where="text")
    return Draft(ballot_id_of(form.get("id")), text, campaign.replace("\x00", "")[:60], content)


def _named(session: ReadDb, view: View) -> list[tuple[str, str]]:
    """Campaigns that somebody may name: id and title."""
    return [(one.id, title_of(one, view)) for one in all_campaigns(session) if one.state != State.DRAFT]


def _draw(view: View, named: list[tuple[str, str]], draft: Draft, problem: Problem | None = None) -> HTMLResponse:
    remark = problem and problem.sentence(view.lang) + view.words("list.gap") + problem.remedy(view.lang)
    return page(
        "report.html",
        view,
        status=problem.entry.status if problem else 200,
        title=view.words("report.title"),
        campaigns=named,
        draft=draft,
        text=draft.text.encode("utf-8", "replace").decode(),
        limit=TEXT_LENGTH,
        megabytes=ATTACHMENT_BYTES // 1024**2,
        problem=remark,
    )
