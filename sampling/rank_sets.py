"""Which places the data allow: confidence sets for ranks (名次置信集).

Rank of unit j: 1 + number of units with a truly higher score. A set of places is built from differences that are
surely not 0: L_j = 1 + #{k surely better}, U_j = p - #{k surely worse}. "Surely" holds for all pairs together, with a
critical value from the bootstrap distribution of the largest studentised difference and Romano-Wolf stepdown:
Mogstad, Romano, Shaikh & Wilhelm, Review of Economic Studies 2023, doi 10.1093/restud/rdad006. The deterministic
check: Klein, Wright & Wieczorek, JRSS C 2020, doi 10.1111/rssc.12402.

All ordered pairs (j, k) are hypotheses "score_j <= score_k". Chance comes from `sampling.chance`: the
same estimates and seed give the same sets on any machine.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from scipy import special

from sampling.arrays import BoolArray, FloatArray, IntArray
from sampling.chance import normals, uniforms
from sampling.errors import BadCovariance, BadProportion, BadValue, ShapeMismatch
from sampling.ranks import nine_places

Draws = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class RankSets:
    """Sets of places of p units that hold together with the stated confidence; arrays (p,)."""

    lowest: IntArray
    """L: the best place the data allow, 1 = first."""
    highest: IntArray
    """U: the worst place the data allow."""
    level: float
    method: str

    def __post_init__(self) -> None:
        """Make the arrays read-only, as the class is."""
        self.lowest.setflags(write=False)
        self.highest.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class TailSet:
    """Who may be, and who surely is, among the first or last k; two statements, each with the confidence."""

    k: int
    possible: BoolArray
    """(p,) not excluded: the true first (last) k are all among these."""
    certain: BoolArray
    """(p,) surely among them: only these may be named without reserve."""
    level: float


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pairs:
    """Studentised differences t[j, k] = (score_j - score_k)/sd and the bootstrap's values of the scores."""

    t: FloatArray
    per_sd: FloatArray
    """1/sd of each difference; 0 where the difference is known without error."""
    chance: Draws
    """(p, B) bootstrap errors of the scores."""
    level: float

    def row_maxima(self, j: int, against: BoolArray) -> FloatArray:
        """Largest bootstrap statistic of (j, k) over the pairs of `against`, (B,); -inf without pairs."""
        if not against.any():
            return np.full(self.chance.shape[1], -np.inf)
        differences = self.chance[j] - self.chance[against]
        differences *= self.per_sd[j, against][:, None]
        largest: FloatArray = differences.max(axis=0)
        return largest


def rank_sets(
    score: npt.ArrayLike,
    covariance: npt.ArrayLike,
    *,
    seed: str,
    level: float = 0.95,
    draws: int = 1000,
    df: float | None = None,
) -> RankSets:
    """Simultaneous sets of places for all p units, the highest score first.

    `score` (p,) finite; `covariance` (p, p) of the scores (independent units: diagonal); `df` degrees of freedom
    of the covariance: the bootstrap is then Student's t instead of normal. P(every true rank lies in its set) >=
    level for large samples. Raises ShapeMismatch, BadValue, BadCovariance, BadProportion.
    """
    pairs = _prepare(score, covariance, seed=seed, level=level, draws=draws, df=df)
    sure = _stepdown(pairs)
    p = len(pairs.t)
    return RankSets(
        lowest=1 + sure.sum(axis=0).astype(np.int64),
        highest=p - sure.sum(axis=1).astype(np.int64),
        level=level,
        method="Mogstad-Romano-Shaikh-Wilhelm, stepdown",
    )


def last_set(
    score: npt.ArrayLike,
    covariance: npt.ArrayLike,
    *,
    k: int,
    seed: str,
    level: float = 0.95,
    draws: int = 1000,
    df: float | None = None,
) -> TailSet:
    """Who may be among the last k (倒数 k 名), a one-sided question with its own, smaller sets.

    "Among the last k" means: fewer than k units are truly worse. A unit is excluded when k units are surely worse
    than it. Wrong exclusion needs one false claim (j, m) with j truly among the last k, so the pairs of units
    already excluded leave the family and the critical value falls (Romano-Wolf stepdown). `certain` turns
    the question round: p - k units are surely better. Arguments and errors as `rank_sets`; 1 <= k < p.
    """
    pairs = _prepare(score, covariance, seed=seed, level=level, draws=draws, df=df)
    p = len(pairs.t)
    if not 1 <= k < p:
        raise BadProportion(f"the last {k} of {p} units is no question: 1 <= k < {p} is needed")
    excluded = _stepdown_units(pairs, needed=k)
    # Turned round (scores negated): who is surely not among the first p - k.
    turned = _Pairs(t=-pairs.t, per_sd=pairs.per_sd, chance=-pairs.chance, level=level)
    named = _stepdown_units(turned, needed=p - k)
    return TailSet(k=k, possible=~excluded, certain=named, level=level)


def first_set(
    score: npt.ArrayLike,
    covariance: npt.ArrayLike,
    *,
    k: int,
    seed: str,
    level: float = 0.95,
    draws: int = 1000,
    df: float | None = None,
) -> TailSet:
    """Who may be among the first k (前 k 名): `last_set` of the negated scores."""
    negated = -np.asarray(score, dtype=np.float64)
    return last_set(negated, covariance, k=k, seed=seed, level=level, draws=draws, df=df)


def interval_rank_sets(score: npt.ArrayLike, se: npt.ArrayLike, *, level: float = 0.95) -> RankSets:
    """Sets of places from joint intervals, without any chance: wider, easy to recompute by hand.

    Each score gets an interval at 1 - (1 - level^(1/p)) (Šidák; valid also for correlated normal estimates);
    another unit is surely better when its interval lies wholly above. (Klein, Wright & Wieczorek 2020.)
    """
    centre, error = np.asarray(score, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if centre.ndim != 1 or error.shape != centre.shape:
        raise ShapeMismatch(f"score {centre.shape} and se {error.shape} must be vectors of one length")
    if not (np.isfinite(centre).all() and np.isfinite(error).all() and np.all(error >= 0)):
        raise BadValue("a score or error is missing, infinite or negative: leave units without a score out")
    _check_level(level)
    p = len(centre)
    half = float(special.ndtri((1 + level ** (1 / p)) / 2)) * error
    better = (centre - half)[:, None] > (centre + half)[None, :]
    return RankSets(
        lowest=1 + better.sum(axis=0).astype(np.int64),
        highest=p - better.sum(axis=1).astype(np.int64),
        level=level,
        method="Klein-Wright-Wieczorek, joint intervals",
    )


def pair_quantile(units: int, *, level: float = 0.95) -> Decimal:
    """z so that all ordered pairs of units are judged together with the stated confidence (Bonferroni), 9 places.

    p(p - 1) one-sided statements "j is better than k" at (1 - level)/(p(p - 1)) each; 0 for fewer than two units.
    With |S_j - S_k| > z·(se_j + se_k) as the test, nothing is assumed of the covariance between units:
    the standard deviation of a difference is never more than the sum of both. Raises BadProportion.
    """
    _check_level(level)
    pairs = units * (units - 1)
    return nine_places(float(-special.ndtri((1 - level) / pairs))) if pairs > 0 else Decimal(0)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise BadProportion(f"the confidence level {level} lies outside 0..1")


def _prepare(
    score: npt.ArrayLike, covariance: npt.ArrayLike, *, seed: str, level: float, draws: int, df: float | None
) -> _Pairs:
    centre, spread = np.asarray(score, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    p = centre.size
    if centre.ndim != 1 or p < 2 or spread.shape != (p, p):
        raise ShapeMismatch(f"score {centre.shape} and covariance {spread.shape} do not fit, or are of one unit")
    if not np.isfinite(centre).all():
        raise BadValue("a score is missing or infinite: leave units without a score out of the ranking")
    size = np.abs(spread).max()
    if not np.isfinite(size) or np.abs(spread - spread.T).max() > 1e-9 * max(size, 1e-300):
        raise BadCovariance("the covariance is not symmetric, or holds something that is not a number")
    _check_level(level)
    if draws < 1 / (1 - level):
        raise BadProportion(f"{draws} bootstrap draws cannot show the level {level}")
    variance = spread.diagonal()[:, None] + spread.diagonal()[None, :] - 2 * spread
    sd = np.sqrt(np.where(variance > 1e-12 * max(size, 1e-300), variance, 0.0))
    per_sd = np.divide(1.0, sd, out=np.zeros_like(sd), where=sd > 0)
    difference = centre[:, None] - centre[None, :]
    exact = np.where(difference > 0, np.inf, -np.inf)
    return _Pairs(
        t=np.where(sd > 0, difference * per_sd, exact),
        per_sd=per_sd,
        chance=_chance(spread, seed=seed, draws=draws, df=df),
        level=level,
    )


def _chance(spread: FloatArray, *, seed: str, draws: int, df: float | None) -> Draws:
    """Normal (or t) errors with the given covariance, (p, B); by the symmetric root, which is unique."""
    values, vectors = np.linalg.eigh(spread)
    if values.min() < -1e-8 * max(float(values.max()), 0.0):
        raise BadCovariance("the covariance has a negative eigenvalue: it is no covariance")
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    errors: Draws = root @ normals(seed, "rank sets: normal", part=0, shape=(draws, len(spread))).T
    if df is not None:
        u = uniforms(seed, "rank sets: chi square", part=0, shape=(draws,))
        errors /= np.sqrt(2 * special.gammaincinv(df / 2, u) / df)
    return errors


def _critical(maxima: FloatArray, level: float) -> float:
    """The smallest value that at least the share `level` of the bootstrap maxima does not exceed."""
    return float(np.quantile(maxima.max(axis=0), level, method="inverted_cdf"))


def _stepdown(pairs: _Pairs) -> BoolArray:
    """Which differences are surely positive, (p, p): [j, k] = j surely better than k."""
    p = len(pairs.t)
    open_pairs = ~np.eye(p, dtype=np.bool_)
    sure = open_pairs & np.isposinf(pairs.t)
    open_pairs &= np.isfinite(pairs.t)
    maxima = np.stack([pairs.row_maxima(j, open_pairs[j]) for j in range(p)])
    while open_pairs.any():
        fresh = open_pairs & (pairs.t > _critical(maxima, pairs.level))
        if not fresh.any():
            break
        sure |= fresh
        open_pairs &= ~fresh
        for j in np.flatnonzero(fresh.any(axis=1)):
            maxima[j] = pairs.row_maxima(int(j), open_pairs[j])
    return sure


def _stepdown_units(pairs: _Pairs, *, needed: int) -> BoolArray:
    """Units with at least `needed` others surely worse, (p,); excluded units leave the family with their pairs."""
    p = len(pairs.t)
    open_pairs = ~np.eye(p, dtype=np.bool_)
    sure = open_pairs & np.isposinf(pairs.t)
    open_pairs &= np.isfinite(pairs.t)
    excluded: BoolArray = np.asarray(sure.sum(axis=1) >= needed, dtype=np.bool_)
    open_pairs[excluded] = False
    maxima = np.stack([pairs.row_maxima(j, open_pairs[j]) for j in range(p)])
    while open_pairs.any():
        fresh = open_pairs & (pairs.t > _critical(maxima, pairs.level))
        if not fresh.any():
            break
        sure |= fresh
        excluded = np.asarray(sure.sum(axis=1) >= needed, dtype=np.bool_)
        open_pairs &= ~(fresh | excluded[:, None])
        for j in np.flatnonzero(fresh.any(axis=1)):
            maxima[j] = pairs.row_maxima(int(j), open_pairs[j])
    return excluded
