"""Pure decisions of the gate (质量关口): issued = returned + refused + open, and what stands in the way of signing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey_models.core.errors import Problem
from survey_models.gate.tables import Cell

# What a contractor reports of sheets that do not come back filled in: 拒访, 未联系上, 不合格, 中途退出, 遗失污损.
RESULTS = ("refused", "no_contact", "ineligible", "broken_off", "lost")


@dataclass(frozen=True)
class Sums:
    """The account of a lot. ``refused``: everything reported that does not come back filled in."""

    issued: int
    returned: int
    refused: int

    @property
    def open(self) -> int:
        """Still out (未了); below zero where more came back or was reported than was handed out."""
        return self.issued - self.returned - self.refused


def check_sums(no: int, sums: Sums) -> None:
    """Raise ``gate_more_returned`` or ``gate_more_accounted``: a lot never gives more than was put into it."""
    if sums.returned > sums.issued:
        raise Problem("gate_more_returned", lot=no, issued=sums.issued, returned=sums.returned)
    if sums.open < 0:
        raise Problem("gate_more_accounted", lot=no, issued=sums.issued, returned=sums.returned, refused=sums.refused)


def checked_results(results: Mapping[str, int]) -> dict[str, int]:
    """Counts by result, every one of them named. Raises ``request_malformed``."""
    if unknown := set(results) - set(RESULTS):
        raise Problem("request_malformed", where=f"results.{min(unknown)[:40]}")
    if any(number < 0 for number in results.values()):
        raise Problem("request_malformed", where="results")
    return {name: int(results.get(name, 0)) for name in RESULTS}


def covering(cell: Cell, lots: Mapping[Cell, int]) -> int | None:
    """The lot that a cell's lines belong to: that of its point, else that of its stratum; None: nothing was issued."""
    return lots.get(cell, lots.get((cell[0], 0)))


def returned_of(cells: Iterable[tuple[Cell, int]], lots: Mapping[Cell, int]) -> tuple[dict[int, int], list[Cell]]:
    """Lines by lot, and the cells for which nothing was handed out."""
    found: dict[int, int] = {}
    strange: list[Cell] = []
    for cell, number in cells:
        no = covering(cell, lots)
        if no is None:
            strange.append(cell)
        else:
            found[no] = found.get(no, 0) + number
    return found, strange


def overlapping(first: int, last: int, ranges: Sequence[tuple[int, int]]) -> bool:
    """Whether a range of serial numbers meets one of the others."""
    return any(first <= end and begin <= last for begin, end in ranges)


def take(lines: int, per_cent: int) -> int:
    """How many of a stratum's lines are checked back: the share rounded up, at least one."""
    return max(1, -(-lines * per_cent // 100))
