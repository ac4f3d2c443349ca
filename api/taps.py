"""Taking taps in (窗口评价入口): what the route does, for those who have no request too, such as the daily probe."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timedelta

from api.auth.guards import PairedDevice
from api.schemas.ratings import SignedBatch, SignedRating, instant_of
from api.schemas.windows import RatingAnswer, RatingAnswers, RatingBatch, RatingIn
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ratings.chain import hashes_of, is_signed_by, offset_seconds, signed_text
from survey_models.ratings.intake import RatingItem
from survey_models.ratings.rules import check_rating
from survey_models.ratings.signed import Tap, TapBatch

# A clock that is nearer to the server's than this is left alone.
_CLOCK_SECONDS = 300


async def take(device: PairedDevice, batch: RatingBatch, writer: IntakeWriter) -> RatingAnswers:
    """Hand the taps of a terminal without a key to the writer. Raises ``device_key_missing`` where it must have one."""
    if not device.unsigned:
        raise Problem("device_key_missing")
    refused = {item.id: code for item in batch.items if (code := _fault(item, device.window_id))}
    good = [_item(item, device.id) for item in batch.items if item.id not in refused]
    new = await asyncio.wrap_future(writer.submit_ratings(good)) if good else []
    stored = iter(new)
    answers = []
    for item in batch.items:
        if item.id in refused:
            answers.append(RatingAnswer(id=item.id, status="refused", code=refused[item.id]))
        elif isinstance(became := next(stored), str):
            answers.append(RatingAnswer(id=item.id, status="refused", code=became))
        else:
            answers.append(RatingAnswer(id=item.id, status="stored" if became else "duplicate"))
    return RatingAnswers(results=answers, server_time=clock.now())


async def take_signed(
    device: PairedDevice, batch: SignedBatch, writer: IntakeWriter, *, by_file: bool = False
) -> RatingAnswers:
    """Check the signature of a batch and hand it to the writer; an answer for each tap, in their order.

    ``by_file``: the batch lay in a file for a while, so that the clock at its signing says nothing about now.
    Raises ``device_key_missing``, ``signature_wrong``.
    """
    at = clock.now()
    hashes = _checked_hashes(device, batch)
    shift = 0.0 if by_file else offset_seconds(instant_of(batch.sent_at), at)
    taps = [
        Tap(item.seq, digest, _signed_item(item, device.id, at, shift), _level_fault(item))
        for item, digest in zip(batch.items, hashes, strict=True)
    ]
    handed = TapBatch(uuid.UUID(device.id), device.window_id, batch.prev, taps)
    outcome = await asyncio.wrap_future(writer.submit_taps(handed))
    results = [
        RatingAnswer(id=item.id, status=answer.status, code=answer.code)
        for item, answer in zip(batch.items, outcome, strict=True)
    ]
    return RatingAnswers(results=results, server_time=clock.now())


def _checked_hashes(device: PairedDevice, batch: SignedBatch) -> list[str]:
    if device.public_key is None:
        raise Problem("device_key_missing")
    hashes = hashes_of(device.id, batch.prev, (item.link() for item in batch.items))
    text = signed_text(device.id, batch.first, batch.prev, hashes, batch.sent_at)
    if str(batch.device) != device.id or not is_signed_by(device.public_key, batch.sign, text):
        raise Problem("signature_wrong")
    return hashes


def _level_fault(item: RatingIn | SignedRating) -> str | None:
    try:
        check_rating(item.code, item.reasons)
    except Problem as problem:
        return problem.code
    return None


def _fault(item: RatingIn, window_id: str) -> str | None:
    return "window_unknown" if item.window_id != window_id else _level_fault(item)


def _item(item: RatingIn, device_id: str) -> RatingItem:
    return RatingItem(
        window_id=item.window_id,
        id=item.id,
        device_id=uuid.UUID(device_id),
        code=item.code,
        reasons=item.reasons,
        device_time=item.device_time,
    )


def _signed_item(item: SignedRating, device_id: str, at: datetime, shift: float) -> RatingItem:
    return RatingItem(
        window_id=item.window_id,
        id=item.id,
        device_id=uuid.UUID(device_id),
        code=item.code,
        reasons=item.reasons,
        device_time=_given_at(instant_of(item.device_time), at, shift),
        case=item.case or None,
    )


def _given_at(told: datetime, at: datetime, shift: float) -> datetime:
    """When a tap was given, by the server's clock: the terminal's may be a day off, but it was off at sending too."""
    if abs(shift) <= _CLOCK_SECONDS:
        return told
    try:
        return min(told + timedelta(seconds=shift), at)
    except OverflowError:
        return at
