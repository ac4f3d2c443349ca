"""Documents of a round (评议文书): made by a job, fetched by the office; once it is published by everybody."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response, status

from api.auth.guards import OfficeActor, Public, SetupActor, UnitActor
from api.db import unit_of_work
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.publications import DocumentsView
from survey_models.accounts.rules import Role, check_role
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.evidence.kinds import Kind
from survey_models.publications import round_bundles, round_counts, service
from survey_models.publications.tables import RoundDocument
from survey_models.reports.typesetting import TYPES

router = APIRouter(tags=["publications"], responses=RESPONSES)
Name = Annotated[str, Path(max_length=80)]
_TYPES = {**TYPES, "json": "application/json"}


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


@router.get("/api/rounds/{round_id}/bundle", operation_id="export_round_bundle", response_class=Response)
def export_round_bundle(
    actor: OfficeActor, round_id: str, request: Request, db: ReadDb, *, kind: Kind = Kind.PUBLIC
) -> Response:
    """The bundle of a published round; the auditor's of a scored one, for auditors alone. It stands in the ledger."""
    if kind is Kind.AUDITOR:
        check_role(actor.roles, Role.AUDITOR)
    made = round_bundles.bundle(db, round_id, kind, public=request.app.state.signer.public)
    # Put together by a session that only reads: on SQLite no ballot waits for it.
    db.close()
    with unit_of_work(request.app.state.engine) as session:
        round_bundles.record_written(session, round_id, made, by=actor.name, at=clock.now())
    return _file(f"{round_id}-{kind.value}.zip", made.content)


@router.get("/api/rounds/{round_id}/counts", operation_id="export_round_counts", response_class=Response)
def export_round_counts(actor: OfficeActor, round_id: str, request: Request, db: ReadDb) -> Response:
    """The signed counts of sheets per stratum of a scored round, for the body above. It stands in the ledger."""
    made = round_counts.counts(db, round_id, signer=request.app.state.signer)
    db.close()
    with unit_of_work(request.app.state.engine) as session:
        round_counts.record_written(session, round_id, made, by=actor.name, at=clock.now())
    return _file(f"{round_id}-counts.json", made)


@router.get("/results/{round_id}/bundle.zip", operation_id="fetch_published_bundle", response_class=Response)
def fetch_published_bundle(_guard: Annotated[None, Public], round_id: str, request: Request, db: ReadDb) -> Response:
    """The public bundle of a published round, for everybody."""
    row, public = service.published_row(db, round_id), request.app.state.signer.public
    made = request.app.state.published.get(
        row.id, "bundle", lambda: round_bundles.bundle(db, round_id, Kind.PUBLIC, public=public)
    )
    return _file(f"{round_id}-public.zip", made.content)


@router.get("/results/{round_id}/{name}", operation_id="fetch_published_document", response_class=Response)
def fetch_published_document(_guard: Annotated[None, Public], round_id: str, name: Name, db: ReadDb) -> Response:
    """One public file of a published round."""
    return _download(round_id, service.public_file(db, round_id, name))


def _download(round_id: str, found: RoundDocument) -> Response:
    return _file(f"{round_id}-{found.name}", found.content)


def _file(name: str, content: bytes) -> Response:
    media = _TYPES.get(name.rpartition(".")[2], "application/zip")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media, headers=headers)
