from typing import Any

import numpy as np
import pytest

from sampling.composites import Part, combine
from sampling.errors import BadCovariance, BadValue, ShapeMismatch
from sampling.intervals import t_interval


def test_components_of_luohe() -> None:
    shares = [0.40, 0.15, 0.10, 0.10, 0.10, 0.10, 0.05]
    scores = [235 / 3, 82, 90, 75, 80, 85, 96]
    result = combine([Part(coefficient=a, score=[r], covariance=0.0) for a, r in zip(shares, scores, strict=True)])
    assert round(float(result.value[0]), 4) == 81.4333
    assert result.se[0] == 0
    assert result.ci_low[0] == result.ci_high[0] == result.value[0]


def test_two_half_years_halve_the_error_of_each() -> None:
    cov = np.array([[4.0, 1.0], [1.0, 9.0]])
    halves = [Part(coefficient=0.5, score=[80.0, 70.0], covariance=cov, df=30) for _ in range(2)]
    year = combine(halves)
    assert year.value.tolist() == [80, 70]
    np.testing.assert_allclose(year.covariance, cov / 2)
    assert year.df.tolist() == [60, 60]
    low, high = t_interval([80.0], [np.sqrt(2)], df=[60])
    assert (year.ci_low[0], year.ci_high[0]) == (pytest.approx(low[0]), pytest.approx(high[0]))


def test_satterthwaite_follows_the_part_that_errs() -> None:
    parts = [
        Part(coefficient=1, score=[1.0], covariance=[9.0], df=5),
        Part(coefficient=2, score=[1.0], covariance=[0.25], df=50),
    ]
    assert combine(parts).df.tolist() == [int(100 / (81 / 5 + 1 / 50))]


def test_a_unit_without_a_component() -> None:
    parts = [
        Part(coefficient=[0.6, 1.0], score=[50.0, 90.0], covariance=[1.0, 1.0], df=20),
        Part(coefficient=[0.4, 0.0], score=[100.0, np.nan], covariance=[1.0, np.nan], df=[20, 0]),
    ]
    result = combine(parts)
    assert result.value == pytest.approx([70, 90])
    assert result.se == pytest.approx([np.sqrt(0.52), 1])
    assert result.n.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"score": [1.0, np.nan]}, BadValue),
        ({"score": [1.0]}, ShapeMismatch),
        ({"coefficient": [1.0, 1.0, 1.0]}, ShapeMismatch),
        ({"coefficient": np.inf}, BadValue),
        ({"covariance": [1.0, -1.0]}, BadCovariance),
        ({"covariance": [1.0, np.nan]}, BadCovariance),
        ({"covariance": np.ones(3)}, ShapeMismatch),
        ({"df": 0}, BadValue),
    ],
)
def test_parts_that_do_not_fit(change: dict[str, Any], error: type[Exception]) -> None:
    good = {"coefficient": 1.0, "score": [1.0, 2.0], "covariance": [1.0, 1.0], "df": 9}
    with pytest.raises(error):
        combine([Part(**good), Part(**{**good, **change})])  # type: ignore[arg-type]
    with pytest.raises(ShapeMismatch):
        combine([])
