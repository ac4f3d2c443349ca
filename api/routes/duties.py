"""Duties (报送任务): what is owed, files and submissions with receipts, the late list, deeds promised in public."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from api.auth.guards import OfficeActor, Public, SetupActor, Signed, own_unit
from api.auth.sessions import Actor
from api.bodies import SentFile, described, download, downloads, files_in
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.duties import (
    DeedsView,
    DeedUpdateView,
    DutyFileView,
    OwedView,
    ProgressBody,
    ReceiptView,
    ReturnBody,
    SubmissionBody,
    SubmissionView,
)
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.core.clock import local_day
from survey_models.duties import service
from survey_models.duties.service import Place

BYTES = "application/octet-stream"
Round = Annotated[str, Query(alias="round", max_length=60)]
# A unit's account for its own unit; the office for everybody, also in the name of those who have no account.
Sending = Annotated[Actor, Depends(Signed(Role.UNIT, Role.SETUP))]
Seeing = Annotated[Actor, Depends(Signed(Role.UNIT, Role.SETUP, Role.RELEASE, Role.AUDITOR))]

router = APIRouter(prefix="/api/duties", tags=["duties"], responses=RESPONSES)


def _zone(request: Request) -> str:
    zone: str = request.app.state.settings.timezone
    return zone


def _today(request: Request) -> date:
    return local_day(clock.now(), _zone(request))


@router.get("", operation_id="list_duties")
def list_duties(actor: Seeing, round_id: Round, request: Request, db: ReadDb) -> list[OwedView]:
    """Everything that is owed in a round and how it stands; a unit's account sees its own unit's."""
    own = actor.unit_code if Role.UNIT in actor.roles else None
    rows = service.listed(db, round_id, at=clock.now(), zone=_zone(request), debtor=own)
    return [OwedView.of(row, _today(request)) for row in rows]


@router.get("/late", operation_id="list_late_duties")
def list_late_duties(_actor: OfficeActor, round_id: Round, request: Request, db: ReadDb) -> list[OwedView]:
    """What came late or is missing, the longest overdue first."""
    rows = service.late(db, round_id, at=clock.now(), zone=_zone(request))
    return [OwedView.of(row, _today(request)) for row in rows]


@router.get("/reminders", operation_id="list_duty_reminders")
def list_duty_reminders(
    _actor: OfficeActor, round_id: Round, request: Request, db: ReadDb, days: Annotated[int, Query(ge=0, le=90)] = 7
) -> list[OwedView]:
    """Whom to remind today: what is missing, and what is due within ``days`` days and has not come."""
    rows = service.reminders(db, round_id, days=days, at=clock.now(), zone=_zone(request))
    return [OwedView.of(row, _today(request)) for row in rows]


async def sent_paper(
    _actor: Sending, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> SentFile:
    """The file in the body, raw or as the form field ``file``."""
    return (await files_in(request, filename))[0]


@router.post("/files", operation_id="send_duty_file", status_code=status.HTTP_201_CREATED, openapi_extra=described())
def send_duty_file(
    actor: Sending,
    round_id: Round,
    duty: Annotated[str, Query(max_length=40)],
    debtor: Annotated[str, Query(max_length=80)],
    file: Annotated[SentFile, Depends(sent_paper)],
    *,
    db: Db,
    period: Annotated[str, Query(max_length=10)] = "",
    part: Annotated[str, Query(max_length=120)] = "",
) -> DutyFileView:
    """Upload a file for a submission to come; ``part`` of the checklist, empty: the document itself."""
    own_unit(actor, debtor)
    place = Place(round_id, duty, debtor, period)
    row = service.attach(db, place, file.name, file.content, part=part, by=actor.name, at=clock.now())
    return DutyFileView.of(row)


@router.get("/files/{file_id}", operation_id="read_duty_file", responses=downloads(BYTES))
def read_duty_file(actor: Seeing, file_id: uuid.UUID, db: ReadDb) -> Response:
    """A file as it came, for its debtor and the office."""
    row, content = service.file_at(db, file_id)
    own_unit(actor, row.debtor)
    ending = row.filename.rpartition(".")[2]
    safe = ending if ending.isascii() and ending.isalnum() and len(ending) < 8 else "bin"
    return download(content, media=BYTES, name=f"{file_id}.{safe}")


@router.post("/submissions", operation_id="submit_duty", status_code=status.HTTP_201_CREATED)
def submit_duty(actor: Sending, body: SubmissionBody, db: Db) -> ReceiptView:
    """Submit text, files and deeds together; the answer is the receipt."""
    own_unit(actor, body.debtor)
    return ReceiptView.of(service.submit(db, body.place, body.paper, by=actor.name, at=clock.now()))


@router.get("/submissions/{receipt}", operation_id="read_duty_submission")
def read_duty_submission(actor: Seeing, receipt: str, db: ReadDb) -> SubmissionView:
    """A submission by the number of its receipt, for its debtor and the office."""
    row = service.by_receipt(db, receipt)
    own_unit(actor, row.debtor)
    return SubmissionView.whole(row, service.files_of(db, row))


@router.post("/submissions/{receipt}/return", operation_id="return_duty_submission")
def return_duty_submission(actor: SetupActor, receipt: str, body: ReturnBody, db: Db) -> SubmissionView:
    """Send a submission back with the reason: it stays and counts as none."""
    row = service.send_back(db, receipt, reason=body.reason, by=actor.name, at=clock.now())
    return SubmissionView.whole(row, service.files_of(db, row))


@router.post("/deeds", operation_id="report_deed_progress", status_code=status.HTTP_201_CREATED)
def report_deed_progress(actor: Sending, body: ProgressBody, request: Request, db: Db) -> DeedUpdateView:
    """Say how a deed goes on; earlier words stay."""
    own_unit(actor, body.debtor)
    row = service.update_deed(
        db, body.place, body.deed, percent=body.percent, text=body.text, by=actor.name, at=clock.now()
    )
    return DeedUpdateView.of(row, _today(request))


@router.get("/deeds", operation_id="list_deeds")
def list_deeds(_guard: Annotated[None, Public], round_id: Round, request: Request, db: ReadDb) -> list[DeedsView]:
    """The deeds promised in a round and their progress, open to everybody."""
    zone = _zone(request)
    return [DeedsView.of(one, zone) for one in service.progress(db, round_id)]
