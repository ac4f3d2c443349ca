"""Cover sheet and hand-over list (封面清点表、交接清单): counts that add up, and lines to sign. No code stands here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from survey_models.printing.book import Page
from survey_models.printing.canvas import GREY, PALE, Box, Canvas
from survey_models.printing.faces import Face
from survey_models.printing.formats import A4, Format
from survey_models.printing.orders import Group, OrderedBatch, PrintOrder

_SIDE, _TOP, _FOOT, _ROW = 18.0, 18.0, 279.0, 7.0
_NAMES = {"cards": "卡片", "c6": "C6 信封", "dl": "DL 信封", "a4": "A4 大字版", "a3": "A3 大字版"}
# Every word below, so that the font has its letters.
COVER, LIST, SUM = "评议码印制封面", "评议码交接清单", "合计"
_BY_GROUP = ("包号", "地区 · 人群 · 测评点", "张数", "序号", "页数")
_BY_BATCH = ("批次", "正式", "备用", "序号", "批次根（SHA-256，与台账一致）")
_SIGNED = ("包号", "地区 · 人群 · 测评点", "张数", "实收", "领取人签名", "日期")
_PEOPLE = ("印制单位经手人", "评议办经手人", "现场监督人")
_NAME, _DAY = "签名：", "日期：          年      月      日"
_RULES = (
    "本件不得复印、拍照；印完后由印制单位和评议办当面清点、签字，余张和废张当面销毁并记数。",
    "各包张数之和等于各批次正式与备用之和；数目不符，不得签收。",
)
_WORDS = (COVER, LIST, *_BY_GROUP, *_BY_BATCH, *_SIGNED, *_PEOPLE, _NAME, _DAY, *_RULES, *_NAMES.values())
STATIC = "".join(_WORDS) + (
    "合计备用（封存）评议版式交接文件印制任务书正式张包全部本册只含各批次共网址每页第演练示签名日期续标签列行序号清点人：，。、；—…–·×"
)


@dataclass(frozen=True)
class Facts:
    """What the cover says of one print. ``file``, ``order_digest``: SHA-256 of the hand-over file and of the order."""

    order: PrintOrder
    paper: Format
    batches: Sequence[OrderedBatch]
    groups: Sequence[Group]
    area: str | None
    file: str
    order_digest: str

    @property
    def printed(self) -> int:
        """Pieces in this volume."""
        return sum(len(group.cards) for group in self.groups)

    @property
    def issued(self) -> int:
        """Pieces of the batches."""
        return sum(batch.count + batch.reserve for batch in self.batches)


def pages(face: Face, facts: Facts) -> Iterator[Page]:
    """Cover, table of the batches, and the list that is signed."""
    writer = _Writer(face, facts.order.mark)
    writer.title(COVER, facts.order.title)
    for name, value in _facts(facts):
        writer.fact(name, value)
    writer.space(4)
    writer.table(_BY_GROUP, (16, 84, 20, 36, 18), _by_group(facts), right=(2, 4))
    writer.space(4)
    writer.table(_BY_BATCH, (14, 16, 16, 24, 104), _by_batch(facts), right=(0, 1, 2), small=(4,))
    writer.space(4)
    for rule in _RULES:
        writer.note(rule)
    writer.signatures()
    writer.new_page()
    writer.title(LIST, facts.order.title)
    for name, value in _facts(facts)[:2]:
        writer.fact(name, value)
    writer.space(4)
    rows = [(str(no), group.name, str(len(group.cards)), "", "", "") for no, group in enumerate(facts.groups, 1)]
    writer.table(
        _SIGNED, (14, 70, 18, 18, 32, 22), [*rows, ("", SUM, str(facts.printed), "", "", "")], right=(2,), high=9
    )
    writer.signatures()
    yield from writer.done()


def slip(face: Face, facts: Facts, number: int) -> Page:
    """The sheet that lies on top of a group (分隔页); it has the size of what follows."""
    group, (width, height) = facts.groups[number], facts.paper.page
    canvas = Canvas(face, width, height)
    box = Box(0, 0, width, height).inner(min(width, height) * 0.1)
    canvas.frame(box, width=0.5)
    grow = min(width, height) / 210
    inner = box.inner(8 * grow)
    lines = (
        (facts.order.title + (f"（{facts.order.mark}）" if facts.order.mark else ""), 20.0),
        (f"第 {number + 1} 包 · 共 {len(facts.groups)} 包", 18.0),
        (group.name, 26.0),
        (f"{len(group.cards)} 张", 40.0),
        (f"序号 {group.serials}", 20.0),
        ("清点人签名：", 16.0),
    )
    step = inner.h / len(lines)
    for row, (text, size) in enumerate(lines):
        place = Box(inner.x, inner.y + row * step, inner.w, step)
        canvas.fitted(place, text, size * grow, align="left" if row == len(lines) - 1 else "middle")
    return Page(width, height, canvas.content())


def name_of(paper: Format) -> str:
    """A format in words."""
    if paper.name in _NAMES:
        return _NAMES[paper.name]
    return f"标签 {paper.across} 列 × {paper.down} 行（{paper.width:g}×{paper.height:g}）"


def _facts(facts: Facts) -> list[tuple[str, str]]:
    order, reserve = facts.order, sum(batch.reserve for batch in facts.batches)
    found = [
        ("评议", f"{order.title}（{order.campaign}）" + (f" {order.mark}" if order.mark else "")),
        ("版式", f"{name_of(facts.paper)}，{facts.printed} 张，{len(facts.groups)} 包"),
        ("批次", f"{len(facts.batches)} 批，正式 {facts.issued - reserve} 张，备用 {reserve} 张，共 {facts.issued} 张"),
        ("网址", order.form),
        ("交接文件", f"SHA-256 {facts.file}"),
        ("印制任务书", f"SHA-256 {facts.order_digest}"),
    ]
    if facts.area is not None:
        found.insert(2, ("本册", f"只含 {facts.area} {facts.printed} 张；各批次共 {facts.issued} 张"))
    return found


def _by_group(facts: Facts) -> list[tuple[str, ...]]:
    rows = []
    for number, group in enumerate(facts.groups, 1):
        count = len(group.cards)
        rows.append((str(number), group.name, str(count), group.serials, str(facts.paper.pages(count))))
    whole = sum(facts.paper.pages(len(group.cards)) for group in facts.groups)
    return [*rows, ("", SUM, str(facts.printed), "", str(whole))]


def _by_batch(facts: Facts) -> list[tuple[str, ...]]:
    rows = [
        (str(one.no), str(one.count), str(one.reserve), f"{one.first}–{one.last}", one.root) for one in facts.batches
    ]
    count, reserve = sum(one.count for one in facts.batches), sum(one.reserve for one in facts.batches)
    return [*rows, (SUM, str(count), str(reserve), "", f"{SUM} {count + reserve} 张")]


@dataclass
class _Writer:
    """A4 pages filled from the top; the head of a table is repeated on every page."""

    face: Face
    mark: str
    _pages: list[Canvas] = field(default_factory=list)
    _y: float = _FOOT

    def done(self) -> Iterator[Page]:
        for number, canvas in enumerate(self._pages, 1):
            place = Box(_SIDE, 284, A4[0] - 2 * _SIDE, 5)
            canvas.fitted(place, f"第 {number} 页 共 {len(self._pages)} 页", 9, align="right", grey=GREY)
            yield Page(*A4, canvas.content())

    def new_page(self) -> Canvas:
        canvas = Canvas(self.face, *A4)
        if self.mark:
            canvas.text(A4[0] / 2, A4[1] / 2, self.mark, 200, align="middle", grey=PALE, turn=True)
        self._pages.append(canvas)
        self._y = _TOP
        return canvas

    def _place(self, high: float) -> tuple[Canvas, Box]:
        canvas = self._pages[-1] if self._pages and self._y + high <= _FOOT else self.new_page()
        box = Box(_SIDE, self._y, A4[0] - 2 * _SIDE, high)
        self._y += high
        return canvas, box

    def title(self, text: str, under: str) -> None:
        for line, size, high in ((text, 22, 12), (under, 13, 9)):
            canvas, box = self._place(high)
            canvas.fitted(box, line, size, align="middle")
        self.space(3)

    def fact(self, name: str, value: str) -> None:
        canvas, box = self._place(6)
        canvas.fitted(Box(box.x, box.y, 26, box.h), name, 10.5, grey=GREY)
        canvas.fitted(Box(box.x + 26, box.y, box.w - 26, box.h), value, 10.5)

    def note(self, text: str) -> None:
        canvas, box = self._place(5.5)
        canvas.fitted(box, text, 9.5, grey=GREY)

    def space(self, high: float) -> None:
        self._y += high

    def signatures(self) -> None:
        """Lines to sign; they stay together."""
        if self._y + 6 + 13 * len(_PEOPLE) > _FOOT:
            self.new_page()
        self.space(6)
        for person in _PEOPLE:
            canvas, box = self._place(13)
            canvas.fitted(Box(box.x, box.y, 40, box.h), person, 11)
            canvas.fitted(Box(box.x + 42, box.y, 14, box.h), _NAME, 11)
            canvas.line(box.x + 56, box.y + 9.5, box.x + 108, box.y + 9.5)
            canvas.fitted(Box(box.x + 112, box.y, box.w - 112, box.h), _DAY, 11)

    def table(
        self,
        heads: Sequence[str],
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        *,
        right: Sequence[int] = (),
        small: Sequence[int] = (),
        high: float = _ROW,
    ) -> None:
        fresh = not self._pages or self._y + 2 * high > _FOOT
        for number, row in enumerate((heads, *rows)):
            if number == 0 and fresh:
                self.new_page()
            if number and self._y + high > _FOOT:
                self.new_page()
                self._row(heads, widths, right=(), small=(), high=high, shade=True)
            if number:
                self._row(row, widths, right=right, small=small, high=high, shade=False)
            else:
                self._row(row, widths, right=(), small=(), high=high, shade=True)

    def _row(
        self,
        cells: Sequence[str],
        widths: Sequence[float],
        *,
        right: Sequence[int],
        small: Sequence[int],
        high: float,
        shade: bool,
    ) -> None:
        canvas, box = self._place(high)
        x = box.x
        for number, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
            place = Box(x, box.y, wide, high)
            if shade:
                canvas.frame(place, fill=0.92)
            canvas.frame(place)
            align = "right" if number in right else "left"
            inner = Box(place.x + 1.2, place.y, wide - 2.4, high)
            canvas.fitted(inner, cell, 7.0 if number in small else 9.5, align=align)
            x += wide
