from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import BadProportion, BadWeight, EmptyMargin, NonPositiveWeight, ShapeMismatch
from sampling.weighting import adjust_for_nonresponse, base_weights, effective_size, kish_deff
from tests.sampling.properties import repeatable


def test_base_weights_are_inverse_probabilities() -> None:
    assert base_weights([0.5, 1, 0.2]).tolist() == [2, 1, 5]
    for bad in ([0.0], [1.1], [-0.5], [np.nan]):
        with pytest.raises(BadProportion):
            base_weights(bad)


def test_the_price_of_unequal_weights() -> None:
    assert kish_deff([3, 3, 3]) == pytest.approx(1)
    assert kish_deff([1, 1, 4]) == pytest.approx(3 * 18 / 36)
    assert effective_size([1, 1, 4]) == pytest.approx(2)
    member = np.array([[True, False], [True, False], [False, False]])
    assert effective_size([1, 1, 4], member).tolist() == [2, 0]
    with pytest.raises(BadWeight):
        kish_deff([0, 0])
    with pytest.raises(ShapeMismatch):
        effective_size([1, 1], member)


def classes(counts: list[tuple[int, int]]) -> dict[str, Any]:
    """Sampled and responding people by class, weight 2 each."""
    label = np.repeat(np.arange(len(counts)), [n for n, _ in counts])
    responded = np.concatenate([np.arange(n) < r for n, r in counts])
    return {"classes": label, "responded": responded}


def adjusted(counts: list[tuple[int, int]], **rule: Any) -> Any:
    return adjust_for_nonresponse(np.full(sum(n for n, _ in counts), 2.0), **classes(counts), **rule)


def test_respondents_carry_their_class() -> None:
    result = adjusted([(60, 30), (40, 40)])
    assert [c.factor for c in result.classes] == [2, 1]
    assert result.weights.sum() == 200
    assert result.meets_rule


@pytest.mark.parametrize(
    ("counts", "joined"),
    [
        ([(40, 30), (40, 10), (40, 25)], [(0,), (1, 2)]),  # too few: to the neighbour with fewer respondents
        ([(40, 30), (99, 30), (40, 30)], [(0, 1), (2,)]),  # factor 3.3: equal neighbours, the lower one
        ([(9, 3), (9, 3), (40, 30)], [(0, 1, 2)]),  # still too few after the first join
        ([(40, 30), (9, 0)], [(0, 1)]),  # nobody responded
    ],
)
def test_collapsing(counts: list[tuple[int, int]], joined: list[tuple[int, ...]]) -> None:
    result = adjusted(counts)
    assert [c.joined for c in result.classes] == joined
    assert result.weights.sum() == pytest.approx(2 * sum(n for n, _ in counts))


def test_one_class_that_breaks_the_rule_is_reported() -> None:
    assert not adjusted([(50, 10)]).meets_rule


def test_the_ineligible_leave() -> None:
    result = adjust_for_nonresponse(
        [1.0, 1.0, 1.0, 0.0],
        classes=[1, 1, 1, 7],
        responded=np.array([True, False, True, False]),
        eligible=np.array([True, True, False, False]),
        min_respondents=1,
    )
    assert result.weights.tolist() == [2, 0, 0, 0]
    assert [c.joined for c in result.classes] == [(1,)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"responded": np.zeros(3, dtype=bool)}, EmptyMargin),
        ({"responded": [1, 0, 1]}, ShapeMismatch),
        ({"classes": [1.0, 1, 1]}, ShapeMismatch),
        ({"weights": [1, 0, 1]}, NonPositiveWeight),
        ({"weights": [1, -1, 1]}, BadWeight),
    ],
)
def test_nonresponse_input_that_does_not_fit(change: dict[str, Any], error: type[Exception]) -> None:
    good = {"weights": [1, 1, 1], "classes": [1, 1, 1], "responded": np.array([True, False, True])}
    arguments = {**good, **change}
    with pytest.raises(error):
        adjust_for_nonresponse(arguments.pop("weights"), **arguments)


@repeatable
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30)), min_size=1, max_size=8), st.integers(1, 20))
def test_no_weight_is_lost_and_the_rule_holds(pairs: list[tuple[int, int]], least: int) -> None:
    counts = [(n, min(n, r)) for n, r in pairs]
    if not sum(r for _, r in counts):
        return
    result = adjusted(counts, min_respondents=least)
    assert result.weights.sum() == pytest.approx(2 * sum(n for n, _ in counts))
    assert [m for c in result.classes for m in c.joined] == list(range(len(counts)))
    held = all(c.respondents >= least and c.factor <= 3 for c in result.classes)
    assert result.meets_rule == held
    assert held or len(result.classes) == 1
