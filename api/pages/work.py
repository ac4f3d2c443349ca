"""Pages for those who work on findings by phone: the unit's own page (被评议单位) and the inspector's (督查员).

They need no script; the inspector's script adds the digest of the file and a queue for places without a network.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth import second_step, sessions
from api.auth.guards import FromOurForms, SignedPage
from api.auth.sessions import Actor, CodeAsked
from api.db import reading, unit_of_work
from api.deps import ReadDb
from api.limits import INSPECT_FORM, UNIT_FORM
from api.pages.render import notice, page
from api.pages.routes import PageView, ballot_id_of
from api.pages.sent_forms import Sent, sent
from api.pages.words import View
from api.settings import Settings
from survey_models.accounts.rules import Role
from survey_models.accounts.service import Started
from survey_models.core import clock
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.findings import files, lists, service
from survey_models.findings.files import Handed
from survey_models.findings.machines import KIND_WORDS, Kind, machine_of
from survey_models.findings.moves import Clock, Need, Words
from survey_models.findings.rules import Given, NewFinding, ends_on
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding
from survey_models.inspections import choices
from survey_models.publications import notices
from survey_models.ratings.rules import LEVELS
from survey_models.units import service as units

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)
UNIT = "/unit"
AtUnit = Annotated[Actor | None, Depends(SignedPage(Role.UNIT))]
AtInspection = Annotated[Actor | None, Depends(SignedPage(Role.INSPECTOR))]
Anybody = Annotated[Actor | None, Depends(SignedPage())]
TITLES = {UNIT: "work.unit_title", INSPECT_FORM: "work.inspect_title"}
KINDS = (Kind.INSPECTION, Kind.SECRET_VISIT)
SHOWN = 20


@dataclass(frozen=True)
class Line:
    """A finding on a list."""

    kind: str
    state: str
    text: str
    due: str
    overdue: bool
    link: str


@dataclass(frozen=True)
class Step:
    """A step that may be taken, and what its form asks for."""

    name: str
    words: str
    note: bool
    file: bool
    told: bool


@router.post("/signin", operation_id="sign_in_by_form")
def sign_in_by_form(
    _guard: Annotated[None, FromOurForms],
    view: PageView,
    request: Request,
    *,
    name: Annotated[str, Form(max_length=60)] = "",
    password: Annotated[str, Form(max_length=256)] = "",
    to: Annotated[str, Form(max_length=20)] = UNIT,
    ticket: Annotated[str, Form(max_length=1000)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Sign in and go on to the page that asked for it; with a ``ticket``, the second step with a one-time code."""
    settings: Settings = request.app.state.settings
    engine, wanted = request.app.state.engine, to if to in TITLES else UNIT
    old = sessions.token_in(request, settings)
    started: Started | CodeAsked
    try:
        if ticket:
            started = second_step.sign_in_with_code(engine, settings, ticket=ticket, code=code, replaces=old)
        else:
            started = sessions.sign_in(engine, settings, name=name, password=password, door="browser", replaces=old)
    except Problem as problem:
        return _signin(view, wanted, problem, ticket="" if problem.code == "sign_in_step_ended" else ticket)
    if isinstance(started, CodeAsked):
        return _signin(view, wanted, ticket=started.ticket)
    answer = _go(wanted, view)
    sessions.give_cookie(answer, settings, started.token)
    return answer


@router.post("/signout", operation_id="sign_out_by_form")
def sign_out_by_form(actor: Anybody, view: PageView, request: Request, csrf: Annotated[str, Form()] = "") -> Response:
    """Sign out; the session ends on the server."""
    settings: Settings = request.app.state.settings
    answer = _go(UNIT, view)
    token = sessions.token_in(request, settings)
    if actor is not None and token is not None:
        _check_token(actor, csrf)
        sessions.sign_out(request.app.state.engine, token)
    sessions.take_cookie(answer, settings)
    return answer


@router.get(UNIT, operation_id="show_unit_work")
def show_unit_work(actor: AtUnit, view: PageView, request: Request, db: ReadDb) -> HTMLResponse:
    """What waits for the unit, and everything else that concerns it."""
    if actor is None:
        return _signin(view, UNIT)
    terms = request.app.state.settings.terms
    waiting = lists.waiting(db, who=_who(actor), at=clock.now(), terms=terms, days=60)
    there = {one.finding.id for one in waiting}
    others = [one for one in service.listed(db, who=_who(actor)) if one.id not in there]
    named = {one.code: one.name for one in units.all_units(db)}
    return page(
        "work_unit.html",
        view,
        title=view.words("work.unit_title"),
        unit=named.get(actor.unit_code or "", ""),
        waiting=[_line(view, one.finding, due=one.due_on, overdue=one.overdue) for one in waiting],
        others=[_line(view, one) for one in others[:SHOWN]],
        csrf=actor.csrf,
    )


@router.get(UNIT + "/{finding_id}", operation_id="show_unit_finding")
def show_unit_finding(
    actor: AtUnit, finding_id: uuid.UUID, view: PageView, request: Request, db: ReadDb
) -> HTMLResponse:
    """One finding with the steps that the unit may take now."""
    if actor is None:
        return _signin(view, UNIT)
    return _finding(request, view, actor, db, finding_id)


@router.post(UNIT_FORM, operation_id="take_unit_step")
async def take_unit_step(actor: AtUnit, view: PageView, request: Request) -> Response:
    """Take a step, with a file where one was chosen: 303 to the finding, or its page again with one sentence."""
    if actor is None:
        return _signin(view, UNIT)
    form = await sent(request, limit=request.app.state.settings.max_upload_bytes)
    _check_token(actor, form["csrf"])
    return await run_in_threadpool(_step, request, view, actor, form)


@router.get(INSPECT_FORM, operation_id="show_inspection_form")
def show_inspection_form(
    actor: AtInspection, view: PageView, db: ReadDb, done: Annotated[str, Query(max_length=1)] = ""
) -> HTMLResponse:
    """The record of an inspection, and what this inspector recorded before."""
    if actor is None:
        return _signin(view, INSPECT_FORM)
    return _inspect(view, actor, db, Sent({"id": str(uuid.uuid4())}, "", b""), done=bool(done))


@router.post(INSPECT_FORM, operation_id="take_inspection")
async def take_inspection(actor: AtInspection, view: PageView, request: Request) -> Response:
    """Take a record with its photo: 303 to the form, or the form again with one sentence."""
    if actor is None:
        return _signin(view, INSPECT_FORM)
    form = await sent(request, limit=request.app.state.settings.max_upload_bytes)
    _check_token(actor, form["csrf"])
    return await run_in_threadpool(_record, request, view, actor, form)


def _step(request: Request, view: View, actor: Actor, form: Sent) -> Response:
    settings: Settings = request.app.state.settings
    who, at, finding_id = _who(actor), clock.now(), ballot_id_of(form["finding"])
    try:
        with unit_of_work(request.app.state.engine) as session:
            kept = []
            if form.content:
                handed, limit = Handed(form.content, form.filename), settings.max_upload_bytes
                kept = [
                    files.attach(session, finding_id, handed, who=who, at=at, zone=settings.timezone, limit=limit).id
                ]
            given = Given(note=form["note"], told=bool(form["told"]), files=kept)
            service.move(session, finding_id, form["move"], given, who=who, at=at, terms=settings.terms)
    except Problem as problem:
        if problem.entry.status >= 500:
            raise
        with reading(request.app.state.engine) as session:
            return _finding(request, view, actor, session, finding_id, problem=problem)
    return _go(f"{UNIT}/{finding_id}", view)


def _record(request: Request, view: View, actor: Actor, form: Sent) -> Response:
    settings: Settings = request.app.state.settings
    who, at, finding_id = _who(actor), clock.now(), ballot_id_of(form["id"])
    try:
        with unit_of_work(request.app.state.engine) as session:
            found = service.own(session, finding_id, who=who)
            if found is None:
                new = _new(session, form, finding_id)
                found = service.open_(session, new, who=who, at=at, terms=settings.terms)
            if form.content:
                handed = Handed(form.content, form.filename, form["sha256"], _day(form["taken_on"]))
                limit = settings.max_upload_bytes
                files.attach(session, found.id, handed, who=who, at=at, zone=settings.timezone, limit=limit)
    except Problem as problem:
        if problem.entry.status >= 500:
            raise
        with reading(request.app.state.engine) as session:
            return _inspect(view, actor, session, form, problem)
    return RedirectResponse(f"{view.link()}&done=1", status_code=303, headers={"Cache-Control": "no-store"})


def _new(session: Session, form: Sent, finding_id: uuid.UUID) -> NewFinding:
    """The record of a form: of a drawn unit or place, where one was chosen, else of what was written.

    Raises as ``choices.lot``.
    """
    kind = _kind(form["kind"])
    if not form["lot"]:
        return NewFinding(kind, form["unit"], form["text"], form["place"], plan=form["plan"], id=finding_id)
    lot = choices.lot(session, form["lot"])
    # A plan of open inspections has no secret visits in it: the plan says which it was.
    kind = next((one for one in KINDS if one.value == lot.plan.kind), kind)
    place = lot.place or form["place"]
    return NewFinding(kind, lot.unit_code, form["text"], place, plan=lot.plan.id, id=finding_id)


def _finding(
    request: Request,
    view: View,
    actor: Actor,
    session: Session,
    finding_id: uuid.UUID,
    *,
    problem: Problem | None = None,
) -> HTMLResponse:
    settings: Settings = request.app.state.settings
    who, at = _who(actor), clock.now()
    try:
        found = service.get(session, finding_id, who=who)
    except Problem as refused:
        heading, text = view.words.sentence(refused), view.words.remedy(refused)
        title, status = view.words("work.unit_title"), refused.entry.status
        return notice(view, title=title, heading=heading, text=text, status=status)
    machine = machine_of(found.kind)
    names = service.moves_for(session, found, who=who, at=at, terms=settings.terms)
    taken = service.steps_of(session, found)
    steps = [
        (local_day(one.at, settings.timezone).isoformat(), _said(view, machine.states[one.state_to].words), one.note)
        for one in taken
    ]
    objection = ends_on(found.clocks, Clock.OBJECTION) if "object" in names else None
    return page(
        "work_finding.html",
        view,
        status=problem.entry.status if problem else 200,
        title=view.words("work.unit_title"),
        id=found.id,
        line=_line(view, found),
        article=found.article,
        limit=ends_on(found.clocks, Clock.LIMIT),
        objection=objection,
        paper=notices.sent_by(found, taken) is not None,
        moves=[_asked(view, found, name) for name in names],
        steps=steps,
        back=View(UNIT, view.lang, view.elder).link(),
        csrf=actor.csrf,
        problem=_sentence(view, problem) if problem else None,
    )


def _inspect(
    view: View, actor: Actor, session: Session, form: Sent, problem: Problem | None = None, *, done: bool = False
) -> HTMLResponse:
    mine = [one for one in service.listed(session, who=_who(actor)) if one.made_by == actor.name]
    shown = {name: form[name] for name in ("id", "lot", "kind", "unit", "place", "text", "plan")}
    return page(
        "work_inspect.html",
        view,
        status=problem.entry.status if problem else 200,
        title=view.words("work.inspect_title"),
        sent=shown,
        kinds=[(one.value, _said(view, KIND_WORDS[one])) for one in KINDS],
        drawn=choices.drawn(session),
        units=[(one.code, one.name) for one in units.all_units(session)],
        mine=[_line(view, one, linked=False) for one in mine[:SHOWN]],
        csrf=actor.csrf,
        done=done,
        problem=_sentence(view, problem) if problem else None,
    )


def _signin(view: View, to: str, problem: Problem | None = None, *, ticket: str = "") -> HTMLResponse:
    return page(
        "work_signin.html",
        view,
        status=problem.entry.status if problem else 401,
        title=view.words(TITLES[to]),
        to=to,
        ticket=ticket,
        problem=_sentence(view, problem) if problem else None,
    )


def _line(view: View, found: Finding, *, due: date | None = None, overdue: bool = False, linked: bool = True) -> Line:
    level = found.body.get("level")
    text = str(found.body.get("text", "")) or (LEVELS[level][1 if view.lang == "en" else 0] if level else "")
    link = View(f"{UNIT}/{found.id}", view.lang, view.elder).link() if linked else ""
    kind, state = KIND_WORDS[Kind(found.kind)], machine_of(found.kind).states[found.state].words
    return Line(_said(view, kind), _said(view, state), text, due.isoformat() if due else "", overdue, link)


def _asked(view: View, found: Finding, name: str) -> Step:
    move = machine_of(found.kind).moves[name]
    needs = move.needs
    return Step(name, _said(view, move.words), Need.NOTE in needs, Need.FILE in needs, Need.TOLD in needs)


def _check_token(actor: Actor, sent_token: str) -> None:
    if not hmac.compare_digest(sent_token.encode(), actor.csrf.encode()):
        raise Problem("csrf_refused")


def _who(actor: Actor) -> Who:
    return Who(actor.name, actor.roles, actor.unit_code)


def _kind(text: str) -> Kind:
    return next((one for one in KINDS if one.value == text), KINDS[0])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _said(view: View, words: Words) -> str:
    return words[1] if view.lang == "en" else view.words.written(words[0])


def _sentence(view: View, problem: Problem) -> str:
    return view.words.sentence(problem) + view.words("list.gap") + view.words.remedy(problem)


def _go(path: str, view: View) -> RedirectResponse:
    to = View(path, view.lang, view.elder).link()
    return RedirectResponse(to, status_code=303, headers={"Cache-Control": "no-store"})
