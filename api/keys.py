"""Keys outside the database: a copy of the database alone tells nobody a code (密钥)."""

from __future__ import annotations

import contextlib
import os
import secrets
import uuid
from pathlib import Path

from survey_models.ballots.sealing import KEY_BYTES, public_of
from survey_models.core.errors import Problem
from survey_models.ledger.signing import SEED_BYTES, Signer

PEPPER_BYTES = 32


def load_pepper(data_dir: Path) -> bytes:
    """The key under which codes are digested: 32 random bytes in ``keys/pepper``, made once, for the owner's eyes only.

    Lost with the folder, no code of the installation can be recognised again: it belongs into the backup.
    Raises ValueError for a file of another length.
    """
    return load_secret(data_dir / "keys" / "pepper", PEPPER_BYTES)


def load_signer(data_dir: Path) -> Signer:
    """The key that signs promises and checkpoints of the ledger (台账): an Ed25519 seed in ``keys/ledger``, made once.

    Lost with the folder, the trees stop growing, since nobody would believe another key: it belongs into the backup.
    Raises ValueError for a file of another length.
    """
    return KeptSigner(data_dir / "keys" / "ledger")


class KeptSigner(Signer):
    """The key in a file, read again when the file is another: a running server goes over to a new key by itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        seed = load_secret(path, SEED_BYTES)
        super().__init__(seed)
        self._read = (self._mark(), Signer(seed))

    @property
    def public(self) -> bytes:
        """The public half of the key in use now."""
        return self.current().public

    @property
    def key_id(self) -> str:
        """Its short name."""
        return self.current().key_id

    def sign(self, message: bytes) -> bytes:
        """The signature under the key in use now."""
        return self.current().sign(message)

    def current(self) -> Signer:
        """The key in the file. Where the file cannot be read, the last one."""
        mark, signer = self._read
        try:
            if (now := self._mark()) != mark:
                signer = Signer(load_secret(self._path, SEED_BYTES))
                self._read = (now, signer)
        except (OSError, ValueError):
            return signer
        return signer

    def _mark(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns


def next_signer(data_dir: Path) -> Signer:
    """The ledger's key to come, in ``keys/ledger-next``: made once, and the same until it is taken into use."""
    return Signer(load_secret(_next(data_dir), SEED_BYTES))


def use_next_signer(data_dir: Path) -> None:
    """Put the key to come into the place of the one in use, whose private half is gone then."""
    _next(data_dir).replace(data_dir / "keys" / "ledger")


def _next(data_dir: Path) -> Path:
    return data_dir / "keys" / "ledger-next"


def make_sealing_key(data_dir: Path, campaign_id: str) -> bytes:
    """A key to the sheets of a campaign in ``keys/sealing/<campaign>``, made once; gives its public half.

    Lost with the folder, the campaign can never be counted: it belongs into the backup, and apart from the database's.
    """
    return public_of(load_secret(_sealing(data_dir, campaign_id), KEY_BYTES))


def load_sealing_key(data_dir: Path, campaign_id: str) -> bytes:
    """The private key that ``make_sealing_key`` made. Raises ``sealing_key_missing``."""
    path = _sealing(data_dir, campaign_id)
    if not path.exists():
        raise Problem("sealing_key_missing", campaign=campaign_id)
    return load_secret(path, KEY_BYTES)


def _sealing(data_dir: Path, campaign_id: str) -> Path:
    return data_dir / "keys" / "sealing" / campaign_id


def key_of_hex(text: str) -> bytes:
    """32 bytes from 64 hex digits. Raises ``sealing_key_malformed``."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise Problem("sealing_key_malformed")
    return found


def load_secret(path: Path, length: int) -> bytes:
    """``length`` random bytes that are made at the first call and the same ever after."""
    if not path.exists():
        _make(path, secrets.token_bytes(length))
    content = path.read_bytes()
    if len(content) != length:
        raise ValueError(f"{path} holds {len(content)} bytes instead of {length}")
    return content


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read (0600, folder 0700), durably.

    Raises FileExistsError: what was written once is never overwritten.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make(path: Path, content: bytes) -> None:
    """Make the file whole or not at all; of two processes that start together the first one wins."""
    draft = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    write_private(draft, content)
    with contextlib.suppress(FileExistsError):
        # A link, unlike a rename, refuses a name that is taken.
        os.link(draft, path)
    draft.unlink()
