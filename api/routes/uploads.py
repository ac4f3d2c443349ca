"""Contractors' files (上传): template, sending, faults, acceptance, withdrawal."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, status
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.auth.guards import UploaderActor
from api.auth.sessions import Actor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.uploads import UploadDetail, UploadView, Withdrawal
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.reports import faults_sheet
from survey_models.uploads import service

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# What a form around the file may add to it.
FORM_OVERHEAD = 16_384

router = APIRouter(prefix="/api/uploads", tags=["uploads"], responses=RESPONSES)

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
        },
    }
}


def _file(kind: str) -> dict[int | str, dict[str, Any]]:
    media = kind.partition(";")[0]
    return {200: {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}}


def _download(content: bytes, *, media: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media, headers=headers)


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > limit:
            raise Problem("body_too_large", limit=limit)
        yield chunk


async def sent_file(
    _actor: UploaderActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> tuple[str, bytes]:
    """Name and bytes of the file in the body, raw or as the form field ``file``; never more than the limit is held."""
    limit: int = request.app.state.settings.max_upload_bytes
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return filename, b"".join([chunk async for chunk in _bounded(request, limit)])
    stream = _bounded(request, limit + FORM_OVERHEAD)
    try:
        form = await MultiPartParser(request.headers, stream, max_files=1, max_fields=4).parse()
    except (MultiPartException, KeyError):
        raise Problem("request_malformed", where="body") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem("request_malformed", where="file")
        content = await file.read()
    finally:
        await form.close()
    if len(content) > limit:
        raise Problem("body_too_large", limit=limit)
    return filename or file.filename or "", content


def _only(actor: Actor) -> str | None:
    """Whose files a person may see: all of them with the role setup, else their own."""
    return None if Role.SETUP in actor.roles else actor.name


@router.get("/templates/{campaign_id}.xlsx", operation_id="upload_template_xlsx", responses=_file(XLSX))
def upload_template_xlsx(_actor: UploaderActor, campaign_id: str, db: ReadDb) -> Response:
    """The template for collected paper questionnaires, with drop-down lists and an explanation."""
    return _download(service.template(db, campaign_id, ending=".xlsx"), media=XLSX, name=f"{campaign_id}-ballots.xlsx")


@router.get("/templates/{campaign_id}.csv", operation_id="upload_template_csv", responses=_file(CSV))
def upload_template_csv(_actor: UploaderActor, campaign_id: str, db: ReadDb) -> Response:
    """The headings of the template as CSV."""
    return _download(service.template(db, campaign_id, ending=".csv"), media=CSV, name=f"{campaign_id}-ballots.csv")


@router.post("", operation_id="send_upload", status_code=status.HTTP_201_CREATED, openapi_extra=_BODY)
def send_upload(
    actor: UploaderActor,
    campaign: Annotated[str, Query(max_length=60)],
    file: Annotated[tuple[str, bytes], Depends(sent_file)],
    db: Db,
    *,
    response: Response,
    kind: Annotated[Literal["ballots"], Query()] = "ballots",
) -> UploadView:
    """Send a file. 201: stored, the check begins; 200: these bytes had come before, and this is that upload."""
    del kind
    # Reading comes before the first look at the database: ballots do not wait for it.
    arrival = service.examine(*file)
    received = service.receive(db, arrival, campaign_id=campaign, by=actor.name, at=clock.now())
    if received.repeated:
        response.status_code = status.HTTP_200_OK
    return UploadView.of(received.upload)


@router.get("", operation_id="list_uploads")
def list_uploads(
    actor: UploaderActor, db: ReadDb, campaign: Annotated[str | None, Query(max_length=60)] = None
) -> list[UploadView]:
    """Uploads, newest first; contractors see their own."""
    return [UploadView.of(row) for row in service.listed(db, campaign_id=campaign, sent_by=_only(actor))]


@router.get("/{upload_id}", operation_id="read_upload")
def read_upload(actor: UploaderActor, upload_id: uuid.UUID, db: ReadDb) -> UploadDetail:
    """State, progress, summary and faults of an upload."""
    return UploadDetail.with_faults(service.get(db, upload_id, sent_by=_only(actor)), service.faults_of(db, upload_id))


@router.get("/{upload_id}/faults.xlsx", operation_id="upload_faults_xlsx", responses=_file(XLSX))
def upload_faults_xlsx(actor: UploaderActor, upload_id: uuid.UUID, db: ReadDb) -> Response:
    """The faults as a sheet to work through."""
    service.get(db, upload_id, sent_by=_only(actor))
    content = faults_sheet.render(service.faults_of(db, upload_id))
    return _download(content, media=XLSX, name=f"faults-{upload_id}.xlsx")


@router.post("/{upload_id}/accept", operation_id="accept_upload", status_code=status.HTTP_202_ACCEPTED)
def accept_upload(actor: UploaderActor, upload_id: uuid.UUID, db: Db) -> UploadView:
    """Confirm a checked file; its rows are entered in the background."""
    return UploadView.of(service.accept(db, upload_id, by=actor.name, at=clock.now(), sent_by=_only(actor)))


@router.post("/{upload_id}/withdraw", operation_id="withdraw_upload")
def withdraw_upload(actor: UploaderActor, upload_id: uuid.UUID, wish: Withdrawal, db: Db) -> UploadView:
    """Withdraw a file until counting begins; its rows do not count any more."""
    upload = service.withdraw(db, upload_id, reason=wish.reason, by=actor.name, at=clock.now(), sent_by=_only(actor))
    return UploadView.of(upload)
