"""Rosters (名册): template, import, what is lacking, the names for those who need them, removal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from sqlalchemy.orm import Session

from api.auth.guards import RosterReader, SetupActor
from api.bodies import XLSX, SentFile, described, download, downloads, files_in
from api.deps import Db, ReadDb
from api.marked import marked
from api.problems import RESPONSES
from api.schemas.rosters import (
    CountsView,
    DrawnPersonView,
    EntryView,
    PersonView,
    Removal,
    RosterBody,
    RosterDrawView,
    RosterDrawWish,
    RosterView,
    UnreadyView,
)
from survey_models.core import clock
from survey_models.rosters import drawing, service
from survey_models.rosters.sealing import Sealer
from survey_models.spreadsheets.read import Sheet, read

Roster = Annotated[str, Query(max_length=60)]

router = APIRouter(prefix="/api/rosters", tags=["rosters"], responses=RESPONSES)


@router.get("", operation_id="list_rosters")
def list_rosters(
    _actor: RosterReader, round_id: Annotated[str, Query(alias="round", max_length=60)], db: ReadDb
) -> list[RosterView]:
    """The rosters of a round with their printed counts."""
    return [RosterView.of(row, service.counts_of(db, row.id)) for row in service.of_round(db, round_id)]


@router.post("", operation_id="make_roster", status_code=status.HTTP_201_CREATED)
def make_roster(_actor: SetupActor, body: RosterBody, db: Db) -> RosterView:
    """A further roster of a round: of another locality, another hirer."""
    row = service.make(db, body.id, round_id=body.round, kind=body.kind, title=body.title)
    return RosterView.of(row, service.counts_of(db, row.id))


@router.get("/{roster}/template.xlsx", operation_id="roster_template_xlsx", responses=downloads(XLSX))
def roster_template_xlsx(_actor: SetupActor, roster: str, db: ReadDb) -> Response:
    """The workbook to fill in."""
    return download(service.template(db, roster), media=XLSX, name="roster.xlsx")


async def sent_roster(
    _actor: SetupActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> SentFile:
    """The workbook in the body, raw or as the form field ``file``."""
    return (await files_in(request, filename))[0]


def _importing(
    db: Session, roster: str, request: Request, *, file: SentFile, opens_on: date | None, by: str
) -> Callable[[Sheet], service.Counts]:
    """What brings a sheet into the roster, whether it is kept, tried, or given back with its faults."""
    return lambda sheet: service.import_sheet(
        db,
        roster,
        sheet,
        file.content,
        sealer=Sealer(request.app.state.pepper),
        opens_on=opens_on,
        by=by,
        at=clock.now(),
        zone=request.app.state.settings.timezone,
    )


@router.post("/files", operation_id="import_roster", openapi_extra=described())
def import_roster(
    actor: SetupActor,
    roster: Roster,
    request: Request,
    *,
    file: Annotated[SentFile, Depends(sent_roster)],
    db: Db,
    opens_on: Annotated[date | None, Query()] = None,
    dry_run: Annotated[bool, Query()] = False,
) -> CountsView:
    """Replace the people of a roster by those of a workbook; every fault comes at once. The file is not kept.

    ``dry_run``: the same checks and counts, and the roster stays as it is.
    """
    importing = _importing(db, roster, request, file=file, opens_on=opens_on, by=actor.name)
    counts = importing(read(file.content, file.name))
    if dry_run:
        db.rollback()
    return CountsView.of(counts)


@router.post("/files/marked", operation_id="mark_roster_file", responses=downloads(XLSX), openapi_extra=described())
def mark_roster_file(
    actor: SetupActor,
    roster: Roster,
    request: Request,
    *,
    file: Annotated[SentFile, Depends(sent_roster)],
    db: Db,
    opens_on: Annotated[date | None, Query()] = None,
) -> Response:
    """The workbook given back with its faulty cells marked and what to do; nothing of it is kept."""
    made = marked(file, _importing(db, roster, request, file=file, opens_on=opens_on, by=actor.name))
    db.rollback()
    return made


@router.get("/{roster}/unready", operation_id="list_unready_people")
def list_unready_people(_actor: RosterReader, roster: str, db: ReadDb) -> list[UnreadyView]:
    """Who may not take part yet: not trained or no undertaking before the point opens."""
    opens_on = service.get(db, roster).opens_on
    return [UnreadyView.of(row, codes, opens_on) for row, codes in service.unready(db, roster)]


@router.post("/{roster}/open", operation_id="open_roster")
def open_roster(actor: SetupActor, roster: str, request: Request, response: Response, db: Db) -> list[PersonView]:
    """Everybody by name. It is a post because it writes: that somebody looked stands in the ledger."""
    response.headers["Cache-Control"] = "no-store"
    sealer = Sealer(request.app.state.pepper)
    found = service.people(db, roster, sealer=sealer, by=actor.name, at=clock.now())
    return [PersonView.whole(row, person) for row, person in found]


@router.post("/{roster}/forget", operation_id="forget_roster")
def forget_roster(actor: SetupActor, roster: str, db: Db) -> CountsView:
    """Erase names and numbers of everybody, once the round needs them no more; dates and counts stay."""
    service.forget(db, roster, by=actor.name, at=clock.now())
    return CountsView.of(service.counts_of(db, roster))


@router.post("/{roster}/entries/{entry_id}/remove", operation_id="remove_from_roster")
def remove_from_roster(
    actor: SetupActor, roster: str, entry_id: uuid.UUID, body: Removal, *, request: Request, db: Db
) -> EntryView:
    """Take somebody off the roster; a card that was handed in is voided by its serial number."""
    row = service.remove(
        db,
        roster,
        entry_id,
        reason=body.reason,
        handed_in=body.handed_in,
        card=body.card.card if body.card else None,
        by=actor.name,
        at=clock.now(),
        zone=request.app.state.settings.timezone,
    )
    return EntryView.of(row)


@router.get("/{roster}/draws", operation_id="list_roster_draws")
def list_roster_draws(_actor: RosterReader, roster: str, db: ReadDb) -> list[RosterDrawView]:
    """The draws from a roster, the oldest first."""
    return [RosterDrawView.of(row, draw) for row, draw in drawing.of_roster(db, roster)]


@router.post("/{roster}/draws", operation_id="plan_roster_draw", status_code=status.HTTP_201_CREATED)
def plan_roster_draw(actor: SetupActor, roster: str, body: RosterDrawWish, db: Db) -> RosterDrawView:
    """Fix how many of each stratum are drawn, before the seed exists; then `POST /api/draws/{id}/run` by two people."""
    made = drawing.plan(db, roster, body.wish(), by=actor.name, at=clock.now())
    return RosterDrawView.of(*drawing.get(db, roster, made.id))


@router.get("/{roster}/draws/{draw_id}", operation_id="read_roster_draw")
def read_roster_draw(_actor: RosterReader, roster: str, draw_id: str, db: ReadDb) -> list[DrawnPersonView]:
    """Who was drawn, by random ids alone."""
    return [DrawnPersonView.of(one) for one in drawing.drawn(db, roster, draw_id)]


@router.post("/{roster}/draws/{draw_id}/open", operation_id="open_roster_draw")
def open_roster_draw(
    actor: SetupActor, roster: str, draw_id: str, *, request: Request, response: Response, db: Db
) -> list[DrawnPersonView]:
    """Who was drawn, by name, to be invited; that somebody looked stands in the ledger."""
    response.headers["Cache-Control"] = "no-store"
    sealer = Sealer(request.app.state.pepper)
    found = drawing.people(db, roster, draw_id, sealer=sealer, by=actor.name, at=clock.now())
    return [DrawnPersonView.of(one, person) for one, person in found]
