"""A printed document as a Word file on A4, in the faces that offices use (仿宋, 黑体, 小标宋).

The library makes one empty document of each format, with named styles that carry faces and sizes; every paper is that
one with its own paragraphs. So a clerk changes a face in one place, and a file is made in a moment.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape

from survey_models.core.archives import archive, unpacked
from survey_models.reports.docx_template import FOOT, LONG, MARGINS, SHORT, TITLE, Style, empty
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

_BODY, _CORE = "word/document.xml", "docProps/core.xml"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TWIP = 635
"""A twentieth of a point, in which Word measures columns, in the library's units."""
_END = b"<w:sectPr"


def render(paper: Paper) -> bytes:
    """The file; the same paper gives the same bytes."""
    files = dict(_template(paper.landscape))
    width = (LONG if paper.landscape else SHORT) - MARGINS
    body = "".join(part for block in paper.blocks for part in _set(block, width)).encode()
    before, end, after = files[_BODY].partition(_END)
    files[_BODY] = before + body + end + after
    files[_CORE] = files[_CORE].replace(TITLE.encode(), _text(paper.title).encode())
    for name in [one for one in files if one.startswith("word/footer")]:
        files[name] = files[name].replace(FOOT.encode(), _text(paper.foot).encode())
    return archive(files)


@lru_cache(maxsize=2)
def _template(landscape: bool) -> Mapping[str, bytes]:  # noqa: FBT001 - the key of a cache
    out = io.BytesIO()
    empty(landscape=landscape).save(out)
    return unpacked(out.getvalue())


def _set(block: Block, width: int) -> Iterator[str]:
    match block:
        case RedHead(office=office, number=number):
            # One line: the longer the name of the office, the smaller its letters.
            yield _line(office, Style.RED, half_points=2 * min(36, 460 // max(len(office), 1)))
            yield _line(number, Style.NUMBER)
        case Title(text=text):
            yield _line(text, Style.TITLE)
        case Address(text=text):
            yield _line(f"{text}：", Style.LINE)
        case Heading(text=text):
            yield _line(text, Style.HEADING)
        case Para(text=text):
            yield _line(text, Style.PARA)
        case Note(text=text):
            yield _line(text, Style.NOTE)
        case Grid():
            yield from _grid(block, width)
        case Sign(office=office, day=day):
            yield _line("", Style.LINE)
            yield _line(f"{office}　　", Style.SIGN)
            yield _line(f"{day}　　　　", Style.SIGN)
        case NewPage():
            yield '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def _grid(block: Grid, width: int) -> Iterator[str]:
    widths = [width * part // sum(block.widths) // _TWIP for part in block.widths]
    columns = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in widths)
    yield (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:type="auto" w:w="0"/><w:jc w:val="center"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
    )
    left = [column in block.left for column in range(len(widths))]
    heads = [Style.HEAD_LEFT if one else Style.HEAD for one in left]
    cells = [Style.CELL_LEFT if one else Style.CELL for one in left]
    # The head is repeated on every page, and a row stays whole.
    yield _row(block.header, widths, heads, '<w:tblHeader w:val="true"/>')
    for row in block.rows:
        yield _row(row, widths, cells, '<w:cantSplit w:val="true"/>')
    yield "</w:tbl>"
    yield _line("", Style.GAP)


def _row(texts: tuple[str, ...], widths: list[int], styles: list[Style], marks: str) -> str:
    cells = (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{wide}"/></w:tcPr>{_line(text, style)}</w:tc>'
        for text, wide, style in zip(texts, widths, styles, strict=True)
    )
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(cells)}</w:tr>"


def _line(text: str, style: Style, *, half_points: int = 0) -> str:
    """A paragraph. ``half_points``: a size of its own, 0: that of the style."""
    size = f'<w:rPr><w:sz w:val="{half_points}"/></w:rPr>' if half_points else ""
    said = _text(text).replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    run = f'<w:r>{size}<w:t xml:space="preserve">{said}</w:t></w:r>' if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style.value}"/></w:pPr>{run}</w:p>'


def _text(text: str) -> str:
    """Words as XML has them; what it has no sign for is left out."""
    return escape(_NOT_XML.sub("", text), quote=False)
