"""Pairing terminals (评价器登记) and knowing them again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed, new_id, new_secret, random_text
from survey_models.devices.tables import Device, DevicePairing
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units.service import get_window
from survey_models.units.tables import Window

PAIRING_LENGTH = 8
PAIRING_TIME = timedelta(minutes=10)


def make_pairing(
    session: Session, window_id: str, *, by: str, at: datetime, expires_at: datetime | None = None
) -> tuple[str, datetime]:
    """A pairing code for one window, good once, for ten minutes if not told otherwise."""
    window = get_window(session, window_id)
    code = random_text(PAIRING_LENGTH)
    until = expires_at or at + PAIRING_TIME
    session.execute(delete(DevicePairing).where(DevicePairing.window_id == window.id, DevicePairing.used_at.is_(None)))
    session.add(DevicePairing(code_digest=_digest(code), window_id=window.id, expires_at=until, used_at=None))
    session.flush()
    record(session, SYSTEM_LOG, Event.PAIRING_MADE, {"window": window.id}, at=at, by=by)
    return code, until


def pair(session: Session, code: str, *, at: datetime, public_key: str | None = None) -> tuple[Device, str]:
    """Turn a pairing code into a paired terminal; the token is given once. Raises ``pairing_refused``.

    ``public_key`` (base64url of a P-256 point) is the device's own; without one it shows codes, but may not send taps.
    """
    digest = _digest(as_typed(code))
    used = session.execute(
        update(DevicePairing)
        .where(DevicePairing.code_digest == digest, DevicePairing.used_at.is_(None), DevicePairing.expires_at > at)
        .values(used_at=at)
        .returning(DevicePairing.window_id)
    ).scalar_one_or_none()
    if used is None:
        raise Problem("pairing_refused")
    token = new_secret()
    device = Device(
        id=new_id(),
        window_id=used,
        token_digest=_digest(token),
        paired_at=at,
        revoked_at=None,
        paused_at=None,
        public_key=public_key,
    )
    session.add(device)
    session.flush()
    body = {"device": str(device.id), "window": used, "key": public_key and _digest(public_key)}
    record(session, SYSTEM_LOG, Event.DEVICE_PAIRED, body, at=at)
    return device, token


def fresh_token(session: Session, window_id: str, *, at: datetime) -> str:
    """A new token for the one terminal of a window, which is made if it is not there: for the daily probe."""
    token = new_secret()
    device = session.scalars(select(Device).where(Device.window_id == window_id)).one_or_none()
    if device is None:
        device = Device(id=new_id(), window_id=window_id, paired_at=at, revoked_at=None, paused_at=None, unsigned=True)
        session.add(device)
    device.token_digest = _digest(token)
    session.flush()
    return token


def by_token(session: Session, token: str) -> Device:
    """The terminal that a token belongs to. Raises ``device_unknown``."""
    query = select(Device).where(Device.token_digest == _digest(token), Device.revoked_at.is_(None))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise Problem("device_unknown")
    return found


def known(session: Session, device_id: uuid.UUID) -> Device:
    """A terminal by its id, withdrawn or not. Raises ``device_unknown_id``."""
    device = session.get(Device, device_id)
    if device is None:
        raise Problem("device_unknown_id")
    return device


def listed(session: Session) -> Sequence[Device]:
    """Paired terminals that were not withdrawn, newest first; that of the daily probe apart."""
    stands = Device.window_id.not_in(select(Window.id).where(Window.canary))
    query = select(Device).where(Device.revoked_at.is_(None), stands)
    return session.scalars(query.order_by(Device.paired_at.desc(), Device.id)).all()


def pause(session: Session, device_id: uuid.UUID, *, wrong: int, at: datetime) -> None:
    """Pause a terminal (暂停) that showed too many wrong codes; one that is paused stays as it is."""
    found = session.execute(
        update(Device).where(Device.id == device_id, Device.paused_at.is_(None)).values(paused_at=at)
    )
    if found.rowcount == 1:  # type: ignore[attr-defined]
        record(session, SYSTEM_LOG, Event.DEVICE_PAUSED, {"device": str(device_id), "wrong": wrong}, at=at)


def resume(session: Session, device_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Let a paused terminal show codes again (恢复). Raises ``device_unknown_id``, ``device_not_paused``."""
    device = session.get(Device, device_id)
    if device is None or device.revoked_at is not None:
        raise Problem("device_unknown_id")
    found = session.execute(
        update(Device).where(Device.id == device_id, Device.paused_at.is_not(None)).values(paused_at=None)
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise Problem("device_not_paused")
    record(session, SYSTEM_LOG, Event.DEVICE_RESUMED, {"device": str(device_id)}, at=at, by=by)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
