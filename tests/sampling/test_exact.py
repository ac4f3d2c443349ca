"""Public draws in whole numbers: what the floats say, without their last digits; and the chances they promise."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import exact, unequal
from sampling.errors import BadSize, SampleLargerThanStratum, ShapeMismatch

SIZES = st.lists(st.sampled_from([0, 1, 2, 7, 40, 1000]), min_size=1, max_size=20).filter(any)
SEEDS = st.text("0123456789", min_size=6, max_size=12)
TRIALS = 4000


@given(SIZES, st.data(), SEEDS)
def test_as_the_floats_say(sizes: list[int], data: st.DataObject, seed: str) -> None:
    n = data.draw(st.integers(1, sum(size > 0 for size in sizes)))
    ids = [f"e{number}" for number in range(len(sizes))]
    chances = exact.probabilities(sizes, n=n)
    assert sum(chances) == n
    rough = unequal.size_probabilities(sizes, n=n)
    assert [float(chance) for chance in chances] == pytest.approx(rough.tolist(), abs=1e-12)
    drawn = exact.pps_systematic(sizes, n=n, seed=seed, salt="s")
    assert drawn == unequal.pps_systematic(sizes, n=n, seed=seed, salt="s").positions.tolist()
    ordered = exact.pareto_order(ids, sizes, n=n, seed=seed, salt="s")
    assert set(ordered[:n]) == set(unequal.pps_pareto(ids, sizes, n=n, seed=seed, salt="s").positions.tolist())
    assert sorted(ordered) == [k for k, size in enumerate(sizes) if size]
    evenly = exact.systematic(len(sizes), n=n, seed=seed, salt="s")
    assert evenly == unequal.systematic(len(sizes), n=n, seed=seed, salt="s").tolist()


def test_everybody_comes_in_as_often_as_promised() -> None:
    sizes = [1, 2, 3, 4, 90]
    chances = exact.probabilities(sizes, n=3)
    assert chances == [Fraction(2 * size, 10) for size in sizes[:4]] + [1]
    times: Counter[int] = Counter()
    for trial in range(TRIALS):
        drawn = exact.pps_systematic(sizes, n=3, seed=f"{trial:06}", salt="t")
        assert len(drawn) == 3
        times.update(drawn)
    for k, chance in enumerate(chances):
        assert abs(times[k] / TRIALS - chance) <= 4 * float(chance * (1 - chance) / TRIALS) ** 0.5, k
    evenly: Counter[int] = Counter()
    for trial in range(TRIALS):
        evenly.update(exact.systematic(7, n=3, seed=f"{trial:06}", salt="t"))
    for k in range(7):
        assert abs(evenly[k] / TRIALS - 3 / 7) < 4 * (12 / 49 / TRIALS) ** 0.5, k


def test_sums_that_floats_get_wrong() -> None:
    """Ten tenths are one: the tenth entry ends the first step exactly, whatever the order of adding."""
    sizes = [1] * 30
    assert exact.probabilities(sizes, n=3) == [Fraction(1, 10)] * 30
    drawn = exact.pps_systematic(sizes, n=3, seed="123456", salt="s")
    assert drawn == [drawn[0], drawn[0] + 10, drawn[0] + 20]


def test_nobody_is_drawn_from_nothing() -> None:
    assert exact.probabilities([0, 0], n=0) == [0, 0]
    assert exact.pps_systematic([0, 3], n=0, seed="123456", salt="s") == []
    assert exact.systematic(0, n=0, seed="123456", salt="s") == []
    with pytest.raises(SampleLargerThanStratum):
        exact.probabilities([0, 3], n=2)
    with pytest.raises(SampleLargerThanStratum):
        exact.systematic(2, n=3, seed="123456", salt="s")
    with pytest.raises(BadSize):
        exact.probabilities([-1, 3], n=1)
    with pytest.raises(ShapeMismatch):
        exact.pareto_order(["a"], [1, 2], n=1, seed="123456", salt="s")
