"""Window ratings (窗口评价): a list of taps in, an answer for each out."""

from __future__ import annotations

import asyncio
import uuid

from fastapi import APIRouter, Request

from api.auth.guards import DeviceActor, PairedDevice
from api.problems import RESPONSES
from api.schemas.windows import RatingAnswer, RatingAnswers, RatingBatch, RatingIn
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.errors import Problem
from survey_models.ratings.intake import RatingItem
from survey_models.ratings.rules import check_rating

router = APIRouter(prefix="/api/ratings", tags=["ratings"], responses=RESPONSES)


@router.post("", operation_id="store_ratings")
async def store_ratings(device: DeviceActor, batch: RatingBatch, request: Request) -> RatingAnswers:
    """Store taps; what was stored before is a duplicate, and counts once."""
    return await take(device, batch, request.app.state.intake)


async def take(device: PairedDevice, batch: RatingBatch, writer: IntakeWriter) -> RatingAnswers:
    """What the route does, for those who have no request: the daily probe goes this way too."""
    refused = {item.id: code for item in batch.items if (code := _fault(item, device.window_id))}
    good = [_item(item, device.id) for item in batch.items if item.id not in refused]
    new = await asyncio.wrap_future(writer.submit_ratings(good)) if good else []
    stored = iter(new)
    answers = []
    for item in batch.items:
        if item.id in refused:
            answers.append(RatingAnswer(id=item.id, status="refused", code=refused[item.id]))
        else:
            answers.append(RatingAnswer(id=item.id, status="stored" if next(stored) else "duplicate"))
    return RatingAnswers(results=answers)


def _fault(item: RatingIn, window_id: str) -> str | None:
    if item.window_id != window_id:
        return "window_unknown"
    try:
        check_rating(item.code, item.reasons)
    except Problem as problem:
        return problem.code
    return None


def _item(item: RatingIn, device_id: str) -> RatingItem:
    return RatingItem(
        window_id=item.window_id,
        id=item.id,
        device_id=uuid.UUID(device_id),
        code=item.code,
        reasons=item.reasons,
        device_time=item.device_time,
    )
