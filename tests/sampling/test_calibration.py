from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.calibration import Margin, calibrate_linear, poststratify, rake
from sampling.errors import BadMargin, BadWeight, EmptyMargin, NonPositiveWeight, NotConverged, ShapeMismatch
from sampling.trimming import rake_trimmed
from sampling.weighting import kish_deff
from tests.sampling.properties import repeatable

SEX = [1, 1, 2, 2, 2, 1]
AGE = [1, 2, 1, 2, 3, 3]


def margins(sex: dict[int, float] | None = None, age: dict[int, float] | None = None) -> list[Margin]:
    return [
        Margin(name="性别", category=SEX, totals=sex or {1: 40, 2: 60}),
        Margin(name="年龄", category=AGE, totals=age or {1: 30, 2: 30, 3: 40}),
    ]


def reached(weights: npt.NDArray[np.float64], margin: Margin) -> bool:
    category = np.asarray(margin.category)
    return all(weights[category == c].sum() == pytest.approx(t, rel=1e-9) for c, t in margin.totals.items() if t)


def test_poststrata_by_hand() -> None:
    result = poststratify([1, 1, 2, 2, 2, 3], margins()[0])
    assert result.weights == pytest.approx([8, 8, 20, 20, 20, 24])
    assert result.report.smallest_factor == pytest.approx(8 * 11 / 100)
    assert result.report.deff_after == kish_deff(result.weights)


def test_an_empty_category_without_people_does_no_harm() -> None:
    assert reached(poststratify(np.ones(6), margins(sex={1: 40, 2: 60, 3: 0})[0]).weights, margins()[0])


@pytest.mark.parametrize(
    ("sex", "age", "error", "says"),
    [
        ({1: 40, 2: 60, 3: 5}, None, EmptyMargin, "性别.*category 3"),
        ({1: 100}, None, BadMargin, "category 2"),
        ({1: 100, 2: 0}, None, BadMargin, "category 2"),
        ({1: 40, 2: -60}, None, BadMargin, "negative"),
        ({1: 40, 2: np.nan}, None, BadMargin, "infinite"),
        (None, {1: 30, 2: 30, 3: 41}, BadMargin, "sums to 101"),
    ],
)
def test_margins_that_contradict(sex: Any, age: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        rake(np.ones(6), margins(sex, age))


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([1, 1, 1, 1, 1, 0], NonPositiveWeight),
        ([1, 1, 1, 1, 1, -1], BadWeight),
        ([1, 1, 1, 1, 1, np.inf], BadWeight),
        ([], ShapeMismatch),
        ([1, 1], ShapeMismatch),
    ],
)
def test_weights_that_cannot_be_calibrated(weights: list[float], error: type[Exception]) -> None:
    with pytest.raises(error):
        rake(weights, margins())
    with pytest.raises(error):
        poststratify(weights, margins()[0])
    with pytest.raises(error):
        calibrate_linear(weights, np.ones((6, 1)), [6])


def test_margins_that_exclude_each_other_do_not_converge() -> None:
    # All of category 1 of the first are of category 1 of the second, which shall hold fewer people.
    first = Margin(name="a", category=[1, 2, 2], totals={1: 50, 2: 50})
    second = Margin(name="b", category=[1, 1, 2], totals={1: 40, 2: 60})
    with pytest.raises(NotConverged, match=r"margin '[ab]'"):
        rake(np.ones(3), [first, second])
    with pytest.raises(BadMargin):
        rake(np.ones(3), [])


@st.composite
def raking(draw: st.DrawFn) -> tuple[npt.NDArray[np.float64], list[Margin]]:
    """Every cell of a 2 x 3 table has a sheet, so that every pair of margins can be reached."""
    cells = [(a, b) for a in (1, 5) for b in (2, 3, 4)]
    cells += draw(st.lists(st.sampled_from(cells), max_size=12))
    weights = draw(st.lists(st.floats(0.5, 20), min_size=len(cells), max_size=len(cells)))
    first = draw(st.tuples(*[st.integers(10, 90)] * 2))
    second = draw(st.tuples(*[st.integers(10, 90)] * 3))
    scale = sum(first) / sum(second)
    return np.array(weights), [
        Margin(name="a", category=[a for a, _ in cells], totals=dict(zip((1, 5), first, strict=True))),
        Margin(
            name="b",
            category=[b for _, b in cells],
            totals={c: n * scale for c, n in zip((2, 3, 4), second, strict=True)},
        ),
    ]


@repeatable
@given(raking())
def test_raked_weights_sum_to_their_margins(case: tuple[npt.NDArray[np.float64], list[Margin]]) -> None:
    weights, both = case
    result = rake(weights, both)
    assert all(reached(result.weights, margin) for margin in both)
    assert np.all(result.weights > 0)
    assert result.report.worst_deviation <= 1e-10
    # Multiplicative in the categories: the odds ratios of the prior weights stay.
    a, b = (np.unique(np.asarray(m.category), return_inverse=True)[1] for m in both)
    log = np.log(result.weights / weights)
    x = np.column_stack([np.eye(2)[a], np.eye(3)[b]])
    fitted = x @ np.linalg.lstsq(x, log, rcond=None)[0]
    np.testing.assert_allclose(fitted, log, atol=1e-7)


@repeatable
@given(raking(), st.sampled_from([1e-3, 7.0, 1e6]), st.randoms(use_true_random=False))
def test_scale_and_order_do_not_matter(case: Any, factor: float, random: Any) -> None:
    weights, both = case
    base = rake(weights, both).weights
    np.testing.assert_allclose(rake(factor * weights, both).weights, base, rtol=1e-7)
    order = list(range(len(weights)))
    random.shuffle(order)
    shuffled = [Margin(name=m.name, category=np.asarray(m.category)[order], totals=m.totals) for m in both]
    np.testing.assert_allclose(rake(weights[order], shuffled).weights, base[order], rtol=1e-7)


@repeatable
@given(raking())
def test_linear_calibration_on_the_same_margins(case: tuple[npt.NDArray[np.float64], list[Margin]]) -> None:
    weights, both = case
    a, b = (np.asarray(m.category) for m in both)
    x = np.column_stack([np.ones(len(a)), a == 5, b == 3, b == 4]).astype(float)
    goal = [sum(both[0].totals.values()), both[0].totals[5], both[1].totals[3], both[1].totals[4]]
    result = calibrate_linear(weights, x, goal, allow_negative=True)
    assert all(reached(result.weights, margin) for margin in both)
    if np.any(result.weights <= 0):
        with pytest.raises(NonPositiveWeight):
            calibrate_linear(weights, x, goal)


@pytest.mark.parametrize(
    ("x", "goal", "error"),
    [
        (np.ones((6, 2)), [6, 6], BadMargin),
        (np.column_stack([np.ones(6), np.zeros(6)]), [6, 3], EmptyMargin),
        (np.ones((5, 1)), [6], ShapeMismatch),
        (np.ones((6, 1)), [6, 6], ShapeMismatch),
        (np.full((6, 1), np.nan), [6], BadMargin),
    ],
)
def test_linear_calibration_refuses(x: Any, goal: list[float], error: type[Exception]) -> None:
    with pytest.raises(error):
        calibrate_linear(np.ones(6), x, goal)


def test_trimming_holds_cap_and_margins() -> None:
    rng = np.random.default_rng(3)
    both = [
        Margin(name="a", category=rng.integers(0, 4, 400), totals={0: 300, 1: 200, 2: 200, 3: 100}),
        Margin(name="b", category=rng.integers(0, 3, 400), totals={0: 250, 1: 350, 2: 200}),
    ]
    weights = rng.lognormal(0, 0.9, 400)
    plain, result = rake(weights, both), rake_trimmed(weights, both, cap_ratio=4)
    assert all(reached(result.weights, margin) for margin in both)
    assert plain.weights.max() > 4 * np.median(plain.weights)
    assert result.weights.max() <= 4 * np.median(result.weights) * (1 + 1e-6)
    assert result.report.cap == pytest.approx(4 * np.median(result.weights))
    assert 0 < result.report.trimmed_share < 0.4
    assert result.report.deff_after < plain.report.deff_after
    assert result.report.deff_before == pytest.approx(kish_deff(weights))
    assert np.array_equal(result.prior, weights)
    untouched = rake_trimmed(weights, both, cap_ratio=1000)
    assert np.array_equal(untouched.weights, plain.weights)
    assert untouched.report.trimmed_share == 0


def test_a_cap_that_the_margins_forbid() -> None:
    # One person must stand for 96 of 100.
    alone = [Margin(name="a", category=[1, 2, 2, 2, 2], totals={1: 96, 2: 4})]
    with pytest.raises(NotConverged, match="times the cap"):
        rake_trimmed(np.ones(5), alone, cap_ratio=3)
    with pytest.raises(BadWeight):
        rake_trimmed(np.ones(5), alone, cap_ratio=1)
