"""One page as PDF writes it (页面): millimetres from the upper left corner, sizes of letters in points."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np

from survey_models.printing.faces import Face
from survey_models.printing.qr import QUIET, Modules

POINT = 72 / 25.4
"""Points in a millimetre."""
BLACK, GREY, PALE = 0.0, 0.4, 0.86
_CAP = 0.36
"""How far below its middle the foot of a Chinese letter stands, as a part of its size."""


@dataclass(frozen=True)
class Box:
    """A place on a page: left, top, width and height in millimetres."""

    x: float
    y: float
    w: float
    h: float

    def inner(self, by: float) -> Box:
        """The same place with a margin inside."""
        return Box(self.x + by, self.y + by, self.w - 2 * by, self.h - 2 * by)


@dataclass
class Canvas:
    """Drawing on a page of ``width`` × ``height`` mm with one font."""

    face: Face
    width: float
    height: float
    _said: list[str] = field(default_factory=list, repr=False)

    def content(self) -> bytes:
        """The page's stream, deflated."""
        return zlib.compress("\n".join(self._said).encode("ascii"), 6)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        align: str = "left",
        grey: float = BLACK,
        turn: bool = False,
    ) -> None:
        """A line whose foot stands at ``y``; ``x`` is its left end, its middle or its right end. ``turn``: by 45°."""
        wide = self.face.width(text) * size / POINT
        left = x - {"left": 0.0, "middle": wide / 2, "right": wide}[align]
        place = f"1 0 0 1 {_n(left)} {_n(self.height - y)} Tm"
        if turn:
            # The middle of the letters, not of their foot, stands at the place.
            slope, low = 0.70711, size * _CAP / POINT
            start_x = x + (low - wide / 2) * slope
            start_y = self.height - y - (low + wide / 2) * slope
            place = f"{slope} {slope} -{slope} {slope} {_n(start_x)} {_n(start_y)} Tm"
        self._said.append(f"BT {grey:g} g /F {size:.2f} Tf {place} <{self.face.shown(text)}> Tj ET")

    def fitted(
        self, box: Box, text: str, size: float, *, align: str = "left", grey: float = BLACK, least: float = 4.0
    ) -> float:
        """A line in the middle of a box's height, as large as ``size`` where the width lets it; the size it got.

        What does not fit at ``least`` points is cut and ends in an ellipsis.
        """
        wide = self.face.width(text) * size / POINT
        if wide > box.w:
            size = max(size * box.w / wide, least)
        while text and self.face.width(text) * size / POINT > box.w + 0.01:
            text = f"{text.rstrip('…')[:-1]}…" if len(text) > 1 else ""
        x = {"left": box.x, "middle": box.x + box.w / 2, "right": box.x + box.w}[align]
        self.text(x, box.y + box.h / 2 + size * _CAP / POINT, text, size, align=align, grey=grey)
        return size

    def line(self, x: float, y: float, to_x: float, to_y: float, *, width: float = 0.1, grey: float = BLACK) -> None:
        """A straight line; ``width`` in millimetres."""
        ends = f"{_n(x)} {_n(self.height - y)} m {_n(to_x)} {_n(self.height - to_y)} l S"
        self._said.append(f"{grey:g} G {_n(width)} w {ends}")

    def frame(self, box: Box, *, width: float = 0.2, grey: float = BLACK, fill: float | None = None) -> None:
        """A rectangle, drawn or filled."""
        shape = f"{_n(box.x)} {_n(self.height - box.y - box.h)} {_n(box.w)} {_n(box.h)} re"
        paint = f"{grey:g} G {_n(width)} w {shape} S" if fill is None else f"{fill:g} g {shape} f"
        self._said.append(paint)

    def code(self, box: Box, dark: Modules) -> None:
        """A QR code with its quiet zone, as large as it fits in the middle of a box.

        As a mask of one bit a module: crisp at every size, without the hair lines that rectangles side by side show.
        Nothing that was drawn before shines through.
        """
        count = len(dark)
        side = min(box.w, box.h)
        self.frame(Box(box.x + (box.w - side) / 2, box.y + (box.h - side) / 2, side, side), fill=1.0)
        inner = side * count / (count + 2 * QUIET)
        left = box.x + (box.w - inner) / 2
        foot = self.height - (box.y + (box.h + inner) / 2)
        data = np.packbits(dark, axis=1).tobytes().hex().upper()
        head = f"/IM true /W {count} /H {count} /BPC 1 /D [1 0] /F /AHx"
        self._said.append(f"q 0 g {_n(inner)} 0 0 {_n(inner)} {_n(left)} {_n(foot)} cm\nBI {head}\nID {data}>\nEI Q")


def _n(millimetres: float) -> str:
    """A length in points."""
    return f"{millimetres * POINT:.2f}"
