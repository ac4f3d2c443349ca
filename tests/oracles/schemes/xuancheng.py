"""宣直〔2019〕48号 明查暗访: deductions from 100, the award lost for a year, units under warning."""

from __future__ import annotations

from fractions import Fraction

from tests.oracles.schemes.book import Book, places

AT_DISCRETION = {"obstruction": "merit_lost", "serious_breach": "warned"}
"""「酌情扣分」: what was entered counts; 「取消其当年效能考评评优资格」, 「直接列为警示单位」."""
ONE_POINT = {"no_evidence", "secret_visit", *(f"item_{number:02}" for number in range(1, 21))}
"""「发现一例扣1分」, open or secret, and the twenty items of the annex."""


def totals(book: Book, numbers: dict[str, Fraction]) -> dict[str, Fraction]:
    """The text has no base: the office starts at 100 and stops at 0."""
    lost = {
        row.code: sum((_lost(one, numbers) for one in book.of("inspection", row.code)), Fraction(0))
        for row in book.units
    }
    return {code: max(100 - points, Fraction(0)) for code, points in lost.items()}


def _lost(one: dict[str, str], numbers: dict[str, Fraction]) -> Fraction:
    """Every case counts: 「未报送的扣3分」, and refusing to sign is 「违规情形」 at the office's price."""
    rule = one["规则"]
    if rule in AT_DISCRETION:
        return Fraction(one["分值"])
    if rule in ONE_POINT:
        return Fraction(1)
    return {"self_check_missing": Fraction(3), "refusal": numbers["refusal_points"]}[rule]


def judged(book: Book, found: dict[str, Fraction]) -> tuple[dict[str, int], dict[str, set[str]]]:
    """Places among all units of the city, and whom a case costs the award or puts under warning."""
    hit: dict[str, set[str]] = {name: set() for name in AT_DISCRETION.values()}
    for one in book.cases:
        if one["规则"] in AT_DISCRETION:
            hit[AT_DISCRETION[one["规则"]]].add(one["代码"])
    return places(found), hit
