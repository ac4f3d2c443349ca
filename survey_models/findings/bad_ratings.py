"""Findings that bad ratings opened (差评), for the complaint desk alone: day, window, level, reasons, no minute."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.findings.tables import RATING, Finding
from survey_models.units.tables import Unit, Window


@dataclass(frozen=True)
class BadRatingFinding:
    """One bad rating as the desk sees it; ``mark``: why it is not counted, None where it is."""

    id: uuid.UUID
    state: str
    day: date
    window: Window
    unit: Unit | None
    level: str
    reasons: list[str]
    mark: str | None


def of_ratings(session: Session, *, zone: str, limit: int = 400) -> Sequence[BadRatingFinding]:
    """Findings of bad ratings by day, the newest first; within a day in no order of time."""
    query = (
        select(Finding, Window, Unit)
        .join(Window, Window.id == Finding.window_id)
        .join(Unit, Unit.code == Finding.unit_code, isouter=True)
        .where(Finding.kind == RATING)
        .order_by(Finding.made_at.desc())
        .limit(limit)
    )
    found = [_seen(row[0], row[1], row[2], zone) for row in session.execute(query)]
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.id))


def of_rating(session: Session, finding_id: uuid.UUID, *, zone: str) -> BadRatingFinding:
    """One finding of a bad rating. Raises ``finding_unknown``."""
    found = session.get(Finding, finding_id)
    if found is None or found.kind != RATING or found.window_id is None:
        raise Problem("finding_unknown")
    unit = session.get(Unit, found.unit_code) if found.unit_code else None
    return _seen(found, session.get_one(Window, found.window_id), unit, zone)


def _seen(finding: Finding, window: Window, unit: Unit | None, zone: str) -> BadRatingFinding:
    body = finding.body
    day = local_day(finding.made_at, zone)
    return BadRatingFinding(
        finding.id, finding.state, day, window, unit, body["level"], list(body["reasons"]), body["mark"]
    )
