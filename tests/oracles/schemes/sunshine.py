"""漯阳光建〔2020〕1号 “阳光漯河”: the boards that apply, their mean, bonus and deductions, full marks 100."""

from __future__ import annotations

from fractions import Fraction

from tests.oracles.schemes.book import Book, places

KNOWS = {"知道": 100, "不知道": 0}
WORTH = {"满意": 100, "基本满意": 60, "不满意": 0}
FIGURES = {
    "party": ((KNOWS, ("known",)), (WORTH, ("satisfied",))),
    "government": ((WORTH, ("openness", "service", "convenience")), (WORTH, ("gain",))),
    "justice": ((KNOWS, ("known",)), (WORTH, ("satisfied",))),
    "village": ((KNOWS, ("known",)), (WORTH, ("satisfied",))),
}
"""「知晓率和满意度」; of 政务 「对政务公开和政务服务、便民服务的满意度及获得感」; of 民生 the text names none."""
BOARDS = (*FIGURES, "livelihood")


def totals(book: Book, numbers: dict[str, Fraction]) -> dict[str, Fraction]:
    """「各板块建设单项得分之和的平均分,与加分因素、扣分因素汇总」. A cancelled unit has no total."""
    found = {}
    for row in book.units:
        if row.status != "cancelled":
            own = boards(book, row.code, numbers)
            total = sum(own.values(), Fraction(0)) / len(own)
            total += _bonus(book, "publicity", row.code, numbers["publicity_most"])
            found[row.code] = _within(total - _deducted(book, row.code, numbers), numbers["highest"])
    return found


def boards(book: Book, unit: str, numbers: dict[str, Fraction]) -> dict[str, Fraction]:
    """「板块建设单项得分」 of the boards that apply, with the bonus for an excellent innovation, at most 100."""
    flags = next(row.flags for row in book.units if row.code == unit)
    return {
        board: _within(
            _board(book, unit, board, numbers) + _bonus(book, f"{board}_innovation", unit, numbers["innovation_most"]),
            Fraction(100),
        )
        for board in BOARDS
        if f"board_{board}" in flags
    }


def _board(book: Book, unit: str, board: str, numbers: dict[str, Fraction]) -> Fraction:
    """The lead office's mark and the public's figures by the points set; without figures the mark alone."""
    if board not in FIGURES:
        return book.mark(board, unit)
    lead = book.mark(f"{board}_lead", unit)
    public = figures(book, unit, board)
    if not public:
        return lead
    shared = sum(public, Fraction(0)) / len(public)
    return (lead * numbers[f"{board}_office"] + shared * numbers[f"{board}_public"]) / 100


def figures(book: Book, unit: str, board: str) -> list[Fraction]:
    """The two public figures of a board, 0 to 100; none where nobody was asked."""
    campaign = f"{board}-public"
    return [
        sum((book.people(campaign, unit, worth, one) for one in aspects), Fraction(0)) / len(aspects)
        for worth, aspects in FIGURES[board]
        if all((campaign, unit, one) in book.counts for one in aspects)
    ]


def _bonus(book: Book, item: str, unit: str, most: Fraction) -> Fraction:
    """What the 阳光办 gave, never more than it set itself."""
    return min(sum((Fraction(one["分值"]) for one in book.of(item, unit)), Fraction(0)), most)


def _deducted(book: Book, unit: str, numbers: dict[str, Fraction]) -> Fraction:
    """「受到市级通报批评及以上的问责措施」, 「违反“阳光三权”的案件」, each time."""
    each = {"criticism": numbers["criticism_points"], "three_powers": numbers["case_points"]}
    return sum((each[one["规则"]] for one in book.of("accountability", unit)), Fraction(0))


def _within(score: Fraction, most: Fraction) -> Fraction:
    """「满分均为100分」, and never below nothing."""
    return max(min(score, most), Fraction(0))


def judged(book: Book, found: dict[str, Fraction]) -> dict[str, int]:
    """Places among counties, among functional areas, among units of the city."""
    ranks: dict[str, int] = {}
    for category in {row.category for row in book.units}:
        ranks |= places(
            {row.code: found[row.code] for row in book.units if row.category == category and row.code in found}
        )
    return ranks
