"""Sample sizes and allocations by precision."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import AllocationImpossible, BadProportion, BadSize
from sampling.sizes import equal, neyman, power, sample_size


def test_known_sample_sizes() -> None:
    assert sample_size(0.05, variance=0.25) == 385
    assert sample_size(0.05, variance=0.25, population=1000) == 278
    assert sample_size(0.0098, variance=0.25) == 10000
    assert sample_size(0.05, variance=0.25, deff=2.0) == 769
    assert sample_size(0.05, variance=0.25, response=0.5, dont_know=0.2) == 961
    assert sample_size(0.001, variance=0.25, population=50) == 50


def test_sample_sizes_that_make_no_sense() -> None:
    with pytest.raises(BadSize):
        sample_size(0, variance=1)
    with pytest.raises(BadProportion):
        sample_size(1, variance=1, response=0)


def variance(shares: tuple[int, ...], sizes: list[int], deviations: list[int]) -> Fraction:
    return sum((Fraction((n * s) ** 2, k) for n, s, k in zip(sizes, deviations, shares, strict=True)), Fraction(0))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=4),
    st.integers(1, 14),
)
def test_neyman_is_the_exact_minimum_of_all_allocations(strata: list[tuple[int, int]], total: int) -> None:
    sizes, deviations = [size for size, _ in strata], [s for _, s in strata]
    if not len(sizes) <= total <= sum(sizes):
        with pytest.raises(AllocationImpossible):
            neyman(total, sizes, deviations)
        return
    found = neyman(total, sizes, deviations)
    every = [shares for shares in product(*(range(1, size + 1) for size in sizes)) if sum(shares) == total]
    assert sum(found) == total
    assert variance(tuple(found), sizes, deviations) == min(variance(shares, sizes, deviations) for shares in every)


def test_power_lies_between_neyman_and_equal_precision() -> None:
    sizes, variations = [100_000, 10_000, 1_000], [Fraction(1, 2)] * 3
    assert power(300, sizes, variations, exponent=0) == [100, 100, 100]
    assert power(300, sizes, variations, exponent=1) == neyman(300, sizes, variations)
    middle = power(300, sizes, variations, exponent=0.5)
    assert 100 < middle[0] < 270
    with pytest.raises(BadSize):
        power(300, sizes, variations, exponent=2)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 120))
def test_equal_shares(sizes: list[int], total: int) -> None:
    if total > sum(sizes):
        with pytest.raises(AllocationImpossible):
            equal(total, sizes)
        return
    shares = equal(total, sizes)
    assert sum(shares) == total
    assert all(share <= size for share, size in zip(shares, sizes, strict=True))
    unfilled = [share for share, size in zip(shares, sizes, strict=True) if share < size]
    assert not unfilled or max(shares) - min(unfilled) <= 1


def test_deviations_must_be_finite_and_not_negative() -> None:
    for bad in (float("nan"), float("inf"), -1):
        with pytest.raises(BadSize):
            neyman(2, [3, 3], [1, bad])
