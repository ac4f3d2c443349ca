"""What stands on a card, a label, an envelope and a large sheet (版面): QR, typed code in groups and serial number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey_models.printing import qr
from survey_models.printing.book import Page
from survey_models.printing.canvas import GREY, PALE, Box, Canvas
from survey_models.printing.faces import Face
from survey_models.printing.formats import Format, Kind
from survey_models.printing.orders import Card

HOW = "微信扫码，或打开上面的网址输入评议码。"
ONCE = "一码一票，用过即废；不记名，勿转借翻印。"
SEALED = "密封件：请本人拆开，交接时不得启封。"
INSIDE = "内有一张评议码，只能用一次。请勿透光、拍照、代拆。"
RESERVE = "备用"
SERIAL = "序号"
CODE = "评议码"
_CARD_HIGH, _ROOMY = 54.0, 0.85


@dataclass(frozen=True)
class Words:
    """What all pieces of a print have in common. ``form``: address of the questionnaire; ``mark``: 演练, or empty."""

    title: str
    form: str
    mark: str

    @property
    def shown(self) -> str:
        """The address as people type it."""
        return self.form.partition("://")[2] or self.form

    def letters(self) -> str:
        """All letters besides those of the cards."""
        return f"{self.title}{self.form}{self.mark}{HOW}{ONCE}{SEALED}{INSIDE}{RESERVE}{SERIAL}{CODE}No. …（）·"


def pages(face: Face, paper: Format, words: Words, cards: Sequence[Card]) -> Iterator[Page]:
    """The pages of a run of cards."""
    if paper.kind is Kind.ENVELOPE:
        for card in cards:
            yield from _envelope(face, paper, words, card)
        return
    places = list(paper.boxes())
    for start in range(0, len(cards), paper.each):
        canvas = Canvas(face, *paper.page)
        here = list(zip(places, cards[start : start + paper.each], strict=False))
        for box, _ in here:
            _mark(canvas, box, words.mark)
        for box, card in here:
            piece(canvas, box, words, card)
        if paper.kind is Kind.CARD:
            _cut_marks(canvas, paper)
        yield Page(canvas.width, canvas.height, canvas.content())


def piece(canvas: Canvas, box: Box, words: Words, card: Card) -> None:
    """One ticket: beside each other where it is wide, one below the other where it is high."""
    inner = box.inner(min(box.w, box.h) * 0.06)
    dark = qr.modules(f"{words.form}#", card.code.replace("-", ""))
    (_beside if box.w > box.h * 1.2 else _below)(canvas, inner, words, card, dark)


def _mark(canvas: Canvas, box: Box, mark: str) -> None:
    if mark:
        size = min(box.w, box.h) * 1.1
        canvas.text(box.x + box.w / 2, box.y + box.h / 2, mark, size, align="middle", grey=PALE, turn=True)


def _beside(canvas: Canvas, box: Box, words: Words, card: Card, dark: qr.Modules) -> None:
    """Title above, QR on the left, the rest beside it. Sizes grow with the piece."""
    grow = min(box.h / (_CARD_HIGH * 0.88), box.w / 79)
    head = 6.5 * grow
    canvas.fitted(Box(box.x, box.y, box.w, head), _titled(words), 10.5 * grow)
    side = min(box.h - head - 1, box.w * 0.42)
    canvas.code(Box(box.x, box.y + head + 1, side, side), dark)
    x = box.x + side + 2 * grow
    lines = [
        (_place(card), 8.5, GREY, 1.0),
        (CODE, 7.5, GREY, 0.8),
        (card.code, 15.0, 0.0, 1.3),
        (words.shown, 7.5, 0.0, 1.0),
        (HOW, 6.5, GREY, 0.8),
        (ONCE, 6.5, GREY, 0.8),
        (serial(card), 9.0, 0.0, 0.7),
    ]
    if grow < _ROOMY:
        # A label has no room for sentences that people can read.
        lines = [line for line in lines if line[0] not in {HOW, ONCE, CODE}]
    wide, high = box.x + box.w - x, (box.h - head - 1) / sum(line[3] for line in lines)
    y = box.y + head + 1
    for text, size, grey, share in lines:
        canvas.fitted(Box(x, y, wide, high * share), text, size * grow, grey=grey, least=3.2)
        y += high * share


def _below(canvas: Canvas, box: Box, words: Words, card: Card, dark: qr.Modules) -> None:
    """A large sheet: title, QR, code in large letters, how, and the serial number at the foot."""
    grow = box.w / 185
    y = box.y
    lines: tuple[tuple[str, float, float, float], ...] = (
        (_titled(words), 34, 0.0, 22),
        (_place(card), 20, GREY, 12),
        ("", 0, 0.0, 128),
        (CODE, 18, GREY, 11),
        (card.code, 44, 0.0, 20),
        (words.shown, 22, 0.0, 13),
        (HOW, 18, 0.0, 11),
        (ONCE, 16, GREY, 10),
        (serial(card), 20, 0.0, 14),
    )
    stretch = box.h / sum(line[3] for line in lines)
    for text, size, grey, high in lines:
        place = Box(box.x, y, box.w, high * stretch)
        if text:
            canvas.fitted(place, text, size * grow, align="middle", grey=grey)
        else:
            canvas.code(place, dark)
        y += high * stretch


def _envelope(face: Face, paper: Format, words: Words, card: Card) -> Iterator[Page]:
    """The outside, on which no code stands, and the sheet that goes into it; both bear the serial number."""
    outside = Canvas(face, *paper.page)
    whole = Box(0, 0, *paper.page)
    box = whole.inner(12)
    _mark(outside, whole, words.mark)
    outside.fitted(Box(box.x, box.y, box.w, 12), _titled(words), 20)
    outside.fitted(Box(box.x, box.y + 18, box.w, 9), _place(card), 14, grey=GREY)
    outside.fitted(Box(box.x, box.y + box.h - 32, box.w, 8), SEALED, 12)
    outside.fitted(Box(box.x, box.y + box.h - 24, box.w, 7), INSIDE, 9.5, grey=GREY)
    outside.fitted(Box(box.x, box.y + box.h - 11, box.w, 11), serial(card), 18, align="right")
    yield Page(outside.width, outside.height, outside.content())
    inside = Canvas(face, *paper.page)
    _mark(inside, whole, words.mark)
    piece(inside, whole.inner(4), words, card)
    yield Page(inside.width, inside.height, inside.content())


def _cut_marks(canvas: Canvas, paper: Format) -> None:
    """Short lines outside the block of cards, where the knife goes (裁切线)."""
    right, foot = paper.left + paper.across * paper.width, paper.top + paper.down * paper.height
    for column in range(paper.across + 1):
        x = paper.left + column * paper.width
        for near, far in ((paper.top - 2, paper.top - 7), (foot + 2, foot + 7)):
            canvas.line(x, near, x, far)
    for row in range(paper.down + 1):
        y = paper.top + row * paper.height
        for near, far in ((paper.left - 2, paper.left - 7), (right + 2, right + 7)):
            canvas.line(near, y, far, y)


def serial(card: Card) -> str:
    """The serial number as it is printed."""
    return f"{SERIAL} No. {card.serial}" + (f"  {RESERVE}" if card.reserve else "")


def _titled(words: Words) -> str:
    return f"{words.title}（{words.mark}）" if words.mark else words.title


def _place(card: Card) -> str:
    return " · ".join(filter(None, (card.area, card.kind, card.point)))
