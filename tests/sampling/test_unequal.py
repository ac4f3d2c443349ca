"""Systematic and unequal draws: the probabilities are what they say, and the draw is its hash."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import BadSize, SampleLargerThanStratum
from sampling.unequal import (
    joint_hajek,
    joint_srs,
    joint_systematic,
    pps_pareto,
    pps_systematic,
    random_start,
    size_probabilities,
    systematic,
    uniforms,
)

SIZES = [1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 30.0]
IDS = [f"site-{no}" for no in range(len(SIZES))]
TRIALS = 4000


def test_the_start_and_the_uniforms_are_their_hashes() -> None:
    start = int.from_bytes(hashlib.sha256(b"123456,salt,start").digest()[:8], "big") >> 11
    assert random_start(seed="123456", salt="salt") == start / 2**53
    first = int.from_bytes(hashlib.sha256(b"123456,salt,site-0").digest()[:8], "big") >> 11
    assert uniforms(IDS, seed="123456", salt="salt")[0] == (first + 0.5) / 2**53


@given(st.integers(1, 60), st.integers(1, 60), st.text("0123456789", min_size=6, max_size=9))
def test_systematic_draws_are_spread_evenly(size: int, n: int, seed: str) -> None:
    if n > size:
        with pytest.raises(SampleLargerThanStratum):
            systematic(size, n=n, seed=seed, salt="s")
        return
    drawn = systematic(size, n=n, seed=seed, salt="s")
    assert len(set(drawn.tolist())) == n
    gaps = np.diff(drawn)
    assert all(gap in {math.floor(size / n), math.ceil(size / n)} for gap in gaps.tolist())


def test_probabilities_follow_size_and_giants_are_certain() -> None:
    pi = size_probabilities(SIZES, n=3)
    assert pi[6] == 1.0
    assert pi[:6] == pytest.approx(2 * np.array(SIZES[:6]) / sum(SIZES[:6]))
    assert pi.sum() == pytest.approx(3)
    chained = size_probabilities([1, 1, 10, 100], n=3)
    assert chained.tolist() == [0.5, 0.5, 1.0, 1.0]


@pytest.mark.parametrize("draw", ["systematic", "pareto"])
def test_inclusion_frequencies_match_the_probabilities(draw: str) -> None:
    counts, pairs = np.zeros(len(SIZES)), np.zeros((len(SIZES), len(SIZES)))
    for trial in range(TRIALS):
        seed = f"{trial:06}"
        if draw == "systematic":
            outcome = pps_systematic(SIZES, n=3, seed=seed, salt="t")
        else:
            outcome = pps_pareto(IDS, SIZES, n=3, seed=seed, salt="t")
        assert len(outcome.positions) == 3
        assert 6 in outcome.positions
        counts[outcome.positions] += 1
        pairs[np.ix_(outcome.positions, outcome.positions)] += 1
    pi = size_probabilities(SIZES, n=3)
    error = 4 * np.sqrt(pi * (1 - pi) / TRIALS)
    # With three of seven the Pareto draw is off its nominal probabilities by up to about a hundredth.
    assert np.all(np.abs(counts / TRIALS - pi) <= error + (0.015 if draw == "pareto" else 1e-9))
    if draw == "systematic":
        joint = joint_systematic(pi)
        assert np.all(np.abs(pairs / TRIALS - joint) <= 4 * np.sqrt(joint * (1 - joint) / TRIALS) + 1e-9)


def test_joint_probabilities_agree_with_first_order_ones() -> None:
    pi = size_probabilities(SIZES, n=3)
    exact = joint_systematic(pi)
    assert exact.diagonal() == pytest.approx(pi)
    assert exact.sum(axis=1) == pytest.approx(3 * pi)
    near = joint_hajek(pi)
    assert near.diagonal() == pytest.approx(pi)
    assert joint_srs(10, 4) == pytest.approx(12 / 90)
    assert joint_srs(1, 1) == 1.0
    assert joint_hajek([1.0, 1.0]).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_a_pareto_draw_keeps_certain_entries_and_weights_are_inverse() -> None:
    outcome = pps_pareto(IDS, SIZES, n=3, seed="123456", salt="t")
    assert outcome.positions[0] == 6
    assert outcome.weights == pytest.approx(1 / outcome.probabilities[outcome.positions])
    assert outcome.certain.tolist() == [False] * 6 + [True]


def test_a_longer_pareto_draw_has_other_probabilities_and_may_begin_otherwise() -> None:
    ids, sizes = [f"v{i}" for i in range(30)], [1.0 + i for i in range(30)]
    short, long = (pps_pareto(ids, sizes, n=n, seed="3", salt="p").positions.tolist() for n in (5, 12))
    assert short == [23, 19, 29, 26, 13]
    assert long[:5] == [23, 29, 19, 26, 25]
    equal = [1.0] * 30  # equal sizes: equal probabilities for every n, so the order is that of the keys
    short, long = (pps_pareto(ids, equal, n=n, seed="3", salt="p").positions.tolist() for n in (5, 12))
    assert long[:5] == short


def test_measures_that_make_no_sense() -> None:
    for bad in ([-1.0, 2.0], [math.nan, 1.0], [[1.0]]):
        with pytest.raises(BadSize):
            size_probabilities(bad, n=1)
    with pytest.raises(SampleLargerThanStratum):
        size_probabilities([1.0, 0.0], n=2)
    with pytest.raises(BadSize):
        pps_pareto(["a"], [1.0, 2.0], n=1, seed="123456", salt="t")
