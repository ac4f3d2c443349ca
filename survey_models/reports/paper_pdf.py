"""A printed document as PDF on A4: the font stands in the file, cut down to the letters used."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align
from fpdf.fonts import TTFFont

from survey_models.reports.breaking import lines
from survey_models.reports.paper import (
    Address,
    Block,
    Grid,
    Heading,
    NewPage,
    Note,
    Paper,
    Para,
    RedHead,
    Sign,
    Title,
)

# The same result gives the same bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_FONT = "cjk"
_RED, _INK, _GREY = (200, 0, 0), (0, 0, 0), (90, 90, 90)
_BODY, _TABLE, _SMALL = 12.0, 9.0, 8.5
_SHADE = (235, 235, 235)
_TOP, _SIDE, _BOTTOM = 25, 22, 22
_POINT, _PADDING = 0.353, 0.8
_LEAD = _TABLE * _POINT * 1.5


def render(paper: Paper, font: bytes) -> bytes:
    """The file. ``font``: an OpenType font that has the letters of the paper, see ``fonts.cut``."""
    pdf = _Pages(paper)
    with tempfile.TemporaryDirectory() as folder:
        # Fonts are read from files, and until the last moment.
        file = Path(folder) / "font.ttf"
        file.write_bytes(font)
        pdf.add_font(_FONT, fname=file)
        face = pdf.fonts[_FONT]
        if isinstance(face, TTFFont):
            # Measuring the boxes of letters anew is half of the time and changes nothing that is seen.
            face.ttfont.recalcBBoxes = False
            face.ttfont.recalcTimestamp = False
            pdf.know(face)
        pdf.add_page()
        for block in paper.blocks:
            _set(pdf, block)
        made = bytes(pdf.output())
        if isinstance(face, TTFFont):
            face.close()
        return made


class _Wide(dict[str, float]):
    """The widths of letters by letter, as parts of the size; each is looked up once."""

    def __init__(self, face: TTFFont) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, letter: str) -> float:
        """A letter that was not met before."""
        found = self[letter] = self._face.cw[ord(letter)] / 1000
        return found


class _Pages(FPDF):
    """A4 pages with a page number at the foot, as official documents have it."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(orientation="landscape" if paper.landscape else "portrait", format="A4")
        self._foot = paper.foot
        self._wide: Mapping[str, float] = {}
        self.set_title(paper.title)
        self.set_lang("zh-CN")
        self.set_creation_date(_MADE)
        self.set_margins(_SIDE, _TOP, _SIDE)
        self.set_auto_page_break(auto=True, margin=_BOTTOM)

    def footer(self) -> None:
        """Where the page comes from, and its number."""
        self.set_y(-15)
        self.set_font(_FONT, size=_SMALL)
        self.set_text_color(_GREY)
        self.cell(w=self.epw * 0.85, text=self._foot)
        self.cell(w=self.epw * 0.15, text=f"— {self.page_no()} —", align=Align.R)

    def width(self, text: str) -> float:
        """The width of a text in the present size, letter by letter (they have no kerning)."""
        wide, size = self._wide, self.font_size
        return sum([wide[letter] for letter in text]) * size

    def know(self, face: TTFFont) -> None:
        """Measure the letters of a face once, as parts of their size."""
        self._wide = _Wide(face)

    def put(self, text: str, wide: float, high: float, align: Align) -> None:
        """One line in a box at the present place. fpdf's cell sets the same, and asks again what is known here."""
        if self.will_page_break(high):
            self.add_page()
        room = wide - self.width(text)
        beside = {Align.L: self.c_margin, Align.C: room / 2, Align.R: room - self.c_margin}[align]
        if text:
            self.text(self.x + beside, self.y + high / 2 + 0.3 * self.font_size, text)

    def words(self, text: str, size: float, *, align: Align = Align.L, lead: float = 1.6) -> None:
        """A paragraph. A point is 0.353 mm."""
        self.set_font(_FONT, size=size)
        high = size * _POINT * lead
        for line in lines(text, self.epw - 2 * self.c_margin, self.width):
            self.put(line, self.epw, high, align)
            self.set_xy(self.l_margin, self.y + high)

    def fitted(self, text: str, most: float, least: float) -> float:
        """The size at which a text fills no more than one line, if it is not smaller than ``least``."""
        self.set_font(_FONT, size=most)
        size = most * min(1.0, (self.epw - 2 * self.c_margin) / max(self.width(text), 1) * 0.99)
        return size if size >= least else most


def _set(pdf: _Pages, block: Block) -> None:
    pdf.set_text_color(_INK)
    match block:
        case RedHead():
            _red_head(pdf, block)
        case Title(text=text):
            pdf.ln(3)
            pdf.words(text, pdf.fitted(text, 19, 15), align=Align.C)
            pdf.ln(4)
        case Address(text=text):
            pdf.words(f"{text}：", _BODY)
        case Heading(text=text):
            pdf.ln(3)
            _keep_with_next(pdf)
            pdf.words(text, 13.5)
            pdf.ln(1)
        case Para(text=text):
            pdf.words(f"　　{text}", _BODY)
        case Note(text=text):
            pdf.set_text_color(_GREY)
            pdf.words(text, _SMALL)
        case Grid():
            _grid(pdf, block)
        case Sign(office=office, day=day):
            pdf.ln(10)
            pdf.words(f"{office}　　", _BODY, align=Align.R)
            pdf.words(f"{day}　　　　", _BODY, align=Align.R)
        case NewPage():
            pdf.add_page()


def _red_head(pdf: _Pages, block: RedHead) -> None:
    pdf.ln(8)
    pdf.set_text_color(_RED)
    pdf.words(block.office, pdf.fitted(block.office, 32, 14), align=Align.C)
    pdf.ln(6)
    pdf.set_text_color(_INK)
    pdf.words(block.number, _BODY, align=Align.C)
    y = pdf.get_y() + 3
    pdf.set_draw_color(_RED)
    pdf.set_line_width(0.7)
    pdf.line(pdf.l_margin, y, pdf.w - pdf.r_margin, y)
    pdf.set_draw_color(_INK)
    pdf.set_line_width(0.2)
    pdf.set_y(y + 8)


def _keep_with_next(pdf: _Pages) -> None:
    """A heading never stands alone at the foot of a page."""
    if pdf.will_page_break(24):
        pdf.add_page()


def _grid(pdf: _Pages, block: Grid) -> None:
    """A table with its head on every page; rows stay whole. Drawn line by line: fpdf's own measures all text anew."""
    pdf.set_font(_FONT, size=_TABLE)
    widths = [pdf.epw * part / sum(block.widths) for part in block.widths]
    align = [Align.L if column in block.left else Align.C for column in range(len(block.header))]
    margin, pdf.c_margin = pdf.c_margin, 0.0

    def broken(cells: Sequence[str]) -> list[list[str]]:
        return [
            list(lines(cell, wide - 2 * _PADDING - 0.2, pdf.width)) for cell, wide in zip(cells, widths, strict=True)
        ]

    def draw(texts: list[list[str]], *, head: bool) -> None:
        high = max(len(text) for text in texts) * _LEAD + 2 * _PADDING
        x, y = pdf.l_margin, pdf.get_y()
        for wide, text, side in zip(widths, texts, align, strict=True):
            pdf.set_fill_color(_SHADE)
            pdf.rect(x, y, wide, high, style="DF" if head else "D")
            above = y + (high - len(text) * _LEAD) / 2
            for number, line in enumerate(text):
                pdf.set_xy(x + _PADDING, above + number * _LEAD)
                pdf.put(line, wide - 2 * _PADDING, _LEAD, side)
            x += wide
        pdf.set_xy(pdf.l_margin, y + high)

    header = broken(block.header)
    most = int((pdf.eph - 2 * _PADDING) / _LEAD) - max(len(text) for text in header) - 1
    for number, cells in enumerate((block.header, *block.rows)):
        whole = broken(cells)
        # A row longer than a page goes on on the next one.
        for start in range(0, max(len(text) for text in whole), most):
            texts = [text[start : start + most] for text in whole]
            if pdf.will_page_break(max(len(text) for text in texts) * _LEAD + 2 * _PADDING):
                pdf.add_page()
                if number:
                    draw(header, head=True)
            draw(texts, head=not number)
    pdf.c_margin = margin
    pdf.ln(2)
