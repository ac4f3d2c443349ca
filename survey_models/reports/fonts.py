"""The font of printed PDFs (字体): found on the machine or named, and cut down to the letters that are printed.

Chinese fonts have tens of thousands of letters. Cut down once for a whole set of documents, each is set in a moment.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont, TTLibError

from survey_models.core.errors import Problem
from survey_models.reports.outlines import as_truetype

# Serif faces first: they are nearest to what offices print with.
KNOWN = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/source-han-serif/SourceHanSerifSC-Regular.otf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
_ALWAYS = "".join(map(chr, range(32, 127))) + "评议〔〕（）：，。、；“”—–·％"
_DROPPED = ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]


def cut(letters: Iterable[str], named: Path | None = None) -> bytes:
    """A font with these letters alone, as OpenType. ``named``: the setting; None looks at the usual places.

    Raises ``font_missing`` when there is none, or the one that is named cannot be read or has no Chinese letters.
    """
    return _found("".join(sorted({*letters, *_ALWAYS})), named)


# The same document as it is fetched again, or the same set made anew, has the same letters.
@lru_cache(maxsize=4)
def _found(wanted: str, named: Path | None) -> bytes:
    for path in [named] if named else [Path(place) for place in KNOWN]:
        with suppress(OSError, TTLibError), path.open("rb") as file, _face(file) as font:
            if ord("评") in font.getBestCmap():
                return _cut(font, wanted)
    raise Problem("font_missing")


def _face(file: BinaryIO) -> TTFont:
    """The font of a file; of a collection the face for simplified Chinese, if it says which one that is."""
    collection = file.read(4) == b"ttcf"
    file.seek(0)
    if not collection:
        return TTFont(file, lazy=True, recalcTimestamp=False)
    names = [str(face["name"].getDebugName(1) or "") for face in TTCollection(file, lazy=True).fonts]
    simplified = [number for number, name in enumerate(names) if name.endswith((" SC", " CN"))]
    return TTFont(file, fontNumber=simplified[0] if simplified else 0, lazy=True, recalcTimestamp=False)


def _cut(font: TTFont, wanted: str) -> bytes:
    options = subset.Options()
    options.layout_features, options.hinting, options.desubroutinize = [], False, True
    options.notdef_outline = True
    options.drop_tables += _DROPPED
    cutter = subset.Subsetter(options)
    cutter.populate(text=wanted)
    cutter.subset(font)
    as_truetype(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
