"""Chances in the tails are those of scipy.stats; what is usual is measured without what stands out."""

import numpy as np
import pytest
from scipy import stats

from survey_models.flags.tails import (
    benjamini_hochberg,
    correlation_of,
    count_tail,
    fellow_shares,
    share_tail,
    spread_of,
)


@pytest.mark.parametrize("mean", [0.3, 4.0, 80.0])
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.8])
def test_count_tails_are_those_of_the_negative_binomial(mean: float, spread: float) -> None:
    k = np.array([0, 1, 3, 10, 60, 200])
    if spread:
        size = 1 / spread
        expected = stats.nbinom.sf(k - 1, size, size / (size + mean))
    else:
        expected = stats.poisson.sf(k - 1, mean)
    assert count_tail(k, mean, spread) == pytest.approx(expected, rel=1e-9)


def test_share_tails_are_those_of_the_beta_binomial() -> None:
    k, n = np.array([0, 3, 40, 40]), np.array([20, 50, 200, 200])
    share, rho = np.array([0.1, 0.05, 0.08, 0.2]), 0.01
    total = 1 / rho - 1
    expected = stats.betabinom.sf(k - 1, n, share * total, (1 - share) * total)
    assert share_tail(k, n, share, rho) == pytest.approx(expected, rel=1e-6)


def test_benjamini_hochberg_is_scipys() -> None:
    rng = np.random.default_rng(5)
    p = np.concatenate([rng.random(80), rng.random(8) * 1e-4])
    assert (benjamini_hochberg(p, 0.01) == (stats.false_discovery_control(p) <= 0.01)).all()
    assert not benjamini_hochberg(np.ones(3), 0.01).any()


def test_the_usual_correlation_is_found_although_some_cells_are_stuffed() -> None:
    rng = np.random.default_rng(6)
    n, rho = np.full(400, 250), 0.01
    p = rng.beta(0.1 * 99, 0.9 * 99, 400)
    k = rng.binomial(n, p)
    z2 = (k - n * 0.1) ** 2 / (n * 0.1 * 0.9)
    clean = correlation_of(z2, n.astype(float), least=0.0001)
    z2[:20] = 400.0
    stuffed = correlation_of(z2, n.astype(float), least=0.0001)
    assert clean == pytest.approx(rho, rel=0.25)
    assert stuffed == pytest.approx(rho, rel=0.45)
    assert correlation_of(np.zeros(9), np.full(9, 50.0), least=0.0001) == 0.0001


def test_spread_is_that_of_the_gamma_behind_the_counts() -> None:
    rng = np.random.default_rng(7)
    expected = np.full(20_000, 30.0)
    counts = rng.poisson(expected * rng.gamma(10, 1 / 10, 20_000)).astype(float)
    assert spread_of(counts, expected, least=0.0) == pytest.approx(0.1, rel=0.1)
    assert spread_of(expected, expected, least=0.02) == 0.02


def test_fellows_are_of_the_same_cohort_while_there_are_enough() -> None:
    k, n = np.array([10, 12, 11, 50, 52, 51]), np.full(6, 100)
    cohort = np.array([0, 0, 0, 1, 1, 1])
    alike, rest = fellow_shares(k, n, cohort, least_cells=3)
    assert alike[0] == pytest.approx(0.115, abs=0.02)
    assert rest.tolist() == [200] * 6
    everybody, rest = fellow_shares(k, n, cohort, least_cells=4)
    assert 0.2 < everybody[0] < 0.4
    assert rest.tolist() == [500] * 6
