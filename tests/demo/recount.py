"""An independent recount of scores and standard errors: raw SQL and fractions, by the formulas of docs/sampling.md.

Nothing here is imported from the statistics or the models that it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

Rows = Callable[..., list[tuple[Any, ...]]]

SCORES = {"1": 100, "2": 60, "3": 0}


@dataclass(frozen=True)
class Recounted:
    """One unit, unrounded."""

    score: Fraction
    variance: Fraction
    unweighted: Fraction
    judging: int


def recount(rows: Rows, campaign: str) -> dict[str, Recounted]:
    """Every unit of a campaign, by its code. PSUs are the points where they were kept, else the persons."""
    by_points = bool(rows("SELECT points_as_psu FROM campaigns WHERE id = :id", id=campaign)[0][0])
    strata = rows("SELECT no, area_code, population FROM strata WHERE campaign_id = :id", id=campaign)
    query = "SELECT stratum_no, count(*) FROM ballots WHERE campaign_id = :id GROUP BY stratum_no"
    sheets: dict[int, int] = dict(rows(query, id=campaign))
    weights = {no: Fraction(people, sheets[no]) for no, _, people in strata}
    areas = {no: area for no, area, _ in strata}
    query = (
        "SELECT r.unit_code FROM round_units r JOIN campaigns c ON c.round_id = r.round_id WHERE c.id = :id"
        " ORDER BY r.position"
    )
    found = {}
    for place, (unit,) in enumerate(rows(query, id=campaign), start=1):
        cells = rows(
            "SELECT stratum_no, point_no, substr(answers, :place, 1), count(*) FROM ballots"
            " WHERE campaign_id = :id GROUP BY 1, 2, 3",
            id=campaign,
            place=place,
        )
        found[unit] = _unit(cells, weights, sheets, areas if by_points else None)
    return found


def _unit(
    cells: list[tuple[Any, ...]],
    weights: dict[int, Fraction],
    sheets: dict[int, int],
    areas: dict[int, str] | None,
) -> Recounted:
    judged = [(stratum, point, SCORES[code], n) for stratum, point, code, n in cells if code in SCORES]
    total = sum((weights[stratum] * n for stratum, _, _, n in judged), Fraction(0))
    score = sum((weights[stratum] * n * points for stratum, _, points, n in judged), Fraction(0)) / total
    influence = [
        (stratum, point, weights[stratum] * (points - score) / total, n) for stratum, point, points, n in judged
    ]
    if areas is None:
        variance = _between_persons(influence, sheets)
    else:
        everywhere = {(areas[stratum], point) for stratum, point, *_ in cells}
        variance = _between_points(influence, areas, everywhere)
    judging = sum(n for *_, n in judged)
    plain = Fraction(sum(points * n for _, _, points, n in judged), judging)
    return Recounted(score, variance, plain, judging)


def _between_persons(influence: Iterable[tuple[int, int, Fraction, int]], sheets: dict[int, int]) -> Fraction:
    """Σ n/(n−1) [Σ z² − (Σ z)²/n] over strata; who does not judge is there with z = 0."""
    sums: defaultdict[int, Fraction] = defaultdict(Fraction)
    squares: defaultdict[int, Fraction] = defaultdict(Fraction)
    for stratum, _, z, n in influence:
        sums[stratum] += z * n
        squares[stratum] += z * z * n
    return sum((Fraction(n, n - 1) * (squares[no] - sums[no] ** 2 / n) for no, n in sheets.items()), Fraction(0))


def _between_points(
    influence: Iterable[tuple[int, int, Fraction, int]], areas: dict[int, str], everywhere: set[tuple[str, int]]
) -> Fraction:
    """The same over areas, with the sum of each test point in the place of a person."""
    sums = dict.fromkeys(everywhere, Fraction(0))
    for stratum, point, z, n in influence:
        sums[areas[stratum], point] += z * n
    variance = Fraction(0)
    for area in {area for area, _ in everywhere}:
        values = [value for (where, _), value in sums.items() if where == area]
        n = len(values)
        mean = sum(values, Fraction(0)) / n
        variance += Fraction(n, n - 1) * sum(((value - mean) ** 2 for value in values), Fraction(0))
    return variance


def root(value: Fraction) -> Decimal:
    """The square root, to thirty digits."""
    with localcontext() as context:
        context.prec = 30
        return (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()


def printed(score: Fraction) -> Decimal:
    """Two places, halves away from zero."""
    with localcontext() as context:
        context.prec = 60
        return (Decimal(score.numerator) / Decimal(score.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
