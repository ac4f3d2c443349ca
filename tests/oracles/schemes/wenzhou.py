"""温委办发〔2013〕36号: 120 points of the year and of its end become 12; class A passes, class B wins prizes."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from tests.oracles.schemes.book import Book, places, printed

WORTH = {"满意": 100, "基本满意": 60, "不满意": 0}
ASPECTS = ("1", "2", "3", "4")
MARKED = (
    "decisions",
    "proposals_congress",
    "proposals_cppcc",
    "brand",
    "at_once",
    "e_exchange",
    "e_inside",
    "e_use",
    "at_once_items",
    "learning",
)


def totals(book: Book) -> dict[str, Fraction]:
    """「最后得分=(日常考核各个项目得分总和×70%+年末考核得分×30%)×10%」."""
    party = _party(book)
    found = {}
    for unit in (row.code for row in book.units):
        daily = sum((book.mark(item, unit) for item in MARKED), Fraction(0))
        daily += _instructions(book, unit) + party[unit] + _left_of_5(book, "staff_appraisal", unit)
        daily += _served(book, unit) * 5 / 100 + book.people("performance", unit, WORTH) * 5 / 100
        daily += _left_of_5(book, "visits", unit) + _clean(book, unit)
        found[unit] = (daily * 70 / 100 + book.mark("year_end", unit) * 30 / 100) * 10 / 100
    return found


def _instructions(book: Book, unit: str) -> Fraction:
    """「每事项不重复扣分」: of one matter only the gravest: no feedback 1; not done 2, still not done 1 more; 3."""
    matters: dict[str, set[str]] = defaultdict(set)
    for one in book.of("instructions", unit):
        matters[one["事项"]].add(one["规则"])
    lost = 0
    for faults in matters.values():
        not_done = 2 * ("not_done" in faults) + 1 * ("still_not_done" in faults)
        lost += max(1 * ("no_feedback" in faults), not_done, 3 * ("criticised" in faults))
    return Fraction(max(5 - lost, 0))


def _left_of_5(book: Book, item: str, unit: str) -> Fraction:
    """Deductions from 5 points, until nothing is left."""
    lost = sum((Fraction(one["分值"]) for one in book.of(item, unit)), Fraction(0))
    return max(5 - lost, Fraction(0))


def _party(book: Book) -> dict[str, Fraction]:
    """「按单位总数20%、50%、30%的比例」 5, 3, 1 points: of 105 units 21, 53, 31 (largest remainder)."""
    best_first = sorted((row.code for row in book.units), key=lambda code: -book.mark("party_building", code))
    points = [5] * 21 + [3] * 53 + [1] * 31
    return {code: Fraction(got) for code, got in zip(best_first, points, strict=True)}


def _served(book: Book, unit: str) -> Fraction:
    """Leaders in charge and those served count half each; four aspects, one question each."""
    groups = ("leaders-in-charge", "served-groups")
    asked = [book.people(campaign, unit, WORTH, aspect) for campaign in groups for aspect in ASPECTS]
    return sum(asked, Fraction(0)) / len(asked)


def _clean(book: Book, unit: str) -> Fraction:
    """「第一名得基本分,名次每降一位递减3%」 of the 20 points."""
    place = book.mark("integrity", unit)
    return max(20 - 20 * (place - 1) * 3 / 100, Fraction(0))


def judged(book: Book, found: dict[str, Fraction]) -> tuple[dict[str, bool], dict[str, int], dict[str, set[str]]]:
    """Class A: passed from 75 % of 12; class B: places; 5 % and 10 % of the 105 units win the two prizes."""
    passed = {row.code: printed(found[row.code]) >= 9 for row in book.units if "A类" in row.category}
    ranks = places({row.code: found[row.code] for row in book.units if "B类" in row.category})
    best_first = sorted(ranks, key=lambda code: -printed(found[code]))
    listed = len(book.units)
    first, second = listed * 5 // 100, listed * 10 // 100
    prizes = {
        "first_prize": set(best_first[:first]),
        "second_prize": set(best_first[first : first + second]),
        "failed": {code for code, through in passed.items() if not through},
    }
    return passed, ranks, prizes
