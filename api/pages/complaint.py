"""The public pages of complaints (效能投诉): the form, the receipt code, and how far a complaint is. No script."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from api.addresses import Proxies, asking_address
from api.auth.guards import FromOurForms, Public
from api.db import reading, unit_of_work
from api.deps import ReadDb
from api.limits import COMPLAINT_FORM
from api.pages.render import page
from api.pages.routes import PageView, ballot_id_of
from api.pages.sent_forms import Sent, sent
from api.pages.words import View
from api.settings import Settings
from api.slowing import Slowing
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.findings import complaints
from survey_models.findings.complaints import ABOUT, Draft
from survey_models.findings.files import Handed
from survey_models.hotline.rules import ATTACHMENT_BYTES
from survey_models.units import service as units

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)
PROGRESS = COMPLAINT_FORM + "/progress"
REASON_LENGTH = 1_800


@dataclass(frozen=True)
class Seen:
    """How far a complaint is, in the words of the page."""

    state: str
    due: str
    steps: list[tuple[str, str]]
    answer: str


@router.get(COMPLAINT_FORM, operation_id="show_complaint_form")
def show_complaint_form(_guard: Annotated[None, Public], view: PageView, db: ReadDb) -> HTMLResponse:
    """The form: unit, matter, reason, evidence, name."""
    return _draw(view, _units(db), _blank())


@router.post(COMPLAINT_FORM, operation_id="take_complaint")
async def take_complaint(_guard: Annotated[None, FromOurForms], view: PageView, request: Request) -> Response:
    """Take a complaint and show its receipt code once, or the form again with one sentence."""
    slowing: Slowing = request.app.state.slowing
    settings: Settings = request.app.state.settings
    async with slowing.turn(asking_address(request.scope, Proxies(settings.trusted_proxies))):
        try:
            form = await sent(request, limit=ATTACHMENT_BYTES)
        except Problem as problem:
            if problem.code != "body_too_large":
                raise
            return await run_in_threadpool(_again, request, view, problem, _blank())
        return await run_in_threadpool(_keep, request, view, form)


@router.get(PROGRESS, operation_id="show_complaint_progress")
def show_complaint_progress(_guard: Annotated[None, Public], view: PageView) -> HTMLResponse:
    """The field for the receipt code."""
    return _progress(view, None)


@router.post(PROGRESS, operation_id="ask_complaint_progress")
def ask_complaint_progress(
    _guard: Annotated[None, FromOurForms],
    view: PageView,
    request: Request,
    db: ReadDb,
    code: Annotated[str, Form(max_length=40)],
) -> HTMLResponse:
    """How far the complaint of the code is."""
    try:
        found = complaints.progress(db, code, zone=request.app.state.settings.timezone)
    except Problem as problem:
        return _progress(view, None, problem)
    due = found.due_on.isoformat() if found.due_on else ""
    steps = [(day.isoformat(), _said(view, words)) for day, words in found.steps]
    return _progress(view, Seen(_said(view, found.state), due, steps, found.answer))


def _keep(request: Request, view: View, form: Sent) -> Response:
    state = request.app.state
    draft = Draft(
        about=form["about"],
        unit_code=form["unit"],
        matter=form["matter"],
        reason=form["reason"][:REASON_LENGTH],
        person=form["person"],
        name=form["name"],
        contact=form["contact"],
        concerned=bool(form["concerned"]),
        share=bool(form["share"]),
        id=ballot_id_of(form["id"]),
    )
    evidence = Handed(form.content, form.filename) if form.content else None
    try:
        with unit_of_work(state.engine) as session:
            made = complaints.file(
                session,
                draft,
                evidence,
                pepper=state.pepper,
                at=clock.now(),
                terms=state.settings.terms,
                limit=ATTACHMENT_BYTES,
            )
            forwarded = made.finding.state != "suggestion"
    except Problem as problem:
        if problem.entry.status >= 500:
            raise
        return _again(request, view, problem, draft, attached=evidence is not None)
    title, follow = view.words("complaint.title"), View(PROGRESS, view.lang, view.elder).link()
    return page("complaint_receipt.html", view, title=title, code=made.code, forwarded=forwarded, follow=follow)


def _again(request: Request, view: View, problem: Problem, draft: Draft, *, attached: bool = False) -> HTMLResponse:
    with reading(request.app.state.engine) as session:
        listed = _units(session)
    return _draw(view, listed, draft, problem, attached=attached)


def _units(session: ReadDb) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in units.all_units(session)]


def _blank() -> Draft:
    return Draft("delay", "", "", "", id=uuid.uuid4())


def _said(view: View, words: tuple[str, str]) -> str:
    return words[1] if view.lang == "en" else view.words.written(words[0])


def _sentence(view: View, problem: Problem) -> str:
    return view.words.sentence(problem) + view.words("list.gap") + view.words.remedy(problem)


def _draw(
    view: View,
    listed: list[tuple[str, str]],
    draft: Draft,
    problem: Problem | None = None,
    *,
    attached: bool = False,
) -> HTMLResponse:
    return page(
        "complaint.html",
        view,
        status=problem.entry.status if problem else 200,
        title=view.words("complaint.title"),
        units=listed,
        kinds=[(key, _said(view, words)) for key, words in ABOUT.items()],
        draft=draft,
        limit=REASON_LENGTH,
        megabytes=ATTACHMENT_BYTES // 1024**2,
        follow=View(PROGRESS, view.lang, view.elder).link(),
        problem=_sentence(view, problem) if problem else None,
        again=attached,
    )


def _progress(view: View, seen: Seen | None, problem: Problem | None = None) -> HTMLResponse:
    return page(
        "complaint_progress.html",
        view,
        status=problem.entry.status if problem else 200,
        title=view.words("complaint.follow"),
        seen=seen,
        problem=_sentence(view, problem) if problem else None,
    )
