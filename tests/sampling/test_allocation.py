from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.allocation import largest_remainder, nested, proportional
from sampling.errors import AllocationImpossible
from tests.sampling.properties import repeatable
from tests.sampling.worked import example

SIX_AREAS = [322334, 505302, 399051, 447130, 593673, 100000]
sizes_lists = st.lists(st.integers(0, 10_000), min_size=1, max_size=12)


@pytest.mark.parametrize("total", [10_000, 2_500])
def test_the_counties_of_luohe_get_their_questionnaires(total: int) -> None:
    l3 = example("luohe", "L3")
    sizes = list(l3["population"].values())
    assert largest_remainder(total, sizes) == l3["allocate"][str(total)]
    assert proportional(total, sizes) == l3["allocate"][str(total)]


def test_six_areas() -> None:
    assert largest_remainder(10_000, SIX_AREAS) == [1361, 2134, 1686, 1889, 2508, 422]


def test_equal_remainders_go_to_the_earlier_stratum() -> None:
    assert largest_remainder(2, [1, 1, 1]) == [1, 1, 0]
    assert largest_remainder(5, [Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)]) == [2, 2, 1]


def test_tiers_of_20_50_30_per_cent_never_exceed_the_units() -> None:
    w4 = example("wenzhou", "W4")
    shares = [Fraction(20, 100), Fraction(50, 100), Fraction(30, 100)]
    for units, tiers in w4["tiers_20_50_30"].items():
        assert largest_remainder(int(units), shares) == tiers


def test_remainders_are_compared_exactly() -> None:
    # as binary floats both remainders are 0.5; exactly, the second is larger
    assert largest_remainder(1, [10**20, 10**20 + 1]) == [0, 1]


def test_a_minimum_is_kept_and_the_rest_is_shared_among_the_others() -> None:
    assert proportional(100, [10, 490, 500], minimum=20) == [10, 45, 45]
    assert proportional(100, [100, 450, 450], minimum=20) == [20, 40, 40]


def test_a_cap_sends_the_surplus_to_the_others() -> None:
    assert proportional(100, [900, 50, 50], cap=60) == [60, 20, 20]
    assert proportional(100, [900, 50, 50], cap=[900, 3, 50]) == [92, 3, 5]
    assert proportional(95, [1, 1, 98]) == [1, 1, 93]


def test_minimum_and_cap_together() -> None:
    # the cap frees 30, which lifts the small stratum above the minimum that first bound it
    assert proportional(100, [900, 60, 40], minimum=10, cap=60) == [60, 24, 16]


def test_an_empty_stratum_gets_nothing() -> None:
    assert proportional(3, [0, 3], minimum=2) == [0, 3]
    assert proportional(0, [0, 0]) == [0, 0]
    assert largest_remainder(0, [0]) == [0]
    assert largest_remainder(0, []) == []


def test_areas_first_and_then_the_kinds_inside() -> None:
    areas = [[300, 22], [500, 5], [100, 0]]
    result = nested(93, areas)
    assert [sum(kinds) for kinds in result] == largest_remainder(93, [322, 505, 100])
    assert result[0] == largest_remainder(sum(result[0]), areas[0])


def test_the_minimum_of_a_kind_lifts_its_area() -> None:
    assert nested(30, [[1000, 1000], [10, 3]], minimum=5) == [[11, 11], [5, 3]]


@pytest.mark.parametrize(
    ("total", "sizes", "options"),
    [
        (-1, [5], {}),
        (6, [5], {}),
        (3, [2, 9], {"cap": 1}),
        (1, [4, 4], {"minimum": 1}),
        (1, [4, -4], {}),
        (1, [4], {"cap": -1}),
        (1, [4], {"minimum": -1}),
        (1, [], {}),
    ],
)
def test_what_cannot_be_allocated_is_refused(total: int, sizes: list[int], options: dict[str, int]) -> None:
    with pytest.raises(AllocationImpossible):
        proportional(total, sizes, **options)


def test_shares_of_nothing_are_refused() -> None:
    for total, sizes in ((-1, [1]), (1, [0]), (1, []), (1, [-1, 3])):
        with pytest.raises(AllocationImpossible):
            largest_remainder(total, sizes)
    with pytest.raises(AllocationImpossible):
        nested(1, [[1]], minimum=-1)


@repeatable
@given(st.integers(0, 10_000), sizes_lists.filter(any))
def test_shares_sum_up_and_stay_within_one_of_their_quota(total: int, sizes: list[int]) -> None:
    shares = largest_remainder(total, sizes)
    assert sum(shares) == total
    for share, size in zip(shares, sizes, strict=True):
        assert abs(share - Fraction(total * size, sum(sizes))) < 1


@repeatable
@given(st.data())
def test_bounds_hold_and_free_strata_share_one_rate(data: st.DataObject) -> None:
    sizes = data.draw(sizes_lists)
    minimum = data.draw(st.integers(0, 50))
    caps = data.draw(st.lists(st.integers(0, 10_000), min_size=len(sizes), max_size=len(sizes)))
    upper = [min(size, cap) for size, cap in zip(sizes, caps, strict=True)]
    lower = [min(minimum, limit) for limit in upper]
    total = data.draw(st.integers(sum(lower), sum(upper)))
    shares = proportional(total, sizes, minimum=minimum, cap=caps)
    assert sum(shares) == total
    assert all(lo <= n <= up for lo, n, up in zip(lower, shares, upper, strict=True))
    rows = list(zip(shares, sizes, lower, upper, strict=True))
    for n, size, lo, _ in rows:
        for other, other_size, _, up in rows:
            # nobody above the minimum may be two sheets better off than somebody below the limit
            if n > lo and other < up:
                assert Fraction(n - 1) * other_size <= Fraction(other + 1) * size


@repeatable
@given(st.data())
def test_nested_sums_up_and_stays_inside_the_kinds(data: st.DataObject) -> None:
    areas = data.draw(st.lists(st.lists(st.integers(0, 500), min_size=1, max_size=4), min_size=1, max_size=5))
    total = data.draw(st.integers(0, sum(map(sum, areas))))
    result = nested(total, areas)
    assert sum(map(sum, result)) == total
    for kinds, got in zip(areas, result, strict=True):
        assert all(0 <= n <= size for n, size in zip(got, kinds, strict=True))
