"""Places without ties: the chain first, a recorded draw last, and what decided is told."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import DuplicateId, NotExact
from sampling.ranks import SolePlace, competition_ranks, sole_ranks

IDS = list("ABCDEFGHIJ")
# 宛办〔2014〕27号: windows and departments must not share a place.
SCORES = [
    Fraction(score) for score in ("95.10", "93.40", "93.40", "91.00", "90.20", "88.75", "87.00", "80", "80", "78.50")
]


def test_the_chain_breaks_ties_before_any_draw() -> None:
    first = [Fraction(0)] * 10
    first[1], first[2] = Fraction(24), Fraction(25)
    found = sole_ranks(SCORES, chain=[first], ids=IDS, seed="123456", salt="2014H2")
    assert [place.rank for place in found[:4]] == [1, 3, 2, 4]
    assert [place.decided_by for place in found[:4]] == [0, 1, 1, 0]
    assert [place.decided_by for place in found[7:9]] == [None, None]
    assert {place.rank for place in found[7:9]} == {8, 9}


def test_the_draw_is_public_and_can_be_repeated() -> None:
    once = sole_ranks(SCORES, chain=[], ids=IDS, seed="123456", salt="2014H2")
    assert once == sole_ranks(SCORES, chain=[], ids=IDS, seed="123456", salt="2014H2")
    other = {
        tuple(place.rank for place in sole_ranks(SCORES, chain=[], ids=IDS, seed=f"{seed:06}", salt="2014H2"))
        for seed in range(40)
    }
    assert len(other) == 4


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=1, max_size=8))
def test_nobody_shares_a_place_and_the_order_of_scores_is_kept(rows: list[tuple[int, int]]) -> None:
    values, breaker = [Fraction(a) for a, _ in rows], [Fraction(b) for _, b in rows]
    ids = [f"u{no}" for no in range(len(rows))]
    found = sole_ranks(values, chain=[breaker], ids=ids, seed="123456", salt="s")
    assert sorted(place.rank for place in found) == list(range(1, len(rows) + 1))
    shared = competition_ranks(values)
    for i, place in enumerate(found):
        assert shared[i] <= place.rank < shared[i] + values.count(values[i])
        assert (place.decided_by == 0) == (values.count(values[i]) == 1)
    backwards = sole_ranks(values[::-1], chain=[breaker[::-1]], ids=ids[::-1], seed="123456", salt="s")
    assert backwards[::-1] == found


def test_one_unit_alone_and_bad_input() -> None:
    assert sole_ranks([Fraction(1)], chain=[], ids=["a"], seed="123456", salt="s") == [SolePlace(rank=1, decided_by=0)]
    with pytest.raises(DuplicateId):
        sole_ranks([Fraction(1)] * 2, chain=[], ids=["a", "a"], seed="123456", salt="s")
    with pytest.raises(NotExact):
        sole_ranks([0.5], chain=[], ids=["a"], seed="123456", salt="s")  # type: ignore[list-item]
