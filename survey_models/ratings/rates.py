"""Rates of 好差评 as docs/windows.md defines them: exact fractions until they are shown, half up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from survey_models.core.clock import local_day
from survey_models.ratings.rules import BAD, LEVELS, SMALLEST

# A person's grade needs more ratings than a window's rates.
SMALLEST_OF_PERSON = 30
_GOOD = frozenset({"5", "4"})
_FAIR = "3"


@dataclass(frozen=True)
class Counting:
    """How a city counts.

    ``gap_seconds``: two ratings of one terminal must be this far apart for both to count; ``month_days``: days after
    its end at which a month is counted; ``basic_is_good``: 基本满意 counts as 好评.
    """

    gap_seconds: int = 10
    month_days: int = 15
    basic_is_good: bool = True


COUNTING = Counting()


@dataclass(frozen=True)
class Rates:
    """Of ``n`` counted ratings: 好评率, 差评率 and mean stars (1 to 5)."""

    n: int
    good: Fraction
    bad: Fraction
    stars: Fraction


def rates(counts: Mapping[str, int], *, basic_is_good: bool, smallest: int = SMALLEST) -> Rates | None:
    """The rates of counts by level; None where there are fewer than ``smallest`` ratings."""
    n = sum(counts.get(level, 0) for level in LEVELS)
    if n < max(smallest, 1):
        return None
    good = sum(counts.get(level, 0) for level in _GOOD | ({_FAIR} if basic_is_good else set()))
    bad = sum(counts.get(level, 0) for level in BAD)
    stars = sum(int(level) * counts.get(level, 0) for level in LEVELS)
    return Rates(n, Fraction(good, n), Fraction(bad, n), Fraction(stars, n))


def own_initiative(*, rated: int, cases: int) -> Fraction | None:
    """主动评价率: rated cases of all finished ones; None where no case was posted."""
    return Fraction(rated, cases) if cases else None


def percent(share: Fraction) -> str:
    """``97.00``: in percent, two decimals, half up."""
    return shown(share * 100)


def shown(value: Fraction) -> str:
    """Two decimals, half up, worked out in whole numbers."""
    hundredths = (2 * 100 * value.numerator + value.denominator) // (2 * value.denominator)
    return str((Decimal(hundredths) / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def month_of(day: date) -> date:
    """The first day of the month of ``day``."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after ``month``."""
    return (month.replace(day=28) + timedelta(days=7)).replace(day=1)


def counted_from(month: date, counting: Counting) -> date:
    """The day from which a month is counted: what arrives then or later enters it no more."""
    return next_month(month) + timedelta(days=counting.month_days)


def is_late(given: date, arrived: datetime, counting: Counting, zone: str) -> bool:
    """Whether a rating comes after its month was counted."""
    return local_day(arrived, zone) >= counted_from(month_of(given), counting)
