"""Canonical bytes: one value, one spelling, one hash, on every machine."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any


def canonical_bytes(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces. Floats are refused: they have no one spelling."""
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: Any) -> str:
    """Hex SHA-256 of the canonical bytes of ``value``."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        msg = "canonical values hold integers and text, not floats"
        raise TypeError(msg)
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


BLIND_BYTES = 32


def new_blind() -> str:
    """A blinding value (盲值): 32 random bytes, hex."""
    return secrets.token_hex(BLIND_BYTES)


def blinded(value: Any, blind: str | None) -> str:
    """Hex SHA-256 over a blinding value and the canonical bytes of ``value``; the plain digest without one.

    Who does not know ``blind`` (32 bytes, hex) learns nothing from it by trying values; who does cannot fit another
    value to it. Raises ValueError for a blinding value of another length.
    """
    if blind is None:
        return digest(value)
    raw = bytes.fromhex(blind)
    if len(raw) != BLIND_BYTES:
        raise ValueError(f"a blinding value has {BLIND_BYTES} bytes")
    return hashlib.sha256(raw + canonical_bytes(value)).hexdigest()
