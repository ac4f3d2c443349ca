"""Telephone numbers left to be called back (回访电话): apart from every rating, sealed, erased after the call."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.upsert import insert_new
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.ratings.tables import Callback

KEPT_DAYS = 30
_NONCE = 12
_SHAPE = re.compile(r"\+?[0-9]{5,20}")
_FILLING = re.compile(r"[\s()/.-]")


@dataclass(frozen=True)
class Waiting:
    """A number that waits for a call."""

    id: uuid.UUID
    window_id: str
    day: date
    phone: str = field(repr=False)


def leave(
    session: Session, window_id: str, callback_id: uuid.UUID, phone: str, *, pepper: bytes, at: datetime, zone: str
) -> None:
    """Keep a number; the same id again is the same number. Raises ``callback_unfit``."""
    said = _FILLING.sub("", phone)
    if not _SHAPE.fullmatch(said):
        raise Problem("callback_unfit")
    today = local_day(at, zone)
    sealed = _seal(said, window_id, callback_id, pepper)
    row = {"window_id": window_id, "id": callback_id, "day": today, "sealed": sealed}
    insert_new(session.connection(), Callback, [row], key="id")


def erase_old(session: Session, *, days: int, at: datetime, zone: str) -> int:
    """Erase numbers that were left more than ``days`` days ago, called or not. How many there were."""
    over = Callback.sealed.is_not(None), Callback.day < local_day(at, zone) - timedelta(days=days)
    return int(session.execute(update(Callback).where(*over).values(sealed=None)).rowcount)  # type: ignore[attr-defined]


def waiting(session: Session, *, pepper: bytes, at: datetime, zone: str, days: int = KEPT_DAYS) -> list[Waiting]:
    """The numbers that wait for a call, oldest first; those whose time is over are not shown."""
    since = local_day(at, zone) - timedelta(days=days)
    query = select(Callback).where(Callback.sealed.is_not(None), Callback.day >= since)
    rows = session.scalars(query.order_by(Callback.day, Callback.window_id, Callback.id))
    return [Waiting(row.id, row.window_id, row.day, _opened(row, pepper)) for row in rows]


def done(session: Session, callback_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Somebody was called: the number is erased. Raises ``callback_unknown``."""
    row = session.scalars(
        select(Callback).where(Callback.id == callback_id, Callback.sealed.is_not(None))
    ).one_or_none()
    if row is None:
        raise Problem("callback_unknown")
    row.sealed = None
    body = {"callback": str(callback_id), "window": row.window_id}
    record(session, SYSTEM_LOG, Event.CALLBACK_DONE, body, at=at, by=by)


def _key(pepper: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pingyi callbacks").derive(pepper))


def _bound(window_id: str, callback_id: uuid.UUID) -> bytes:
    return f"{window_id} {callback_id}".encode()


def _seal(phone: str, window_id: str, callback_id: uuid.UUID, pepper: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    # All of one length: a sealed number does not tell a mobile from an office.
    return nonce + _key(pepper).encrypt(nonce, phone.ljust(21).encode(), _bound(window_id, callback_id))


def _opened(row: Callback, pepper: bytes) -> str:
    raw = row.sealed or b""
    return _key(pepper).decrypt(raw[:_NONCE], raw[_NONCE:], _bound(row.window_id, row.id)).decode().rstrip()
