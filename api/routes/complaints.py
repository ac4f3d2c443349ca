"""Complaints (效能投诉): written down by the desk, followed by a receipt code, the complainant's name sealed."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.auth.guards import Public, Signed
from api.auth.sessions import Actor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.complaints import ComplaintWish, ContactView, ProgressView, Receipt, ReceiptCode
from api.settings import Settings
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.findings import complaints
from survey_models.findings.service import Who

router = APIRouter(prefix="/api/complaints", tags=["findings"], responses=RESPONSES)
ComplaintDesk = Annotated[Actor, Depends(Signed(Role.DESK, Role.SETUP))]
ContactReader = Annotated[Actor, Depends(Signed(Role.DESK, Role.UNIT))]


@router.post("", operation_id="file_complaint", status_code=201)
def file_complaint(actor: ComplaintDesk, wish: ComplaintWish, request: Request, db: Db) -> Receipt:
    """Write down a complaint; anonymous or without an interest in the matter it is a suggestion."""
    settings: Settings = request.app.state.settings
    who = Who(actor.name, actor.roles, actor.unit_code)
    made = complaints.file(
        db,
        wish.draft(),
        None,
        pepper=request.app.state.pepper,
        at=clock.now(),
        terms=settings.terms,
        limit=settings.max_upload_bytes,
        who=who,
    )
    return Receipt(id=made.finding.id, code=made.code, state=made.finding.state)


@router.post("/progress", operation_id="read_complaint_progress")
def read_complaint_progress(
    _guard: Annotated[None, Public], code: ReceiptCode, request: Request, response: Response, db: ReadDb
) -> ProgressView:
    """How far the complaint of a receipt code is; the code stands in the body, never in an address."""
    response.headers["Cache-Control"] = "no-store"
    return ProgressView.of(complaints.progress(db, code.code, zone=request.app.state.settings.timezone))


@router.post("/{finding_id}/contact", operation_id="open_complainant")
def open_complainant(
    actor: ContactReader, finding_id: uuid.UUID, request: Request, response: Response, db: Db
) -> ContactView:
    """Name and contact of the complainant; a unit gets them where they agreed. Each opening is in the ledger."""
    response.headers["Cache-Control"] = "no-store"
    who = Who(actor.name, actor.roles, actor.unit_code)
    name, contact = complaints.contact(db, finding_id, who=who, pepper=request.app.state.pepper, at=clock.now())
    return ContactView(name=name, contact=contact)
