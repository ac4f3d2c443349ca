"""The daily probe (每日探测): a terminal of no window sends every level, and all must be stored as sent.

It proves that bad ratings can be sent. What it sends enters no number, no list, no rate and no flag.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day, local_minute
from survey_models.core.ids import new_id
from survey_models.devices import service as devices
from survey_models.jobs import service as jobs
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.ratings.rules import BAD, LEVELS, REASONS
from survey_models.ratings.tables import CanaryRun, Rating
from survey_models.units import service as units
from survey_models.units.tables import Window

JOB = "ratings:canary"
WINDOW = "canary"
# Half past five in the morning: before any hall opens.
_DAILY_MINUTE = 330
_MISSING = "not_stored"


@dataclass(frozen=True)
class Probe:
    """One rating to send: level and reasons."""

    id: uuid.UUID
    code: str
    reasons: tuple[str, ...]


def probes() -> list[Probe]:
    """One rating of every level; bad ones once with every reason and once with none."""
    said = [(code, ()) for code in LEVELS] + [(code, tuple(REASONS)) for code in sorted(BAD)]
    return [Probe(new_id(), code, reasons) for code, reasons in said]


def token(session: Session, *, at: datetime) -> str:
    """A fresh token of the probe's terminal; window and terminal are made where they are not there yet."""
    if session.get(Window, WINDOW) is None:
        window = Window(
            id=WINDOW, unit_code=None, number="-", name="每日探测", hall="-", business="-", made_up=True, canary=True
        )
        units.add_window(session, window, by=None, at=at)
    return devices.fresh_token(session, WINDOW, at=at)


def stored_as_sent(session: Session, sent: Sequence[Probe]) -> int:
    """How many of the probes stand in the database with the level and the reasons that were sent."""
    query = select(Rating).where(Rating.window_id == WINDOW, Rating.id.in_([probe.id for probe in sent]))
    found: Mapping[uuid.UUID, Rating] = {row.id: row for row in session.scalars(query)}
    return sum(
        (row := found.get(probe.id)) is not None and (row.code, tuple(row.reasons)) == (probe.code, probe.reasons)
        for probe in sent
    )


def conclude(session: Session, *, sent: int, stored: int, problem: str | None, at: datetime, zone: str) -> CanaryRun:
    """Write down how a probe went."""
    day, failed = local_day(at, zone), problem or (_MISSING if stored < sent else None)
    run = CanaryRun(id=new_id(), day=day, at=at, sent=sent, stored=stored, problem=failed)
    session.add(run)
    session.flush()
    body = {"day": day.isoformat(), "window": WINDOW, "sent": sent, "stored": stored, "problem": failed}
    record(session, SYSTEM_LOG, Event.RATINGS_CANARY, body, at=at)
    return run


def newest(session: Session, *, limit: int = 30) -> Sequence[CanaryRun]:
    """The newest probes first."""
    return session.scalars(select(CanaryRun).order_by(CanaryRun.at.desc()).limit(limit)).all()


def told(run: CanaryRun | None) -> tuple[Literal["ok", "failed", "never"], date | None]:
    """``ok`` or ``failed`` and the day; ``never`` before the first."""
    if run is None:
        return "never", None
    return ("ok" if run.problem is None else "failed"), run.day


def schedule(session: Session, *, at: datetime, zone: str) -> bool:
    """See to it that the next probe waits in the queue. Whether one was put in."""
    if jobs.waiting(session, lock_key=JOB):
        return False
    minutes = (_DAILY_MINUTE - local_minute(at, zone)) % (24 * 60)
    run_at = at + timedelta(minutes=minutes or 24 * 60)
    jobs.enqueue(session, JOB, {}, lock_key=JOB, at=at, run_at=run_at)
    return True
