"""Lines of value, limit and ratio, and how far chance alone may carry a simulated figure (蒙特卡洛误差).

A ratio is the distance from where the figure should be over the distance allowed: up to 1 is good. Families of
figures (80 units, 12 strata) share one limit, so that chance alone breaks it for any of them in `FAMILY` of all runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]

FAMILY = 0.01
LEVEL = 0.95


@dataclass(frozen=True)
class Line:
    """One printed figure."""

    name: str
    value: str
    limit: str
    ratio: float
    """nan: a figure to know, without a limit."""

    @property
    def good(self) -> bool:
        """Within its limit, or without one."""
        return bool(np.isnan(self.ratio)) or self.ratio <= 1

    def __str__(self) -> str:
        """One line of the table."""
        ratio = "" if np.isnan(self.ratio) else f"{self.ratio:.2f}"
        return f"{self.name:<74}{self.value:>16}{self.limit:>16}{ratio:>8}{'' if self.good else '  MISSED'}"


def heading(title: str) -> str:
    """Title and names of the columns."""
    return f"\n{title:<74}{'value':>16}{'limit':>16}{'ratio':>8}"


def inform(name: str, value: str) -> Line:
    """A figure without a limit."""
    return Line(name, value, "", float("nan"))


def none_of(name: str, found: int) -> Line:
    """Something that must never happen, counted."""
    return Line(name, str(found), "0", float(found > 0) * 2)


def below(name: str, value: float, limit: float, *, form: str = ".3g") -> Line:
    """At most `limit`."""
    return Line(name, f"{value:{form}}", f"≤ {limit:{form}}", value / limit)


def within(name: str, value: float, low: float, high: float, *, form: str = ".2%") -> Line:
    """Between two limits; the ratio is the distance from their middle."""
    half = (high - low) / 2
    return Line(name, f"{value:{form}}", f"{low:{form}}–{high:{form}}", abs(value - (low + high) / 2) / half)


def at_least(name: str, share: float, limit: float) -> Line:
    """A share of at least `limit`; the ratio is that of the failures."""
    return Line(name, f"{share:.2%}", f"≥ {limit:.2%}", (1 - share) / (1 - limit))


def family_z(members: int, *, df: float = np.inf) -> float:
    """The bound that the largest of `members` |z| (or |t| with `df`) exceeds with probability FAMILY (Šidák)."""
    tail = (1 - (1 - FAMILY) ** (1 / members)) / 2
    return float(special.ndtri(1 - tail) if np.isinf(df) else special.stdtrit(df, 1 - tail))


def t_values(errors: FloatArray) -> FloatArray:
    """Mean of each column over its Monte-Carlo error; `errors` (D, ...)."""
    spread = errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    return np.asarray(errors.mean(axis=0) / spread)


def binomial_bounds(draws: int, *, members: int) -> tuple[float, float]:
    """Shares that chance alone leaves with probability FAMILY when each of `members` covers with LEVEL."""
    tail = (1 - (1 - FAMILY) ** (1 / members)) / 2
    cumulated = special.bdtr(np.arange(draws + 1), draws, LEVEL)
    low = int(np.searchsorted(cumulated, tail))
    high = int(np.searchsorted(cumulated, 1 - tail))
    return low / draws, high / draws


def frequency_z(times: npt.ArrayLike, chances: npt.ArrayLike, *, draws: int, slack: float = 0.0) -> FloatArray:
    """|z| of the number of draws in which each entry was, given its probability; entries with 0 < pi < 1 only.

    From the smaller binomial tail, so that it also holds for few draws of rare entries. `slack`: how far the
    probability itself may be off; the nearest one is taken.
    """
    pi = np.asarray(chances, dtype=np.float64)
    free = (pi > 0) & (pi < 1)
    often = np.asarray(times, dtype=np.float64)[free]
    nearest = np.clip(often / draws, pi[free] - slack, pi[free] + slack)
    tail = np.minimum(special.betaincc(often + 1, draws - often, nearest), _at_least(often, draws, nearest))
    return np.asarray(np.maximum(-special.ndtri(tail), 0.0))


def _at_least(often: FloatArray, draws: int, pi: FloatArray) -> FloatArray:
    """P(count >= often), 1 where often is 0."""
    some = np.maximum(often, 1)
    return np.where(often > 0, special.betainc(some, draws - some + 1, pi), 1.0)


def chi_square_z(times: npt.NDArray[np.int64], pi: float, *, draws: int) -> tuple[float, float]:
    """Chi-square of inclusion frequencies in D simple random samples of n from N entries, and its z.

    X = (N-1)/N · sum (c - D·pi)²/(D·pi·(1-pi)). The sum of c² counts what the draws have in common two by two; those
    numbers are hypergeometric and uncorrelated, so X has exactly the mean N - 1 and the variance 2(N-1)(1 - 1/D).
    """
    size, spread = len(times), draws * pi * (1 - pi)
    value = (size - 1) / size * float(((times - draws * pi) ** 2).sum()) / spread
    return value, (value - (size - 1)) / float(np.sqrt(2 * (size - 1) * (1 - 1 / draws)))
