"""Near-identical names (相近名称) told apart: what differs between two names is set off in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby

from survey_models.questionnaires.nearness import SHARED, shared_ends


@dataclass(frozen=True)
class Part:
    """A run of a name's characters; ``differs`` when it is what tells the name from its twin."""

    text: str
    differs: bool


def told_apart(names: Iterable[str]) -> Mapping[str, tuple[Part, ...]]:
    """Each name as parts.

    Two names are near when they begin and end alike (two characters or more at each end) and at most
    three characters between differ: 太平洋人寿保险 and 太平洋财产保险.
    """
    return _told_apart(tuple(names))


@lru_cache(maxsize=32)
def _told_apart(names: tuple[str, ...]) -> Mapping[str, tuple[Part, ...]]:
    """Every pair is compared: for 80 names some ten milliseconds, once for each questionnaire and language."""
    marks: dict[str, set[int]] = {name: set() for name in names}
    for left, right in combinations(marks, 2):
        ends = shared_ends(left, right)
        if ends is not None:
            marks[left] |= _difference(left, *ends)
            marks[right] |= _difference(right, *ends)
    return {name: _parts(name, marked) for name, marked in marks.items()}


def _difference(name: str, front: int, back: int) -> set[int]:
    between = set(range(front, len(name) - back))
    # The shorter of 中国人寿保险 and 中国人寿财产保险 has nothing between: the end of its beginning is set off.
    return between or set(range(front - SHARED, front))


def _parts(name: str, marked: set[int]) -> tuple[Part, ...]:
    runs = groupby(range(len(name)), key=lambda place: place in marked)
    return tuple(Part("".join(name[place] for place in places), differs) for differs, places in runs)
