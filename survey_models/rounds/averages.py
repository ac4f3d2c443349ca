"""Means of a category by line (同类平均): what stands beside a unit's own points on its scorecard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction

from survey_models.schemes.outcome import Line, Scorecard


def means(card: Scorecard, cards: Iterable[Scorecard], hidden: Collection[str] = ()) -> dict[str, Fraction]:
    """For each line of ``card`` the plain mean of the points of its category, the unit itself among them.

    Units count where the line can reach as much as here. A line in ``hidden`` (of any unit of the category) has no
    mean: beside the points of the others it would tell the one that is hidden.
    """
    own = {line.id: line for line in _lines(card, hidden) if line.value is not None}
    found: dict[str, list[Fraction]] = {name: [] for name in own}
    for other in cards:
        if other.unit.category != card.unit.category:
            continue
        for line in _lines(other, hidden):
            mine = own.get(line.id)
            if mine is not None and line.value is not None and line.most == mine.most:
                found[line.id].append(line.value)
    return {name: sum(values, Fraction(0)) / len(values) for name, values in found.items() if len(values) > 1}


def _lines(card: Scorecard, hidden: Collection[str]) -> Iterator[Line]:
    """Every line but the hidden ones and those below them, from which they would follow."""
    waiting = [card.root, *card.adjustments]
    while waiting:
        line = waiting.pop()
        if line.id not in hidden:
            yield line
            waiting += line.children
