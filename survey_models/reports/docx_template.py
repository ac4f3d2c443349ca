"""The empty Word file on A4 that every document begins with (公文样式): page, foot, and the styles by their names."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - Word's properties carry no zone
_BODY_FACE, _HEAD_FACE, _TITLE_FACE = "仿宋", "黑体", "宋体"
_RED, _GREY = RGBColor(0xC8, 0, 0), RGBColor(0x5A, 0x5A, 0x5A)
LONG, SHORT, MARGINS = Mm(297), Mm(210), Mm(44)
TITLE, FOOT = "PINGYI-TITLE", "PINGYI-FOOT"
"""What stands in an empty file where a paper's title and foot belong."""


class Style(Enum):
    """The styles by their ids in the file; ``_STYLES`` gives the names that Word shows."""

    RED = "PyRed"
    NUMBER = "PyNumber"
    TITLE = "PyTitle"
    LINE = "PyLine"
    HEADING = "PyHeading"
    PARA = "PyPara"
    NOTE = "PyNote"
    SIGN = "PySign"
    HEAD = "PyHead"
    HEAD_LEFT = "PyHeadLeft"
    CELL = "PyCell"
    CELL_LEFT = "PyCellLeft"
    GAP = "PyGap"
    FOOT = "PyFoot"


_LEFT, _CENTER, _RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
# Name, face, size in points, alignment, space after it in points, colour.
_STYLES: dict[Style, tuple[str, str, float, WD_ALIGN_PARAGRAPH, int, RGBColor | None]] = {
    Style.RED: ("公文红头", _TITLE_FACE, 36, _CENTER, 4, _RED),
    Style.NUMBER: ("公文文号", _BODY_FACE, 12, _CENTER, 4, None),
    Style.TITLE: ("公文标题", _TITLE_FACE, 20, _CENTER, 4, None),
    Style.LINE: ("公文行", _BODY_FACE, 12, _LEFT, 4, None),
    Style.HEADING: ("公文小标题", _HEAD_FACE, 14, _LEFT, 4, None),
    Style.PARA: ("公文段落", _BODY_FACE, 12, _LEFT, 4, None),
    Style.NOTE: ("公文附注", _BODY_FACE, 9, _LEFT, 4, _GREY),
    Style.SIGN: ("公文落款", _BODY_FACE, 12, _RIGHT, 4, None),
    Style.HEAD: ("公文表头", _HEAD_FACE, 9, _CENTER, 0, None),
    Style.HEAD_LEFT: ("公文表头（左）", _HEAD_FACE, 9, _LEFT, 0, None),
    Style.CELL: ("公文表格", _BODY_FACE, 9, _CENTER, 0, None),
    Style.CELL_LEFT: ("公文表格（左）", _BODY_FACE, 9, _LEFT, 0, None),
    Style.GAP: ("公文表后", _BODY_FACE, 12, _LEFT, 0, None),
    Style.FOOT: ("公文页脚", _BODY_FACE, 8.5, _LEFT, 0, _GREY),
}


def empty(*, landscape: bool) -> Document:
    """A document with page, foot and styles, and no paragraph."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.language = TITLE, "", "zh-CN"
    properties.created = properties.modified = _MADE
    usual = document.styles["Normal"]
    usual.font.name, usual.font.size = _BODY_FACE, Pt(12)
    usual.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _BODY_FACE)
    for style in Style:
        _add(document, style)
    _page(document, landscape=landscape)
    return document


def _add(document: Document, which: Style) -> None:
    name, face, size, align, after, color = _STYLES[which]
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.element.set(qn("w:styleId"), which.value)
    style.base_style = document.styles["Normal"]
    style.font.name, style.font.size = face, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    style.paragraph_format.alignment, style.paragraph_format.space_after = align, Pt(after)
    if color is not None:
        style.font.color.rgb = color
    if which is Style.HEADING:
        style.paragraph_format.keep_with_next = True
    if which is Style.PARA:
        style.paragraph_format.first_line_indent = Pt(24)
    if which is Style.NUMBER:
        _underline(style)


def _underline(style: ParagraphStyle) -> None:
    """The red line under the number."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "16"), ("space", "6"), ("color", "C80000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    style.paragraph_format.element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _page(document: Document, *, landscape: bool) -> None:
    section = document.sections[0]
    if landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (LONG, SHORT) if landscape else (SHORT, LONG)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    section.left_margin = section.right_margin = Mm(22)
    foot = section.footer.paragraphs[0]
    foot.style = document.styles[_STYLES[Style.FOOT][0]]
    foot.add_run(f"{FOOT}　　— ")
    _page_number(foot)
    foot.add_run(" —")


def _page_number(paragraph: Paragraph) -> None:
    """The field that Word fills in with the number of the page."""
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            part.text = text
        else:
            part.set(qn("w:fldCharType"), kind)
        run._element.append(part)  # noqa: SLF001 - fields have no other way in
