"""Documents of a round (评议文书): made by a job, fetched by the office; once it is published by everybody."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response, status

from api.auth.guards import OfficeActor, Public, SetupActor, UnitActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.publications import DocumentsView
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.publications import service
from survey_models.publications.tables import RoundDocument
from survey_models.reports.round_documents import TYPES

router = APIRouter(tags=["publications"], responses=RESPONSES)
Name = Annotated[str, Path(max_length=80)]


@router.get("/api/rounds/{round_id}/documents", operation_id="list_round_documents")
def list_round_documents(_actor: OfficeActor, round_id: str, db: ReadDb) -> DocumentsView:
    """The documents of the newest result and how far the job is. 404 before the round has been scored."""
    return DocumentsView.of(service.progress(db, round_id))


@router.post(
    "/api/rounds/{round_id}/documents", operation_id="make_round_documents", status_code=status.HTTP_202_ACCEPTED
)
def make_round_documents(actor: SetupActor, round_id: str, db: Db) -> DocumentsView:
    """Have all documents of the newest result made, anew where there are some."""
    service.ask(db, round_id, by=actor.name, at=clock.now())
    return DocumentsView.of(service.progress(db, round_id))


@router.get("/api/rounds/{round_id}/documents/{name}", operation_id="fetch_round_document", response_class=Response)
def fetch_round_document(_actor: OfficeActor, round_id: str, name: Name, db: ReadDb) -> Response:
    """One file of the newest result."""
    return _download(round_id, service.fetch(db, round_id, name))


@router.get("/api/rounds/{round_id}/own-feedback.{ending}", operation_id="fetch_own_feedback", response_class=Response)
def fetch_own_feedback(actor: UnitActor, round_id: str, ending: Literal["docx", "pdf"], db: ReadDb) -> Response:
    """The feedback to the unit that the account speaks for, once the round is published."""
    if actor.unit_code is None:
        raise Problem("not_own_unit")
    return _download(round_id, service.own_feedback(db, round_id, actor.unit_code, ending))


@router.get("/results/{round_id}/{name}", operation_id="fetch_published_document", response_class=Response)
def fetch_published_document(_guard: Annotated[None, Public], round_id: str, name: Name, db: ReadDb) -> Response:
    """One public file of a published round."""
    return _download(round_id, service.public_file(db, round_id, name))


def _download(round_id: str, found: RoundDocument) -> Response:
    ending = found.name.rpartition(".")[2]
    headers = {
        "Content-Disposition": f'attachment; filename="{round_id}-{found.name}"',
        "Cache-Control": "no-store",
    }
    return Response(found.content, media_type=TYPES.get(ending, "application/octet-stream"), headers=headers)
