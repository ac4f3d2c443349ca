"""Findings (问题处置): opened, moved step by step, listed to those who may see them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from api import acts
from api.auth.guards import Asker, DeskActor, FindingActor, FindingReader, OfficeActor, second_person
from api.auth.sessions import Actor
from api.bodies import download
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.findings import (
    BadRatingView,
    FileView,
    FindingDetail,
    FindingView,
    FindingWish,
    LoopView,
    MoveView,
    MoveWish,
    PriceForTwo,
    StepView,
    WaitingView,
    WordsView,
)
from api.settings import Settings
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.findings import acts as for_two
from survey_models.findings import bad_ratings, files, lists, service
from survey_models.findings.machines import Kind, machine_of
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.publications import notices
from survey_models.ratings.rates import percent
from survey_models.reports.typesetting import TYPES, typeset

router = APIRouter(prefix="/api/findings", tags=["findings"], responses=RESPONSES)


def who_of(actor: Actor) -> Who:
    """The person as findings know them."""
    return Who(actor.name, actor.roles, actor.unit_code, actor.area_code)


@router.get("/ratings", operation_id="list_bad_ratings")
def list_bad_ratings(_actor: DeskActor, request: Request, response: Response, db: ReadDb) -> list[BadRatingView]:
    """Bad ratings by day, at most 400: window, level and reasons, never the minute."""
    response.headers["Cache-Control"] = "no-store"
    found = bad_ratings.of_ratings(db, zone=request.app.state.settings.timezone)
    return [BadRatingView.of(one) for one in found]


@router.get("/ratings/{finding_id}", operation_id="read_bad_rating")
def read_bad_rating(
    _actor: DeskActor, finding_id: uuid.UUID, request: Request, response: Response, db: ReadDb
) -> BadRatingView:
    """One of them."""
    response.headers["Cache-Control"] = "no-store"
    return BadRatingView.of(bad_ratings.of_rating(db, finding_id, zone=request.app.state.settings.timezone))


@router.get("/waiting", operation_id="list_waiting_findings")
def list_waiting_findings(
    actor: FindingReader, request: Request, db: ReadDb, days: Annotated[int, Query(ge=0, le=60)] = lists.REMIND_DAYS
) -> list[WaitingView]:
    """What is overdue, or falls due within some days, the earliest first; a unit gets what waits for it."""
    settings: Settings = request.app.state.settings
    found = lists.waiting(db, who=who_of(actor), at=clock.now(), terms=settings.terms, days=days)
    unit = Role.UNIT in actor.roles
    views = [
        (FindingView.of(one.finding, zone=settings.timezone, due_on=one.due_on, unit=unit), one.overdue)
        for one in found
    ]
    return [WaitingView(**view.model_dump(), overdue=overdue) for view, overdue in views]


@router.get("/flagged", operation_id="list_flagged_complaints")
def list_flagged_complaints(actor: OfficeActor, request: Request, db: ReadDb) -> list[FindingView]:
    """Complaints that set off a repeat trigger: a special report and a suggestion of accountability (问责建议)."""
    zone = request.app.state.settings.timezone
    return [FindingView.of(one, zone=zone) for one in lists.flagged(db, who=who_of(actor))]


@router.get("/must-check", operation_id="list_must_check_units")
def list_must_check_units(_actor: OfficeActor, db: ReadDb, plan: Annotated[str, Query(max_length=60)]) -> list[str]:
    """Codes of the units with a problem in an inspection plan: they are in the next draw (必查单位)."""
    return lists.must_check(db, plan)


@router.get("/loop", operation_id="read_rating_loop")
def read_rating_loop(
    _actor: DeskActor, db: ReadDb, window: Annotated[str, Query(max_length=60)], since: date, until: date
) -> LoopView:
    """What became of a window's bad ratings, with both rates; none under 10 ratings."""
    found = lists.loop(db, window, since=since, until=until)
    rates = found.rates()
    numbers = {name: getattr(found, name) for name in ("ratings", "bad", "verified", "excluded", "unreachable")}
    return LoopView(
        **numbers, bad_rate=percent(rates[0]) if rates else None, bad_rate_kept=percent(rates[1]) if rates else None
    )


@router.get("", operation_id="list_findings")
def list_findings(
    actor: FindingReader,
    request: Request,
    db: ReadDb,
    kind: Kind | None = None,
    *,
    unit: Annotated[str | None, Query(max_length=20)] = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
) -> list[FindingView]:
    """The newest findings that a person may see, at most 400; a unit gets its own."""
    found = service.listed(db, who=who_of(actor), kind=kind, unit_code=unit, state=state)
    zone, own = request.app.state.settings.timezone, Role.UNIT in actor.roles
    return [FindingView.of(one, zone=zone, unit=own) for one in found]


@router.post("", operation_id="open_finding", status_code=201)
def open_finding(actor: FindingActor, wish: FindingWish, request: Request, db: Db) -> FindingDetail:
    """Record what was found, or send a supervision notice."""
    settings: Settings = request.app.state.settings
    found = service.open_(db, wish.new(), who=who_of(actor), at=clock.now(), terms=settings.terms)
    return _detail(db, found, actor, settings)


@router.get("/{finding_id}", operation_id="read_finding")
def read_finding(
    actor: FindingReader, finding_id: uuid.UUID, request: Request, response: Response, db: ReadDb
) -> FindingDetail:
    """A finding with its steps, its files, and the steps that may be taken now."""
    response.headers["Cache-Control"] = "no-store"
    return _detail(db, service.get(db, finding_id, who=who_of(actor)), actor, request.app.state.settings)


@router.post("/{finding_id}/moves", operation_id="move_finding")
def move_finding(actor: FindingActor, finding_id: uuid.UUID, wish: MoveWish, request: Request, db: Db) -> FindingDetail:
    """Take a step."""
    settings: Settings = request.app.state.settings
    who, at = who_of(actor), clock.now()
    found = service.move(db, finding_id, wish.move, wish.given(), who=who, at=at, terms=settings.terms)
    return _detail(db, found, actor, settings)


@router.get("/{finding_id}/notice.{ending}", operation_id="fetch_finding_notice", response_class=Response)
def fetch_finding_notice(
    actor: FindingReader, finding_id: uuid.UUID, ending: Literal["docx", "pdf"], request: Request, db: ReadDb
) -> Response:
    """The newest notice of a finding (整改通知书, 督办通知), for the office and for the unit that it goes to."""
    settings: Settings = request.app.state.settings
    paper = notices.paper_of(db, finding_id, who=who_of(actor), zone=settings.timezone)
    # Setting a page takes a second; the session that read for it need not wait.
    db.close()
    return download(typeset(paper, ending, named=settings.font), media=TYPES[ending], name=f"{paper.name}.{ending}")


@router.post("/{finding_id}/price", operation_id="ask_finding_price", status_code=202)
def ask_finding_price(
    asker: Annotated[Asker, second_person(acts.PRICE_FINDING)], finding_id: uuid.UUID, wish: PriceForTwo, db: Db
) -> ActView:
    """Ask for discretionary points (酌情扣分) with their reason; another person confirms."""
    params = for_two.params_of(finding_id, wish.move, wish.price.price(), wish.note)
    return ActView.of(asker.ask(db, SYSTEM_LOG, params), at=clock.now())


def _detail(session: Session, found: Finding, actor: Actor, settings: Settings) -> FindingDetail:
    who, zone, years = who_of(actor), settings.timezone, settings.evidence_years
    moves = machine_of(found.kind).moves
    names = service.moves_for(session, found, who=who, at=clock.now(), terms=settings.terms)
    kept, steps = files.listed(session, found, who=who), service.steps_of(session, found)
    fields = ("plan", "round_id", "component", "rule", "period", "matter", "points", "article", "lost", "clocks")
    own: dict[str, Any] = {name: getattr(found, name) for name in fields}
    view = FindingView.of(found, zone=zone, unit=Role.UNIT in actor.roles)
    return FindingDetail(
        **view.model_dump(),
        **own,
        place=str(found.body.get("place", "")),
        person=str(found.body.get("person", "")),
        steps=[StepView.of(found.kind, one) for one in steps],
        files=[FileView.of(one, years=years, zone=zone) for one in kept],
        moves=[
            MoveView(name=name, words=WordsView.of(moves[name].words), needs=[one.value for one in moves[name].needs])
            for name in names
        ],
        notice=notices.sent_by(found, steps) is not None,
    )
