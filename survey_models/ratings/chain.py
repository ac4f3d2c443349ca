"""The chain of a terminal's outbox (发件箱): what is hashed, and what the device's own key signs.

Taps are numbered without gaps from 1. The hash of a tap covers the hash before it, so that a number, an order or a word
cannot be changed afterwards without its showing; one signature covers the last hash of a batch. Both texts are lines,
so that a stranger can write them down from this file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

# Before the first tap of a device.
GENESIS = "0" * 64
_POINT_BYTES, _SIGNATURE_BYTES = 65, 64


@dataclass(frozen=True)
class Link:
    """One tap as the terminal wrote it down; ``device_time`` is its own text, ``case`` empty without a case."""

    seq: int
    id: str
    window_id: str
    code: str
    reasons: Sequence[str]
    device_time: str
    case: str = ""


def hash_of(device_id: str, prev: str, link: Link) -> str:
    """SHA-256 of a tap and of the hash before it, 64 hex digits."""
    said = ",".join(link.reasons)
    lines = (
        "pingyi-tap/1",
        device_id,
        str(link.seq),
        prev,
        link.id,
        link.window_id,
        link.code,
        said,
        link.device_time,
        link.case,
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def hashes_of(device_id: str, prev: str, links: Iterable[Link]) -> list[str]:
    """The hashes of taps that follow each other."""
    found = []
    for link in links:
        prev = hash_of(device_id, prev, link)
        found.append(prev)
    return found


def signed_text(device_id: str, first: int, prev: str, hashes_in_order: Sequence[str], sent_at: str) -> bytes:
    """What the device signs: which taps, from which hash to which, and its clock at sending."""
    count, last = str(len(hashes_in_order)), hashes_in_order[-1]
    return "\n".join(("pingyi-batch/1", device_id, str(first), prev, count, last, sent_at)).encode()


def public_key_of(text: str) -> ec.EllipticCurvePublicKey:
    """A P-256 key from the base64url of its uncompressed point. Raises ValueError."""
    raw = _unpacked(text)
    if len(raw) != _POINT_BYTES:
        raise ValueError("not an uncompressed point of P-256")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def is_signed_by(public_key: str, signature: str, text: bytes) -> bool:
    """Whether ``signature`` (base64url of r and s, as WebCrypto writes them) is of this key over this text."""
    try:
        raw = _unpacked(signature)
        if len(raw) != _SIGNATURE_BYTES:
            return False
        half = _SIGNATURE_BYTES // 2
        pair = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        public_key_of(public_key).verify(pair, text, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def offset_seconds(sent_at: datetime, received_at: datetime) -> float:
    """How far the terminal's clock is behind the server's."""
    return (received_at - sent_at).total_seconds()
