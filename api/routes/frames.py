"""Frames (抽样框)."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth.guards import OfficeActor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.design import FrameView
from survey_models.frames import service

router = APIRouter(prefix="/api/frames", tags=["frames"], responses=RESPONSES)


@router.get("", operation_id="list_frames")
def list_frames(_actor: OfficeActor, db: ReadDb) -> list[FrameView]:
    """Every frozen frame."""
    return [FrameView.model_validate(frame) for frame in service.all_frames(db)]
