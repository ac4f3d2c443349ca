"""Entries of paper sheets are sealed (密封) under a key of the data folder: the database alone shows none of them."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_models.ballots.sealing import Plain, padded, unpadded

_NONCE = 12
_INFO = b"pingyi/paper-entry/v1"


class Place(NamedTuple):
    """Where an entry stands: it opens nowhere else."""

    campaign_id: str
    serial: int
    turn: int
    made_by: str

    def bound(self) -> bytes:
        """The associated data (附加数据)."""
        return f"pingyi/paper-entry/v1\n{self.campaign_id}\n{self.serial}\n{self.turn}\n{self.made_by}".encode()


class EntrySealer:
    """Seals and opens entries, AES-256-GCM under a key derived (HKDF-SHA-256) from the installation's ``pepper``.

    Entries are padded as ballots are, so that their length tells nothing.
    """

    def __init__(self, pepper: bytes) -> None:
        self._box = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(pepper))

    def seal(self, entry: Plain, place: Place, *, room: int) -> bytes:
        """``entry`` for its place; ``room``: bytes that the fullest ``more`` of the questionnaire takes."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._box.encrypt(nonce, padded(entry.answers, entry.more, room=room), place.bound())

    def opened(self, sealed: bytes, place: Place) -> Plain:
        """The entry of a place. Raises InvalidTag where it was sealed for another, or changed."""
        return unpadded(self._box.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.bound()))
