"""A PDF file written page by page (装订): pages come ready drawn, perhaps from other processes; none is kept here."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from survey_models.printing.canvas import POINT
from survey_models.printing.faces import FontFile

_CATALOGUE, _ROOT, _FONT, _CID, _SHAPE, _FILE, _LETTERS = range(1, 8)
_BRANCH = 200
"""Pages under one node of the tree: a reader finds a page among thousands without reading them all."""


@dataclass(frozen=True)
class Page:
    """A drawn page: millimetres, and its deflated stream."""

    width: float
    height: float
    content: bytes = field(repr=False)


@dataclass
class Book:
    """The file as it grows. The same pages give the same bytes: it names no time."""

    out: BinaryIO
    font: FontFile
    title: str
    pages: int = 0
    _at: int = 0
    _places: dict[int, int] = field(default_factory=dict)
    _next: int = _LETTERS + 1
    _branches: list[tuple[int, list[int]]] = field(default_factory=list)

    def start(self) -> None:
        """What every page refers to: the font."""
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        font, kind = self.font, b"/BaseFont /PINGYI+Printed"
        below, to_left = " ".join(map(str, font.all_widths)), " ".join(map(str, font.box))
        self._object(
            _FONT,
            b"<< /Type /Font /Subtype /Type0 %s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
            % (kind, _CID, _LETTERS),
        )
        system = b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        self._object(
            _CID,
            b"<< /Type /Font /Subtype /CIDFontType2 %s /CIDSystemInfo %s /FontDescriptor %d 0 R "
            b"/CIDToGIDMap /Identity /DW 1000 /W [0 [%s]] >>" % (kind, system, _SHAPE, below.encode()),
        )
        self._object(
            _SHAPE,
            b"<< /Type /FontDescriptor /FontName /PINGYI+Printed /Flags 4 /FontBBox [%s] /ItalicAngle 0 "
            b"/Ascent %d /Descent %d /CapHeight 700 /StemV 80 /FontFile2 %d 0 R >>"
            % (to_left.encode(), font.ascent, font.descent, _FILE),
        )
        length = b"/Length1 %d " % len(font.content)
        self._stream(_FILE, zlib.compress(font.content), length)
        self._stream(_LETTERS, zlib.compress(_letters(font.face.glyphs.items())))

    def add(self, page: Page) -> None:
        """One page more."""
        if not self._branches or len(self._branches[-1][1]) == _BRANCH:
            self._branches.append((self._number(), []))
        branch, members = self._branches[-1]
        stream, number = self._number(), self._number()
        self._stream(stream, page.content)
        size = f"{page.width * POINT:.2f} {page.height * POINT:.2f}".encode()
        self._object(
            number,
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s] /Contents %d 0 R "
            b"/Resources << /Font << /F %d 0 R >> >> >>" % (branch, size, stream, _FONT),
        )
        members.append(number)
        self.pages += 1

    def end(self) -> None:
        """The tree of pages and the index; before this nothing opens the file."""
        for number, members in self._branches:
            kids = b" ".join(b"%d 0 R" % member for member in members)
            body = b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%s] >>" % (_ROOT, len(members), kids)
            self._object(number, body)
        kids = b" ".join(b"%d 0 R" % number for number, _ in self._branches)
        self._object(_ROOT, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (self.pages, kids))
        self._object(_CATALOGUE, b"<< /Type /Catalog /Pages %d 0 R /Lang (zh-CN) >>" % _ROOT)
        title = self._number()
        self._object(title, b"<< /Title <FEFF%s> >>" % self.title.encode("utf-16-be").hex().encode())
        start = self._at
        rows = b"".join(b"%010d 00000 n \n" % self._places[number] for number in range(1, self._next))
        self._write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (self._next, rows))
        self._write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (self._next, _CATALOGUE, title, start)
        )

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _object(self, number: int, body: bytes) -> None:
        self._places[number] = self._at
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _stream(self, number: int, deflated: bytes, more: bytes = b"") -> None:
        head = b"<< %s/Filter /FlateDecode /Length %d >>" % (more, len(deflated))
        self._object(number, head + b"\nstream\n" + deflated + b"\nendstream")

    def _write(self, content: bytes) -> None:
        self.out.write(content)
        self._at += len(content)


@contextmanager
def bound(out: BinaryIO, font: FontFile, title: str) -> Iterator[Book]:
    """A book that is whole when the block ends well; after a failure it lacks its index and opens nowhere."""
    book = Book(out, font, title)
    book.start()
    yield book
    book.end()


def _letters(glyphs: Iterable[tuple[str, int]]) -> bytes:
    """Which letter each glyph is, so that text can be taken out of the file again."""
    rows = [f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for letter, glyph in glyphs]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    said = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{said}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
