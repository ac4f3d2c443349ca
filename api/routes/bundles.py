"""Evidence of a counted campaign (证据包): the public's bundle for the office, the auditor's for auditors."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.auth.guards import OfficeActor
from api.db import unit_of_work
from api.deps import ReadDb
from api.problems import RESPONSES
from survey_models.accounts.rules import Role, check_role
from survey_models.core import clock
from survey_models.evidence import service
from survey_models.evidence.kinds import Kind

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["bundles"], responses=RESPONSES)


@router.get("/bundle", operation_id="export_bundle", response_class=Response)
def export_bundle(
    actor: OfficeActor, campaign_id: str, request: Request, db: ReadDb, *, kind: Kind = Kind.PUBLIC
) -> Response:
    """The bundle of a counted campaign; the auditor's for auditors alone. What leaves the house is in the ledger."""
    if kind is Kind.AUDITOR:
        check_role(actor.roles, Role.AUDITOR)
    made = service.bundle(db, campaign_id, kind, public=request.app.state.signer.public)
    # Put together by a session that only reads: on SQLite no ballot of another campaign waits for it.
    db.close()
    with unit_of_work(request.app.state.engine) as session:
        service.record_written(session, campaign_id, made, by=actor.name, at=clock.now())
    name = f"{campaign_id}-{kind.value}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(made.content, media_type="application/zip", headers=headers)
