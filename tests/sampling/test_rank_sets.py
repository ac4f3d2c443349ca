from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import chance
from sampling.arrays import FloatArray
from sampling.errors import BadCovariance, BadProportion, BadSeed, BadValue, SamplingError, ShapeMismatch
from sampling.rank_sets import first_set, interval_rank_sets, last_set, rank_sets
from tests.sampling.properties import repeatable


def slow_sets(score: FloatArray, cov: FloatArray, *, seed: str, draws: int) -> tuple[list[int], list[int]]:
    """The same stepdown with plain loops over pairs."""
    p = len(score)
    values, vectors = np.linalg.eigh(cov)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    z = chance.normals(seed, "rank sets: normal", part=0, shape=(draws, p)) @ root
    sd = {(j, k): np.sqrt(cov[j, j] + cov[k, k] - 2 * cov[j, k]) for j in range(p) for k in range(p) if j != k}
    family, sure = set(sd), set()
    while family:
        worst = sorted(max((z[b, j] - z[b, k]) / sd[j, k] for j, k in family) for b in range(draws))
        critical = worst[int(np.ceil(0.95 * draws)) - 1]
        fresh = {(j, k) for j, k in family if (score[j] - score[k]) / sd[j, k] > critical}
        if not fresh:
            break
        sure |= fresh
        family -= fresh
    return (
        [1 + sum((k, j) in sure for k in range(p)) for j in range(p)],
        [p - sum((j, k) in sure for k in range(p)) for j in range(p)],
    )


@st.composite
def rankings(draw: st.DrawFn) -> tuple[FloatArray, FloatArray]:
    p = draw(st.integers(2, 6))
    score = draw(st.lists(st.floats(60, 90), min_size=p, max_size=p))
    root = draw(st.lists(st.lists(st.floats(-2, 2), min_size=p, max_size=p), min_size=p, max_size=p))
    return np.array(score), np.array(root) @ np.array(root).T + 0.1 * np.eye(p)


@repeatable
@given(rankings(), st.sampled_from(["1", "dice 4"]))
def test_sets_are_those_of_the_slow_stepdown(case: tuple[FloatArray, FloatArray], seed: str) -> None:
    result = rank_sets(*case, seed=seed, draws=40)
    lowest, highest = slow_sets(*case, seed=seed, draws=40)
    assert result.lowest.tolist() == lowest
    assert result.highest.tolist() == highest


@repeatable
@given(rankings(), st.data())
def test_one_sided_sets_are_never_larger(case: tuple[FloatArray, FloatArray], data: st.DataObject) -> None:
    score, cov = case
    p = len(score)
    k = data.draw(st.integers(1, p - 1))
    both = rank_sets(score, cov, seed="s", draws=100)
    last, first = last_set(score, cov, k=k, seed="s", draws=100), first_set(score, cov, k=k, seed="s", draws=100)
    assert not np.any(last.possible & (both.highest <= p - k))
    assert np.all(last.certain | (both.lowest < p - k + 1))
    assert last.possible.sum() >= k >= last.certain.sum()
    assert not np.any(last.certain & ~last.possible)
    mirrored = last_set(-score, cov, k=k, seed="s", draws=100)
    assert np.array_equal(first.possible, mirrored.possible)
    worst, best = int(np.argmin(score)), int(np.argmax(score))
    assert last.possible[worst]
    assert first.possible[best]
    assert both.lowest[best] == 1
    assert both.highest[worst] == p


@repeatable
@given(rankings(), st.sampled_from([0.01, 30.0]), st.floats(-50, 50))
def test_scale_and_shift_do_not_matter(case: tuple[FloatArray, FloatArray], factor: float, shift: float) -> None:
    score, cov = case
    one = rank_sets(np.round(score, 3), cov, seed="s", draws=100)
    other = rank_sets(factor * np.round(score, 3) + shift, factor**2 * cov, seed="s", draws=100)
    assert np.array_equal(one.lowest, other.lowest)
    assert np.array_equal(one.highest, other.highest)


def test_one_clear_last_names_one_and_not_two() -> None:
    score, cov = [80.0, 80.2, 80.1, 79.9, 80.0, 60.0], np.eye(6)
    sets = rank_sets(score, cov, seed="7")
    assert (sets.lowest[5], sets.highest[5]) == (6, 6)
    assert sets.highest[:5].tolist() == [5] * 5
    one, two = last_set(score, cov, k=1, seed="7"), last_set(score, cov, k=2, seed="7")
    assert one.possible.tolist() == one.certain.tolist() == [False] * 5 + [True]
    assert two.possible.tolist() == [True] * 6
    assert two.certain.tolist() == [False] * 5 + [True]


def test_what_is_known_without_error_is_sure() -> None:
    sets = rank_sets([3.0, 2.0, 2.0], np.zeros((3, 3)), seed="1")
    assert sets.lowest.tolist() == [1, 2, 2]
    assert sets.highest.tolist() == [1, 3, 3]
    assert last_set([3.0, 2.0, 2.0], np.zeros((3, 3)), k=1, seed="1").possible.tolist() == [False, True, True]
    together = rank_sets([3.0, 2.0], np.ones((2, 2)), seed="1")
    assert together.highest.tolist() == [1, 2]


def test_few_degrees_of_freedom_make_the_sets_wider() -> None:
    score, cov = np.arange(8.0) * 3, np.eye(8)
    normal, student = rank_sets(score, cov, seed="1"), rank_sets(score, cov, seed="1", df=4)
    assert (student.highest - student.lowest).sum() > (normal.highest - normal.lowest).sum()


def test_joint_intervals_by_hand() -> None:
    # Level 0.95 for three units: 0.95^(1/3) = 0.98305, half width 2.3877 se.
    sets = interval_rank_sets([90.0, 85.2, 85.0], [1.0, 1.0, 1.0])
    assert sets.lowest.tolist() == [1, 2, 2]
    assert sets.highest.tolist() == [1, 3, 3]
    closer = interval_rank_sets([90.0, 85.3, 85.0], [1.0, 1.0, 1.0])
    assert closer.highest.tolist() == [2, 3, 3]


@pytest.mark.parametrize("truth", [[0.0] * 7, [0, 0, 0, 1, 1, 2, 5], [0, 1, 2, 3, 4, 5, 6]])
def test_the_sets_cover_the_truth(truth: list[float]) -> None:
    """300 samples of correlated scores: all true ranks at once, and the true last two, in at least 95 % less noise."""
    true = np.array(truth)
    cov = 0.3 * np.eye(7) + 0.2
    noise = np.random.default_rng(11).multivariate_normal(np.zeros(7), cov, size=300)
    best = 1 + (true[None, :] > true[:, None]).sum(axis=1)
    worst = 7 - (true[None, :] < true[:, None]).sum(axis=1)
    last_two = (true[None, :] < true[:, None]).sum(axis=1) < 2
    held = np.zeros((300, 3), dtype=bool)
    for i, error in enumerate(noise):
        sets = rank_sets(true + error, cov, seed=str(i), draws=400)
        tail = last_set(true + error, cov, k=2, seed=str(i), draws=400)
        # A tied unit may claim any of its places: the set must not exclude a place that no true difference excludes.
        held[i, 0] = np.all((sets.lowest <= best) & (sets.highest >= worst))
        held[i, 1] = not np.any(last_two & ~tail.possible)
        held[i, 2] = not np.any(tail.certain & ~last_two)
    assert np.all(held.mean(axis=0) >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 300))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"score": [1.0]}, ShapeMismatch),
        ({"score": [1.0, np.nan]}, BadValue),
        ({"covariance": np.eye(3)}, ShapeMismatch),
        ({"covariance": [[1, 2], [0, 1]]}, BadCovariance),
        ({"covariance": [[1, 2], [2, 1]]}, BadCovariance),
        ({"covariance": [[1, np.nan], [np.nan, 1]]}, BadCovariance),
        ({"level": 95}, BadProportion),
        ({"draws": 10}, BadProportion),
        ({"seed": ""}, BadSeed),
    ],
)
def test_input_that_cannot_be_ranked(change: dict[str, Any], error: type[SamplingError]) -> None:
    good: dict[str, Any] = {"score": [1.0, 2.0], "covariance": np.eye(2), "seed": "s"}
    with pytest.raises(error):
        rank_sets(**{**good, **change})
    for k in (0, 2):
        with pytest.raises(BadProportion):
            last_set(**good, k=k)
    with pytest.raises(BadValue):
        interval_rank_sets([1.0, np.nan], [1.0, 1.0])
