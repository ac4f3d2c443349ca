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
from survey_models.campaigns.tables import State
from survey_models.core import clock
from survey_models.retention import service
from survey_models.retention.service import Kept

router = APIRouter(prefix="/api", tags=["evidence"], responses=RESPONSES)


class EvidenceView(BaseModel):
    """What is kept: sealed sheets, contractors' files, until when, and when it was erased.

    ``until`` is null before the counting; ``due``: its time is over, and two people may erase it.
    """

    sheets: int
    files: int
    until: datetime | None
    purged_at: datetime | None
    due: bool

    @classmethod
    def of(cls, kept: Kept, at: datetime) -> EvidenceView:
        """The evidence of one campaign as it stands at ``at``."""
        due = kept.purged_at is None and kept.until is not None and at >= kept.until
        return cls(sheets=kept.sheets, files=kept.files, until=kept.until, purged_at=kept.purged_at, due=due)


class CampaignEvidence(EvidenceView):
    """The same with its campaign."""

    campaign: str
    title: str
    title_en: str
    state: State


@router.get("/evidence", operation_id="list_evidence")
def list_evidence(_actor: OfficeActor, request: Request, db: ReadDb) -> list[CampaignEvidence]:
    """What is kept of every campaign, the newest campaign first."""
    settings: Settings = request.app.state.settings
    at = clock.now()
    return [
        CampaignEvidence(
            campaign=campaign.id,
            title=campaign.title,
            title_en=campaign.title_en,
            state=State(campaign.state),
            **EvidenceView.of(kept, at).model_dump(),
        )
        for campaign, kept in service.listed(db, years=settings.evidence_years, zone=settings.timezone)
    ]


@router.get("/campaigns/{campaign_id}/evidence", operation_id="read_evidence")
def read_evidence(_actor: OfficeActor, campaign_id: str, request: Request, db: ReadDb) -> EvidenceView:
    """How much sealed evidence a campaign has, and how long it must be kept."""
    settings: Settings = request.app.state.settings
    found = service.kept(db, campaign_id, years=settings.evidence_years, zone=settings.timezone)
    return EvidenceView.of(found, clock.now())


@router.post(
    "/campaigns/{campaign_id}/evidence/purge",
    operation_id="ask_to_purge_evidence",
    status_code=status.HTTP_202_ACCEPTED,
)
def ask_to_purge_evidence(
    asker: Annotated[Asker, second_person(acts.PURGE_EVIDENCE)], campaign_id: str, db: Db
) -> ActView:
    """Ask to erase the sealed evidence of a campaign whose time is over; another person confirms."""
    return ActView.of(asker.ask(db, campaign_id), at=clock.now())
