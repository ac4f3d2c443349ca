"""Contractors' files (上传): template, sending, faults, acceptance, withdrawal."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, status
from sqlalchemy.orm import Session

from api.auth.guards import UploaderActor, UploadReader, own_campaign
from api.auth.sessions import Actor
from api.bodies import XLSX, SentFile, described, download, downloads, files_in
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.uploads import ColumnsView, ColumnsWish, TriedView, UploadDetail, UploadView, Withdrawal
from survey_models.accounts import assignments
from survey_models.accounts.rules import Role
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.reports import faults_sheet, marked_file
from survey_models.uploads import arrivals, service
from survey_models.uploads.tables import Upload

CSV = "text/csv; charset=utf-8"

router = APIRouter(prefix="/api/uploads", tags=["uploads"], responses=RESPONSES)


async def sent_file(
    _actor: UploaderActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> SentFile:
    """Name and bytes of the file in the body, raw or as the form field ``file``; never more than the limit is held."""
    file, _ = await files_in(request, filename)
    return file


def _only(actor: Actor) -> str | None:
    """Whose files a person may see: the office all of them, a contractor its own."""
    return actor.name if Role.CONTRACTOR in actor.roles else None


def _sender(actor: Actor) -> bool:
    """Whether the person sends files for a contractor, and sees what the tests found only once a file is in."""
    return Role.CONTRACTOR in actor.roles


def _own(db: Session, actor: Actor, upload_id: uuid.UUID) -> Upload:
    """An upload that the person may see: a contractor's own, of a campaign that is still assigned to it."""
    upload = service.get(db, upload_id, sent_by=_only(actor))
    own_campaign(db, actor, upload.campaign_id)
    return upload


@router.get("/templates/{campaign_id}.xlsx", operation_id="upload_template_xlsx", responses=downloads(XLSX))
def upload_template_xlsx(actor: UploaderActor, campaign_id: str, db: ReadDb) -> Response:
    """The template for collected paper questionnaires, with drop-down lists and an explanation."""
    own_campaign(db, actor, campaign_id)
    return download(service.template(db, campaign_id, ending=".xlsx"), media=XLSX, name=f"{campaign_id}-ballots.xlsx")


@router.get("/templates/{campaign_id}.csv", operation_id="upload_template_csv", responses=downloads(CSV))
def upload_template_csv(actor: UploaderActor, campaign_id: str, db: ReadDb) -> Response:
    """The headings of the template as CSV."""
    own_campaign(db, actor, campaign_id)
    return download(service.template(db, campaign_id, ending=".csv"), media=CSV, name=f"{campaign_id}-ballots.csv")


@router.post("", operation_id="send_upload", status_code=status.HTTP_201_CREATED, openapi_extra=described())
def send_upload(
    actor: UploaderActor,
    campaign: Annotated[str, Query(max_length=60)],
    file: Annotated[SentFile, Depends(sent_file)],
    db: Db,
    *,
    response: Response,
    kind: Annotated[Literal["ballots"], Query()] = "ballots",
) -> UploadView:
    """Send a file. 201: stored, the check begins; 200: these bytes had come before, and this is that upload."""
    del kind
    own_campaign(db, actor, campaign)
    # Reading comes before the first look at the database: ballots do not wait for it.
    arrival = service.examine(*file)
    received = service.receive(db, arrival, campaign_id=campaign, by=actor.name, at=clock.now())
    if received.repeated:
        response.status_code = status.HTTP_200_OK
    return UploadView.of(received.upload, sender=_sender(actor))


@router.post("/columns", operation_id="match_upload_columns", openapi_extra=described())
def match_upload_columns(
    actor: UploaderActor,
    campaign: Annotated[str, Query(max_length=60)],
    file: Annotated[SentFile, Depends(sent_file)],
    db: ReadDb,
) -> ColumnsView:
    """What each column of a file is taken for, before it is sent; nothing is stored."""
    own_campaign(db, actor, campaign)
    arrival = service.examine(*file)
    matches = arrivals.columns_of(db, campaign, arrival, by=actor.name)
    layout = service.layout_of(db, campaigns.get(db, campaign))
    return ColumnsView.of(arrival.sheet, matches, layout.headings)


@router.put("/columns", operation_id="keep_upload_columns", status_code=status.HTTP_204_NO_CONTENT)
def keep_upload_columns(
    actor: UploaderActor, campaign: Annotated[str, Query(max_length=60)], wish: ColumnsWish, db: Db
) -> None:
    """Keep what the columns of files with these headings stand for; for this person and this campaign."""
    own_campaign(db, actor, campaign)
    arrivals.remember(db, campaign, wish.headings, wish.columns, by=actor.name)


@router.post("/check", operation_id="try_upload", openapi_extra=described())
def try_upload(
    actor: UploaderActor,
    campaign: Annotated[str, Query(max_length=60)],
    file: Annotated[SentFile, Depends(sent_file)],
    db: ReadDb,
) -> TriedView:
    """Check a file without storing anything of it (dry run)."""
    own_campaign(db, actor, campaign)
    return TriedView.of(service.try_out(db, campaign, service.examine(*file), by=actor.name))


@router.get("", operation_id="list_uploads")
def list_uploads(
    actor: UploadReader, db: ReadDb, campaign: Annotated[str | None, Query(max_length=60)] = None
) -> list[UploadView]:
    """Uploads, newest first; contractors see their own, of the campaigns assigned to them."""
    found = service.listed(db, campaign_id=campaign, sent_by=_only(actor))
    if Role.CONTRACTOR in actor.roles:
        assigned = assignments.campaigns_of(db, actor.id)
        found = [row for row in found if row.campaign_id in assigned]
    return [UploadView.of(row, sender=_sender(actor)) for row in found]


@router.get("/{upload_id}", operation_id="read_upload")
def read_upload(actor: UploadReader, upload_id: uuid.UUID, db: ReadDb) -> UploadDetail:
    """State, progress, summary and faults of an upload."""
    found = _own(db, actor, upload_id)
    return UploadDetail.with_faults(found, service.faults_of(db, upload_id), sender=_sender(actor))


@router.get("/{upload_id}/faults.xlsx", operation_id="upload_faults_xlsx", responses=downloads(XLSX))
def upload_faults_xlsx(actor: UploadReader, upload_id: uuid.UUID, db: ReadDb) -> Response:
    """The faults as a sheet to work through."""
    _own(db, actor, upload_id)
    content = faults_sheet.render(service.faults_of(db, upload_id))
    return download(content, media=XLSX, name=f"faults-{upload_id}.xlsx")


@router.get("/{upload_id}/marked.xlsx", operation_id="upload_marked_xlsx", responses=downloads(XLSX))
def upload_marked_xlsx(actor: UploadReader, upload_id: uuid.UUID, db: ReadDb) -> Response:
    """The file as it was sent, faulty cells coloured, each with its remedy as a comment, and the list of faults."""
    _own(db, actor, upload_id)
    content = marked_file.render(service.sent_sheet(db, upload_id), service.faults_of(db, upload_id))
    return download(content, media=XLSX, name=f"marked-{upload_id}.xlsx")


@router.post("/{upload_id}/accept", operation_id="accept_upload", status_code=status.HTTP_202_ACCEPTED)
def accept_upload(actor: UploaderActor, upload_id: uuid.UUID, db: Db) -> UploadView:
    """Confirm a checked file; its rows are entered in the background."""
    _own(db, actor, upload_id)
    upload = service.accept(db, upload_id, by=actor.name, at=clock.now(), sent_by=_only(actor))
    return UploadView.of(upload, sender=_sender(actor))


@router.post("/{upload_id}/withdraw", operation_id="withdraw_upload")
def withdraw_upload(actor: UploaderActor, upload_id: uuid.UUID, wish: Withdrawal, db: Db) -> UploadView:
    """Withdraw a file until counting begins; its rows do not count any more."""
    _own(db, actor, upload_id)
    upload = service.withdraw(db, upload_id, reason=wish.reason, by=actor.name, at=clock.now(), sent_by=_only(actor))
    return UploadView.of(upload, sender=_sender(actor))
