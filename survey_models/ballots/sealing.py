"""Sealed sheets (密封票): padded, and encrypted to a campaign's public key before they reach the database.

X25519 between a sender's short-lived key and the campaign's, HKDF-SHA256 (RFC 5869) to a key for AES-256-GCM. A sealed
sheet is ``0x01 | sender's public key 32 | nonce 12 | ciphertext and tag``. What stands beside it in the database is
bound to it as associated data: a sheet that is moved to another id, batch or channel does not open.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_models.core.canonical import canonical_bytes

KEY_BYTES = 32
BLOCK = 512
OVERHEAD = 1 + KEY_BYTES + 12 + 16
_FORMAT = b"\x01"
_INFO = b"pingyi/sheet/v1"
_LENGTH, _NONCE = 4, 12
_NONCES = 1024
_AROUND_ANSWERS = b'{"answers":"","more":{}}'
_PLAIN = re.compile(r"[0-9A-Za-z!-]*")
# One agreement of keys costs as much as sealing seventy sheets; a minute of a process is no finer than its batches.
_FRESH_SECONDS = 60.0


class SealBroken(ValueError):
    """A sealed sheet that does not open: another key, other associated data, or changed bytes."""


class Plain(NamedTuple):
    """What is on a sheet: one option code for each item, and ``more`` by item."""

    answers: str
    more: dict[str, Any] | None


class _Sheet(msgspec.Struct, forbid_unknown_fields=True):
    answers: str
    more: dict[str, Any] | None


_SHEETS = msgspec.json.Decoder(_Sheet)


def new_keypair() -> tuple[bytes, bytes]:
    """A private and its public key, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public half of a private key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def bound_to(campaign_id: str, ballot_id: uuid.UUID, batch_no: int, channel: str, version: int) -> bytes:
    """The associated data of a sheet (附加数据): all that stands beside it in its row."""
    return f"pingyi/sheet/v1\n{campaign_id}\n{ballot_id}\n{batch_no}\n{channel}\n{version}".encode()


def sheet_digest(sealed: bytes) -> str:
    """SHA-256 of a sealed sheet, 64 hex digits: what its ledger entry names."""
    return hashlib.sha256(sealed).hexdigest()


def padded(answers: str, more: Mapping[str, Any] | None, *, room: int = 0) -> bytes:
    """A sheet as canonical JSON behind its length, filled up to the next 512 bytes: its size tells nothing.

    ``room``: bytes that the fullest ``more`` of its questionnaire takes; a sheet without a word is made as long as one
    with the longest.
    """
    if not more and _PLAIN.fullmatch(answers):
        body = f'{{"answers":"{answers}","more":null}}'.encode()  # canonical as it stands
    else:
        body = canonical_bytes({"answers": answers, "more": dict(more) if more else None})
    whole = len(body).to_bytes(_LENGTH, "big") + body
    size = max(len(whole), _LENGTH + len(answers) + len(_AROUND_ANSWERS) + room)
    return whole.ljust(-(-size // BLOCK) * BLOCK, b"\0")


def unpadded(plain: bytes) -> Plain:
    """The sheet that ``padded`` was given. Raises SealBroken for anything that is none."""
    length = int.from_bytes(plain[:_LENGTH], "big")
    try:
        found = _SHEETS.decode(plain[_LENGTH : _LENGTH + length])
    except msgspec.DecodeError:
        raise SealBroken("what was sealed is no sheet") from None
    return Plain(found.answers, found.more)


class Sealer:
    """Seals sheets to one public key; its own key is made anew each minute and never kept."""

    def __init__(self, public: bytes) -> None:
        self._recipient = X25519PublicKey.from_public_bytes(public)
        self._public = public
        self._current = self._fresh()
        self._nonces = BytesIO()

    def _fresh(self) -> tuple[float, bytes, AESGCM]:
        mine = X25519PrivateKey.generate()
        sender = mine.public_key().public_bytes_raw()
        return time.monotonic(), sender, _cipher(mine.exchange(self._recipient), sender, self._public)

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """``plain`` sealed; its length shows, its content does not."""
        made, sender, cipher = self._current
        if time.monotonic() - made > _FRESH_SECONDS:
            made, sender, cipher = self._current = self._fresh()
        nonce = self._nonces.read(_NONCE)
        if len(nonce) < _NONCE:
            # Asking the system for each sheet would give up the interpreter for each sheet.
            self._nonces = BytesIO(secrets.token_bytes(_NONCE * _NONCES))
            nonce = self._nonces.read(_NONCE)
        return _FORMAT + sender + nonce + cipher.encrypt(nonce, plain, aad)


class Opener:
    """Opens what was sealed to one key; agreements of keys are kept, for thousands of sheets share one sender."""

    _KEPT = 4096

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()
        self._ciphers: dict[bytes, AESGCM] = {}

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """The plain bytes. Raises SealBroken."""
        start = 1 + KEY_BYTES + _NONCE
        if sealed[:1] != _FORMAT or len(sealed) < OVERHEAD:
            raise SealBroken("not a sealed sheet of a known format")
        cipher = self._cipher(sealed[1 : 1 + KEY_BYTES])
        try:
            return cipher.decrypt(sealed[1 + KEY_BYTES : start], sealed[start:], aad)
        except InvalidTag:
            raise SealBroken("sealed to another key, for another row, or changed") from None

    def _cipher(self, sender: bytes) -> AESGCM:
        found = self._ciphers.get(sender)
        if found is None:
            try:
                agreed = self._private.exchange(X25519PublicKey.from_public_bytes(sender))
            except ValueError:
                # A point of small order: no honest sender has such a key.
                raise SealBroken("the sender's key is none") from None
            if len(self._ciphers) >= self._KEPT:
                self._ciphers.clear()
            found = self._ciphers[sender] = _cipher(agreed, sender, self.public)
        return found


def seal(public: bytes, plain: bytes, aad: bytes) -> bytes:
    """One sheet sealed with a sender's key of its own."""
    return Sealer(public).seal(plain, aad)


def open_sealed(private: bytes, sealed: bytes, aad: bytes) -> bytes:
    """One sheet opened. Raises SealBroken."""
    return Opener(private).open(sealed, aad)


def _cipher(agreed: bytes, sender: bytes, recipient: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_INFO + sender + recipient).derive(agreed)
    return AESGCM(derived)
