"""The personal part of a roster (个人信息): sealed under a key outside the database; identities as keyed digests."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
import uuid
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
# All of one length: what is sealed does not tell whether there is a telephone number.
_LENGTH = 256


@dataclass(frozen=True)
class Person:
    """Who it is. It stands nowhere in the clear."""

    name: str = field(repr=False)
    phone: str = field(repr=False, default="")


class Sealer:
    """Seals and opens people, and digests identities, under keys derived from the installation's ``pepper``."""

    def __init__(self, pepper: bytes) -> None:
        self._box = AESGCM(_derived(pepper, b"pingyi rosters"))
        self._identities = _derived(pepper, b"pingyi roster identities")

    def identity(self, text: str) -> str:
        """The keyed digest of an identity (身份证号, 工号), the same in every roster: 64 hex digits."""
        return hmac.new(self._identities, plain_identity(text).encode(), hashlib.sha256).hexdigest()

    def seal(self, person: Person, roster_id: str, entry_id: uuid.UUID) -> bytes:
        """A person, bound to the entry."""
        nonce = secrets.token_bytes(_NONCE)
        body = json.dumps({"name": person.name, "phone": person.phone}, ensure_ascii=False).encode()
        return nonce + self._box.encrypt(nonce, body.ljust(_LENGTH), _bound(roster_id, entry_id))

    def opened(self, sealed: bytes, roster_id: str, entry_id: uuid.UUID) -> Person:
        """The person of an entry."""
        raw = self._box.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(roster_id, entry_id))
        return Person(**json.loads(raw))


def plain_identity(text: str) -> str:
    """An identity in one spelling: narrow, capital, without spaces and hyphens."""
    narrow = unicodedata.normalize("NFKC", text).upper()
    return "".join(char for char in narrow if char.isalnum())


def _derived(pepper: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(pepper)


def _bound(roster_id: str, entry_id: uuid.UUID) -> bytes:
    return f"{roster_id} {entry_id}".encode()
