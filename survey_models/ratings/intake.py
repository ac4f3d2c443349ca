"""Storing window ratings inside the intake's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from survey_models.core.clock import local_day
from survey_models.core.upsert import insert_new
from survey_models.ratings.tables import Rating


@dataclass(frozen=True)
class RatingItem:
    """One tap at one window. ``case``: the token of the case (办件) that it rates, None without one."""

    window_id: str
    id: uuid.UUID
    device_id: uuid.UUID
    code: str
    reasons: list[str]
    device_time: datetime
    case: str | None = None
    channel: str = "terminal"


def store_ratings(connection: Connection, items: Sequence[RatingItem], *, at: datetime, zone: str) -> list[bool]:
    """Store the items that are new; for each item whether it was. The same id twice is one rating."""
    day = local_day(at, zone)
    rows = [_row(item, at, day) for item in {item.id: item for item in items}.values()]
    new = insert_new(connection, Rating, rows, key="id")
    outcome = []
    for item in items:
        outcome.append(item.id in new)
        new.discard(item.id)
    return outcome


def _row(item: RatingItem, at: datetime, day: date) -> dict[str, Any]:
    """The columns of a rating; which case it rated is not kept beside it."""
    row = asdict(item)
    del row["case"]
    return {**row, "received_at": at, "day": day}
