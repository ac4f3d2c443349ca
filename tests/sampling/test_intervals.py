import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import BadProportion
from sampling.intervals import t_interval, wilson
from tests.sampling.properties import repeatable


def test_wilson_of_five_in_ten() -> None:
    low, high = wilson(0.5, 10)
    assert float(low) == pytest.approx(0.236593, abs=1e-6)
    assert float(high) == pytest.approx(0.763407, abs=1e-6)


def test_wilson_at_the_ends_stays_inside() -> None:
    low, high = wilson([0.0, 1.0], 30.0)
    assert low[0] == pytest.approx(0)
    assert high[1] == pytest.approx(1)
    # z^2/(n + z^2) with z = 1.959964
    assert high[0] == pytest.approx(3.841459 / 33.841459, abs=1e-6)
    assert low[1] == pytest.approx(30 / 33.841459, abs=1e-6)


def test_wilson_without_answers_is_not_a_number() -> None:
    low, high = wilson([0.5, np.nan], [0.0, 10.0])
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_students_t() -> None:
    low, high = t_interval([50.0, 50.0, 50.0], [1.0, 1.0, 1.0], df=[10, 1, 0])
    assert high[:2] - 50 == pytest.approx([2.228139, 12.706205], abs=1e-6)
    assert low[:2] + high[:2] == pytest.approx([100.0, 100.0])
    assert np.isnan(low[2])


@pytest.mark.parametrize(("p", "n", "level"), [(1.01, 10, 0.95), (-0.1, 10, 0.95), (0.5, -1, 0.95), (0.5, 9, 1.0)])
def test_per_cent_and_impossible_levels_are_refused(p: float, n: float, level: float) -> None:
    with pytest.raises(BadProportion):
        wilson(p, n, level=level)


@repeatable
@given(st.floats(0, 1), st.floats(0.5, 1e6), st.floats(0.5, 0.99))
def test_the_rate_lies_in_its_interval(p: float, n: float, level: float) -> None:
    low, high = wilson(p, n, level=level)
    assert 0 <= low <= p + 1e-12
    assert p - 1e-12 <= high <= 1
    wider = wilson(p, n / 2, level=level)
    assert wider[1] - wider[0] >= high - low - 1e-12
