"""The public page of a round (公布页): ranking with intervals and possible places, then the method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from survey_models.reports.paper import Grid, Heading, Note, Para
from survey_models.reports.round_method import method
from survey_models.reports.round_ranking import lists, open_points, places
from survey_models.reports.round_sheet import NOTHING, RoundSheet, two
from survey_models.schemes.outcome import Scorecard

NORMAL = Decimal("1.959964")
"""The 97.5 percent point of the normal distribution, for intervals of 95 percent."""
HEADS = ("名次\n可能名次", "单位", "得分\n95%区间", "等次、奖惩")
INTERVALS = (
    "得分下面是95%区间：问卷抽样误差允许的得分范围，取得分加减1.96个标准误；没有抽样的得分没有区间。"
    "扣分和部门评分没有抽样误差。"
)


@dataclass(frozen=True)
class Piece:
    """A piece of the page. ``kind``: heading, para, note, table (rows below their heads) or items (a list).

    What stands behind a line break in a cell is set small below the rest.
    """

    kind: str
    text: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def pieces(sheet: RoundSheet) -> Iterator[Piece]:
    """The whole page, from top to bottom."""
    for category, cards in sheet.categories():
        yield Piece("heading", f"{category}（{len(cards)}个单位）")
        yield Piece("table", heads=HEADS, rows=tuple(_row(card, sheet) for card in cards))
    yield Piece("note", INTERVALS)
    for block in (*lists(sheet), *open_points(sheet), *method(sheet)):
        match block:
            case Heading(text=text):
                yield Piece("heading", text)
            case Para(text=text):
                yield Piece("para", text)
            case Note(text=text):
                yield Piece("note", text)
            case Grid():
                yield _listed(block)


def interval(card: Scorecard) -> str:
    """The total's interval of 95 percent as ``80.12–83.40``; empty without sampling."""
    if card.printed is None or card.total is None or not card.se:
        return ""
    reach = NORMAL * card.se
    exact = Decimal(card.total.numerator) / Decimal(card.total.denominator)
    return f"{two(exact - reach)}–{two(exact + reach)}"


def _row(card: Scorecard, sheet: RoundSheet) -> tuple[str, ...]:
    rank = NOTHING if card.rank is None else str(card.rank)
    met = "、".join(sheet.title_of(one) for one in card.consequences)
    graded = "；".join(text for text in (sheet.grade_of(card).replace(NOTHING, ""), met) if text)
    around = interval(card) if sheet.shown(card) else ""
    return (
        f"{rank}\n{places(card)}" if card.rank_low is not None else rank,
        card.unit.name,
        f"{two(card.printed)}\n{around}" if around else two(card.printed),
        graded or NOTHING,
    )


def _listed(grid: Grid) -> Piece:
    """A table of the method as a list: four columns of sentences have no room on a telephone."""
    if len(grid.header) < 4:
        return Piece("table", heads=grid.header, rows=grid.rows)
    rows = tuple((f"{title.strip()}（{points}）", f"{made}。{rests}") for title, points, made, rests in grid.rows)
    return Piece("items", rows=rows)
