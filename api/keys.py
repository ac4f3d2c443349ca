"""Keys outside the database: a copy of the database alone tells nobody a code (密钥)."""

from __future__ import annotations

import contextlib
import os
import secrets
import uuid
from pathlib import Path

PEPPER_BYTES = 32


def load_pepper(data_dir: Path) -> bytes:
    """The key under which codes are digested: 32 random bytes in ``keys/pepper``, made once, for the owner's eyes only.

    Lost with the folder, no code of the installation can be recognised again: it belongs into the backup.
    Raises ValueError for a file of another length.
    """
    path = data_dir / "keys" / "pepper"
    if not path.exists():
        _make(path, secrets.token_bytes(PEPPER_BYTES))
    pepper = path.read_bytes()
    if len(pepper) != PEPPER_BYTES:
        raise ValueError(f"{path} holds {len(pepper)} bytes instead of {PEPPER_BYTES}")
    return pepper


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
