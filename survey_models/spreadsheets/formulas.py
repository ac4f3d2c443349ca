"""Text that a spreadsheet program could take for a formula, and the apostrophe that prevents it."""

from __future__ import annotations

import unicodedata

_STARTS = "=+-@\t\r\x00"
MARK = "'"


def neutral(text: str) -> str:
    """``text`` as it is written to CSV: a leading apostrophe where it could begin a formula, full-width signs too."""
    return MARK + text if _could_begin(text) else text


def plain(text: str) -> str:
    """``text`` as it was before ``neutral``."""
    return text[1:] if text.startswith(MARK) and _could_begin(text[1:]) else text


def _could_begin(text: str) -> bool:
    first = unicodedata.normalize("NFKC", text[:1])
    return bool(first) and first in _STARTS
