"""The key that speaks for the ledger (台账签名密钥): Ed25519, the private half outside the database."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES = 32


class Signer:
    """Signs with the private half. ``public`` is the other half (32 bytes), ``key_id`` its short name."""

    def __init__(self, seed: bytes) -> None:
        """``seed``: the 32 bytes of RFC 8032. Raises ValueError for another length."""
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key().public_bytes_raw()
        self._key_id = key_id_of(self._public)

    @property
    def public(self) -> bytes:
        """The public half (32 bytes)."""
        return self._public

    @property
    def key_id(self) -> str:
        """The short name of the public half."""
        return self._key_id

    def sign(self, message: bytes) -> bytes:
        """The signature (64 bytes)."""
        return self._private.sign(message)

    def current(self) -> Signer:
        """One key that stays the same: whoever uses key and signature together asks for it first."""
        return self


def key_id_of(public: bytes) -> str:
    """The short name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is of ``message`` under ``public``; False also for a key or signature of another shape."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
