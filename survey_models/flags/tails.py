"""Chances in the tails (尾概率) of counts that vary more than chance alone, and how much more they vary.

Arrays in, arrays out. Over-dispersion (过度离散) is taken from the data themselves, so that rush hours, visiting days
and real differences between places do not look like stuffing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_models.flags.rules import RuleText

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# The highest tenth is left out when the usual variation is measured: it may be what is looked for.
_KEPT = 0.9
_LARGEST_SPREAD = 0.9
_HALVINGS = 40


def count_tail(k: npt.ArrayLike, mean: npt.ArrayLike, spread: npt.ArrayLike) -> FloatArray:
    """P(X ≥ k) of a negative binomial (负二项) with variance ``mean + spread · mean²``; Poisson where spread is 0.

    Args:
        k: counts.
        mean: expected counts, > 0.
        spread: squared coefficient of variation beyond chance, ≥ 0.
    """
    number, mu, over = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (k, mean, np.maximum(spread, 0)))
    )
    some = np.maximum(number, 1)
    poisson = special.gammainc(some, mu)
    size = 1 / np.maximum(over, 1e-12)
    binomial = special.betainc(some, size, mu / (mu + size))
    return np.where(number <= 0, 1.0, np.where(over < 1e-9, poisson, binomial))


def share_tail(k: IntArray, n: IntArray, share: FloatArray, spread: FloatArray | float) -> FloatArray:
    """P(X ≥ k) of beta-binomials (贝塔二项) with mean ``n · share`` and intra-class correlation ``spread``.

    Each of the arrays (cells,); the sum runs over the possible counts of each cell.
    """
    spreads = np.broadcast_to(np.asarray(spread, dtype=np.float64), k.shape)
    found = np.ones(len(k))
    for place, (low, size, mean, rho) in enumerate(zip(k, n, share, spreads, strict=True)):
        if low <= 0:
            continue
        p = float(np.clip(mean, 1e-9, 1 - 1e-9))
        total = 1 / max(rho, 1e-9) - 1
        a, b = p * total, (1 - p) * total
        j = np.arange(low, size + 1, dtype=np.float64)
        log_choose = special.gammaln(size + 1) - special.gammaln(j + 1) - special.gammaln(size - j + 1)
        log_terms = log_choose + special.betaln(j + a, size - j + b) - special.betaln(a, b)
        found[place] = min(1.0, float(np.exp(special.logsumexp(log_terms))))
    return found


def _lower(members: int) -> int:
    """How many are left without the highest tenth, or without the highest where there are few."""
    return max(1, min(int(np.ceil(members * _KEPT)), members - 1))


def fellow_shares(k: IntArray, n: IntArray, cohort: IntArray, *, least_cells: int) -> tuple[FloatArray, FloatArray]:
    """What share each cell's fellows (同类格子) have, and on how many sheets that rests; too few alike: all cells.

    The fellows with the highest tenth of shares count at most a ninth more than the rest of them: one stuffed cell
    must not hide the next.
    """
    share, rest = np.empty(len(k)), np.empty(len(k))
    for place in range(len(k)):
        fellows = cohort == cohort[place]
        if fellows.sum() < least_cells:
            fellows = np.ones(len(k), dtype=np.bool_)
        fellows[place] = False
        sizes, of_kind = n[fellows], k[fellows]
        keep = np.argsort(of_kind / sizes)[: _lower(len(sizes))]
        trimmed = (of_kind[keep].sum() + 0.5) / (sizes[keep].sum() + 1.0)
        share[place] = max(trimmed, _KEPT * (of_kind.sum() + 0.5) / (sizes.sum() + 1.0))
        rest[place] = sizes.sum()
    return share, rest


def share_tails(
    k: IntArray, n: IntArray, cohort: IntArray, rule: RuleText
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The fellows' share, and the chances of as many or more, and of as few or fewer, in each cell (cells,)."""
    share, rest = fellow_shares(k, n, cohort, least_cells=rule.whole("least_cells"))
    z2 = (k - n * share) ** 2 / (n * share * (1 - share)) * rest / (rest + n)
    rho = correlation_of(z2, n.astype(np.float64), least=rule.chance("least_spread"))
    return share, share_tail(k, n, share, rho), share_tail(n - k, n, 1 - share, rho)


def chi_square_tail(value: FloatArray, df: int) -> FloatArray:
    """P(chi-square with ``df`` ≥ value)."""
    return np.asarray(special.gammaincc(df / 2, np.maximum(value, 0) / 2))


def correlation_of(statistics: FloatArray, sizes: FloatArray, *, least: float) -> float:
    """The intra-class correlation (组内相关) at which all but the highest tenth of the statistics are as chance has it.

    ``statistics`` (cells,) are squares of standard normals when people answer independently; with correlation r inside
    a cell they are ``1 + (n - 1) r`` times as large. ``least`` is the smallest correlation that is believed.
    """
    kept = _lower(len(statistics))
    bound = 2 * special.gammaincinv(0.5, kept / len(statistics)) if kept < len(statistics) else np.inf
    target = float(special.gammainc(1.5, bound / 2)) * len(statistics) / kept

    def lower_mean(rho: float) -> float:
        return float(np.partition(statistics / (1 + (sizes - 1) * rho), kept - 1)[:kept].mean())

    if lower_mean(least) <= target:
        return least
    low, high = least, _LARGEST_SPREAD
    for _ in range(_HALVINGS):
        rho = (low + high) / 2
        low, high = (rho, high) if lower_mean(rho) > target else (low, rho)
    return high


def spread_of(counts: FloatArray, expected: FloatArray, *, least: float) -> float:
    """Squared coefficient of variation beyond chance, by moments: Σ((x − e)² − e) / Σ e²."""
    whole = float((expected**2).sum())
    if whole <= 0:
        return least
    return max(least, float(((counts - expected) ** 2 - expected).sum()) / whole)


def benjamini_hochberg(p: FloatArray, rate: float) -> npt.NDArray[np.bool_]:
    """Which of the tests (m,) are rejected at false discovery rate ``rate`` (Benjamini-Hochberg 1995)."""
    order = np.argsort(p)
    good = p[order] <= rate * np.arange(1, len(p) + 1) / len(p)
    found = np.zeros(len(p), dtype=np.bool_)
    if good.any():
        found[order[: int(np.flatnonzero(good)[-1]) + 1]] = True
    return found
