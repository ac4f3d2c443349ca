"""Taps kept aside (待定评价): listed to the office by device, and decided once for all of a device by two people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.devices.tables import Device
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.ratings.intake import RatingItem, store_ratings
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.tables import AsideRating
from survey_models.tickets.rules import fit_reason

Decision = Literal["count", "leave"]
_OUTCOME = {"count": "counted", "leave": "left"}
_SLICE = 500


@dataclass(frozen=True)
class AsideLot:
    """The undecided taps of one device. ``since`` and ``until``: when the first and the last arrived."""

    device_id: uuid.UUID
    window_id: str
    why: str
    taps: int
    since: datetime
    until: datetime


def lots(session: Session) -> Sequence[AsideLot]:
    """What waits for a decision, by device, window and reason; the answers themselves are not shown."""
    row = AsideRating
    query = (
        select(
            row.device_id,
            row.window_id,
            row.why,
            func.count(),
            func.min(row.received_at),
            func.max(row.received_at),
        )
        .where(row.outcome.is_(None))
        .group_by(row.device_id, row.window_id, row.why)
        .order_by(func.min(row.received_at), row.device_id, row.window_id, row.why)
    )
    return [AsideLot(*found) for found in session.execute(query)]


def check(session: Session, device_id: uuid.UUID, decision: str, reason: str) -> None:
    """Refuse what cannot be decided. Raises ``nothing_aside``, ``reason_unfit``."""
    fit_reason(reason)
    if decision not in _OUTCOME or not session.scalar(_waiting(device_id)):
        raise Problem("nothing_aside")


def decide(
    session: Session,
    device_id: uuid.UUID,
    decision: Decision,
    *,
    reason: str,
    act_number: int,
    asked_by: str,
    by: str,
    at: datetime,
    zone: str,
    counting: Counting = COUNTING,
) -> int:
    """Count or leave out what waits of a device; how many ratings are new. A quarantined device is withdrawn.

    Nothing is deleted: taps that were left out stay where they are. Raises ``nothing_aside``, ``reason_unfit``.
    """
    check(session, device_id, decision, reason)
    new = _count_all(session, device_id, at=at, zone=zone, counting=counting) if decision == "count" else 0
    waiting = AsideRating.device_id == device_id, AsideRating.outcome.is_(None)
    decided = session.execute(update(AsideRating).where(*waiting).values(outcome=_OUTCOME[decision]))
    apart = Device.id == device_id, Device.quarantined_at.is_not(None), Device.revoked_at.is_(None)
    session.execute(update(Device).where(*apart).values(revoked_at=at))
    body = {
        "device": str(device_id),
        "decision": decision,
        "taps": decided.rowcount,  # type: ignore[attr-defined]
        "new": new,
        "reason": fit_reason(reason),
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, SYSTEM_LOG, Event.RATINGS_DECIDED, body, at=at, by=by)
    return new


def _waiting(device_id: uuid.UUID) -> Select[int]:
    return select(func.count()).where(AsideRating.device_id == device_id, AsideRating.outcome.is_(None))


def _count_all(session: Session, device_id: uuid.UUID, *, at: datetime, zone: str, counting: Counting) -> int:
    waiting = AsideRating.device_id == device_id, AsideRating.outcome.is_(None)
    rows = session.scalars(select(AsideRating).where(*waiting).order_by(AsideRating.seq, AsideRating.hash)).all()
    items = [
        RatingItem(
            window_id=row.window_id,
            id=row.rating_id,
            device_id=row.device_id,
            code=row.code,
            reasons=row.reasons,
            device_time=row.device_time,
            case=row.case or None,
        )
        for row in rows
    ]
    new = 0
    for start in range(0, len(items), _SLICE):
        part = items[start : start + _SLICE]
        stored = store_ratings(session.connection(), part, at=at, zone=zone, counting=counting)
        new += sum(became is True for became in stored)
    return new
