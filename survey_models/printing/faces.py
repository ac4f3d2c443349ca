"""What a page needs to know of a font (字体): the number of each letter and how wide it is; small enough to hand on."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EM = 1000


@dataclass(frozen=True)
class Face:
    """``glyphs``: number of each letter; ``widths``: of each letter, in thousandths of the size."""

    glyphs: Mapping[str, int]
    widths: Mapping[str, int]

    def width(self, text: str) -> float:
        """Width of a text as a part of its size."""
        return sum([self.widths.get(letter, EM) for letter in text]) / EM

    def shown(self, text: str) -> str:
        """The glyphs of a text in hex, as a page names them; what the font lacks is left blank."""
        return "".join([f"{self.glyphs.get(letter, 0):04X}" for letter in text])

    def as_json(self) -> list[list[int]]:
        """Letter, glyph and width, row by row."""
        return [[ord(letter), glyph, self.widths[letter]] for letter, glyph in self.glyphs.items()]

    @classmethod
    def from_json(cls, rows: Sequence[Sequence[int]]) -> Face:
        """What ``as_json`` wrote."""
        return cls({chr(row[0]): row[1] for row in rows}, {chr(row[0]): row[2] for row in rows})


@dataclass(frozen=True)
class FontFile:
    """A font as it goes into a file: its bytes, its face, and its shape in thousandths of the size."""

    content: bytes
    face: Face
    ascent: int
    descent: int
    box: tuple[int, int, int, int]
    all_widths: tuple[int, ...]


def read(content: bytes) -> FontFile:
    """A TrueType font, as ``reports.fonts.cut`` gives it."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - only who writes the file needs it

    with TTFont(io.BytesIO(content), lazy=True) as font:
        head, metrics, order = font["head"], font["hmtx"].metrics, font.getGlyphOrder()
        scale = EM / head.unitsPerEm
        numbers = {name: number for number, name in enumerate(order)}
        letters = {chr(code): name for code, name in font.getBestCmap().items()}
        return FontFile(
            content=content,
            face=Face(
                {letter: numbers[name] for letter, name in letters.items()},
                {letter: round(metrics[name][0] * scale) for letter, name in letters.items()},
            ),
            ascent=round(font["hhea"].ascent * scale),
            descent=round(font["hhea"].descent * scale),
            box=(
                round(head.xMin * scale),
                round(head.yMin * scale),
                round(head.xMax * scale),
                round(head.yMax * scale),
            ),
            all_widths=tuple(round(metrics[name][0] * scale) for name in order),
        )
