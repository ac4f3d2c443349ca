"""The print of a hand-over file (印制件): cover, groups with their slips, and the list that is signed, as one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from survey_models.core.errors import Problem
from survey_models.printing import covers, faces, parts, pieces
from survey_models.printing.book import bound
from survey_models.printing.formats import Format
from survey_models.printing.orders import Card, PrintOrder, check, grouped


@dataclass(frozen=True)
class Printed:
    """What a file holds: pieces, of them in reserve; groups and pages."""

    cards: int
    reserve: int
    groups: int
    pages: int


@dataclass(frozen=True)
class How:
    """On what, and from what. ``file``, ``order``: SHA-256 of the hand-over file and of the order, for the cover.

    ``area``: one area alone; ``font``: the setting; ``processes``: how many draw at the same time.
    """

    paper: Format
    file: str
    order: str
    area: str | None = None
    font: Path | None = None
    processes: int = 2


def write(out: BinaryIO, order: PrintOrder, cards: Sequence[Card], how: How) -> Printed:
    """Write the PDF.

    Raises ``print_counts_differ``, ``print_area_unknown``, ``font_missing``.
    """
    batches = check(order, cards)
    groups = grouped(cards, area=how.area)
    if not groups:
        raise Problem("print_area_unknown", area=how.area)
    facts = covers.Facts(order, how.paper, batches, groups, how.area, how.file, how.order)
    words = pieces.Words(order.title, order.form, order.mark)
    cut = _font(facts, words, how.font)
    with bound(out, cut, f"{covers.COVER} {order.title}") as book:
        for page in covers.pages(cut.face, facts):
            book.add(page)
        runs = [group.cards for group in groups]
        for number, drawn in enumerate(parts.drawn(cut.face, how.paper, words, runs, processes=how.processes)):
            book.add(covers.slip(cut.face, facts, number))
            for page in drawn:
                book.add(page)
    return Printed(facts.printed, sum(len(one.cards) for one in groups if one.reserve), len(groups), book.pages)


def _font(facts: covers.Facts, words: pieces.Words, named: Path | None) -> faces.FontFile:
    # Half a second to load, and every process that serves would.
    from survey_models.reports import fonts  # noqa: PLC0415

    said = "".join(group.name for group in facts.groups)
    return faces.read(fonts.cut(covers.STATIC + words.letters() + said + facts.order.form, named))
