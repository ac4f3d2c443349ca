"""The ranking of a round (评议结果排名表): category by category, with what each total is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from survey_models.reports.paper import Block, Grid, Heading, Note, Paper, Para, Title
from survey_models.reports.round_method import method, quoted
from survey_models.reports.round_sheet import NOTHING, RoundSheet, heads, two, values
from survey_models.schemes.outcome import Line, Scorecard

MOST_COLUMNS = 9
"""With more lines right under the total a table would be too narrow; then the total alone is printed."""


def ranking(sheet: RoundSheet) -> Paper:
    """The whole document, landscape."""
    return Paper("ranking", f"{sheet.title}排名表", tuple(_blocks(sheet)), landscape=True, foot=sheet.foot)


def _blocks(sheet: RoundSheet) -> Iterator[Block]:
    yield Title(f"{sheet.title}排名表")
    day = f"　公布日期：{sheet.published:%Y-%m-%d}" if sheet.published else ""
    yield Note(f"评议周期：{sheet.period}　主办单位：{sheet.office}{day}")
    for category, cards in sheet.categories():
        yield Heading(f"{category}（{len(cards)}个单位）")
        yield table(cards, sheet)
    yield from lists(sheet)
    yield from open_points(sheet)
    yield from method(sheet)


def table(cards: Sequence[Scorecard], sheet: RoundSheet) -> Grid:
    """One category by place: place, what the data allow, unit, total, the lines under it, grade."""
    columns = heads(cards) if len(heads(cards)) <= MOST_COLUMNS else {}
    header = ("名次", "可能名次", "代码", "单位", "总得分", *columns.values(), "等次")
    rows = tuple(_row(card, tuple(columns), sheet) for card in cards)
    widths = (9, 13, 16, 44, 15, *(17 for _ in columns), 14)
    return Grid(header, rows, widths, frozenset({3}))


def _row(card: Scorecard, columns: Sequence[str], sheet: RoundSheet) -> tuple[str, ...]:
    lines = values(card) if sheet.shown(card) else {}
    parts = (_points(lines.get(key)) for key in columns)
    return (
        NOTHING if card.rank is None else str(card.rank),
        places(card),
        card.unit.code,
        card.unit.name,
        two(card.printed),
        *parts,
        sheet.grade_of(card),
    )


def _points(line: Line | None) -> str:
    """Points of a line; nothing for a unit that has no such line."""
    return NOTHING if line is None else two(line.value)


def places(card: Scorecard) -> str:
    """The places that the data allow, as ``3–7``."""
    if card.rank_low is None or card.rank_high is None:
        return NOTHING
    return f"{card.rank_low}–{card.rank_high}" if card.rank_low != card.rank_high else str(card.rank_low)


def lists(sheet: RoundSheet) -> Iterator[Block]:
    """Awards, sanctions and flags: whom they meet, category by category, and on which words they rest."""
    for one in sheet.scheme.consequences:
        met = [card for card in sheet.outcome.cards if one.id in card.consequences]
        if not met:
            continue
        yield Heading(one.title.zh)
        for category in dict.fromkeys(card.unit.category for card in met):
            names = "、".join(card.unit.name for card in met if card.unit.category == category)
            yield Para(f"{category}：{names}。")
        if one.persons is not None:
            yield Para(f"先进个人名额：每个单位{one.persons}名，共{len(met) * one.persons}名。")
        yield Note(f"依据：{quoted(one)}")


def open_points(sheet: RoundSheet) -> Iterator[Block]:
    """What is not decided yet, borders that the data do not settle, units without a total and why."""
    for question in sheet.outcome.questions:
        yield Para(f"待定事项：{question.text[0]}")
    for border in sheet.outcome.borders:
        names = {card.unit.code: card.unit.name for card in sheet.outcome.cards}
        listed = "、".join(names.get(unit, unit) for unit in border.units)
        yield Para(f"临界名次：{sheet.title_of(border.about)}的界线上，数据不能区分{listed}；按公布的得分确定。")
    for card in sheet.outcome.cards:
        said = [zh for zh, _ in card.notes] if card.total is None else []
        if said:
            yield Para(f"{card.unit.name}：{'；'.join(said)}")
