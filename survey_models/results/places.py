"""Places (名次), the sets of places that the data allow, and who may be among the first or last: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.rank_sets import first_set, last_set, rank_sets
from sampling.ranks import competition_ranks, round_half_up
from survey_models.results.rules import Scores


@dataclass(frozen=True)
class Place:
    """A unit's place in its category and the best and worst place that the data allow (all units together)."""

    rank: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Border:
    """A question about a border: who may be, and who surely is, among the first or last ``k`` of a category."""

    category: str
    end: str
    k: int
    possible: tuple[str, ...]
    certain: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For the stored method."""
        return {
            "category": self.category,
            "end": self.end,
            "k": self.k,
            "possible": list(self.possible),
            "certain": list(self.certain),
        }


def places(scores: Scores, categories: Sequence[str], *, seed: str) -> list[Place]:
    """Places inside each category by the printed score (two decimals, half up), ties sharing the better place.

    The sets come from the unrounded scores and their covariance. ``seed`` is public: the blinded digest of the tally.
    """
    found = [Place(None, None, None)] * len(categories)
    for category, members in _by_category(scores, categories).items():
        printed = [round_half_up(score) for i in members if (score := scores.units[i].score) is not None]
        lows, highs = _sets(scores, members, seed=f"{seed}/{category}")
        for place, rank, low, high in zip(members, competition_ranks(printed), lows, highs, strict=True):
            # A place by printed scores may lie outside its set when two scores print alike.
            found[place] = Place(
                rank, None if low is None else min(low, rank), None if high is None else max(high, rank)
            )
    return found


def borders(
    scores: Scores, categories: Sequence[str], *, asked: Mapping[str, Mapping[str, int]], seed: str
) -> list[Border]:
    """Answer the border questions of a campaign: ``asked[category]`` holds ``first`` and ``last`` with their k."""
    answers: list[Border] = []
    for category, members in _by_category(scores, categories).items():
        for end, k in sorted(asked.get(category, {}).items()):
            if not 1 <= k < len(members) or not _errors_known(scores, members):
                continue
            question = first_set if end == "first" else last_set
            tail = question(
                *_figures(scores, members),
                k=k,
                seed=f"{seed}/{category}/{end}",
                level=scores.estimates.level,
                df=_df(scores, members),
            )
            possible, certain = (
                tuple(scores.units[i].unit for i, named in zip(members, flags.tolist(), strict=True) if named)
                for flags in (tail.possible, tail.certain)
            )
            answers.append(Border(category, end, k, possible, certain))
    return answers


def _by_category(scores: Scores, categories: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, category in enumerate(categories):
        if scores.units[place].score is not None:
            found.setdefault(category, []).append(place)
    return found


def _errors_known(scores: Scores, members: Sequence[int]) -> bool:
    return scores.estimates.covariance is not None and bool(np.isfinite(scores.estimates.se[list(members)]).all())


def _figures(scores: Scores, members: Sequence[int]) -> tuple[Any, Any]:
    covariance = scores.estimates.covariance
    chosen = list(members)
    return scores.estimates.score[chosen], None if covariance is None else covariance[np.ix_(chosen, chosen)]


def _df(scores: Scores, members: Sequence[int]) -> float:
    return float(scores.estimates.df[list(members)].min())


def _sets(scores: Scores, members: Sequence[int], *, seed: str) -> tuple[list[int | None], list[int | None]]:
    if len(members) < 2 or not _errors_known(scores, members):
        nothing: list[int | None] = [None] * len(members)
        return nothing, list(nothing)
    sets = rank_sets(*_figures(scores, members), seed=seed, level=scores.estimates.level, df=_df(scores, members))
    return list(sets.lowest.tolist()), list(sets.highest.tolist())
