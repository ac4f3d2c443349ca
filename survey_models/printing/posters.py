"""Standing posters (站立牌、海报): a QR that leads to a page, for whoever stands before it. No code is on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from survey_models.printing import faces, qr
from survey_models.printing.book import Page, bound
from survey_models.printing.canvas import GREY, PALE, Box, Canvas
from survey_models.printing.faces import Face
from survey_models.printing.formats import A3, A4

SIZES = {"a4": A4, "a3": A3, "a5": (148.0, 210.0)}
WINDOW = ("请扫码评价本次服务", "手机扫码，输入评价器上正在显示的 8 位现场码；只评一次，不留姓名。")
PLACE = ("扫码评议", "手机扫码，输入卡片上的评议码；一码一票，不记姓名。")


@dataclass(frozen=True)
class Poster:
    """``title``: of the window or campaign; ``place``: hall, number, or area and point; ``address``: in the QR."""

    title: str
    place: str
    call: str
    how: str
    address: str
    number: str
    mark: str = ""


def write(out: BinaryIO, posters: Sequence[Poster], *, size: str, font: Path | None = None) -> int:
    """Write one page for each poster; how many. ``size``: ``a3``, ``a4`` or ``a5``. Raises ``font_missing``."""
    # Half a second to load, and every process that serves would.
    from survey_models.reports import fonts  # noqa: PLC0415

    letters = {letter for one in posters for text in _texts(one) for letter in text}
    cut = faces.read(fonts.cut(letters, font))
    with bound(out, cut, posters[0].call if posters else "") as book:
        for poster in posters:
            book.add(_page(cut.face, poster, SIZES[size]))
    return len(posters)


def _texts(one: Poster) -> tuple[str, ...]:
    return one.title, one.place, one.call, one.how, one.address, one.number, one.mark, "No. …"


def _page(face: Face, poster: Poster, size: tuple[float, float]) -> Page:
    canvas = Canvas(face, *size)
    whole = Box(0, 0, *size)
    if poster.mark:
        canvas.text(whole.w / 2, whole.h * 0.5, poster.mark, whole.w * 1.1, align="middle", grey=PALE, turn=True)
    box = whole.inner(size[0] * 0.08)
    canvas.frame(whole.inner(size[0] * 0.04), width=0.6)
    grow = size[0] / 210
    title = f"{poster.title}（{poster.mark}）" if poster.mark else poster.title
    lines = (
        (poster.call, 48.0, 0.0, 34.0),
        (title, 32.0, 0.0, 22.0),
        (poster.place, 22.0, GREY, 16.0),
        ("", 0.0, 0.0, 130.0),
        (poster.address.partition("://")[2], 18.0, 0.0, 16.0),
        (poster.how, 18.0, GREY, 14.0),
        (f"No. {poster.number}", 14.0, GREY, 12.0),
    )
    stretch = box.h / sum(line[3] for line in lines)
    y = box.y
    for text, points, grey, high in lines:
        place = Box(box.x, y, box.w, high * stretch)
        if text:
            canvas.fitted(place, text, points * grow, align="middle", grey=grey)
        else:
            canvas.code(place, qr.modules(poster.address))
        y += high * stretch
    return Page(*size, canvas.content())
