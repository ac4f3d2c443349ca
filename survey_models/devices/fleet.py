"""The fleet of terminals (评价器一览): what each last said of itself, its state, and withdrawing one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.upsert import put
from survey_models.devices.states import DeviceState
from survey_models.devices.tables import Device
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units.tables import Window

# Three missed heartbeats of a minute would be a slow network; after this the office should look.
SILENT_AFTER = timedelta(minutes=10)
_VALUES = ("seen_at", "version", "waiting", "refused", "clock_offset")


class Condition(StrEnum):
    """How a terminal is doing; the first that fits, from the top."""

    REVOKED = "revoked"
    QUARANTINED = "quarantined"
    PAUSED = "paused"
    SILENT = "silent"
    OK = "ok"


@dataclass(frozen=True)
class Beat:
    """What a terminal says of itself: its program, ratings that wait or were refused, its own clock."""

    version: str
    waiting: int
    refused: int
    device_time: datetime


@dataclass(frozen=True)
class Terminal:
    """A terminal, its window, its last words (None: it never spoke), and how it is doing."""

    device: Device
    window: Window
    said: DeviceState | None
    condition: Condition


def note(session: Session, device_id: uuid.UUID, beat: Beat, *, at: datetime) -> None:
    """Keep what a terminal says of itself; only the last words are kept."""
    row = {
        "device_id": device_id,
        "seen_at": at,
        "version": beat.version,
        "waiting": beat.waiting,
        "refused": beat.refused,
        "clock_offset": round((beat.device_time - at).total_seconds()),
    }
    put(session.connection(), DeviceState, [row], key=["device_id"], values=_VALUES)


def fleet(session: Session, *, at: datetime) -> Sequence[Terminal]:
    """Every terminal but that of the daily probe, by window; withdrawn ones last."""
    query = (
        select(Device, Window, DeviceState)
        .join(Window, Window.id == Device.window_id)
        .join(DeviceState, DeviceState.device_id == Device.id, isouter=True)
        .where(Window.canary.is_(False))
        .order_by(Device.revoked_at.is_not(None), Window.number, Window.id, Device.paired_at.desc(), Device.id)
    )
    found = []
    for device, window, state in session.execute(query):
        said: DeviceState | None = state
        found.append(Terminal(device, window, said, condition_of(device, said, at)))
    return found


def condition_of(device: Device, said: DeviceState | None, at: datetime) -> Condition:
    """How a terminal is doing at an instant."""
    if device.revoked_at is not None:
        return Condition.REVOKED
    if device.quarantined_at is not None:
        return Condition.QUARANTINED
    if device.paused_at is not None:
        return Condition.PAUSED
    silent = said is None or at - said.seen_at > SILENT_AFTER
    return Condition.SILENT if silent else Condition.OK


def revoke(session: Session, device_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Withdraw a terminal (停用): what comes of it afterwards is kept aside.

    Raises ``device_unknown_id``, ``device_revoked``.
    """
    if session.get(Device, device_id) is None:
        raise Problem("device_unknown_id")
    live = update(Device).where(Device.id == device_id, Device.revoked_at.is_(None))
    if session.execute(live.values(revoked_at=at)).rowcount != 1:  # type: ignore[attr-defined]
        raise Problem("device_revoked")
    record(session, SYSTEM_LOG, Event.DEVICE_REVOKED, {"device": str(device_id)}, at=at, by=by)
