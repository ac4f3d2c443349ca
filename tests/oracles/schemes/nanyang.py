"""宛办〔2014〕27号附件2 三(一): the leading bodies of 118 units, one half-year, and the year of two."""

from __future__ import annotations

from fractions import Fraction

from tests.oracles.schemes.book import Book, places, printed

WORTH = {"满意": 100, "基本满意": 60, "不满意": 0}


def half_year(book: Book) -> dict[str, Fraction]:
    """「上述7项评议内容得分总和为每次评议领导班子的总得分」."""
    return {unit.code: _total(book, unit.code, "has_window" in unit.flags) for unit in book.units}


def _total(book: Book, unit: str, has_window: bool) -> Fraction:
    users = (book.people("fixed-users", unit, WORTH) + book.people("random-users", unit, WORTH)) / 2
    if has_window:
        # 「派出窗口评议得分占总分值的20%」, so that 10 of the 30 points are left for the survey.
        months = book.taken_over["C1w", unit]
        served = users * 10 / 100 + sum(months, Fraction(0)) / len(months) * 20 / 100
    else:
        served = users * 30 / 100
    deputies = book.people("deputies", unit, WORTH) * 10 / 100
    exposed = book.mark("C3", unit) * 20 / 100
    peers = book.people("peers", unit, WORTH) * 20 / 100
    watched = book.mark("C6", unit) * 10 / 100
    return served + deputies + exposed + peers + _departments(book, unit) + watched + _awards(book, unit)


def _departments(book: Book, unit: str) -> Fraction:
    """「两季度评议得分平均值」: 10 each, −3 not as required, −2 nothing done, 0 for fraud."""
    quarters = []
    for quarter in book.quarters:
        booked = [one["规则"] for one in book.of("C5", unit) if one["期间"] == quarter]
        left = 10 - 3 * booked.count("not_as_required") - 2 * booked.count("no_measures")
        quarters.append(Fraction(0 if "none_or_fraud" in booked else max(left, 0)))
    return sum(quarters, Fraction(0)) / len(quarters)


def _awards(book: Book, unit: str) -> Fraction:
    """「重大奖惩设10分」: never more than 10 up, never more than 10 down."""
    up = {"central_award": 10, "provincial_award": 5}
    cases = book.of("C7", unit)
    gained = sum(up.get(one["规则"], 0) for one in cases)
    lost = sum((Fraction(one["分值"]) for one in cases if one["规则"] == "accident"), Fraction(0))
    return min(Fraction(gained), Fraction(10)) - min(lost, Fraction(10))


def year(
    first: Book, second: Book, settled: list[str]
) -> tuple[dict[str, Fraction], dict[str, int], dict[str, set[str]]]:
    """Totals, places and consequences of a year: 「年度内两次评议得分平均值为年度总得分」, then by category.

    ``settled``: units with equal scores at a border, in the order that the office put them, the better first.
    """
    halves = half_year(first), half_year(second)
    totals = {code: (halves[0][code] + halves[1][code]) / 2 for code in halves[0]}
    ranks: dict[str, int] = {}
    hit: dict[str, set[str]] = {"commended": set(), "last_two": set(), "yellow_card": set(), "merit_lost": set()}
    hit["merit_lost"] = {one["代码"] for book in (first, second) for one in book.cases if one["规则"] == "canvassing"}
    for category in {unit.category for unit in first.units}:
        members = [unit.code for unit in first.units if unit.category == category]
        own = places({code: totals[code] for code in members})
        ranks |= own
        best_first = sorted(members, key=lambda code: (-printed(totals[code]), _nth(settled, code)))
        # 「名列前10%」 rounded down; 「倒数后两名」; 「最后一名」. Who canvassed loses the award, nobody moves up.
        hit["commended"] |= set(best_first[: len(members) // 10]) - hit["merit_lost"]
        hit["last_two"] |= set(best_first[-2:])
        hit["yellow_card"] |= set(best_first[-1:])
    return totals, ranks, hit


def _nth(settled: list[str], code: str) -> int:
    return settled.index(code) if code in settled else -1
