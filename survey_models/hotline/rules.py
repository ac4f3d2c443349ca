"""What a report may hold: text of some length, one picture or PDF, known by its first bytes. Pure."""

from __future__ import annotations

import unicodedata

from survey_models.core.errors import Problem
from survey_models.tickets.rules import holds_code

TEXT_LENGTH = 2_000
ATTACHMENT_BYTES = 5 * 1024 * 1024
# What a file says of itself (name, type) is not believed.
KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", "application/pdf"))
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_KEPT = frozenset("\n\t")


def fit_text(sent: str) -> str:
    """The text as it is stored, without control characters.

    Raises ``report_empty``, ``report_too_long``; ``report_holds_code`` where a ticket's code stands in it.
    """
    whole = sent.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    said = "".join(char for char in whole if char in _KEPT or unicodedata.category(char) not in {"Cc", "Cf"}).strip()
    if not said:
        raise Problem("report_empty")
    if len(said) > TEXT_LENGTH:
        raise Problem("report_too_long", limit=TEXT_LENGTH, length=len(said))
    if holds_code(said):
        raise Problem("report_holds_code")
    return said


def media_of(content: bytes) -> str:
    """The kind of an attachment by its first bytes. Raises ``report_attachment_unfit``."""
    found = next((media for mark, media in KINDS if content.startswith(mark)), None)
    if found is None or len(content) > ATTACHMENT_BYTES:
        raise Problem("report_attachment_unfit", megabytes=ATTACHMENT_BYTES // 1024**2)
    return found
