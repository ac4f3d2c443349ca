"""The formulas once more, slowly and exactly: plain loops over fractions, written from the textbook.

Nothing of `sampling` is used here, so that a mistake there cannot repeat itself in the comparison.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction


def score(
    answers: Sequence[str], weights: Sequence[Fraction], scores: Mapping[str, int | None]
) -> tuple[Fraction | None, Fraction]:
    """Domain mean of one unit (None without judging weight) and the judging weight."""
    base = top = Fraction(0)
    for answer, weight in zip(answers, weights, strict=True):
        value = scores.get(answer)
        if value is not None:
            base += weight
            top += weight * value
    return (top / base if base else None), base


def influence(answers: Sequence[str], weights: Sequence[Fraction], scores: Mapping[str, int | None]) -> list[Fraction]:
    """z of each sheet for one unit."""
    mean, base = score(answers, weights, scores)
    out = []
    for answer, weight in zip(answers, weights, strict=True):
        value = scores.get(answer)
        out.append(Fraction(0) if value is None or mean is None else weight * (value - mean) / base)
    return out


def covariance(
    z: Sequence[Fraction],
    y: Sequence[Fraction],
    strata: Sequence[int],
    psu: Sequence[int],
    population: Mapping[int, int] | None = None,
    *,
    adjust: bool = False,
) -> Fraction:
    """sum_h (1-f) n/(n-1) sum_a (z_a - zbar)(y_a - ybar), PSU totals a inside strata h."""
    totals: dict[int, dict[int, list[Fraction]]] = defaultdict(lambda: defaultdict(lambda: [Fraction(0), Fraction(0)]))
    for first, second, stratum, point in zip(z, y, strata, psu, strict=True):
        totals[stratum][point][0] += first
        totals[stratum][point][1] += second
    result = Fraction(0)
    for stratum, points in totals.items():
        n = len(points)
        unsampled = 1 - (Fraction(n, population[stratum]) if population else Fraction(0))
        pairs = list(points.values())
        if n == 1:
            assert adjust
            result += unsampled * pairs[0][0] * pairs[0][1]
            continue
        mean_z = sum((pair[0] for pair in pairs), Fraction(0)) / n
        mean_y = sum((pair[1] for pair in pairs), Fraction(0)) / n
        inner = sum(((a - mean_z) * (b - mean_y) for a, b in pairs), Fraction(0))
        result += unsampled * Fraction(n, n - 1) * inner
    return result
