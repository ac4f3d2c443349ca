"""The short form of the linkage attack: nothing is found in the sealed box, everything in a naive one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.linkage import FEWEST, chance_limit, linked
from benchmarks.linkage_attack import BoxBallot, Evidence, Ticket, attack, fold, lines_together, mentions
from benchmarks.linkage_town import SHORT


@pytest.mark.proof
def test_no_ballot_is_linked_with_its_ticket_and_every_naive_one_is(database_url: str, tmp_path: Path) -> None:
    found = linked(database_url, tmp_path, SHORT)
    sealed, naive = found.sealed, found.naive
    assert sealed.tickets == naive.tickets == SHORT.number
    assert (sealed.linked, sealed.narrowed) == (0, 0), sealed.by_way
    assert sealed.fewest == sealed.smallest_cell >= FEWEST
    assert sealed.rho < chance_limit(SHORT.number), sealed.rho_of
    assert found.said == 0
    # The sealed sheet of a ticket does show, as it must where a commit holds one sheet: it is the ballot that does not.
    assert found.alone > SHORT.number / 4
    assert naive.linked == SHORT.number
    assert naive.rho > 0.5


CELL = (1, 0, "phone")


def evidence(**more: object) -> Evidence:
    tickets = [Ticket(f"t{no}", CELL, {"id": f"s{no}"}, {"told": no}, 600 + no % 2) for no in range(60)]
    ballots = [BoxBallot(f"b{no}", CELL, {"id": f"x{no}"}, {"place": -no}, 600 + no % 2) for no in range(60)]
    together = more.get("together", {})
    assert isinstance(together, dict)
    return Evidence(tickets, ballots, together)


TRUTH = {f"t{no}": f"b{no}" for no in range(60)}


def test_each_way_of_the_attacker_can_find_something() -> None:
    found = attack(evidence(together={"lines": [({"t3"}, {"b3"}), ({"t5", "t7"}, {"b5", "b7"})]}), TRUTH)
    # Lengths halve every cell; an order that is the other's mirror is as good as the order itself.
    assert found.by_way == {"same value": 0, "length": 60, "lines": 3}
    assert (found.linked, found.narrowed, found.fewest, found.smallest_cell) == (1, 60, 1, 60)
    assert found.rho == pytest.approx(1)


def test_a_shared_value_is_found() -> None:
    tickets = [Ticket(f"t{no}", CELL, {"serial": str(no)}, {"told": no}) for no in range(9)]
    ballots = [BoxBallot(f"b{no}", CELL, {"line": str(no)}, {"place": 0}) for no in range(9)]
    found = attack(Evidence(tickets, ballots, {}), TRUTH)
    assert (found.linked, found.rho) == (9, 0)


def test_lines_are_searched_for_both_names() -> None:
    lines = ["stored 5F0C9A1E-77b2 for ABCD-EFGH-1234", "nothing here", "again abcdefgh1234"]
    names = {fold("ABCD-EFGH-1234"): "t"}, {fold("5f0c9a1e77b2"): "b"}
    assert lines_together(lines, *names) == [({"t"}, {"b"})]
    assert mentions(lines, names[0]) == 2
