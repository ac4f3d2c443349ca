"""The notice of results (通报) in the style of an official document, and the reports to its receivers (报告)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from survey_models.reports.round_feedback import day
from survey_models.reports.round_method import method, quoted
from survey_models.reports.round_ranking import lists, open_points, table
from survey_models.reports.round_sheet import NOTHING, RoundSheet, two
from survey_models.schemes.inputs import Standing
from survey_models.schemes.outcome import Scorecard

NUMBER = "〔　　　　〕　　号"
TO_ALL = "各被评议单位"


def notice(sheet: RoundSheet) -> Paper:
    """The notice to all rated units; its number is left blank."""
    title = f"关于{sheet.title}结果的通报"
    return Paper("notice", title, tuple(_notice(sheet, title)), foot=sheet.foot)


def _notice(sheet: RoundSheet, title: str) -> Iterator[Block]:
    yield RedHead(sheet.office, NUMBER)
    yield Title(title)
    yield Address(TO_ALL)
    yield Para(
        f"按照《{sheet.scheme.title.zh}》评分办法，{sheet.period}评议已经结束。{_summary(sheet)}现将结果通报如下。"
    )
    for number, (category, cards) in enumerate(sheet.categories(), start=1):
        yield Heading(f"{_NUMBERS[number % len(_NUMBERS)]}、{category}")
        yield Para(_ends(cards, sheet))
    yield from lists(sheet)
    yield from open_points(sheet)
    yield Para("各单位要对照反馈的问题认真整改。评议方法、各项得分、份数和计算过程附后，任何人可以据此复算。")
    yield Note("附件：1．评议结果排名表　2．评议方法说明")
    yield Sign(sheet.office, day(sheet))
    yield NewPage()
    yield Heading("附件1　评议结果排名表")
    for category, cards in sheet.categories():
        yield Heading(f"{category}（{len(cards)}个单位）")
        yield _short(cards, sheet)
    yield NewPage()
    yield Heading("附件2　评议方法说明")
    yield from method(sheet)


def report(sheet: RoundSheet, number: int, receiver: str) -> Paper:
    """The report to one receiver (按期报告): what was found, the whole ranking, the method."""
    title = f"关于{sheet.title}情况的报告"
    return Paper(f"report-{number}", title, tuple(_report(sheet, title, receiver)), landscape=True, foot=sheet.foot)


def _report(sheet: RoundSheet, title: str, receiver: str) -> Iterator[Block]:
    yield Title(title)
    yield Address(receiver)
    yield Para(f"现将{sheet.period}评议情况报告如下。{_summary(sheet)}")
    for category, cards in sheet.categories():
        yield Heading(f"{category}（{len(cards)}个单位）")
        yield Para(_ends(cards, sheet))
        yield table(cards, sheet)
    yield from lists(sheet)
    yield from open_points(sheet)
    for duty in sheet.scheme.duties:
        if duty.reports and receiver in duty.receivers:
            yield Note(f"报送依据：{duty.title.zh}，{quoted(duty)}")
    for one in sheet.scheme.methods:
        if receiver in one.receivers:
            yield Note(f"报送依据：{quoted(one)}")
    yield Sign(sheet.office, day(sheet))
    yield NewPage()
    yield from method(sheet)


_NUMBERS = ("十", "一", "二", "三", "四", "五", "六", "七", "八", "九")


def receivers(sheet: RoundSheet) -> list[str]:
    """To whom the document has the result reported, each once, in its order; the public reads the notice."""
    duties = (duty.receivers for duty in sheet.scheme.duties if duty.reports)
    named = (*duties, *(one.receivers for one in sheet.scheme.methods))
    return list(dict.fromkeys(one for several in named for one in several))


def _summary(sheet: RoundSheet) -> str:
    cards = sheet.outcome.cards
    ranked = sum(card.rank is not None for card in cards)
    apart = {
        "暂不公布": sum(card.unit.standing is Standing.WITHHELD for card in cards),
        "取消成绩": sum(card.unit.standing is Standing.CANCELLED for card in cards),
    }
    said = "".join(f"，{name}{count}个" for name, count in apart.items() if count)
    back = [f"{one.title}收回{one.sheets}份" for one in sheet.asked if one.sheets is not None]
    return f"参加评议的单位{len(cards)}个，参加排名{ranked}个{said}。" + (f"{'，'.join(back)}。" if back else "")


def _ends(cards: Sequence[Scorecard], sheet: RoundSheet) -> str:
    ranked = [card for card in cards if card.rank is not None]
    if not ranked:
        return _passed(cards, sheet) or "没有参加排名的单位。"
    mean = sum((card.total for card in ranked if card.total is not None), start=ranked[0].root.most * 0) / len(ranked)
    first, last = ranked[0], ranked[-1]
    return (
        f"参加排名{len(ranked)}个单位，平均{two(mean)}分。第1名{first.unit.name}，{two(first.printed)}分；"
        f"最后一名{last.unit.name}，{two(last.printed)}分。"
    )


def _passed(cards: Sequence[Scorecard], sheet: RoundSheet) -> str:
    """How many reached the total that has to be reached (达标), and who did not; empty where nothing has to be."""
    judged = [card for card in cards if card.passed is not None]
    if not judged or sheet.scheme.passes is None:
        return ""
    failed = [card.unit.name for card in judged if not card.passed]
    said = f"不排名，总得分达到{two(sheet.scheme.passes.least)}分为达标：达标{len(judged) - len(failed)}个"
    return said + (f"；未达标{len(failed)}个：{'、'.join(failed)}。" if failed else "，没有未达标的单位。")


def _short(cards: Sequence[Scorecard], sheet: RoundSheet) -> Grid:
    """A table for upright pages: no lines under the total."""
    rows = tuple(
        (
            NOTHING if card.rank is None else str(card.rank),
            card.unit.code,
            card.unit.name,
            two(card.printed),
            sheet.grade_of(card),
            "、".join(sheet.title_of(one) for one in card.consequences) or NOTHING,
        )
        for card in cards
    )
    return Grid(("名次", "代码", "单位", "总得分", "等次", "奖惩"), rows, (8, 14, 44, 12, 12, 30), frozenset({2, 5}))
