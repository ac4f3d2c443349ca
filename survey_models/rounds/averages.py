"""Means of a category by line (同类平均): what stands beside a unit's own points, on the screen and in its letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from survey_models.schemes.outcome import Line, Scorecard
from survey_models.schemes.years import YEAR


def means(cards: Iterable[Scorecard]) -> dict[str, Fraction]:
    """The mean of each line over the units of one category that have it, as a share of what the line can reach.

    One line may reach more in one unit than in another (a survey without windows beside it); see ``mean_of``. What one
    unit alone has, has no mean. Whoever asks leaves out the units of which lines are hidden: beside the points of the
    others a mean would tell them.
    """
    heaps: dict[str, list[Fraction]] = {}
    for card in cards:
        for key, line in _by_id(card).items():
            if line.value is not None:
                heaps.setdefault(key, []).append(line.value / (line.most or 1))
    return {key: sum(heap, Fraction(0)) / len(heap) for key, heap in heaps.items() if len(heap) > 1}


def mean_of(line: Line, found: Mapping[str, Fraction]) -> Fraction:
    """The mean of the category in the points of this unit's own line."""
    return found[line.id] * (line.most or 1)


def beside(card: Scorecard, found: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The means of every line of a unit that has points, in the unit's own points."""
    own = _by_id(card)
    return {key: mean_of(line, found) for key, line in own.items() if key in found and line.value is not None}


def by_round(card: Scorecard) -> Scorecard:
    """A year's card with the id of each line behind its round's: a half is compared with that half of the others.

    The rounds of a year have the same lines; by their own ids one round's would stand for all of them.
    """
    if card.root.id != YEAR:
        return card
    rounds = (
        replace(one, children=tuple(_behind(line, one.id) for line in one.children)) for one in card.root.children
    )
    return replace(card, root=replace(card.root, children=tuple(rounds)))


def _behind(line: Line, round_id: str) -> Line:
    below = tuple(_behind(child, round_id) for child in line.children)
    return replace(line, id=f"{round_id}/{line.id}", children=below)


def _by_id(card: Scorecard) -> dict[str, Line]:
    """A unit's lines, the total among them; the first of an id counts."""
    found: dict[str, Line] = {}
    for top in (card.root, *card.adjustments):
        for line in _down(top):
            found.setdefault(line.id, line)
    return found


def _down(line: Line) -> Iterator[Line]:
    yield line
    for child in line.children:
        yield from _down(child)
