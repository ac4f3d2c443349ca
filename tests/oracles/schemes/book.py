"""The exported workbook of counts and marks, read as tables of text."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from python_calamine import CalamineWorkbook


@dataclass
class Row:
    """A unit as the workbook names it."""

    code: str
    category: str
    flags: set[str]
    status: str


@dataclass
class Book:
    """What the sheets hold. Counts by (campaign, unit, aspect) and option; weighted shares likewise where given."""

    units: list[Row] = field(default_factory=list)
    counts: dict[tuple[str, str, str], dict[str, Fraction]] = field(default_factory=lambda: defaultdict(dict))
    shares: dict[tuple[str, str, str], dict[str, Fraction]] = field(default_factory=lambda: defaultdict(dict))
    taken_over: dict[tuple[str, str], list[Fraction]] = field(default_factory=lambda: defaultdict(list))
    marks: dict[tuple[str, str], list[Fraction]] = field(default_factory=lambda: defaultdict(list))
    cases: list[dict[str, str]] = field(default_factory=list)
    quarters: list[str] = field(default_factory=list)

    def people(self, campaign: str, unit: str, worth: dict[str, int], aspect: str = "") -> Fraction:
        """The mean worth of the answers that judge; of weighted samples by the weighted shares."""
        key = (campaign, unit, aspect)
        answers = self.shares.get(key) or self.counts[key]
        judging = {option: answers.get(option, Fraction(0)) for option in worth}
        whole = sum(judging.values(), Fraction(0))
        return sum((judging[option] * worth[option] for option in worth), Fraction(0)) / whole

    def satisfied(self, unit: str, campaigns: list[tuple[str, str]], worth: dict[str, int]) -> Fraction:
        """The share of 满意 among all judging answers of these campaigns and aspects, sheets as they are."""
        heaps = [self.counts[campaign, unit, aspect] for campaign, aspect in campaigns]
        judging = sum((heap.get(option, Fraction(0)) for heap in heaps for option in worth), Fraction(0))
        return sum((heap.get("满意", Fraction(0)) for heap in heaps), Fraction(0)) / judging

    def mark(self, item: str, unit: str) -> Fraction:
        """The mark, or the mean of a panel's."""
        given = self.marks[item, unit]
        return sum(given, Fraction(0)) / len(given)

    def of(self, item: str, unit: str) -> list[dict[str, str]]:
        """The cases of one item and unit."""
        return [one for one in self.cases if one["指标"] == item and one["代码"] == unit]


def read(content: bytes) -> Book:
    """The workbook as it was exported."""
    tables: dict[str, list[dict[str, str]]] = {}
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for name in book.sheet_names:
            head, *rows = book.get_sheet_by_name(name).to_python()
            tables[name] = [dict(zip(map(str, head), map(_text, row), strict=True)) for row in rows]
    found = Book()
    found.units = [Row(one["代码"], one["类别"], set(one["标记"].split("、")), one["状态"]) for one in tables["单位"]]
    for one in tables["问卷份数"]:
        key = (one["评议活动"], one["代码"], one["方面"])
        found.counts[key][one["选项"]] = Fraction(one["份数"])
        if one["加权份额"]:
            found.shares[key][one["选项"]] = Fraction(one["加权份额"])
    for one in tables["引用成绩"]:
        found.taken_over[one["指标"], one["代码"]].append(Fraction(one["得分"]))
    for one in tables["部门评分"]:
        found.marks[one["指标"], one["代码"]].append(Fraction(one["评分"]))
    found.cases = tables["扣分加分"]
    found.quarters = [one["内容"] for one in tables["期间和定夺"] if one["项目"] == "季度"]
    return found


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def printed(total: Fraction) -> Fraction:
    """Two decimals, half up (四舍五入)."""
    return Fraction(int(total * 100 + Fraction(1, 2)), 100)


def places(totals: dict[str, Fraction]) -> dict[str, int]:
    """Equal printed scores share a place, the places behind them are empty (1, 2, 2, 4)."""
    shown = {code: printed(total) for code, total in totals.items()}
    return {code: 1 + sum(other > own for other in shown.values()) for code, own in shown.items()}
