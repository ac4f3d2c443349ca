"""Rounds without field work (模拟评议): inputs made up from a seed for any preset, at its full number of units.

No database: what a score run reads is drawn for each line of the scheme by what its source asks for.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from survey_models.schemes import loading
from survey_models.schemes.checking import adjustments
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.fitting import fits, leaves_of
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, Month, RatedUnit
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.loading import Loaded
from survey_models.schemes.outcome import Outcome
from survey_models.schemes.sources import Cases, Decay, Marks, Range, Ratings, Reference, Rule, Survey, Tiers

MONTHS = ("2015-01", "2015-02", "2015-03", "2015-04", "2015-05", "2015-06")
QUARTERS = ("2015Q1", "2015Q2")


@dataclass(frozen=True)
class Simulated:
    """A scheme, what was made up for it, and what came out."""

    loaded: Loaded
    inputs: Inputs
    outcome: Outcome


@lru_cache(maxsize=8)
def simulated(preset: str, seed: int = 1) -> Simulated:
    """A whole round of a preset."""
    loaded = loading.read(loading.preset(preset))
    inputs = Maker(loaded.scheme, seed).inputs()
    return Simulated(loaded, inputs, evaluate(loaded.scheme, loaded.digest, inputs))


class Maker:
    """Draws the inputs of one round."""

    def __init__(self, scheme: Scheme, seed: int) -> None:
        self.scheme = scheme
        self.chance = random.Random(seed)
        self.units = tuple(self._units())
        self.level = {unit.code: self.chance.betavariate(6, 3) for unit in self.units}
        self.answers: dict[tuple[str, str], Answers] = {}
        self.aspects: dict[tuple[str, str, str], Answers] = {}
        self.ratings: dict[str, tuple[Month, ...]] = {}
        self.references: dict[tuple[str, str], tuple[tuple[str, Fraction], ...]] = {}
        self.marks: dict[tuple[str, str], tuple[Mark, ...]] = {}
        self.booked: list[Booked] = []

    def inputs(self) -> Inputs:
        """All of them, line by line."""
        for unit in self.units:
            for part in leaves_of(self.scheme, category=unit.category, flags=unit.flags).values():
                self._fill(part, unit)
            for one in adjustments(self.scheme):
                self._book(unit, one.id, (*one.bonuses, *one.penalties), "", 0.03)
        self._places()
        return Inputs(
            units=self.units,
            answers=self.answers,
            aspects=self.aspects,
            ratings=self.ratings,
            references=self.references,
            marks=self.marks,
            booked=tuple(self.booked),
            months=MONTHS,
            quarters=QUARTERS,
        )

    def _units(self) -> Iterator[RatedUnit]:
        rows = loading.units_of(self.scheme) or [
            {"code": f"MU-{number:03}", "name": f"虚构单位{number:03}", "category": category}
            for number, category in enumerate(
                (name for name, count in self.scheme.units.stated.items() for _ in range(count)), start=1
            )
        ]
        for number, row in enumerate(rows):
            flags = {"has_window"} if number % 3 == 0 else set()
            flags |= {"serves_enterprises"} if number % 5 == 0 else set()
            flags |= {"superior_led"} if row.get("superior_led") == "1" else set()
            yield RatedUnit(row["code"], row["name"], row["category"], frozenset(flags))

    def _fill(self, part: Part, unit: RatedUnit) -> None:
        match part.source:
            case Survey(campaigns=named, map=options, aspects=aspects):
                for one in named:
                    self._ask(one.campaign, unit.code, options, aspects)
            case Ratings(map=options):
                words = tuple(self.scheme.maps[options].options)
                self.ratings[unit.code] = tuple(
                    Month(f"{unit.code}-W", month, self._counts(words, unit.code, self.chance.randint(20, 300)))
                    for month in MONTHS
                )
            case Reference():
                self.references[part.id, unit.code] = tuple(
                    (month, Fraction(self.chance.randint(7000, 10000), 100)) for month in MONTHS
                )
            case Marks(scale=scale, panel=panel):
                self.marks[part.id, unit.code] = tuple(
                    Mark(self._mark(scale, unit.code), f"评分人{number}") for number in range(1, (panel or 1) + 1)
                )
            case Decay() | Tiers():
                self.marks[part.id, unit.code] = (Mark(self._mark(Decimal(100), unit.code), "办公室"),)
            case Cases(rules=rules, per=per):
                periods = {"quarter": QUARTERS, "month": MONTHS, None: ("",)}[per]
                for period in periods:
                    self._book(unit, part.id, rules, period, 0.12)
            case None:
                raise AssertionError(part.id)

    def _ask(self, campaign: str, unit: str, options: str, aspects: tuple[str, ...]) -> None:
        words = self.scheme.maps[options].options
        for aspect in aspects or ("",):
            n = self.chance.randint(40, 240)
            counts = self._counts(tuple(words), unit, n)
            judged = {name: count for name, count in counts.items() if words[name] is not None}
            shares = None
            if campaign in {"random-users", "questionnaire"} and any(judged.values()):
                # As if strata had unequal weights: exact shares that are not those of the sheets.
                heavy = {name: count * weight for (name, count), weight in zip(judged.items(), (3, 2, 4), strict=True)}
                shares = {name: Fraction(count, sum(heavy.values())) for name, count in heavy.items()}
            found = Answers(n, sum(judged.values()), counts, None, Decimal("0.512345678"), shares)
            if aspect:
                self.aspects[campaign, unit, aspect] = found
            else:
                self.answers[campaign, unit] = found

    def _counts(self, words: tuple[str, ...], unit: str, n: int) -> dict[str, int]:
        level = self.level[unit]
        weights = [level, (1 - level) * 0.7, (1 - level) * 0.3, 0.08, 0.05][: len(words)]
        drawn = self.chance.choices(words, weights, k=n)
        return {word: drawn.count(word) for word in words}

    def _mark(self, scale: Decimal, unit: str) -> Decimal:
        share = min(max(self.level[unit] + self.chance.uniform(-0.2, 0.25), 0.3), 1)
        return (scale * Decimal(str(round(share, 3)))).quantize(Decimal("0.1"))

    def _book(self, unit: RatedUnit, part: str, rules: tuple[Rule, ...], period: str, often: float) -> None:
        for rule in rules:
            if self.chance.random() >= often:
                continue
            points: Decimal | None = None
            if isinstance(rule.points, Range):
                points = rule.points.high
            elif isinstance(rule.points, tuple):
                points = rule.points[-1]
            matter = f"事项{self.chance.randint(1, 3)}"
            ref = f"C{len(self.booked) + 1}"
            self.booked.append(Booked(unit.code, part, rule.id, matter, period, points, ref))

    def _places(self) -> None:
        """Places instead of marks where the office enters places; equals share the better one."""
        for part in {part.id: part for part in _placed(self.scheme)}.values():
            assert isinstance(part.source, Decay)
            for group in _grouped(part.source, [unit for unit in self.units if (part.id, unit.code) in self.marks]):
                values = {unit.code: self.marks[part.id, unit.code][0].value for unit in group}
                for code, value in values.items():
                    place = 1 + sum(other > value for other in values.values())
                    self.marks[part.id, code] = (Mark(Decimal(place), "办公室"),)


def _placed(scheme: Scheme) -> Iterator[Part]:
    def below(part: Part) -> Iterator[Part]:
        if isinstance(part.source, Decay) and part.source.enter == "places":
            yield part
        for one in (*part.parts, *part.mean, *(inner for case in part.choose for inner in case.parts)):
            yield from below(one)

    return below(scheme.total)


def _grouped(source: Decay, units: list[RatedUnit]) -> list[list[RatedUnit]]:
    if source.within == "all":
        return [units]
    return [[one for one in units if one.category == name] for name in dict.fromkeys(one.category for one in units)]


__all__ = ["Simulated", "fits", "simulated"]
