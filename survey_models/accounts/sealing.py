"""What must not be read from a copy of the database: secrets of authenticator apps, recovery codes, half sign-ins."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_models.accounts.one_time import plain_recovery_code

_NONCE = 12
_TICKET = b"half sign-in"
TICKET_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class HalfSignIn:
    """A sign-in whose password was right and whose code is still asked for; ``subject``: who it is at the provider."""

    name: str
    hash_digest: str = field(repr=False)
    door: str
    at: datetime
    subject: str = ""


class PassKeys:
    """Keys derived from the installation's ``pepper``, which lies in the data folder and not in the database."""

    def __init__(self, pepper: bytes) -> None:
        self._box = AESGCM(_derived(pepper, b"pingyi totp"))
        self._tickets = AESGCM(_derived(pepper, b"pingyi half sign-ins"))
        self._codes = _derived(pepper, b"pingyi recovery codes")

    def seal(self, secret: bytes, account_id: uuid.UUID) -> bytes:
        """The secret of an app, bound to the account."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._box.encrypt(nonce, secret, account_id.bytes)

    def opened(self, sealed: bytes, account_id: uuid.UUID) -> bytes:
        """The secret again. Raises ``InvalidTag`` under another key, or for another account."""
        return self._box.decrypt(sealed[:_NONCE], sealed[_NONCE:], account_id.bytes)

    def digest(self, recovery_code: str, account_id: uuid.UUID) -> str:
        """The keyed digest of a recovery code of an account: 64 hex digits."""
        text = plain_recovery_code(recovery_code)
        return hmac.new(self._codes, account_id.bytes + text.encode(), hashlib.sha256).hexdigest()

    def ticket(self, half: HalfSignIn) -> str:
        """What the client hands back together with the code. It holds no password and is of no use without a code."""
        return self.wrapped(_TICKET, [half.name, half.hash_digest, half.door, half.subject], at=half.at)

    def opened_ticket(self, text: str, *, at: datetime) -> HalfSignIn | None:
        """The half sign-in; None when it is older than five minutes or none of ours."""
        found = self.unwrapped(_TICKET, text, at=at, lasts=TICKET_LASTS)
        if found is None:
            return None
        (name, digest, door, *rest), begun = found
        return HalfSignIn(name, digest, door, begun, *rest)

    def wrapped(self, kind: bytes, texts: Sequence[str], *, at: datetime) -> str:
        """Texts that a client keeps for us and cannot read or change; ``kind`` keeps one use from another."""
        nonce = secrets.token_bytes(_NONCE)
        box = self._tickets.encrypt(nonce, json.dumps([at.timestamp(), *texts]).encode(), kind)
        return base64.urlsafe_b64encode(nonce + box).decode()

    def unwrapped(
        self, kind: bytes, text: str, *, at: datetime, lasts: timedelta
    ) -> tuple[Sequence[str], datetime] | None:
        """The texts and when they were wrapped; None when that is too long ago, or they are none of ours."""
        try:
            raw = base64.urlsafe_b64decode(text.encode())
            instant, *texts = json.loads(self._tickets.decrypt(raw[:_NONCE], raw[_NONCE:], kind))
        except (InvalidTag, ValueError):
            return None
        begun = datetime.fromtimestamp(instant, UTC)
        return (texts, begun) if -lasts < at - begun < lasts else None


def hash_digest(password_hash: str) -> str:
    """A short name of a stored hash: whether the password was changed meanwhile."""
    return hashlib.sha256(password_hash.encode()).hexdigest()


def _derived(pepper: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(pepper)
