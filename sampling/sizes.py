"""How many people to ask (样本量), and how to share them by precision rather than by heads.

Sources: Cochran, Sampling Techniques, 3rd ed., ch. 4 and 5; Kish, Survey Sampling, 1965;
Wright, The American Statistician 66 (2012) 217 (exact integer optimum);
Bankier, The American Statistician 42 (1988) 174 (power allocation).
"""

import heapq
import math
from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from scipy.special import ndtri

from sampling.errors import AllocationImpossible, BadProportion, BadSize

Number = int | float | Fraction | Decimal


def sample_size(
    margin: float,
    *,
    variance: float,
    population: int | None = None,
    deff: float = 1.0,
    response: float = 1.0,
    dont_know: float = 0.0,
    level: float = 0.95,
) -> int:
    """Sheets to send out so that the mean of one unit has the half-width `margin` (允许误差).

    n = z²·S²·deff / (e² + z²·S²·deff/N), then divided by the response rate and by the share that can
    judge (1 - 不了解 rate), rounded up, never more than `population`. `margin` and the root of
    `variance` in the same units (points of the score; for a rate in 0..1 the variance is p(1-p)).
    Raises BadSize and BadProportion.
    """
    if margin <= 0 or variance < 0 or deff <= 0 or (population is not None and population < 1):
        raise BadSize("margin, design effect and population must be above 0, the variance not below")
    if not (0 < response <= 1 and 0 <= dont_know < 1 and 0 < level < 1):
        raise BadProportion("response rate, 不了解 rate and confidence level are shares between 0 and 1")
    spread = float(ndtri((1 + level) / 2)) ** 2 * variance * deff
    judging = spread / (margin**2 + (spread / population if population else 0.0))
    needed = math.ceil(round(judging / (response * (1 - dont_know)), 9))
    return max(needed, 1) if population is None else min(max(needed, 1), population)


def equal(total: int, sizes: Sequence[int]) -> list[int]:
    """The same number for every stratum (等额分配); a stratum that has fewer people gives them all.

    What is left over goes, one each, to the earlier strata. Raises AllocationImpossible.
    """
    if total < 0 or total > sum(sizes):
        raise AllocationImpossible(f"the strata hold {sum(sizes)}, a total of {total} cannot be drawn")
    # The highest common level that the total can pay for.
    level = bisect_right(range(total + 1), total, key=lambda step: sum(min(size, step) for size in sizes)) - 1
    shares = [min(size, level) for size in sizes]
    rest = total - sum(shares)
    for h in [h for h, size in enumerate(sizes) if size > level][:rest]:
        shares[h] += 1
    return shares


def neyman(
    total: int, sizes: Sequence[int], deviations: Sequence[Number], *, minimum: int = 1, cap: int | None = None
) -> list[int]:
    """The whole numbers that minimise the variance sum N_h²·S_h²/n_h (奈曼最优分配), exactly.

    `deviations` are the S_h. Starting from the minimum, each next sheet goes to the stratum with the
    largest N_h·S_h / sqrt(n_h·(n_h + 1)), compared in fractions; ties: the earlier stratum. No
    stratum gets more than its size or `cap`. Raises AllocationImpossible and BadSize.
    """
    return _by_priority(
        total, sizes, [size * _exact(s) for size, s in zip(sizes, deviations, strict=True)], minimum, cap
    )


def power(
    total: int,
    sizes: Sequence[int],
    variations: Sequence[Number],
    *,
    exponent: float,
    minimum: int = 1,
    cap: int | None = None,
) -> list[int]:
    """Between the best city figure and equally good area figures (幂分配): n_h ~ N_h^a · CV_h.

    `variations` are the coefficients of variation; `exponent` a in 0..1: 1 is Neyman's, 0 gives every
    stratum the same precision. Raises BadSize and AllocationImpossible.
    """
    if not 0 <= exponent <= 1:
        raise BadSize(f"the exponent is {exponent}: it lies between 0 and 1")
    weights = [_exact(float(size) ** exponent) * _exact(cv) for size, cv in zip(sizes, variations, strict=True)]
    return _by_priority(total, sizes, weights, minimum, cap)


def _exact(value: Number) -> Fraction:
    try:
        exact = Fraction(value)
    except (ValueError, OverflowError) as error:
        raise BadSize(f"{value} is not a finite number") from error
    if exact < 0:
        raise BadSize(f"{value} is negative")
    return exact


def _by_priority(
    total: int, sizes: Sequence[int], weights: Sequence[Fraction], minimum: int, cap: int | None
) -> list[int]:
    """Minimise sum weight²/n by giving one more each time where it helps most."""
    if minimum < 1:
        raise AllocationImpossible("the minimum is at least 1: a stratum without sample has no variance to minimise")
    upper = [size if cap is None else min(size, cap) for size in sizes]
    shares = [min(minimum, limit) for limit in upper]
    if not sum(shares) <= total <= sum(upper):
        raise AllocationImpossible(f"{total} lies outside {sum(shares)} (minimums) to {sum(upper)} (limits)")

    def priority(h: int) -> tuple[Fraction, int]:
        return -(weights[h] ** 2) / (shares[h] * (shares[h] + 1)), h

    waiting = [priority(h) for h in range(len(sizes)) if 0 < shares[h] < upper[h]]
    heapq.heapify(waiting)
    for _ in range(total - sum(shares)):
        _, h = heapq.heappop(waiting)
        shares[h] += 1
        if shares[h] < upper[h]:
            heapq.heappush(waiting, priority(h))
    return shares
