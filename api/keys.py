"""Keys outside the database: a copy of the database alone tells nobody a code (密钥)."""

from __future__ import annotations

import contextlib
import os
import secrets
import uuid
from pathlib import Path

from survey_models.ledger.signing import SEED_BYTES, Signer

PEPPER_BYTES = 32


def load_pepper(data_dir: Path) -> bytes:
    """The key under which codes are digested: 32 random bytes in ``keys/pepper``, made once, for the owner's eyes only.

    Lost with the folder, no code of the installation can be recognised again: it belongs into the backup.
    Raises ValueError for a file of another length.
    """
    return _secret(data_dir / "keys" / "pepper", PEPPER_BYTES)


def load_signer(data_dir: Path) -> Signer:
    """The key that signs promises and checkpoints of the ledger (台账): an Ed25519 seed in ``keys/ledger``, made once.

    Lost with the folder, the tree goes on under a new key, and every witness says so: it belongs into the backup.
    Raises ValueError for a file of another length.
    """
    return Signer(_secret(data_dir / "keys" / "ledger", SEED_BYTES))


def _secret(path: Path, length: int) -> bytes:
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
