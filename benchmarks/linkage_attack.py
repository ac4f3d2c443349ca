"""The attacker (链接攻击): everything on the server but the office's key, and the question whose ballot is whose.

He is given more than he can find: in which order the sheets were cast, and which sealed sheet came with which ticket.
Each way of his names, for a ticket, the ballots that may be its own; he keeps those that all ways leave him.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Cell = tuple[int, int, str]
Numbers = npt.NDArray[np.float64]
_TOKEN = re.compile(r"[0-9A-Za-z-]{10,}")
_SHORTEST = 10


@dataclass(frozen=True)
class Ticket:
    """A spent ticket and what hangs on it. ``facts``: every stored value by column. ``orders``: its places."""

    name: str
    cell: Cell
    facts: Mapping[str, str] = field(repr=False)
    orders: Mapping[str, float] = field(repr=False)
    length: int | None = None


@dataclass(frozen=True)
class BoxBallot:
    """A ballot in clear, with its places. ``length``: of the sealed sheet that it would have come as."""

    name: str
    cell: Cell
    facts: Mapping[str, str] = field(repr=False)
    orders: Mapping[str, float] = field(repr=False)
    length: int | None = None


@dataclass(frozen=True)
class Evidence:
    """What he holds. ``together``: by way, what showed up at once (one transaction, one line, between two backups)."""

    tickets: Sequence[Ticket]
    ballots: Sequence[BoxBallot]
    together: Mapping[str, Sequence[tuple[set[str], set[str]]]]


@dataclass
class Findings:
    """What came out: links that are right, candidates, and how far any order follows any other."""

    tickets: int
    linked: int
    """Tickets with one candidate left, and the right one."""
    narrowed: int
    """Tickets with other candidates than all ballots of their cell."""
    fewest: int
    """Candidates of the ticket that has fewest."""
    smallest_cell: int
    by_way: dict[str, int]
    """How many tickets each way narrowed."""
    rho: float
    """The greatest rank correlation of an order of casting with an order of the box, without its sign."""
    rho_of: str
    guessed: float
    """Right links when the k-th of a cell is taken for the k-th, by the best pair of orders; chance gives 1 a cell."""


Candidates = dict[str, set[str]]


def attack(evidence: Evidence, truth: Mapping[str, str]) -> Findings:
    """Try every way. ``truth``: the ballot of each ticket, to judge by and not to search with."""
    cells = _by_cell(evidence.ballots)
    ways: dict[str, Callable[[], Candidates]] = {
        "same value": lambda: _same_value(evidence),
        "length": lambda: _same_length(evidence),
        **{name: _groups(evidence, groups) for name, groups in evidence.together.items()},
    }
    left = {ticket.name: set(cells[ticket.cell]) for ticket in evidence.tickets}
    by_way = {}
    for name, way in ways.items():
        found = way()
        by_way[name] = 0
        for ticket in evidence.tickets:
            fitting = found.get(ticket.name, set()) & cells[ticket.cell]
            # A way that names nobody, or everybody of the cell, says nothing.
            if fitting and fitting != cells[ticket.cell]:
                by_way[name] += 1
                left[ticket.name] &= fitting
    rho, rho_of, guessed = _orders(evidence, truth)
    return Findings(
        tickets=len(left),
        linked=sum(candidates == {truth[name]} for name, candidates in left.items()),
        narrowed=sum(left[ticket.name] != cells[ticket.cell] for ticket in evidence.tickets),
        fewest=min(len(candidates) for candidates in left.values()),
        smallest_cell=min(len(cells[ticket.cell]) for ticket in evidence.tickets),
        by_way=by_way,
        rho=rho,
        rho_of=rho_of,
        guessed=guessed,
    )


def _by_cell(ballots: Iterable[BoxBallot]) -> dict[Cell, set[str]]:
    cells: defaultdict[Cell, set[str]] = defaultdict(set)
    for ballot in ballots:
        cells[ballot.cell].add(ballot.name)
    return cells


def _same_value(evidence: Evidence) -> Candidates:
    """Every column of the ticket's side against every column of the box; the narrowest match inside the cell counts."""
    index: defaultdict[tuple[Cell, str, str], set[str]] = defaultdict(set)
    for ballot in evidence.ballots:
        for column, value in ballot.facts.items():
            index[ballot.cell, column, value].add(ballot.name)
    columns = sorted({column for ballot in evidence.ballots for column in ballot.facts})
    found: Candidates = {}
    for ticket in evidence.tickets:
        matches = [
            index[ticket.cell, column, value]
            for value in set(ticket.facts.values())
            for column in columns
            if (ticket.cell, column, value) in index
        ]
        if matches:
            found[ticket.name] = min(matches, key=len)
    return found


def _same_length(evidence: Evidence) -> Candidates:
    lengths: defaultdict[int | None, set[str]] = defaultdict(set)
    for ballot in evidence.ballots:
        lengths[ballot.length].add(ballot.name)
    return {ticket.name: lengths[ticket.length] for ticket in evidence.tickets if ticket.length is not None}


def _groups(evidence: Evidence, groups: Sequence[tuple[set[str], set[str]]]) -> Callable[[], Candidates]:
    def way() -> Candidates:
        known = {ticket.name for ticket in evidence.tickets}
        found: Candidates = {}
        for tickets, ballots in groups:
            for name in tickets & known if ballots else ():
                found[name] = found[name] & ballots if name in found else set(ballots)
        return found

    return way


def lines_together(
    lines: Iterable[str], tickets: Mapping[str, str], ballots: Mapping[str, str]
) -> list[tuple[set[str], set[str]]]:
    """Lines of text that name something of a ticket and something of a ballot. Keys: what is looked for, folded."""
    found = []
    for line in lines:
        words = {fold(word) for word in _TOKEN.findall(line)}
        here = {tickets[word] for word in words & tickets.keys()}, {ballots[word] for word in words & ballots.keys()}
        if all(here):
            found.append(here)
    return found


def mentions(lines: Iterable[str], names: Iterable[str]) -> int:
    """How often a text names any of ``names`` (folded)."""
    wanted = {name for name in names if len(name) >= _SHORTEST}
    return sum(fold(word) in wanted for line in lines for word in _TOKEN.findall(line))


def fold(word: str) -> str:
    """Spelled as everything is compared: without hyphens and case."""
    return word.replace("-", "").casefold()


def _orders(evidence: Evidence, truth: Mapping[str, str]) -> tuple[float, str, float]:
    """Every order of casting against every order of the box: over all, inside the cells, and as a guess."""
    ballots = {ballot.name: ballot for ballot in evidence.ballots}
    pairs = [(ticket, ballots[truth[ticket.name]]) for ticket in evidence.tickets]
    numbers = {cell: place for place, cell in enumerate(sorted({ticket.cell for ticket, _ in pairs}))}
    inside = np.array([numbers[ticket.cell] for ticket, _ in pairs], dtype=float)
    best, best_of, guessed = 0.0, "", 0.0
    for mine, cast in _told_apart([ticket.orders for ticket, _ in pairs]):
        for theirs, box in _told_apart([ballot.orders for _, ballot in pairs]):
            within = _ranks_inside(cast, inside), _ranks_inside(box, inside)
            for name, rho in (("", _rho(_ranks(cast), _ranks(box))), (" in cells", _rho(*within))):
                if abs(rho) >= best:
                    best, best_of = abs(rho), f"{mine} / {theirs}{name}"
            guessed = max(guessed, float((within[0] == within[1]).sum()) / len(numbers))
    return best, best_of, guessed


def _told_apart(orders: Sequence[Mapping[str, float]]) -> list[tuple[str, Numbers]]:
    """The orders by name; one in which all stand at the same place is none."""
    found = [(name, np.array([order[name] for order in orders])) for name in orders[0]]
    return [(name, places) for name, places in found if len(np.unique(places)) > 1]


def _ranks(values: Numbers) -> Numbers:
    """Ranks from 0; those at the same place share the middle of theirs."""
    _, place, number = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(number)
    middle: Numbers = (ends - (number + 1) / 2)[place]
    return middle


def _ranks_inside(values: Numbers, cells: Numbers) -> Numbers:
    """Ranks inside each cell, as shares of its size."""
    found = np.zeros(len(values))
    for cell in np.unique(cells):
        here = cells == cell
        found[here] = (_ranks(values[here]) + 0.5) / here.sum()
    return found


def _rho(one: Numbers, other: Numbers) -> float:
    return float(np.corrcoef(one, other)[0, 1])
