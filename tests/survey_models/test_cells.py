"""Published cells: nobody's sheet lies among too few while there are others to lie among."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_models.campaigns.answers import CellAnswers, in_joined_strata
from survey_models.campaigns.cells import Cell, Kind, joined_strata, joins, published

# Four strata: two areas by two kinds.
STRATA = {no: Kind("AB"[(no - 1) // 2], "tr"[(no - 1) % 2]) for no in range(1, 5)}
cells = st.builds(Cell, st.integers(1, 4), st.integers(0, 2), st.sampled_from(["phone", "point"]))
sizes = st.dictionaries(cells, st.tuples(st.integers(0, 30), st.integers(0, 15)), min_size=1, max_size=14)


def after(found: dict[Cell, tuple[int, ...]], moves: dict[Cell, Cell]) -> dict[Cell, list[int]]:
    """The numbers of each cell that is left."""
    left: dict[Cell, list[int]] = {}
    for cell, numbers in found.items():
        there = left.setdefault(moves.get(cell, cell), [0] * len(numbers))
        left[moves.get(cell, cell)] = [one + other for one, other in zip(there, numbers, strict=True)]
    return left


@given(found=sizes)
@settings(max_examples=300, deadline=None)
def test_no_small_cell_is_left_beside_another(found: dict[Cell, tuple[int, ...]]) -> None:
    moves = joins(found, smallest=10, strata=STRATA)
    left = after(found, moves)
    assert len(left) == 1 or all(number == 0 or number >= 10 for numbers in left.values() for number in numbers)
    assert not set(moves) & set(moves.values())
    assert joins(found, smallest=10, strata=STRATA) == moves


@given(found=sizes)
@settings(max_examples=300, deadline=None)
def test_a_stratum_goes_whole_or_stays(found: dict[Cell, tuple[int, ...]]) -> None:
    moves = joins(found, smallest=10, strata=STRATA)
    homes: dict[int, set[int]] = {}
    for cell in found:
        homes.setdefault(cell.stratum_no, set()).add(moves.get(cell, cell).stratum_no)
    assert all(len(where) == 1 for where in homes.values())
    assert joined_strata(moves) == {no: min(where) for no, where in homes.items() if where != {no}}


def test_large_cells_stay() -> None:
    found = {Cell(no, point): (50,) for no in STRATA for point in (1, 2)}
    assert joins(found, smallest=50, strata=STRATA) == {}


def test_channel_first_then_point_then_kind_then_area() -> None:
    channel = {Cell(1, 1, "phone"): (30,), Cell(1, 1, "point"): (4,), Cell(1, 2, "point"): (30,)}
    assert joins(channel, smallest=10, strata=STRATA) == {Cell(1, 1, "point"): Cell(1, 1, "phone")}
    point = {Cell(1, 1): (4,), Cell(1, 2): (30,), Cell(2, 1): (30,)}
    assert joins(point, smallest=10, strata=STRATA) == {Cell(1, 1): Cell(1, 2)}
    kind = {Cell(1, 0): (4,), Cell(2, 0): (30,), Cell(3, 0): (30,)}
    assert joins(kind, smallest=10, strata=STRATA) == {Cell(1, 0): Cell(2, 0)}
    area = {Cell(1, 0): (4,), Cell(3, 0): (30,), Cell(4, 0): (30,)}
    assert joins(area, smallest=10, strata=STRATA) == {Cell(1, 0): Cell(3, 0)}


def test_what_was_set_aside_may_not_be_small_either() -> None:
    found: dict[Cell, tuple[int, ...]] = {Cell(1, 0): (40, 3), Cell(2, 0): (40, 0), Cell(3, 0): (40, 20)}
    moves = joins(found, smallest=10, strata=STRATA)
    assert moves
    assert all(aside == 0 or aside >= 10 for _, aside in after(found, moves).values())


def test_two_phases_lead_to_the_last_cell() -> None:
    opening = {Cell(2, 1): Cell(1, 1)}
    returned = {Cell(1, 1, "point"): Cell(1, 1, "phone"), Cell(1, 1, "phone"): Cell(3, 3, "phone")}
    assert published(Cell(2, 1, "phone"), opening, returned) == Cell(3, 3, "phone")
    assert published(Cell(4, 4, "phone"), opening, returned) == Cell(4, 4, "phone")
    assert joined_strata(opening, returned) == {1: 3, 2: 3}


def test_lines_of_files_follow_their_stratum() -> None:
    rows = [
        CellAnswers(1, 1, "phone", 2, "1122"),
        CellAnswers(1, 1, "upload", 1, "33"),
        CellAnswers(2, 1, "upload", 2, "1212"),
    ]
    assert in_joined_strata(rows, {}) == rows
    joined = in_joined_strata(rows, {2: 1})
    assert [(cell.stratum_no, cell.channel, cell.sheets) for cell in joined] == [(1, "phone", 2), (1, "upload", 3)]
    assert Counter(joined[1].answers) == Counter("331212")
