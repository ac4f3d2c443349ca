"""Feedback to one unit (评议结果反馈): its place, what it did better and worse than its category, and how that came.

Of other units nothing is said but the mean of the category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from survey_models.findings.references import told
from survey_models.reports.paper import Address, Block, Grid, Heading, NewPage, Note, Paper, Para, Sign, Title
from survey_models.reports.round_method import UNSTATED, brief
from survey_models.reports.round_ranking import places
from survey_models.reports.round_sheet import NOTHING, RoundSheet, by_round, lines_of, two
from survey_models.rounds.averages import mean_of
from survey_models.schemes.outcome import Line, Scorecard

SUPERIOR = "superior_led"
MARKED = "评分"
BLANK_DAY = "    年  月  日"
HEADS = ("指标", "满分", "得分", "同类平均", "怎样算出", "依据")


def feedback(sheet: RoundSheet, card: Scorecard) -> Paper:
    """The document of one unit."""
    title = f"{sheet.title}反馈"
    return Paper(f"feedback-{card.unit.code}", title, tuple(_blocks(sheet, card)), foot=sheet.foot)


def _blocks(sheet: RoundSheet, card: Scorecard) -> Iterator[Block]:
    led = SUPERIOR in card.unit.flags
    yield Title(f"关于反馈{sheet.title}结果的函")
    yield Address(f"{card.unit.name}上级主管部门党组（党委）" if led else card.unit.name)
    yield Para(_place(sheet, card))
    if led:
        yield Para("按照评议办法，现将评议结果反馈你单位，并提出奖惩意见建议，供研究。")
    for zh, _ in card.notes:
        yield Para(f"{zh}。")
    if card.unit.code in sheet.small:
        yield Para("有的评议项目有效份数过少，为保护参评人，各项得分不单独反馈。")
    elif sheet.shown(card):
        yield from _own(sheet, by_round(card))
    yield Sign(sheet.office, day(sheet))
    yield NewPage()
    yield from brief(sheet)


def _place(sheet: RoundSheet, card: Scorecard) -> str:
    head = f"{sheet.period}，{card.unit.name}（{card.unit.code}，{card.unit.category}）"
    if card.rank is None and card.printed is None:
        return f"{head}没有总得分和名次：{sheet.grade_of(card)}。"
    met = "、".join(sheet.title_of(one) for one in card.consequences)
    grade = sheet.grade_of(card)
    if card.rank is None:
        # A unit that failed has the grade 未达标 and, where the scheme says so, a flag of the same name.
        words = dict.fromkeys(word for word in (grade, met) if word not in {"", NOTHING})
        return f"{head}总得分{two(card.printed)}分，不参加排名" + "".join(f"；{word}" for word in words) + "。"
    ranked = sum(one.rank is not None for one in sheet.outcome.cards if one.unit.category == card.unit.category)
    said = f"{head}总得分{two(card.printed)}分，在{ranked}个参加排名的同类单位中列第{card.rank}名"
    if card.rank_low is not None:
        said += f"，可能名次{places(card)}"
    return said + (f"；等次{grade}" if grade != NOTHING else "") + (f"；{met}" if met else "") + "。"


def _own(sheet: RoundSheet, card: Scorecard) -> Iterator[Block]:
    means = sheet.means[card.unit.category]
    better, worse = sides(card, means)
    yield Heading("一、好于同类单位的方面")
    yield Para("、".join(_said(line, means) for line in better) + "。" if better else "没有高于同类平均的指标。")
    yield Heading("二、需要改进的方面")
    yield Para("、".join(_said(line, means) for line in worse) + "。" if worse else "没有低于同类平均的指标。")
    yield Heading("三、各项得分和计算过程")
    rows = tuple(_row(line, means) for line in lines_of(card))
    yield Grid(
        ("指标", "满分", "得分", "同类平均", "怎样算出", "依据"), rows, (26, 9, 10, 11, 44, 26), frozenset({0, 4, 5})
    )
    yield Note("“同类平均”是同一类别各项得分可以公布的单位该项得分的平均数。")


def sides(card: Scorecard, means: Mapping[str, Fraction]) -> tuple[list[Line], list[Line]]:
    """Lines above and below the mean of the category, the widest distance first, as shares of what can be reached.

    Only lines at the end of the tree, which say what to do; bonus and penalty outside the total are no such thing.
    """
    outside = {line.id for line in card.adjustments}
    inside = [line for line in lines_of(card) if line.id in means and line.id not in outside]
    ends = [line for line in inside if not line.children and line.value is not None]
    far = sorted(ends, key=lambda line: (-abs(_distance(line, means)), line.id))
    return [line for line in far if _distance(line, means) > 0], [line for line in far if _distance(line, means) < 0]


def _distance(line: Line, means: Mapping[str, Fraction]) -> Fraction:
    return ((line.value or Fraction(0)) - mean_of(line, means)) / (line.most or 1)


def _said(line: Line, means: Mapping[str, Fraction]) -> str:
    apart = (line.value or Fraction(0)) - mean_of(line, means)
    return f"{line.title[0]}（{two(line.value)}分，{'高于' if apart > 0 else '低于'}同类平均{two(abs(apart))}分）"


def _row(line: Line, means: Mapping[str, Fraction]) -> tuple[str, ...]:
    # Who marked is the office's to know.
    counts = "；".join(
        f"{MARKED if label.endswith('版）') else told(label)[0]} {figure}" for label, figure in line.counts
    )
    how = "\n".join(text for text in (line.how[0], counts) if text)
    mean = two(mean_of(line, means)) if line.id in means else NOTHING
    cited = line.at or "".join(f"“{words}”" for words in line.cite) or UNSTATED
    return (line.title[0], two(line.most), two(line.value), mean, how, cited)


def day(sheet: RoundSheet) -> str:
    """The day of publication in words, or a blank to fill."""
    one = sheet.published
    return f"{one.year}年{one.month}月{one.day}日" if one else BLANK_DAY
