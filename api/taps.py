"""Taking taps in (窗口评价入口): what the route does, for those who have no request too, such as the daily probe."""

from __future__ import annotations

import asyncio
import uuid

from api.auth.guards import PairedDevice
from api.schemas.windows import RatingAnswer, RatingAnswers, RatingBatch, RatingIn
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.errors import Problem
from survey_models.ratings.intake import RatingItem
from survey_models.ratings.rules import check_rating


async def take(device: PairedDevice, batch: RatingBatch, writer: IntakeWriter) -> RatingAnswers:
    """Hand the taps of one terminal to the writer; an answer for each, in their order."""
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
