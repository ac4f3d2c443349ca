"""Letters drawn with cubic curves drawn anew with quadratic ones (字形转换), as TrueType fonts have them.

Every reader of PDF knows how to take text out of a file with a TrueType font; not all know it for the other kind.
"""

from __future__ import annotations

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

_OFF_BY = 1000
"""The largest distance from the old curve, as a part of the letter's height: nobody sees it."""


def as_truetype(font: TTFont) -> None:
    """Change ``font`` in place, if its letters are cubic (``CFF``)."""
    if "CFF " not in font:
        return
    names, drawn = font.getGlyphOrder(), font.getGlyphSet()
    height = font["head"].unitsPerEm
    letters = {}
    for name in names:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, height / _OFF_BY, reverse_direction=True))
        letters[name] = pen.glyph()
    outlines = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = names, letters
    font["loca"], font["glyf"] = newTable("loca"), outlines
    del font["CFF "]
    outlines.compile(font)
    for name, (width, _) in font["hmtx"].metrics.items():
        font["hmtx"][name] = (width, getattr(letters[name], "xMin", 0))
    _set_most(font, len(names))
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 2.0, [], {}
    font["post"].glyphOrder = names
    font.sfntVersion = "\000\001\000\000"


def _set_most(font: TTFont, count: int) -> None:
    """How much a reader needs for this font (maxp); what has no instructions needs next to nothing."""
    most = font["maxp"]
    most.tableVersion, most.numGlyphs = 0x00010000, count
    most.maxZones = 1
    for name in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(most, name, 0)
    most.compile(font)
