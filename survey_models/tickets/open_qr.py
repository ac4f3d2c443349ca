"""The open QR's one-visit tickets (开放扫码): a signed nonce that nobody stores until it is spent.

A ticket holds its campaign (in the signature), sixteen random bytes and the moment it was asked for. It stands in no
root and no stratum. The key is derived from the pepper, so that a copy of the database signs nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.tickets.tables import OPEN_STRATUM, OPEN_UNVERIFIED, OPEN_VERIFIED, OpenDevice, TicketCounter

MINUTES = 30
GOOD_FOR = timedelta(minutes=MINUTES)
SECONDS_FOR_TEN_UNITS = 2
_FORM = 1
_NONCE, _TIME, _MAC = 16, 8, 16
_LENGTH = 1 + _NONCE + _TIME + _MAC
_COOKIE, _COOKIE_MAC = 16, 16


@dataclass(frozen=True)
class OpenTicket:
    """A ticket whose signature is right. ``digest`` is what is stored when it is spent."""

    digest: bytes = field(repr=False)
    started: datetime


def new_ticket(campaign_id: str, *, pepper: bytes, at: datetime) -> str:
    """A fresh ticket as text, for one visit."""
    body = bytes([_FORM]) + secrets.token_bytes(_NONCE) + int(at.timestamp() * 1000).to_bytes(_TIME, "big")
    return _text(body + _mac(pepper, b"ticket", campaign_id, body)[:_MAC])


def read_ticket(text: str, campaign_id: str, *, pepper: bytes) -> OpenTicket:
    """The ticket behind the text. Raises ``open_ticket_unknown``."""
    raw = _bytes(text)
    if raw is None or len(raw) != _LENGTH or raw[0] != _FORM:
        raise Problem("open_ticket_unknown")
    body, mac = raw[:-_MAC], raw[-_MAC:]
    if not hmac.compare_digest(mac, _mac(pepper, b"ticket", campaign_id, body)[:_MAC]):
        raise Problem("open_ticket_unknown")
    started = datetime.fromtimestamp(int.from_bytes(body[-_TIME:], "big") / 1000, UTC)
    return OpenTicket(hashlib.sha256(body).digest(), started)


def is_fresh(ticket: OpenTicket, at: datetime) -> bool:
    """Whether it may still be spent: for half an hour."""
    return at - ticket.started <= GOOD_FOR


def shortest_fill(units: int) -> int:
    """Seconds that a sheet of ``units`` takes at least: two for every ten begun, which nobody reads faster."""
    return SECONDS_FOR_TEN_UNITS * -(-units // 10)


def check_fill_time(ticket: OpenTicket, at: datetime, units: int) -> None:
    """Refuse what no person filled in (``open_too_fast``); the ticket stays whole and may be sent a little later."""
    seconds = shortest_fill(units)
    if at - ticket.started < timedelta(seconds=seconds):
        raise Problem("open_too_fast", units=units, seconds=seconds)


def new_cookie(pepper: bytes) -> str:
    """A device cookie: random, and signed so that only ours are taken. It names no campaign and no person."""
    body = secrets.token_bytes(_COOKIE)
    return _text(body + _mac(pepper, b"device", "", body)[:_COOKIE_MAC])


def device_digest(cookie: str, campaign_id: str, *, pepper: bytes) -> bytes | None:
    """What is stored of a device for a campaign: a keyed digest, another one in every campaign; None if not ours."""
    raw = _bytes(cookie)
    if raw is None or len(raw) != _COOKIE + _COOKIE_MAC:
        return None
    body, mac = raw[:_COOKIE], raw[_COOKIE:]
    if not hmac.compare_digest(mac, _mac(pepper, b"device", "", body)[:_COOKIE_MAC]):
        return None
    return _mac(pepper, b"answered", campaign_id, body)


def has_answered(session: Session, campaign_id: str, device: bytes) -> bool:
    """Whether a sheet came from this device before."""
    return session.get(OpenDevice, (campaign_id, device)) is not None


def sheets(session: Session, campaign_id: str) -> tuple[int, int]:
    """How many sheets came by the open QR: with a device cookie, and without (未验证)."""
    query = (
        select(TicketCounter.point_no, func.sum(TicketCounter.done))
        .where(TicketCounter.campaign_id == campaign_id, TicketCounter.stratum_no == OPEN_STRATUM)
        .group_by(TicketCounter.point_no)
    )
    found = {point: int(number) for point, number in session.execute(query)}
    return found.get(OPEN_VERIFIED, 0), found.get(OPEN_UNVERIFIED, 0)


def _mac(pepper: bytes, use: bytes, campaign_id: str, body: bytes) -> bytes:
    key = hmac.new(pepper, b"pingyi/open-qr/v1/" + use, hashlib.sha256).digest()
    return hmac.new(key, campaign_id.encode() + b"\0" + body, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
