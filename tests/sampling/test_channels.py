from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.calibration import Margin
from sampling.channels import calibrated_reference, compare_channels
from sampling.errors import BadProportion, BadValue, EmptyMargin, ShapeMismatch
from tests.sampling.properties import repeatable
from tests.sampling.worked import SCALE


def test_holm_and_benjamini_hochberg_by_hand() -> None:
    # z = 3, 2.5, 2, 0.5 with p = 0.0026998, 0.0124193, 0.0455003, 0.6170751
    z = np.array([2.0, 3.0, -2.5, 0.5])
    arguments: dict[str, Any] = {"score": np.full(4, 80.0), "se": np.full(4, 3.0), "open_se": np.full(4, 4.0)}
    holm = compare_channels(**arguments, open_score=80 + 5 * z)
    assert holm.statistic == pytest.approx(z)
    assert holm.p_adjusted == pytest.approx([2 * 0.0455003, 4 * 0.0026998, 3 * 0.0124193, 0.6170751], abs=1e-6)
    assert holm.flagged.tolist() == [False, True, True, False]
    rate = compare_channels(**arguments, open_score=80 + 5 * z, adjustment="benjamini-hochberg")
    assert rate.p_adjusted == pytest.approx([4 / 3 * 0.0455003, 4 * 0.0026998, 2 * 0.0124193, 0.6170751], abs=1e-6)


def test_missing_scores_are_no_tests() -> None:
    result = compare_channels(score=[80, np.nan], se=[1, np.nan], open_score=[90, 70], open_se=[1, 1])
    assert result.flagged.tolist() == [True, False]
    assert result.p_adjusted[0] == result.p_value[0]
    assert np.isnan([result.difference[1], result.p_adjusted[1]]).all()


@repeatable
@given(st.lists(st.floats(-6, 6), min_size=1, max_size=12))
def test_adjusted_values_keep_the_order_and_holm_is_stricter(z: list[float]) -> None:
    zeros, ones = np.zeros(len(z)), np.ones(len(z))
    arguments: dict[str, Any] = {"score": zeros, "se": ones, "open_score": np.array(z), "open_se": zeros}
    holm = compare_channels(**arguments)
    rate = compare_channels(**arguments, adjustment="benjamini-hochberg")
    assert np.all(holm.p_adjusted >= rate.p_adjusted - 1e-12)
    assert np.all(rate.p_adjusted >= holm.p_value - 1e-12)
    order = np.argsort(holm.p_value, kind="stable")
    assert np.all(np.diff(holm.p_adjusted[order]) >= 0)
    assert np.all(np.diff(rate.p_adjusted[order]) >= 0)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"se": [0.0, 1], "open_se": [0.0, 1]}, BadValue),
        ({"se": [-1.0, 1]}, BadValue),
        ({"se": [1.0]}, ShapeMismatch),
        ({"alpha": 5}, BadProportion),
    ],
)
def test_comparisons_that_cannot_be_made(change: dict[str, Any], error: type[Exception]) -> None:
    good: dict[str, Any] = {"score": [80.0, 81], "se": [1.0, 1], "open_score": [82.0, 83], "open_se": [1.0, 1]}
    with pytest.raises(error):
        compare_channels(**{**good, **change})


def test_the_reference_column_stands_for_the_population() -> None:
    codes = np.array([list(b"1"), list(b"1"), list(b"3"), list(b"0")], dtype=np.uint8)
    age = Margin(name="年龄", category=[1, 1, 2, 2], totals={1: 50, 2: 50})
    result = calibrated_reference(codes, scale=SCALE, margins=[age])
    assert result.score == pytest.approx([100 * 50 / 75])
    assert result.n_judging.tolist() == [3]
    assert result.label == "参考"
    assert not {"se", "ci_low", "covariance"} & set(dir(result))
    with pytest.raises(EmptyMargin):
        calibrated_reference(
            codes, scale=SCALE, margins=[Margin(name="a", category=[1, 1, 2, 2], totals={1: 5, 2: 5, 3: 9})]
        )
    with pytest.raises(ShapeMismatch):
        calibrated_reference(codes[:0], scale=SCALE, margins=[age])
