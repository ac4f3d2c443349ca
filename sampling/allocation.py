"""Allocation of a sample over strata (样本分配), in whole numbers and without binary floats.

Sources: Cochran, Sampling Techniques, 3rd ed., ch. 5 (proportional allocation);
the largest-remainder rule is Hamilton's. Quotas are exact fractions, so that the
result does not depend on the machine.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from sampling.errors import AllocationImpossible

Size = int | Fraction


def largest_remainder(total: int, sizes: Sequence[Size]) -> list[int]:
    """Share `total` in proportion to `sizes` (最大余数法).

    Every stratum gets the whole part of total·size/sum; what is left goes, one each, to
    the largest fractional parts. Equal remainders: the earlier stratum in the list first.
    Raises AllocationImpossible for a negative total or size, or when all sizes are 0.
    """
    if total < 0:
        raise AllocationImpossible(f"the total is {total}: it must not be negative")
    if any(size < 0 for size in sizes):
        raise AllocationImpossible("a stratum has a negative size")
    whole = sum((Fraction(size) for size in sizes), Fraction(0))
    if whole == 0:
        if total == 0:
            return [0] * len(sizes)
        raise AllocationImpossible(f"{total} cannot be shared: there is no stratum with a size above 0")
    quotas = [Fraction(total) * Fraction(size) / whole for size in sizes]
    shares = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(sizes)), key=lambda h: (shares[h] - quotas[h], h))
    for h in by_remainder[: total - sum(shares)]:
        shares[h] += 1
    return shares


def proportional(
    total: int,
    sizes: Sequence[int],
    *,
    minimum: int = 0,
    cap: int | Sequence[int] | None = None,
) -> list[int]:
    """Proportional allocation with a minimum per stratum and never above its size (按比例分配, 设下限).

    `sizes` are the populations N_h. A stratum gets at least min(minimum, its limit) and at
    most its limit, the smaller of N_h and `cap` (one number for all, or one per stratum).
    Strata whose proportional share breaks a bound stand at that bound; the others share
    the rest by `largest_remainder`. Raises AllocationImpossible when the minimums need more
    than `total` or the limits hold less.
    """
    if minimum < 0:
        raise AllocationImpossible(f"the minimum is {minimum}: it must not be negative")
    upper = _limits(sizes, cap)
    return _bounded(total, sizes, lower=[min(minimum, limit) for limit in upper], upper=upper)


def nested(total: int, areas: Sequence[Sequence[int]], *, minimum: int = 0) -> list[list[int]]:
    """Areas first, by their population sums; then the kinds inside each area (先区域, 后类别).

    `areas[a][k]` is the population of kind k in area a. `minimum` is per kind and area
    (less where fewer people live); an area gets at least the sum of its minimums. The
    area totals therefore are those of an allocation to areas alone, whatever the kinds.
    """
    if minimum < 0:
        raise AllocationImpossible(f"the minimum is {minimum}: it must not be negative")
    limits = [_limits(kinds, None) for kinds in areas]
    per_area = _bounded(
        total,
        [sum(kinds) for kinds in areas],
        lower=[sum(min(minimum, limit) for limit in area) for area in limits],
        upper=[sum(area) for area in limits],
    )
    return [proportional(n, kinds, minimum=minimum) for n, kinds in zip(per_area, areas, strict=True)]


def _limits(sizes: Sequence[int], cap: int | Sequence[int] | None) -> list[int]:
    """Return the most each stratum can give."""
    if any(size < 0 for size in sizes):
        raise AllocationImpossible("a stratum has a negative size")
    if cap is None:
        return list(sizes)
    caps: Iterable[int] = [cap] * len(sizes) if isinstance(cap, int) else cap
    limits = [min(size, most) for size, most in zip(sizes, caps, strict=True)]
    if any(limit < 0 for limit in limits):
        raise AllocationImpossible("a cap is negative")
    return limits


def _bounded(total: int, sizes: Sequence[int], *, lower: list[int], upper: list[int]) -> list[int]:
    """Allocate within whole-number bounds; the free strata end by largest remainder."""
    if total < sum(lower):
        raise AllocationImpossible(
            f"the minimums alone need {sum(lower)}, more than the total of {total}: lower the minimum"
        )
    if total > sum(upper):
        raise AllocationImpossible(
            f"the strata hold at most {sum(upper)}, fewer than the total of {total}: lower the total or the caps"
        )
    fixed: dict[int, int] = {}
    while True:
        free = [h for h in range(len(sizes)) if h not in fixed]
        rest = total - sum(fixed.values())
        whole = sum(sizes[h] for h in free)
        if whole == 0:
            # only empty strata are left; both bounds of such a stratum are 0
            fixed.update((h, 0) for h in free)
            break
        quota = {h: Fraction(rest * sizes[h], whole) for h in free}
        missing = sum((max(lower[h] - q, Fraction(0)) for h, q in quota.items()), Fraction(0))
        excess = sum((max(q - upper[h], Fraction(0)) for h, q in quota.items()), Fraction(0))
        if missing == excess == 0:
            shares = largest_remainder(rest, [sizes[h] for h in free])
            fixed.update(zip(free, shares, strict=True))
            break
        # Only the heavier side is settled: fixing it moves the quotas of the others
        # further the same way, so it can never become wrong (Bitran & Hax 1981).
        if missing >= excess:
            fixed.update((h, lower[h]) for h, q in quota.items() if q <= lower[h])
        if excess >= missing:
            fixed.update((h, upper[h]) for h, q in quota.items() if q >= upper[h])
    return [fixed[h] for h in range(len(sizes))]
