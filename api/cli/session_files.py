"""Where the command line keeps who has signed in: one file per person, readable by the owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from survey_models.accounts.rules import stored_name

_CURRENT = "current"


class SessionFiles:
    """``<name>.token`` holds a session token, ``current`` the name of the last who signed in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, token: str) -> None:
        """Remember a session and make its person the current one."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(self._path(name), token)
        _write(self.folder / _CURRENT, name)

    def current(self) -> str | None:
        """The last person who signed in."""
        return _read(self.folder / _CURRENT)

    def token(self, name: str | None = None) -> str | None:
        """The token of ``name``, or of the current person."""
        name = name or self.current()
        return None if name is None else _read(self._path(name))

    def forget(self, name: str) -> None:
        """Remove a person's session from here."""
        self._path(name).unlink(missing_ok=True)
        if self.current() == name:
            (self.folder / _CURRENT).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        # The rule for names also keeps them inside this folder.
        return self.folder / f"{stored_name(name)}.token"


def _write(path: Path, text: str) -> None:
    """Write a file that was never readable by others, not even for a moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
