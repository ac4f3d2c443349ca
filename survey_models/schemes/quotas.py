"""Numbers of places (名额): shares of a number of units, rounded as the document says."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor


def rounded(exact: Fraction, how: str) -> int:
    """A share of units as whole units: ``floor``, ``half_up`` or ``ceil``; one share alone has no remainder to pass."""
    if how == "ceil":
        return ceil(exact)
    if how == "half_up":
        return floor(exact + Fraction(1, 2))
    return floor(exact)


def largest_remainder(exact: Sequence[Fraction]) -> list[int]:
    """Whole numbers that add up to the sum, half up: the largest remainders get what is left, equal ones the first."""
    whole = [floor(one) for one in exact]
    left = floor(sum(exact, Fraction(0)) + Fraction(1, 2)) - sum(whole)
    for k in sorted(range(len(exact)), key=lambda k: (whole[k] - exact[k], k))[:left]:
        whole[k] += 1
    return whole
