"""Window ratings (窗口评价): a list of taps in, an answer for each out."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.auth.guards import DeviceActor
from api.problems import RESPONSES
from api.schemas.windows import RatingAnswers, RatingBatch
from api.taps import take

router = APIRouter(prefix="/api/ratings", tags=["ratings"], responses=RESPONSES)


@router.post("", operation_id="store_ratings")
async def store_ratings(device: DeviceActor, batch: RatingBatch, request: Request) -> RatingAnswers:
    """Store taps; what was stored before is a duplicate, and counts once."""
    return await take(device, batch, request.app.state.intake)
