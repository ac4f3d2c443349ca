"""Where a line of Chinese may break (避头尾). Pure.

No mark that closes begins a line, none that opens ends one, and no figure is torn apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_OPENS, _CLOSES = "（“‘《〔「『【", "，。；：、？！”’）》〕％」』】…—"
_PIECE = re.compile(
    rf"[{_OPENS}]*(?:[0-9A-Za-z][0-9A-Za-z.,:%/_–+×=^-]*|[^\n])[{_CLOSES}]*",
)
Measure = Callable[[str], float]


def lines(text: str, width: float, measure: Measure) -> Iterator[str]:
    """The text in lines no wider than ``width``, both in the unit of ``measure``."""
    for paragraph in text.split("\n"):
        yield from _filled(paragraph, width, measure)


def _filled(text: str, width: float, measure: Measure) -> Iterator[str]:
    line, used = "", 0.0
    for piece in _pieces(text, width, measure):
        wide = measure(piece)
        if line and used + wide > width:
            yield line.rstrip(" ")
            line, used, piece = "", 0.0, piece.lstrip(" ")  # noqa: PLW2901 - a space never begins a line
            wide = measure(piece)
        line, used = line + piece, used + wide
    yield line


def _pieces(text: str, width: float, measure: Measure) -> Iterator[str]:
    """What stays together; what is wider than a whole line goes letter by letter."""
    for found in _PIECE.finditer(text):
        piece = found.group()
        if measure(piece) > width:
            yield from piece
        else:
            yield piece
