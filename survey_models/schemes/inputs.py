"""What a score run reads (得分的输入): plain, exact and hashable, so that the same inputs give the same outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Standing(StrEnum):
    """A unit's standing in the round: rated, withheld (too few answers), cancelled (取消评议成绩)."""

    RATED = "rated"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class RatedUnit:
    """A unit with its category and flags (``has_window``, ``serves_enterprises``, ``superior_led``, ``class_a``)."""

    code: str
    name: str
    category: str
    flags: frozenset[str] = frozenset()
    standing: Standing = Standing.RATED
    reason: str = ""


@dataclass(frozen=True)
class Answers:
    """One unit's answers in one campaign (or one aspect of it).

    ``counts``: sheets by option, blank and invalid apart. ``shares``: weighted shares of the judging options, sum 1,
    from which any option map gives the score; None with calibrated weights' decimals where only ``score`` is known.
    ``score``: 0 to 100 under the scheme's map, exact or nine places; ``se``: its standard error, nine places.
    """

    n: int
    judging: int
    counts: Mapping[str, int]
    score: Fraction | None
    se: Decimal | None = None
    shares: Mapping[str, Fraction] | None = None


@dataclass(frozen=True)
class Month:
    """One window's ratings of one month, by option."""

    window: str
    month: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Mark:
    """A mark by its office; several for a panel. ``version`` and ``who`` stand in the trace."""

    value: Decimal
    who: str
    version: int = 1


@dataclass(frozen=True)
class Booked:
    """One case (a finding or a late duty) that a rule prices. ``matter``: cases of one matter are charged once.

    ``period``: "2015Q1", "2015-03"; empty: the round. ``points``: set within the rule's range, None: as the rule says.
    """

    unit: str
    part: str
    rule: str
    matter: str
    period: str = ""
    points: Decimal | None = None
    ref: str = ""


CANCELLED_THEN = "已取消"
"""Stands for the consequences of an earlier round in which the unit's result was cancelled; no id is spelt like it."""


@dataclass(frozen=True)
class Earlier:
    """Consequences that a unit (or a predecessor of it) had in one earlier round; the newest round is first.

    A round in which its result was cancelled has ``CANCELLED_THEN`` alone: it is no round of that unit's.
    """

    round_id: str
    consequences: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Inputs:
    """All inputs of one round. Keys: (campaign kind, unit), (campaign kind, unit, aspect), (part, unit), unit.

    ``periods``: the names of the round's months or quarters, so that a period without a case still counts.
    ``decided``: recorded ways out of a tie: (consequence or grade or ``rank``, category) -> units in their order.
    """

    units: tuple[RatedUnit, ...]
    answers: Mapping[tuple[str, str], Answers] = field(default_factory=dict)
    aspects: Mapping[tuple[str, str, str], Answers] = field(default_factory=dict)
    ratings: Mapping[str, tuple[Month, ...]] = field(default_factory=dict)
    references: Mapping[tuple[str, str], tuple[tuple[str, Fraction], ...]] = field(default_factory=dict)
    marks: Mapping[tuple[str, str], tuple[Mark, ...]] = field(default_factory=dict)
    booked: tuple[Booked, ...] = ()
    months: tuple[str, ...] = ()
    quarters: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    decided: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
