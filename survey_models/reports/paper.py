"""A printed document as plain blocks (文书): what stands on it, in order; Word and PDF are two ways to set it.

Both renderers read the same blocks, so that both files say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RedHead:
    """The red head of an official document (红头): the issuing office; the number, left blank (发文字号)."""

    office: str
    number: str


@dataclass(frozen=True)
class Title:
    """The title of the document, centred."""

    text: str


@dataclass(frozen=True)
class Address:
    """To whom the document goes first (主送机关)."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading of a part."""

    text: str


@dataclass(frozen=True)
class Para:
    """A paragraph of the body, its first line indented by two characters."""

    text: str


@dataclass(frozen=True)
class Note:
    """A small line: a source, a digest, a remark under a table."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table whose heads are repeated on every page. ``widths``: relative; ``left``: columns set flush left."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    left: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sign:
    """Who issues the document, and the day (落款)."""

    office: str
    day: str


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = RedHead | Title | Address | Heading | Para | Note | Grid | Sign | NewPage


@dataclass(frozen=True)
class Paper:
    """A document on A4. ``name``: of its file, without an ending; ``foot``: what stands at the foot of every page."""

    name: str
    title: str
    blocks: Sequence[Block]
    landscape: bool = False
    foot: str = field(default="")

    def letters(self) -> frozenset[str]:
        """Every character that is printed, so that a font can be cut down to them."""
        return frozenset("".join([self.title, self.foot, *(text for block in self.blocks for text in _texts(block))]))


def _texts(block: Block) -> Iterator[str]:
    match block:
        case RedHead(office=office, number=number):
            yield from (office, number)
        case Title(text=text) | Address(text=text) | Heading(text=text) | Para(text=text) | Note(text=text):
            yield text
        case Grid(header=header, rows=rows):
            yield from header
            for row in rows:
                yield from row
        case Sign(office=office, day=day):
            yield from (office, day)
        case NewPage():
            return
