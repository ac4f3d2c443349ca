"""The audit view (审计视图): who did what when, with its proof; who asked and who confirmed (职责分离)."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.auth import csrf
from api.auth.guards import OfficeActor
from api.db import unit_of_work
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.audit import AuditList, AuditWish, EntryProofView, PairView, PersonView, Separation
from survey_models.audit import apart, service, taking
from survey_models.core import clock
from survey_models.exports.kinds import Format
from survey_models.ledger import cosigning, proofs

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {"schema": {"type": "string", "format": "binary"}}
TABLES: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: _FILE, XLSX: _FILE}}}
router = APIRouter(prefix="/api/audit", tags=["audit"], responses=RESPONSES)
Wished = Annotated[AuditWish, Query()]


class _Page(AuditWish):
    page: Annotated[int, Query(ge=1, le=100_000)] = 1


@router.get("/entries", operation_id="list_audit_entries")
def list_audit_entries(
    _actor: OfficeActor, wanted: Annotated[_Page, Query()], request: Request, db: ReadDb
) -> AuditList:
    """The acts that fit, forty a page, the newest first; sheets have no time and are not among them."""
    zone = request.app.state.settings.timezone
    total, lines = service.page(db, wanted.wish(), zone=zone, number=wanted.page)
    return AuditList.of(total, lines, page=wanted.page, zone=zone)


@router.get("/entries.{form}", operation_id="export_audit_entries", response_class=Response, responses=TABLES)
def export_audit_entries(
    actor: OfficeActor, form: Literal["csv", "xlsx"], wanted: Wished, request: Request
) -> Response:
    """All acts that fit as a table in both languages; that it was taken out stands in the ledger."""
    # It writes into the ledger who took it: a link on another site must not do that in somebody's name.
    csrf.check_origin(request, request.app.state.settings)
    zone = request.app.state.settings.timezone
    with unit_of_work(request.app.state.engine) as session:
        content, rows = taking.take(session, wanted.wish(), Format(form), by=actor.name, at=clock.now(), zone=zone)
    headers = {
        "Content-Disposition": f'attachment; filename="ledger.{form}"',
        "Cache-Control": "no-store",
        "X-Rows": str(rows),
    }
    return Response(content, media_type=CSV if form == "csv" else XLSX, headers=headers)


@router.get("/entries/{log}/{entry_id}", operation_id="read_audit_proof")
def read_audit_proof(
    _actor: OfficeActor, log: Annotated[str, Path(max_length=60)], entry_id: uuid.UUID, db: ReadDb
) -> EntryProofView:
    """That one act is in the tree of its log: its bytes, its place, the path to the newest signed head."""
    found = proofs.of_entry(db, log, entry_id)
    note = None if found.head is None else cosigning.with_witnesses(db, found.head).note
    return EntryProofView.of(found, checkpoint=note)


@router.get("/separation", operation_id="read_separation")
def read_separation(_actor: OfficeActor, db: ReadDb) -> Separation:
    """Who asked for and who confirmed what needs two people, and what to ask about."""
    pairs = apart.pairs(db, at=clock.now())
    people = apart.people(db, pairs)
    return Separation(acts=[PairView.of(pair) for pair in pairs], people=[PersonView.of(one) for one in people])
