"""A round as tables (导出表): scores for readers, counts and marks for whoever computes them again, the year's totals.

Exact shares stand as fractions in text (``85/117``), so that nothing is lost on the way through a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from survey_models.reports.round_ranking import places
from survey_models.reports.round_sheet import NOTHING, RoundSheet, two, values
from survey_models.schemes.inputs import Answers, Inputs
from survey_models.schemes.outcome import Outcome, Scorecard
from survey_models.spreadsheets.write import Cell, Table

MASKED = "*"
"""Stands for a figure that is too small to print."""
Rows = list[tuple[Cell, ...]]


def scores(sheet: RoundSheet) -> Table:
    """One row for each unit: place, total, every line of its scorecard, awards and sanctions."""
    cards = [card for _, members in sheet.categories() for card in members]
    lines = {key: line.title[0] for card in cards for key, line in values(card).items()}
    header = (
        *("类别", "代码", "单位", "名次", "可能名次", "总得分", "标准误", "等次", "奖惩"),
        *(f"{title}（{key}）" for key, title in lines.items()),
    )
    return Table("得分", header, [_score(card, tuple(lines), sheet) for card in cards], (24, 10, 30))


def _score(card: Scorecard, keys: Iterable[str], sheet: RoundSheet) -> tuple[Cell, ...]:
    found = values(card)
    shown = sheet.shown(card)
    return (
        card.unit.category,
        card.unit.code,
        card.unit.name,
        card.rank,
        places(card),
        card.printed,
        None if card.se is None else Decimal(two(card.se)) if shown else MASKED,
        sheet.grade_of(card),
        "、".join(sheet.title_of(one) for one in card.consequences),
        *((_figure(found[key].value) if key in found else None) if shown else MASKED for key in keys),
    )


def _figure(value: Fraction | None) -> Cell:
    return None if value is None else Decimal(two(value))


def year_totals(sheet: RoundSheet) -> Table:
    """The year's totals as the city's performance appraisal takes them in (绩效考评): no weight, that is its own."""
    rows: Rows = [
        (card.unit.code, card.unit.name, card.unit.category, card.printed, card.rank, sheet.grade_of(card))
        for _, members in sheet.categories()
        for card in members
    ]
    return Table("年度总得分", ("代码", "单位", "类别", "总得分", "名次", "等次"), rows, (10, 30, 30))


def round_totals(rounds: Iterable[tuple[str, Outcome]]) -> Table:
    """What a year's result rests on: every unit's exact total in each of its rounds."""
    rows: Rows = [
        (round_id, card.unit.code, None if card.total is None else exact(card.total), card.unit.standing.value)
        for round_id, outcome in rounds
        for card in outcome.cards
    ]
    return Table("各轮总得分", ("评议", "代码", "总得分", "状态"), rows, (20, 10, 24))


def inputs_tables(inputs: Inputs, *, small: frozenset[str] = frozenset(), names: bool = True) -> list[Table]:
    """Everything a run reads, in long tables. Answers about units in ``small`` are masked, names of panels on demand.

    These tables say all that the score rests on: whoever has the policy document can compute every total from them.
    """
    return [
        _units(inputs),
        _answers(inputs, small),
        _ratings(inputs),
        Table("引用成绩", ("指标", "代码", "期间", "得分"), list(_references(inputs)), (12, 12, 20, 20)),
        Table(
            "部门评分",
            ("指标", "代码", "评分", "评分人", "版本"),
            [
                (part, unit, f"{mark.value:f}", mark.who if names or len(marks) == 1 else MASKED, mark.version)
                for (part, unit), marks in sorted(inputs.marks.items())
                for mark in marks
            ],
        ),
        _booked(inputs),
        _periods(inputs),
    ]


def _units(inputs: Inputs) -> Table:
    rows: Rows = [
        (unit.code, unit.name, unit.category, "、".join(sorted(unit.flags)), unit.standing.value, unit.reason)
        for unit in inputs.units
    ]
    return Table("单位", ("代码", "单位", "类别", "标记", "状态", "原因"), rows, (10, 30, 30, 30))


def _answers(inputs: Inputs, small: frozenset[str]) -> Table:
    """One row for each campaign, unit, aspect and option."""
    rows: Rows = []
    for (kind, unit), answers in sorted(inputs.answers.items()):
        rows += _options(kind, unit, "", answers, masked=unit in small)
    for (kind, unit, aspect), answers in sorted(inputs.aspects.items()):
        rows += _options(kind, unit, aspect, answers, masked=unit in small)
    header = ("评议活动", "代码", "方面", "选项", "份数", "加权份额", "有效份数", "计分份数", "得分", "标准误")
    return Table("问卷份数", header, rows, (18, 10))


def _options(kind: str, unit: str, aspect: str, answers: Answers, *, masked: bool) -> Iterator[tuple[Cell, ...]]:
    score = None if answers.score is None else exact(answers.score)
    error = None if answers.se is None else f"{answers.se:f}"
    for option, count in sorted(answers.counts.items()):
        share = (answers.shares or {}).get(option)
        shared = None if share is None else exact(share)
        tail = (count, shared, answers.n, answers.judging, score, error)
        yield (kind, unit, aspect, option, *([MASKED] * len(tail) if masked else tail))


def _ratings(inputs: Inputs) -> Table:
    rows: Rows = [
        (unit, month.window, month.month, option, count)
        for unit, months in sorted(inputs.ratings.items())
        for month in months
        for option, count in sorted(month.counts.items())
    ]
    return Table("窗口评价", ("代码", "窗口", "月份", "选项", "件数"), rows)


def _references(inputs: Inputs) -> Iterator[tuple[Cell, ...]]:
    for (part, unit), found in sorted(inputs.references.items()):
        for period, score in found:
            yield part, unit, period, exact(score)


def _booked(inputs: Inputs) -> Table:
    cases = sorted(inputs.booked, key=lambda one: (one.part, one.unit, one.period, one.matter, one.rule, one.ref))
    rows: Rows = [(one.part, one.unit, one.rule, one.matter, one.period, _amount(one.points), one.ref) for one in cases]
    return Table("扣分加分", ("指标", "代码", "规则", "事项", "期间", "分值", "编号"), rows)


def _periods(inputs: Inputs) -> Table:
    rows: Rows = [*(("月", one) for one in inputs.months), *(("季度", one) for one in inputs.quarters)]
    for (about, category), units in sorted(inputs.decided.items()):
        rows.append(("定夺", "；".join([about, category, *units])))
    for earlier in inputs.earlier:
        for unit, met in sorted(earlier.consequences.items()):
            rows.append(("往期", "；".join([earlier.round_id, unit, *sorted(met)])))
    return Table("期间和定夺", ("项目", "内容"), rows, (10, 60))


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def exact(value: Fraction) -> str:
    """A fraction as text: ``85``, ``85/117``."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


__all__ = ["MASKED", "NOTHING", "exact", "inputs_tables", "scores", "year_totals"]
