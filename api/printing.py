"""From a hand-over file to a print (印制): the codes are opened in memory, set, and forgotten."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from api import handover
from api.handover import Line
from api.key_files import read_key_file
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.printing.orders import Card, PrintOrder

PROCESSES = 2


def cards_of(lines: list[Line]) -> list[Card]:
    """The lines as cards."""
    return [Card(one.serial, one.code, one.area, one.kind, one.point, one.reserve) for one in lines]


def cards_in(path: Path, order: PrintOrder, *, passphrase: Callable[[], str], key: Path | None = None) -> list[Card]:
    """The cards of a file, sealed under a passphrase or to the key in ``key``; plain ones of a rehearsal or demo.

    Raises ``hand_over_missing``, ``hand_over_sealed``, and what a key file raises.
    """
    try:
        if handover.is_sealed_to_key(path):
            if key is None:
                raise Problem("hand_over_sealed", path=str(path))
            return cards_of(handover.open_with_key(path, read_key_file(key, passphrase=passphrase)))
        if order.purpose != Purpose.REAL and not handover.is_sealed(path):
            return cards_of(handover.read_plain(path))
        return cards_of(handover.open_sealed(path, passphrase=passphrase()))
    except (ValueError, KeyError):
        raise Problem("hand_over_sealed", path=str(path)) from None


def cards_sent(content: bytes, order: PrintOrder, *, passphrase: str) -> list[Card]:
    """The same for the bytes of a request: a private key of the printers never comes to the server.

    Raises ``hand_over_sealed``.
    """
    try:
        if order.purpose != Purpose.REAL and content.startswith(b"serial,"):
            return cards_of(handover.lines_in(content))
        return cards_of(handover.open_content(content, passphrase=passphrase))
    except (ValueError, KeyError):
        raise Problem("hand_over_sealed", path=order.campaign) from None


def digest(content: bytes) -> str:
    """SHA-256 of a hand-over file, as it stands in the ledger and on the cover."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def fresh(path: Path) -> Iterator[BinaryIO]:
    """A file for the owner's eyes only that stands under its name when it is whole, and not before.

    Raises ``key_file_exists`` for one that is there; after a failure nothing is left.
    """
    if path.exists():
        raise Problem("key_file_exists", path=str(path))
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
