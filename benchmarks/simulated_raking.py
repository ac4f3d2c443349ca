"""Which residuals announce the right error of raked samples: two stages, very unequal clusters, and no clusters.

A made frame of 6,200 people in 757 villages and towns, in one form of which a single town holds 9 % of all. 40 or 120
of the places are drawn, then 5 people in each, so that one person of the large town may weigh a hundred times as
much as one of a hamlet. The sample is raked to two margins; the errors announced with each choice of
`sampling.residuals` are compared with the spread of the estimates themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from benchmarks.simulated_city import FloatArray, IntArray
from benchmarks.verdicts import Line, below, inform, within
from sampling.calibration import Margin, rake
from sampling.estimators import means
from sampling.replicates import jackknife, raking_again
from sampling.residuals import ResidualRule
from sampling.selection import draw_stratified
from sampling.stages import Tree, draw_stages
from sampling.variance import SampleDesign

PEOPLE, PLACES, SCORES = 6_200, 757, 12
PER_PLACE = 5
LARGE = 0.09
"""Share of the people who live in the one large town."""
KINDS = (0.70, 0.17, 0.13)
SEED = 20_241_123
SALT = "raked sample"
SLACK = 0.05
"""How far the announced error may be off for linearisation from few clusters, besides chance."""
ENOUGH = 1_000
"""Draws from which on chance does not make the better choice look the worse."""
REPEATED = 10
"""Of so many draws one is raked again without each of its places: the jackknife is the slow check."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Everybody: place, kind of person, member or not, and scores; rows of a place lie together."""

    place: IntArray
    people: IntArray
    """(PLACES,) people of each place."""
    kind: IntArray
    member: IntArray
    scores: FloatArray
    """(N, SCORES); neighbours agree more and more from the first column to the last."""

    @property
    def tree(self) -> Tree:
        """Places and the row numbers of their people, as `draw_stages` wants them."""
        ends = np.cumsum(self.people)
        return {
            f"place {p:03}": [str(row) for row in range(end - size, end)]
            for p, (size, end) in enumerate(zip(self.people.tolist(), ends.tolist(), strict=True))
        }

    def margins(self, rows: IntArray) -> list[Margin]:
        """The two known distributions, and where the drawn rows stand in them."""
        return [
            Margin(name=name, category=column[rows], totals=dict(enumerate(np.bincount(column).tolist())))
            for name, column in (("kind", self.kind), ("member", self.member))
        ]


@dataclass(frozen=True, eq=False)
class Drawn:
    """One sample before raking."""

    rows: IntArray
    design: SampleDesign


@dataclass(frozen=True, eq=False)
class RakedRun:
    """D samples of one design."""

    used: ResidualRule
    """The choice that the library makes by itself."""
    errors: FloatArray
    """(D, U) estimate less truth."""
    announced: Mapping[ResidualRule, FloatArray]
    """(D, U) standard errors by choice."""
    covered: Mapping[ResidualRule, float]
    """Share of the 95 % intervals that hold the truth."""
    repeated: FloatArray
    """(D', U) standard errors of the jackknife, for some of the samples."""

    def ratio(self, announced: FloatArray) -> float:
        """Announced error (root mean square) over observed, mean over the scores."""
        return float((np.sqrt((announced**2).mean(axis=0)) / self.errors.std(axis=0, ddof=1)).mean())


def build_frame(*, large: float) -> Frame:
    """Make the frame; `large` is the share of the largest town, 0 for places of ordinary sizes."""
    chance = np.random.default_rng(SEED)
    sizes = chance.lognormal(1.2, 1.1, PLACES)
    people = np.maximum(np.rint(sizes * PEOPLE * (1 - large) / sizes.sum()), 1).astype(np.int64)
    leaning = 1 / (1 + np.exp(-chance.normal(1.2, 1.0, PLACES)))
    local = chance.normal(0, 1, (PLACES, SCORES))
    if large:
        # The large town is one deviation away in every score, half for the better and half for the worse.
        people[0], leaning[0], local[0] = round(PEOPLE * large), 0.5, np.tile([1.0, -1.0], SCORES // 2)
    place = np.repeat(np.arange(PLACES), people)
    kind = chance.choice(len(KINDS), len(place), p=KINDS)
    member = (chance.random(len(place)) < leaning[place]).astype(np.int64)
    together = np.linspace(0.05, 0.5, SCORES)
    own = chance.normal(0, 1, (len(place), SCORES))
    by_kind = np.array([0.0, -4.0, -8.0])[kind][:, None] * np.linspace(0, 1.5, SCORES)
    by_member = 6.0 * member[:, None] * np.linspace(1.5, 0, SCORES)
    scores = 70 + 10 * (np.sqrt(together) * local[place] + np.sqrt(1 - together) * own) + by_kind + by_member
    return Frame(place, people, kind.astype(np.int64), member, scores)


def two_stages(frame: Frame, tree: Tree, *, places: int, seed: int) -> Drawn:
    """Places, then people, by the public draw; the errors count both stages and both finite populations."""
    chosen = draw_stages(tree, takes=[places, PER_PLACE], seed=str(seed), salt=SALT)
    rows = np.array([int(one.path[-1]) for one in chosen])
    own = frame.place[rows]
    weights = [float(1 / one.probability) for one in chosen]
    design = SampleDesign.of(weights=weights, psu=own, population={0: PLACES}, psu_size=frame.people[own])
    return Drawn(rows, design)


def stratified(frame: Frame, *, seed: int) -> Drawn:
    """People alone, 100 of the largest kind and 50 of each other; so they weigh unequally."""
    names = [str(kind) for kind in frame.kind.tolist()]
    ids = [str(row) for row in range(len(names))]
    draw = draw_stratified(ids, names, sizes={"0": 100, "1": 50, "2": 50}, seed=str(seed), salt=SALT)
    rows = np.concatenate([part.main for part in draw.strata]).astype(np.int64)
    exist = {int(part.stratum): part.population for part in draw.strata}
    weights = np.concatenate([np.full(len(part.main), part.population / len(part.main)) for part in draw.strata])
    return Drawn(rows, SampleDesign.of(weights=weights, strata=frame.kind[rows], population=exist))


def run_raked(frame: Frame, *, draws: int, places: int | None) -> RakedRun:
    """Draw and rake with the seeds 1 to `draws`; `places` None: no clusters."""
    tree = frame.tree
    truth = frame.scores.mean(axis=0)
    rules: tuple[ResidualRule, ...] = get_args(ResidualRule)
    announced: dict[ResidualRule, list[FloatArray]] = {rule: [] for rule in rules}
    covered: dict[ResidualRule, list[float]] = {rule: [] for rule in rules}
    errors, repeated, used = [], [], set()
    for seed in range(1, draws + 1):
        drawn = stratified(frame, seed=seed) if places is None else two_stages(frame, tree, places=places, seed=seed)
        for design, by_default in _raked(frame, drawn):
            said = means(frame.scores[drawn.rows], design)
            announced[design.residual_rule].append(said.se)
            covered[design.residual_rule].append(float(np.mean((said.ci_low <= truth) & (truth <= said.ci_high))))
            if by_default:
                used.add(design.residual_rule)
                errors.append(said.value - truth)
        if places is not None and seed % REPEATED == 1:
            repeated.append(_repeated(frame, drawn))
    (rule,) = used
    return RakedRun(
        used=rule,
        errors=np.array(errors),
        announced={name: np.array(rows) for name, rows in announced.items()},
        covered={name: float(np.mean(shares)) for name, shares in covered.items()},
        repeated=np.array(repeated),
    )


def _raked(frame: Frame, drawn: Drawn) -> Iterator[tuple[SampleDesign, bool]]:
    """The raked design as the library makes it by itself, and with each other choice."""
    calibration = rake(drawn.design.weights, frame.margins(drawn.rows))
    design = drawn.design
    default = SampleDesign.of(
        calibration=calibration,
        strata=design.labels[design.stratum],
        psu=design.psu,
        population=design.population,
        psu_size=None if design.psu is None else frame.people[frame.place[drawn.rows]],
    )
    yield default, True
    for rule in get_args(ResidualRule):
        if rule != default.residual_rule:
            yield replace(default, residual_rule=rule), False


def _repeated(frame: Frame, drawn: Drawn) -> FloatArray:
    """Standard errors of the jackknife that rakes again without each place."""
    scores = frame.scores[drawn.rows]

    def statistic(weights: FloatArray) -> FloatArray:
        return np.asarray(weights @ scores / weights.sum(axis=1, keepdims=True))

    once = replace(drawn.design, psu_size=None)
    return jackknife(statistic, once, reweight=raking_again(frame.margins(drawn.rows))).se


def raked_lines(draws: int) -> Iterator[Line]:
    """Every design with every choice."""
    uneven, even = build_frame(large=LARGE), build_frame(large=0)
    for title, frame, places in (
        (f"40 of {PLACES} places, one with 9 % of all", uneven, 40),
        (f"120 of {PLACES} places, one with 9 % of all", uneven, 120),
        (f"40 of {PLACES} places of ordinary sizes", even, 40),
        ("200 people in three strata, no clusters", uneven, None),
    ):
        yield from choice_lines(title, run_raked(frame, draws=draws, places=places), clustered=places is not None)


def choice_lines(title: str, run: RakedRun, *, clustered: bool) -> list[Line]:
    """The used choice must announce the observed error, and come nearer to it than another where clusters are."""
    # The error of an observed standard deviation is 1/sqrt(2D), the same for both choices.
    chance = 3 / np.sqrt(2 * len(run.errors))
    ratio = {rule: run.ratio(said) for rule, said in run.announced.items()}
    own = ratio.pop(run.used)
    lines = [within(f"{title}: {run.used}", own, 1 - SLACK - chance, 1 + SLACK + chance, form=".3f")]
    for rule, other in ratio.items():
        lines.append(inform(f"  {rule} instead", f"{other:.3f}"))
        if clustered:
            away = abs(other - 1) + (chance if len(run.errors) < ENOUGH else 0)
            lines.append(below("  distance of the used choice from 1, at most that of the other", abs(own - 1), away))
        shares = f"{run.covered[run.used]:.1%}; {run.covered[rule]:.1%}"
        lines.append(inform("  95 % intervals cover, used choice; the other", shares))
    if len(run.repeated):
        again = f"{run.ratio(run.repeated):.3f}"
        lines.append(inform(f"  jackknife that rakes again, {len(run.repeated)} of the samples", again))
    return lines
