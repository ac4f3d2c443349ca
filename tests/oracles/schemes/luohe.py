"""漯河民主评议政风行风: seven inputs, whose weights the office sets, four grades, the first 20 of 53 and 10 of 27."""

from __future__ import annotations

from fractions import Fraction

from tests.oracles.schemes.book import Book, places, printed

WORTH = {"满意": 100, "基本满意": 60, "不满意": 0}
FIRST = {"政府部门及其它机构": 20, "公共服务行业": 10}


def totals(book: Book) -> dict[str, Fraction]:
    """40, 15, 10, 10, 10, 10 and 5 points; the last ones half for organisation, half for materials."""
    found = {}
    for unit in (row.code for row in book.units):
        total = book.people("questionnaire", unit, WORTH) * 40 / 100
        total += book.people("representatives", unit, WORTH) * 15 / 100
        for item in ("hotline", "departments", "stations", "theme"):
            total += book.mark(item, unit) * 10 / 100
        faults = [one["规则"] for one in book.of("materials", unit)]
        lost = 2 * faults.count("materials_late") + Fraction(1, 2) * faults.count("part_missing")
        total += (book.mark("leadership", unit) * 5 / 100 + max(5 - lost, Fraction(0))) / 2
        found[unit] = total
    return found


def judged(book: Book, found: dict[str, Fraction]) -> tuple[dict[str, int], dict[str, str]]:
    """Places in the two categories, and the grade of each unit; 「綜合考核成績前20名」 are 优."""
    ranks: dict[str, int] = {}
    grades: dict[str, str] = {}
    for category, most in FIRST.items():
        members = [row.code for row in book.units if row.category == category]
        ranks |= places({code: found[code] for code in members})
        best_first = sorted(members, key=lambda code: _order(book, code, found[code]))
        for position, code in enumerate(best_first):
            shown = printed(found[code])
            grades[code] = "优" if position < most else "良" if shown >= 75 else "中" if shown >= 60 else "差"
    return ranks, grades


def _order(book: Book, code: str, total: Fraction) -> tuple[Fraction, ...]:
    """At the border of the commended equals are told apart: questionnaire, representatives, share of 满意."""
    return (
        -printed(total),
        -book.people("questionnaire", code, WORTH),
        -book.people("representatives", code, WORTH),
        -book.satisfied(code, [("questionnaire", ""), ("representatives", "")], WORTH),
    )
