"""The changing on-site code (现场动态码): who stands before the terminal may rate on a phone of their own.

A code is an HMAC over terminal and minute, under a key derived from the pepper: it is stored nowhere before it is
spent, brings one rating, and is good for some minutes, so that the form can be filled in.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed, base32_text
from survey_models.core.upsert import insert_new
from survey_models.devices.tables import Device
from survey_models.ratings.tables import OnsiteCode

LENGTH = 8
GOOD_MINUTES = 5
SECONDS = 60


@dataclass(frozen=True)
class Code:
    """The code of one minute, and when that minute begins."""

    code: str
    begins: datetime


def codes(device_id: uuid.UUID, *, pepper: bytes, at: datetime, count: int) -> list[Code]:
    """The code of this minute and of those that follow."""
    now = _minute(at)
    return [
        Code(_code(pepper, device_id, minute), datetime.fromtimestamp(minute * SECONDS, UTC))
        for minute in range(now, now + count)
    ]


def spend(
    session: Session, window_id: str, typed: str, rating_id: uuid.UUID, *, pepper: bytes, at: datetime
) -> uuid.UUID:
    """Spend a code for one rating; the same rating again is no second one. The stream the rating belongs to.

    Raises ``onsite_code_wrong``, ``onsite_code_used``.
    """
    device_id, minute = _found(session, window_id, as_typed(typed), pepper=pepper, at=at)
    row = {"device_id": device_id, "minute": minute, "rating_id": rating_id}
    if not insert_new(session.connection(), OnsiteCode, [row], key="rating_id"):
        spent = select(OnsiteCode.rating_id).where(OnsiteCode.device_id == device_id, OnsiteCode.minute == minute)
        if session.scalar(spent) != rating_id:
            raise Problem("onsite_code_used")
    # Taps of the terminal and ratings of phones are two streams: one does not come too soon after the other.
    return uuid.uuid5(device_id, "onsite")


def _found(session: Session, window_id: str, code: str, *, pepper: bytes, at: datetime) -> tuple[uuid.UUID, int]:
    query = select(Device.id).where(
        Device.window_id == window_id, Device.revoked_at.is_(None), Device.quarantined_at.is_(None)
    )
    devices: Sequence[uuid.UUID] = session.scalars(query).all()
    now = _minute(at)
    for device_id in devices:
        for minute in range(now - GOOD_MINUTES, now + 2):
            if hmac.compare_digest(_code(pepper, device_id, minute).encode(), code.encode("utf-8", "replace")):
                return device_id, minute
    raise Problem("onsite_code_wrong")


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // SECONDS


def _code(pepper: bytes, device_id: uuid.UUID, minute: int) -> str:
    key = hmac.digest(pepper, b"pingyi on-site codes", hashlib.sha256)
    return base32_text(hmac.digest(key, device_id.bytes + minute.to_bytes(8, "big"), hashlib.sha256), LENGTH)
