"""Flags (疑点): what the detectors found, for the office to look at. Decisions are two-person acts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth.guards import OfficeActor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.flags import FlagView
from survey_models.flags import service
from survey_models.flags.tables import FlagState

router = APIRouter(prefix="/api", tags=["flags"], responses=RESPONSES)
State = Annotated[FlagState | None, Query(description="open, dismissed or voided; all if not given")]


@router.get("/flags", operation_id="list_flags")
def list_flags(_actor: OfficeActor, db: ReadDb, state: State = None) -> list[FlagView]:
    """The newest flags of all campaigns and windows, at most 400."""
    return [FlagView.of(flag) for flag in service.listed(db, state=state)]


@router.get("/campaigns/{campaign_id}/flags", operation_id="list_campaign_flags")
def list_campaign_flags(_actor: OfficeActor, campaign_id: str, db: ReadDb, state: State = None) -> list[FlagView]:
    """The flags of a campaign and of the files sent for it; on answers only once it is counted."""
    return [FlagView.of(flag) for flag in service.of_campaign(db, campaign_id, state=state)]


@router.get("/windows/{window_id}/flags", operation_id="list_window_flags")
def list_window_flags(_actor: OfficeActor, window_id: str, db: ReadDb, state: State = None) -> list[FlagView]:
    """The flags of one window."""
    return [FlagView.of(flag) for flag in service.of_window(db, window_id, state=state)]
