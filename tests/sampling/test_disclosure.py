"""Suppression of a release: what must be left out, what may stay, and that it cannot be worked out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.release_attack import attack
from sampling.disclosure import feasible, mask_unit, too_small
from sampling.errors import BadCount, ShapeMismatch


def table(*rows: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array(rows, dtype=np.int64)


@pytest.mark.parametrize(
    ("row", "small"),
    [
        ([5, 4, 0, 0], True),
        ([5, 5, 0, 0], False),
        ([29, 0, 0, 0], True),
        ([30, 0, 0, 0], False),
        ([28, 1, 0, 0], False),
    ],
)
def test_a_cell_is_too_small_under_ten_or_alike_under_thirty(row: list[int], small: bool) -> None:
    assert too_small(np.array(row)) is small


def test_a_release_of_large_cells_is_printed_whole() -> None:
    mask = mask_unit(table([20, 10, 5, 5], [30, 2, 1, 0]))
    assert not mask.hidden.any()
    assert not mask.withheld


def test_one_small_row_takes_the_smallest_other_with_it() -> None:
    mask = mask_unit(table([3, 2, 1, 0], [60, 30, 10, 5], [20, 10, 8, 2]))
    assert mask.hidden.tolist() == [True, False, True]


def test_an_empty_row_hides_nothing_and_protects_nothing() -> None:
    mask = mask_unit(table([0, 0, 0, 0], [3, 2, 1, 0], [40, 20, 10, 5]))
    assert mask.hidden.tolist() == [False, True, True]


def test_rows_that_all_say_the_same_do_not_protect_each_other() -> None:
    """Twelve who all say 满意 beside forty who all do: their sum would tell of both."""
    mask = mask_unit(table([12, 0, 0, 0], [40, 0, 0, 0], [30, 20, 5, 0]))
    assert mask.hidden.tolist() == [True, True, True]


def test_a_unit_that_is_too_small_in_all_is_withheld() -> None:
    assert mask_unit(table([3, 2, 0, 0], [2, 1, 0, 0])).withheld
    assert not mask_unit(table([0, 0], [0, 0])).withheld


def test_what_is_no_table_of_counts_is_refused() -> None:
    with pytest.raises(ShapeMismatch):
        mask_unit(np.array([1, 2, 3]))
    with pytest.raises(BadCount):
        mask_unit(table([1, -1], [2, 3]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=5))
def test_the_truth_is_always_among_what_is_possible(rows: list[list[int]]) -> None:
    counts = table(*rows)
    hidden = np.ones(len(rows), dtype=np.bool_)
    low, high = feasible(counts, hidden)
    assert (low <= counts + 1e-6).all()
    assert (counts <= high + 1e-6).all()


def test_random_releases_withstand_the_attack_and_the_control_does_not() -> None:
    outcome = attack(12)
    assert outcome.recovered == 0
    assert outcome.control > 0
