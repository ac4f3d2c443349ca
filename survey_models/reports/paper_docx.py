"""A printed document as a Word file on A4, in the faces that offices use (仿宋, 黑体, 小标宋)."""

from __future__ import annotations

import io
from datetime import datetime

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from survey_models.core.archives import archive, unpacked
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

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - Word's properties carry no zone
_BODY_FACE, _HEAD_FACE, _TITLE_FACE = "仿宋", "黑体", "宋体"
_RED, _GREY = RGBColor(0xC8, 0, 0), RGBColor(0x5A, 0x5A, 0x5A)
_LONG, _SHORT = Mm(297), Mm(210)


def render(paper: Paper) -> bytes:
    """The file; the same paper gives the same bytes."""
    document = docx.Document()
    _page(document, paper)
    for block in paper.blocks:
        _set(document, block, paper)
    out = io.BytesIO()
    document.save(out)
    return archive(unpacked(out.getvalue()))


def _page(document: Document, paper: Paper) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.language = paper.title, "", "zh-CN"
    properties.created = properties.modified = _MADE
    section = document.sections[0]
    if paper.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (_LONG, _SHORT) if paper.landscape else (_SHORT, _LONG)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    section.left_margin = section.right_margin = Mm(22)
    usual = document.styles["Normal"]
    usual.font.name, usual.font.size = _BODY_FACE, Pt(12)
    usual.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY_FACE)
    foot = section.footer.paragraphs[0]
    _write(foot, f"{paper.foot}　　— ", size=8.5, color=_GREY)
    _page_number(foot)
    _write(foot, " —", size=8.5, color=_GREY)


def _set(document: Document, block: Block, paper: Paper) -> None:
    match block:
        case RedHead():
            _red_head(document, block)
        case Title(text=text):
            _line(document, text, face=_TITLE_FACE, size=20, align=WD_ALIGN_PARAGRAPH.CENTER)
        case Address(text=text):
            _line(document, f"{text}：")
        case Heading(text=text):
            head = _line(document, text, face=_HEAD_FACE, size=14)
            head.paragraph_format.keep_with_next = True
        case Para(text=text):
            _line(document, text).paragraph_format.first_line_indent = Pt(24)
        case Note(text=text):
            _line(document, text, size=9, color=_GREY)
        case Grid():
            _grid(document, block, width=(_LONG if paper.landscape else _SHORT) - Mm(44))
        case Sign(office=office, day=day):
            _line(document, "")
            _line(document, f"{office}　　", align=WD_ALIGN_PARAGRAPH.RIGHT)
            _line(document, f"{day}　　　　", align=WD_ALIGN_PARAGRAPH.RIGHT)
        case NewPage():
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _red_head(document: Document, block: RedHead) -> None:
    # One line: the longer the name of the office, the smaller its letters.
    size = min(36, 460 // max(len(block.office), 1))
    _line(document, block.office, face=_TITLE_FACE, size=size, color=_RED, align=WD_ALIGN_PARAGRAPH.CENTER)
    number = _line(document, block.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "16"), ("space", "6"), ("color", "C80000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    number.paragraph_format.element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _grid(document: Document, block: Grid, *, width: float) -> None:
    table = document.add_table(rows=1, cols=len(block.header), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = [Emu(int(width * part / sum(block.widths))) for part in block.widths]
    _row(table.rows[0], block.header, block, widths, face=_HEAD_FACE)
    _flag(table.rows[0], "w:tblHeader")
    for cells in block.rows:
        row = table.add_row()
        _row(row, cells, block, widths, face=_BODY_FACE)
        _flag(row, "w:cantSplit")
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _row(row: _Row, texts: tuple[str, ...], block: Grid, widths: list[Emu], *, face: str) -> None:
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        cell.width = widths[column]
        left = column in block.left
        _fill(cell, text, face=face, align=WD_ALIGN_PARAGRAPH.LEFT if left else WD_ALIGN_PARAGRAPH.CENTER)


def _fill(cell: _Cell, text: str, *, face: str, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    _write(paragraph, text, face=face, size=9)


def _line(
    document: Document,
    text: str,
    *,
    face: str = _BODY_FACE,
    size: float = 12,
    color: RGBColor | None = None,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(4)
    _write(paragraph, text, face=face, size=size, color=color)
    return paragraph


def _write(
    paragraph: Paragraph, text: str, *, face: str = _BODY_FACE, size: float, color: RGBColor | None = None
) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = face, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)  # noqa: SLF001 - no other way to set the Chinese face
    if color is not None:
        run.font.color.rgb = color


def _page_number(paragraph: Paragraph) -> None:
    """The field that Word fills in with the number of the page."""
    run = paragraph.add_run()
    run.font.size = Pt(8.5)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._element.append(part)  # noqa: SLF001 - fields have no other way in


def _flag(row: _Row, name: str) -> None:
    """Mark a row: ``w:tblHeader`` is repeated on every page, ``w:cantSplit`` stays whole."""
    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - no other way in
