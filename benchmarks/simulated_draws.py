"""Draw from the made city again and again by the public functions, and keep what each draw claimed.

One hashing of the frame serves two designs: the keys do not know how many are taken, and a longer draw keeps its
beginning, so the lots of both designs are beginnings of one list with reserve. Every `AUDIT`-th seed is drawn once more
by itself to see that this is so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchmarks.simulated_city import SCALE, City, Codes, FloatArray, IntArray, build_city, count_options
from sampling.estimates import DomainEstimates
from sampling.estimation import domain_estimates
from sampling.rank_sets import RankSets, interval_rank_sets, last_set, rank_sets
from sampling.selection import StratifiedDraw, draw_stratified
from sampling.stratified import stratified_mean
from sampling.tallies import estimates_from_counts

BoolArray = npt.NDArray[np.bool_]

SALT = "simulated city"
LAST = 2
AUDIT = 50


@dataclass(frozen=True, eq=False)
class Places:
    """Whether the statements of one draw about places are true, and how wide the sets are."""

    all_ranks: bool
    """Every unit's true place lies in its set."""
    by_intervals: bool
    """The same for the sets from joint intervals."""
    last_kept: bool
    """The truly last are all among those that may be."""
    last_true: bool
    """Nobody is called surely last who is not."""
    width: float
    """Mean number of places in a set."""
    named: int
    """Units called surely among the last."""


@dataclass(frozen=True, eq=False)
class Claim:
    """What one draw says about U units: score, standard error and interval, (U,) each."""

    score: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, estimates: DomainEstimates) -> Claim:
        """Keep four columns of the estimates."""
        return cls(estimates.score, estimates.se, estimates.ci_low, estimates.ci_high)


@dataclass(frozen=True, eq=False)
class Outcome:
    """One draw of one design."""

    domain: Claim
    stratified: Claim
    plain: FloatArray
    """(U,) plain mean of the sheets: the control, wrong where sampling fractions differ."""
    places: Places | None
    """Statements about the true places."""
    equal: Places | None
    """The same with the draw's errors on units made equal, the hardest case: then no place may be excluded."""
    neighbours: int
    """Pairs of neighbours in the frame (persons 2j and 2j+1 of one stratum) that were both drawn."""
    overlap: int | None
    """Persons that the draw before had as well."""
    door_gap: float
    """Largest difference between scores and errors from ballots and from counts."""
    alone: bool | None
    """Drawn by itself, the design has the same lots in the same order."""


@dataclass(frozen=True, eq=False)
class DesignRun:
    """Many draws of one design."""

    sizes: IntArray
    """(H,) sheets by stratum."""
    included: IntArray
    """(N,) how often each person was drawn."""
    outcomes: list[Outcome]

    def column(self, read: Callable[[Outcome], npt.ArrayLike | None]) -> npt.NDArray[np.float64]:
        """One figure of every draw that has it, stacked."""
        found = [value for outcome in self.outcomes if (value := read(outcome)) is not None]
        return np.array(found, dtype=np.float64)

    def claims(self, estimator: Literal["domain", "stratified"]) -> Claim:
        """What all draws say with one estimator; (D, U) each."""
        said: list[Claim] = [getattr(outcome, estimator) for outcome in self.outcomes]
        return Claim(*(np.stack([getattr(one, field.name) for one in said]) for field in fields(Claim)))

    def joined(self, other: DesignRun) -> DesignRun:
        """These draws and those of other seeds."""
        return DesignRun(self.sizes, self.included + other.included, self.outcomes + other.outcomes)


def run_designs(people: int, seeds: Sequence[int], *, ranked: int) -> dict[str, DesignRun]:
    """Draw once for each of the successive `seeds`; rank sets for seed numbers up to `ranked`."""
    city = build_city(people)
    designs = {"proportional": city.proportional(), "unequal": city.unequal()}
    runs = {name: DesignRun(sizes, np.zeros(len(city.ids), dtype=np.int64), []) for name, sizes in designs.items()}
    before: dict[str, BoolArray] = {}
    for seed in seeds:
        lots = _lots(city, np.max(list(designs.values()), axis=0), seed=seed)
        for name, run in runs.items():
            drawn = [own[:n] for own, n in zip(lots, run.sizes.tolist(), strict=True)]
            alone = _same_lots(drawn, _lots(city, run.sizes, seed=seed)) if seed % AUDIT == 1 else None
            member = np.zeros(len(city.ids), dtype=np.bool_)
            member[np.concatenate(drawn)] = True
            run.included[member] += 1
            overlap = int((member & before[name]).sum()) if name in before else None
            before[name] = member
            run.outcomes.append(
                _estimate(city, run.sizes, drawn, seed=seed, ranked=seed <= ranked, overlap=overlap, alone=alone)
            )
    return runs


def draw_city(city: City, sizes: IntArray, *, seed: int) -> StratifiedDraw:
    """One public draw of the city; the seed is the number as decimal digits."""
    wanted = dict(zip(city.names, sizes.tolist(), strict=True))
    return draw_stratified(city.ids, city.strata, sizes=wanted, seed=str(seed), salt=SALT)


def _lots(city: City, sizes: IntArray, *, seed: int) -> list[IntArray]:
    return [np.asarray(part.main, dtype=np.int64) for part in draw_city(city, sizes, seed=seed).strata]


def _same_lots(one: Sequence[IntArray], other: Sequence[IntArray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _estimate(
    city: City,
    sizes: IntArray,
    drawn: Sequence[IntArray],
    *,
    seed: int,
    ranked: bool,
    overlap: int | None,
    alone: bool | None,
) -> Outcome:
    """Everything that one sample says, from its ballots and again from its counts."""
    rows = np.concatenate(drawn)
    label = city.label[rows]
    codes: Codes = city.codes[rows]
    population = {h: int(size) for h, size in enumerate(city.population)}
    weight = city.population / sizes
    full = domain_estimates(
        codes, scale=SCALE, weights=weight[label], strata=label, population=population, covariance=True
    )
    counts = count_options(codes, label, strata=len(city.names))
    cells = np.arange(len(city.names))
    short = estimates_from_counts(
        counts, scale=SCALE, cell_stratum=cells, cell_weight=weight, sheets=sizes, population=population
    )
    layered = stratified_mean(counts, scale=SCALE, cell_stratum=cells, population=population, sheets=sizes)
    # Strata begin at even places of the frame, so persons 2j and 2j+1 are neighbours in one stratum.
    pairs = np.bincount(rows // 2)
    return Outcome(
        domain=Claim.of(full),
        stratified=Claim.of(layered),
        plain=full.unweighted_score,
        places=_places(city.score, full.score, full, seed=seed) if ranked else None,
        equal=_places(np.zeros_like(city.score), full.score - city.score, full, seed=seed) if ranked else None,
        neighbours=int((pairs == 2).sum()),
        overlap=overlap,
        door_gap=float(max(np.abs(full.score - short.score).max(), np.abs(full.se - short.se).max())),
        alone=alone,
    )


def _places(truth: FloatArray, score: FloatArray, estimates: DomainEstimates, *, seed: int) -> Places:
    """Compare the statements about places with the true places; equal units share the better place."""
    if estimates.covariance is None:
        raise SystemExit("rank sets need the covariance of the scores")
    true = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    last = (truth[None, :] < truth[:, None]).sum(axis=1) < LAST
    sets = rank_sets(score, estimates.covariance, seed=str(seed))
    tail = last_set(score, estimates.covariance, k=LAST, seed=str(seed))
    return Places(
        all_ranks=_covers(sets, true),
        by_intervals=_covers(interval_rank_sets(score, estimates.se), true),
        last_kept=bool(tail.possible[last].all()),
        last_true=not bool(tail.certain[~last].any()),
        width=float((sets.highest - sets.lowest + 1).mean()),
        named=int(tail.certain.sum()),
    )


def _covers(sets: RankSets, true: IntArray) -> bool:
    return bool(np.all((sets.lowest <= true) & (true <= sets.highest)))


def stretches(draws: int, parts: int) -> list[range]:
    """Seeds 1..draws in nearly equal stretches."""
    edges = np.linspace(1, draws + 1, min(parts, draws) + 1).astype(int).tolist()
    return [range(first, end) for first, end in pairwise(edges)]
