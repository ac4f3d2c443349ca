"""Published cells (公布单元): which of them are joined, so that nobody's sheet lies among too few. Pure.

A cell is a stratum, a test point where points are kept, and a channel. Before opening, cells with few tickets are
joined; at counting, before a sheet is opened, cells that came back with few sheets.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

# Fewer than this many sheets are never opened as a cell of their own while there is another to join.
SMALLEST = 10


class Cell(NamedTuple):
    """A cell; ``channel`` is empty before opening, when nobody knows yet how sheets will come."""

    stratum_no: int
    point_no: int
    channel: str = ""


class Kind(NamedTuple):
    """What a stratum shares with others: its area and its kind of people."""

    area: str
    kind: str


Moves = dict[Cell, Cell]


def joins(sizes: Mapping[Cell, tuple[int, ...]], *, smallest: int, strata: Mapping[int, Kind]) -> Moves:
    """Where each joined cell goes; cells that stay are not named.

    ``sizes``: numbers of each cell that must not be small: a cell is small when one of them is between 1 and
    ``smallest`` - 1. Small cells join inside their stratum first (another channel of the point, then another point).
    A stratum that is small as a whole goes whole to another of its area, then of its kind, then to any. What is still
    small when one cell is left stays: there is nobody else to lie among.
    """
    joining = _Joining(sizes, smallest, strata)
    for stratum in sorted({cell.stratum_no for cell in sizes}):
        joining.settle(stratum)
    # What is small now is the only cell of its stratum: the stratum goes whole.
    joining.settle(None)
    return {cell: into for cell, into in joining.head.items() if cell != into}


class _Joining:
    """Cells on their way together: those left with their numbers, and where each of the first ones is now."""

    def __init__(self, sizes: Mapping[Cell, tuple[int, ...]], smallest: int, strata: Mapping[int, Kind]) -> None:
        self._left = dict(sizes)
        self._smallest = smallest
        self._strata = strata
        self.head = {cell: cell for cell in sizes}

    def settle(self, stratum: int | None) -> None:
        """Join until no cell of the stratum (None: of any) is small, or one is left."""
        while len(inside := [cell for cell in self._left if stratum in {None, cell.stratum_no}]) > 1:
            small = [cell for cell in inside if any(0 < number < self._smallest for number in self._left[cell])]
            if not small:
                return
            cell = min(small, key=lambda one: (sum(self._left[one]), one))
            self._move(cell, min((other for other in inside if other != cell), key=partial(self._apart, cell)))

    def _move(self, cell: Cell, into: Cell) -> None:
        pairs = zip(self._left[into], self._left.pop(cell), strict=True)
        self._left[into] = tuple(one + other for one, other in pairs)
        self.head = {member: into if present == cell else present for member, present in self.head.items()}

    def _apart(self, cell: Cell, other: Cell) -> tuple[object, ...]:
        here, there = self._strata[cell.stratum_no], self._strata[other.stratum_no]
        apart = (here.area != there.area, here.kind != there.kind)
        return (*apart, cell.point_no != other.point_no, cell.channel != other.channel, sum(self._left[other]), other)


def joined_strata(*phases: Mapping[Cell, Cell]) -> dict[int, int]:
    """Strata that went whole into another, and where they are at the end; ``phases`` in the order of time."""
    found: dict[int, int] = {}
    for moves in phases:
        now = {cell.stratum_no: into.stratum_no for cell, into in moves.items() if cell.stratum_no != into.stratum_no}
        found = {**now, **{stratum: now.get(into, into) for stratum, into in found.items()}}
    return found


def published(cell: Cell, opening: Mapping[Cell, Cell], returned: Mapping[Cell, Cell]) -> Cell:
    """The published cell of a sheet that came by ``cell``."""
    before = Cell(cell.stratum_no, cell.point_no)
    stratum, point, _ = opening.get(before, before)
    found = Cell(stratum, point, cell.channel)
    return returned.get(found, found)
