"""Places and printed figures: exact numbers in, exact numbers out (名次与取舍).

Binary floats are refused: 90.125 as a float prints 90.12, and two equal scores
could differ in the last bit and get two places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sampling.errors import NotExact
from sampling.selection import draw_srs

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


@dataclass(frozen=True, kw_only=True)
class SolePlace:
    """A place that nobody shares (不得并列), and what decided it.

    `decided_by`: 0 the value itself, k the k-th tie-breaker of the chain, None the recorded draw.
    """

    rank: int
    decided_by: int | None


def sole_ranks(
    values: Sequence[Exact], *, chain: Sequence[Sequence[Exact]], ids: Sequence[str], seed: str, salt: str
) -> list[SolePlace]:
    """Places without ties, the highest value first: by value, then by each tie-breaker, then by a recorded draw.

    `chain[k][i]` is the k-th tie-breaker of unit i, the higher first (C1, C2, …, then the share of 满意); units
    still equal are ordered by the SHA-256 order of their `ids` under a public `seed` and `salt` (see
    `sampling.selection`), so that the draw can be repeated. Raises NotExact, BadSeed, DuplicateId.
    """
    order = {identity: place for place, identity in enumerate(sorted(ids))}
    lots = draw_srs(sorted(ids), n=len(ids), seed=seed, salt=salt)
    lot_of = {place: lot for lot, place in enumerate(lots)}
    keys = [
        (*(-_fraction(column[i]) for column in (values, *chain)), lot_of[order[identity]])
        for i, identity in enumerate(ids)
    ]
    ranked = sorted(range(len(ids)), key=lambda i: keys[i])
    places: dict[int, SolePlace] = {}
    for place, i in enumerate(ranked, start=1):
        # The neighbour above or below that it is hardest to tell apart from says what decided.
        beside = [keys[ranked[k]] for k in (place - 2, place) if 0 <= k < len(ranked)]
        depth = max((_first_difference(keys[i], other) for other in beside), default=0)
        places[i] = SolePlace(rank=place, decided_by=None if depth > len(chain) else depth)
    return [places[i] for i in range(len(ids))]


def _first_difference(one: Sequence[object], other: Sequence[object]) -> int:
    return next(k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)


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
