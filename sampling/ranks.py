"""Places and printed figures: exact numbers in, exact numbers out (名次与取舍).

Binary floats are refused: 90.125 as a float prints 90.12, and two equal scores
could differ in the last bit and get two places.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from sampling.errors import NotExact

Exact = Decimal | Fraction


def competition_ranks(values: Sequence[Exact]) -> list[int]:
    """Places with gaps after ties, the highest value first: 1, 2, 2, 4 (并列占位)."""
    exact = [_fraction(value) for value in values]
    first: dict[Fraction, int] = {}
    for place, value in enumerate(sorted(exact, reverse=True), start=1):
        first.setdefault(value, place)
    return [first[value] for value in exact]


def dense_ranks(values: Sequence[Exact]) -> list[int]:
    """Places without gaps, the highest value first: 1, 2, 2, 3 (并列不占位)."""
    exact = [_fraction(value) for value in values]
    place = {value: i for i, value in enumerate(sorted(set(exact), reverse=True), start=1)}
    return [place[value] for value in exact]


def round_half_up(value: Exact, places: int = 2) -> Decimal:
    """Round exactly, halves away from zero (四舍五入): 90.125 to 90.13, -0.005 to -0.01."""
    exact = _fraction(value)
    scaled = abs(exact) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    negative = exact < 0 and units > 0
    return Decimal((int(negative), tuple(int(digit) for digit in str(units)), -places))


def nine_places(value: float) -> Decimal:
    """A float estimate as the Decimal with 9 places that is stored and goes on into scoring.

    The float's own exact binary value is rounded, so that the same float gives the same
    digits everywhere. Raises NotExact for infinity and NaN.
    """
    try:
        return round_half_up(Fraction(float(value)), 9)
    except (OverflowError, ValueError) as error:
        raise NotExact(f"{value} is not a finite number and cannot be stored as a score") from error


def _fraction(value: Exact) -> Fraction:
    """Return `value` as a fraction; refuse what is not exact."""
    if not isinstance(value, (Decimal, Fraction, int)):
        raise NotExact(f"{value!r} is a {type(value).__name__}: ranks and rounding need Decimal or Fraction")
    if isinstance(value, Decimal) and not value.is_finite():
        raise NotExact(f"{value} is not a finite number")
    return Fraction(value)
