"""Keeping and erasing sealed evidence (证据保存与销毁)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import BaseModel

from api import acts
from api.auth.guards import Asker, OfficeActor, second_person
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.settings import Settings
from survey_models.core import clock
from survey_models.retention import service

router = APIRouter(prefix="/api/campaigns/{campaign_id}/evidence", tags=["evidence"], responses=RESPONSES)


class EvidenceView(BaseModel):
    """What is kept: sealed sheets, contractors' files, until when, and when it was erased."""

    sheets: int
    files: int
    until: datetime | None
    purged_at: datetime | None


@router.get("", operation_id="read_evidence")
def read_evidence(_actor: OfficeActor, campaign_id: str, request: Request, db: ReadDb) -> EvidenceView:
    """How much sealed evidence a campaign has, and how long it must be kept."""
    settings: Settings = request.app.state.settings
    found = service.kept(db, campaign_id, years=settings.evidence_years, zone=settings.timezone)
    return EvidenceView.model_validate(found, from_attributes=True)


@router.post("/purge", operation_id="ask_to_purge_evidence", status_code=status.HTTP_202_ACCEPTED)
def ask_to_purge_evidence(
    asker: Annotated[Asker, second_person(acts.PURGE_EVIDENCE)], campaign_id: str, db: Db
) -> ActView:
    """Ask to erase the sealed evidence of a campaign whose time is over; another person confirms."""
    return ActView.of(asker.ask(db, campaign_id), at=clock.now())
