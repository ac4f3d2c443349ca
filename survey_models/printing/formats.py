"""Paper and grids (纸张和版式): what is printed on what, in millimetres. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from survey_models.core.errors import Problem
from survey_models.printing.canvas import Box


class Kind(StrEnum):
    """What becomes of a ticket: a card to cut (卡片), a label (标签), an envelope (信封), a large sheet (大字版)."""

    CARD = "card"
    LABEL = "label"
    ENVELOPE = "envelope"
    SHEET = "sheet"


@dataclass(frozen=True)
class Format:
    """``across`` × ``down`` pieces of ``width`` × ``height`` on a page.

    ``left`` and ``top``: where the first one begins; ``gap_x``, ``gap_y``: between them. Labels of bought sheets begin
    where their maker says.
    """

    name: str
    kind: Kind
    page: tuple[float, float]
    across: int = 1
    down: int = 1
    width: float = 0
    height: float = 0
    left: float = 0
    top: float = 0
    gap_x: float = 0
    gap_y: float = 0

    @property
    def each(self) -> int:
        """Pieces on a page."""
        return self.across * self.down

    @property
    def pages_each(self) -> int:
        """Pages of a piece: an envelope has its outside and the sheet that goes into it."""
        return 2 if self.kind is Kind.ENVELOPE else 1

    def pages(self, pieces: int) -> int:
        """Pages that so many pieces take."""
        return -(-pieces // self.each) * self.pages_each

    def boxes(self) -> Iterator[Box]:
        """The places of the pieces, row by row."""
        for row in range(self.down):
            for column in range(self.across):
                x = self.left + column * (self.width + self.gap_x)
                yield Box(x, self.top + row * (self.height + self.gap_y), self.width, self.height)


A4, A3 = (210.0, 297.0), (297.0, 420.0)
_SMALLEST = (48.0, 25.0)


def _grid(name: str, kind: Kind, count: tuple[int, int], size: tuple[float, float], **more: float) -> Format:
    (across, down), (width, height) = count, size
    left = more.pop("left", (A4[0] - across * width - (across - 1) * more.get("gap_x", 0)) / 2)
    top = more.pop("top", (A4[1] - down * height - (down - 1) * more.get("gap_y", 0)) / 2)
    return Format(name, kind, A4, across, down, width, height, left, top, **more)


def _whole(name: str, kind: Kind, page: tuple[float, float]) -> Format:
    return Format(name, kind, page, 1, 1, *page)


FORMATS = {
    one.name: one
    for one in (
        _grid("cards", Kind.CARD, (2, 5), (90, 54)),
        _whole("c6", Kind.ENVELOPE, (162, 114)),
        _whole("dl", Kind.ENVELOPE, (220, 110)),
        _grid("labels-3x8", Kind.LABEL, (3, 8), (63.5, 33.9), gap_x=2.5),
        _grid("labels-2x7", Kind.LABEL, (2, 7), (99.1, 38.1), gap_x=2.5),
        _whole("a4", Kind.SHEET, A4),
        _whole("a3", Kind.SHEET, A3),
    )
}
"""By name. The label grids are those of L7159 and L7163, which every maker of A4 label sheets has."""

_OWN = re.compile(
    r"labels-(?P<across>\d{1,2})x(?P<down>\d{1,2}):(?P<width>\d+(?:\.\d+)?)x(?P<height>\d+(?:\.\d+)?)"
    r"(?:\+(?P<left>\d+(?:\.\d+)?)\+(?P<top>\d+(?:\.\d+)?))?(?:/(?P<gap_x>\d+(?:\.\d+)?)x(?P<gap_y>\d+(?:\.\d+)?))?"
)


def format_of(name: str) -> Format:
    """A format by its name, or a grid of one's own: ``labels-3x7:63.5x38.1+7.2+15.1/2.5x0``.

    That is columns × rows, width × height of a label, the left and upper margin, the gaps; margins that are left out
    are equal on both sides. Raises ``print_format_unknown``, and ``print_format_unfit`` for what is too large for the
    page or too small for a code.
    """
    if name in FORMATS:
        return FORMATS[name]
    found = _OWN.fullmatch(name)
    if found is None:
        raise Problem("print_format_unknown", name=name[:60], known=", ".join(FORMATS))
    sizes = {key: float(value) for key, value in found.groupdict().items() if value is not None}
    across, down = int(sizes.pop("across")), int(sizes.pop("down"))
    width, height = sizes.pop("width"), sizes.pop("height")
    made = _grid(name, Kind.LABEL, (across, down), (width, height), **sizes)
    last = list(made.boxes())[-1] if made.each else None
    fits = last is not None and last.x + last.w <= A4[0] + 0.1 and last.y + last.h <= A4[1] + 0.1
    if not fits or min(made.left, made.top) < -0.1 or width < _SMALLEST[0] or height < _SMALLEST[1]:
        raise Problem("print_format_unfit", name=name[:60], width=_SMALLEST[0], height=_SMALLEST[1])
    return made
