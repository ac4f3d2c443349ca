"""Rounds of the two presets whose list of units the office brings (名单自备): made-up units, findings and figures."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import combinations

from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, RatedUnit, Standing

ITEMS = ("no_evidence", "secret_visit", "refusal", *(f"item_{number:02}" for number in range(1, 21)))
BOARDS = ("party", "government", "justice", "village", "livelihood")
ASPECTS = {
    "party": ("known", "satisfied"),
    "government": ("openness", "service", "convenience", "gain"),
    "justice": ("known", "satisfied"),
    "village": ("known", "satisfied"),
}
COUNTIES = 5
ZONES = 3


class Desk:
    """Books cases and marks of made-up units as an office would over a round."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.booked: list[Booked] = []
        self.marks: dict[tuple[str, str], tuple[Mark, ...]] = {}
        self.aspects: dict[tuple[str, str, str], Answers] = {}

    def book(self, unit: str, part: str, rule: str, points: str | None = None, matter: str = "") -> None:
        """One case; without a matter it is one of its own."""
        number = len(self.booked) + 1
        worth = None if points is None else Decimal(points)
        self.booked.append(Booked(unit, part, rule, matter or f"事项{number}", "", worth, f"F{number}"))

    def mark(self, part: str, unit: str, low: int, high: int) -> None:
        """A mark of 100 with one decimal."""
        value = Decimal(self.chance.randint(low * 10, high * 10)) / 10
        self.marks[part, unit] = (Mark(value, "牵头单位"),)

    def ask(self, campaign: str, unit: str, aspect: str) -> None:
        """Sheets of one question."""
        words = ("知道", "不知道") if aspect == "known" else ("满意", "基本满意", "不满意", "不了解")
        drawn = self.chance.choices(words, (8, 3, 1, 1)[: len(words)], k=self.chance.randint(31, 97))
        counts = {word: drawn.count(word) for word in words}
        self.aspects[campaign, unit, aspect] = Answers(len(drawn), len(drawn) - counts.get("不了解", 0), counts, None)


def xuancheng(seed: int, units: int = 60) -> Inputs:
    """A year of visits: few findings in most units, all four self-checks missing in one, below nothing in another."""
    desk = Desk(seed)
    listed = tuple(RatedUnit(f"XC-{number:03}", f"虚构单位{number:03}", "市直单位") for number in range(1, units + 1))
    for unit in (one.code for one in listed):
        for quarter in ("第一季度", "第二季度", "第三季度", "第四季度"):
            if desk.chance.random() < 0.08:
                desk.book(unit, "inspection", "self_check_missing", matter=quarter)
        for rule in desk.chance.choices(ITEMS, k=desk.chance.choice((0, 0, 1, 2, 3, 5, 9))):
            desk.book(unit, "inspection", rule)
        for rule in ("obstruction", "serious_breach"):
            if desk.chance.random() < 0.1:
                desk.book(unit, "inspection", rule, f"{desk.chance.randint(2, 20) / 2}")
    for quarter in ("一", "二", "三", "四"):
        desk.book("XC-007", "inspection", "self_check_missing", matter=f"另第{quarter}季度")
    for rule in ("obstruction", "serious_breach") * 6:
        desk.book("XC-013", "inspection", rule, "9.5")
    return Inputs(units=listed, booked=tuple(desk.booked))


def sunshine(seed: int) -> Inputs:
    """A campaign: counties, functional areas, and every mix of boards among the units of the city, once each."""
    desk = Desk(seed)
    mixes = [mix for size in range(1, len(BOARDS) + 1) for mix in combinations(BOARDS, size)]
    listed: list[tuple[str, tuple[str, ...]]] = [("县区", BOARDS)] * COUNTIES + [
        ("功能区", ("party", "government", "village", "livelihood"))
    ] * ZONES
    listed += [("市直部门（单位）", mix) for mix in mixes]
    units = []
    for number, (category, mix) in enumerate(listed, start=1):
        code = f"YG-{number:03}"
        # One unit gave false material: its result is cancelled, the places below it move up.
        standing = Standing.CANCELLED if number == COUNTIES + ZONES + 4 else Standing.RATED
        flags = frozenset(f"board_{board}" for board in mix)
        units.append(RatedUnit(code, f"虚构单位{number:03}", category, flags, standing, reason="提供虚假情况"))
        _appraise(desk, code, mix)
    _edges(desk, units)
    return Inputs(units=tuple(units), marks=desk.marks, aspects=desk.aspects, booked=tuple(desk.booked))


def _appraise(desk: Desk, unit: str, mix: tuple[str, ...]) -> None:
    for board in mix:
        desk.mark(f"{board}_lead" if board in ASPECTS else board, unit, 70, 99)
        # In some units nobody was asked about a board.
        if board in ASPECTS and desk.chance.random() < 0.9:
            for aspect in ASPECTS[board]:
                desk.ask(f"{board}-public", unit, aspect)
        if desk.chance.random() < 0.2:
            desk.book(unit, f"{board}_innovation", f"{board}_excellent", f"{desk.chance.randint(1, 50) / 10}")
    if desk.chance.random() < 0.5:
        desk.book(unit, "publicity", "information", f"{desk.chance.randint(1, 60) / 10}")
    for rule, often in (("criticism", 0.2), ("three_powers", 0.1)):
        if desk.chance.random() < often:
            desk.book(unit, "accountability", rule)


def _edges(desk: Desk, units: list[RatedUnit]) -> None:
    """Two innovations in one board, more publicity than counts, above 100, below nothing."""
    first, second, *_, last = (unit.code for unit in units)
    for points in ("3.5", "4"):
        desk.book(first, "government_innovation", "government_excellent", points)
    for points in ("6.5", "7"):
        desk.book(second, "publicity", "information", points)
        for board in BOARDS:
            desk.book(second, f"{board}_innovation", f"{board}_excellent", "5")
            desk.marks[f"{board}_lead" if board in ASPECTS else board, second] = (Mark(Decimal("97.5"), "牵头单位"),)
    for _ in range(12):
        desk.book(last, "accountability", "three_powers")
        desk.book(last, "accountability", "criticism")


__all__ = ["sunshine", "xuancheng"]
