import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import NotExact
from sampling.ranks import competition_ranks, dense_ranks, nine_places, round_half_up
from tests.sampling.properties import repeatable
from tests.sampling.worked import DOCUMENT, example

exact_values = st.lists(st.fractions(0, 100, max_denominator=20), max_size=15)


def test_the_ten_units_of_nanyang() -> None:
    n3 = example("nanyang", "N3")
    values = [Decimal(score) for score in n3["scores"].values()]
    assert competition_ranks(values) == list(n3["competition"].values())
    assert dense_ranks(values) == list(n3["dense"].values())


def test_a_tie_at_the_award_border_of_luohe() -> None:
    l5 = example("luohe", "L5")
    above = [Decimal(100) - Decimal(i) / 10 for i in range(17)]
    ranks = competition_ranks([*above, *map(Decimal, l5["scores_from_place_18"])])
    assert ranks[17:] == l5["competition"]


@pytest.mark.parametrize("case", DOCUMENT["rounding"])
def test_rounding_examples(case: dict[str, str]) -> None:
    assert str(round_half_up(Decimal(case["value"]))) == case["half_up_2"]


@pytest.mark.parametrize(
    ("value", "places", "printed"),
    [
        (Fraction(-1, 200), 2, "-0.01"),
        (Fraction(-1, 201), 2, "0.00"),
        (Fraction(235, 3), 6, "78.333333"),
        (Fraction(5, 2), 0, "3"),
        (Decimal("123456789012345678901234567890.125"), 2, "123456789012345678901234567890.13"),
    ],
)
def test_halves_go_away_from_zero(value: Fraction | Decimal, places: int, printed: str) -> None:
    assert str(round_half_up(value, places)) == printed


def test_a_float_crosses_once_with_nine_places() -> None:
    assert str(nine_places(78 + 1 / 3)) == "78.333333333"
    for bad in (math.nan, math.inf):
        with pytest.raises(NotExact):
            nine_places(bad)


def test_floats_and_nan_get_no_place() -> None:
    with pytest.raises(NotExact):
        competition_ranks([90.125])  # type: ignore[list-item]
    with pytest.raises(NotExact):
        round_half_up(Decimal("NaN"))


@repeatable
@given(exact_values)
def test_a_place_is_one_more_than_the_number_of_better_ones(values: list[Fraction]) -> None:
    assert competition_ranks(values) == [1 + sum(other > value for other in values) for value in values]
    assert dense_ranks(values) == [1 + len({other for other in values if other > value}) for value in values]


@repeatable
@given(st.fractions(-1000, 1000), st.integers(0, 6))
def test_rounding_stays_within_half_a_unit(value: Fraction, places: int) -> None:
    rounded = round_half_up(value, places)
    error = Fraction(rounded) - value
    assert abs(error) <= Fraction(1, 2 * 10**places)
    assert -rounded.as_tuple().exponent == places  # type: ignore[operator]
    if abs(error) == Fraction(1, 2 * 10**places):
        assert abs(Fraction(rounded)) > abs(value)
