"""Ballots and numbers under every design: against the slow formula and against each other."""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import variance
from sampling.calibration import Margin, calibrate_linear, poststratify, rake
from sampling.errors import (
    BadMargin,
    BadValue,
    LonelyStratum,
    SampleLargerThanStratum,
    ShapeMismatch,
    UnknownStratum,
)
from sampling.estimation import designed_estimates, domain_estimates
from sampling.estimators import domain_means, means, ratios, shares, totals
from sampling.variance import SampleDesign
from tests.sampling import slow
from tests.sampling.properties import repeatable
from tests.sampling.samples import Sample, samples
from tests.sampling.worked import SCALE

VALUES = {"1": 100.0, "2": 60.0, "3": 0.0}


def numbers(sample: Sample) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Scores (n, U) and who judges."""
    columns = [sample.answers(u) for u in range(len(sample.sheets[0]))]
    judges = np.array([[answer in VALUES for answer in column] for column in columns]).T
    return np.array([[VALUES.get(answer, 0.0) for answer in column] for column in columns]).T, judges


def plain_design(sample: Sample, **options: Any) -> SampleDesign:
    return SampleDesign.of(weights=sample.weights, strata=sample.strata, psu=sample.points, **options)


@repeatable
@given(samples(variants=False))
def test_a_domain_mean_is_a_ratio_and_the_score_of_the_ballots(sample: Sample) -> None:
    values, judges = numbers(sample)
    design = plain_design(sample)
    ballots = designed_estimates(sample.codes, scale=SCALE, design=design)
    domain = domain_means(np.where(judges, values, np.nan), judges, design)
    ratio = ratios(values * judges, judges.astype(float), design)
    for other in (domain, ratio):
        np.testing.assert_allclose(other.value, ballots.score, rtol=1e-10)
        np.testing.assert_allclose(other.se, ballots.se, rtol=1e-9, atol=1e-9)
        assert ballots.covariance is not None
        np.testing.assert_allclose(other.covariance, ballots.covariance, rtol=1e-9, atol=1e-9)
    assert domain.n.tolist() == ballots.n_judging.tolist()


@repeatable
@given(samples(), st.randoms(use_true_random=False), st.sampled_from([0.01, 5.0]))
def test_order_and_scale_of_weights_do_not_matter(sample: Sample, random: Any, factor: float) -> None:
    values, _ = numbers(sample)
    order = list(range(len(sample.sheets)))
    random.shuffle(order)
    shuffled = SampleDesign.of(
        weights=factor * np.array(sample.weights)[order],
        strata=np.array(sample.strata)[order],
        psu=np.array(sample.points)[order],
    )
    one, other = means(values, plain_design(sample)), means(values[order], shuffled)
    total, scaled = totals(values, plain_design(sample)), totals(values[order], shuffled)
    np.testing.assert_allclose(one.value, other.value, rtol=1e-10)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(factor * total.value, scaled.value, rtol=1e-10)
    # The root of a rounding error is large beside it.
    np.testing.assert_allclose(factor * total.se, scaled.se, rtol=1e-9, atol=1e-6)


def two_stage(sample: Sample) -> tuple[SampleDesign, dict[int, int], npt.NDArray[np.int64]]:
    """Two more points than sampled in each stratum, one more sheet in each point than in the sample."""
    pairs = list(zip(sample.strata, sample.points, strict=True))
    exist = {h: 2 + len({pair for pair in pairs if pair[0] == h}) for h in sample.strata}
    sizes = np.array([1 + pairs.count(pair) for pair in pairs])
    return plain_design(sample, population=exist, psu_size=sizes, lonely="adjust"), exist, sizes


@repeatable
@given(samples())
def test_two_stages_by_the_slow_formula(sample: Sample) -> None:
    design, exist, sizes = two_stage(sample)
    result = designed_estimates(sample.codes, scale=SCALE, design=design, carries=sample.carries)
    if not result.n_judging[0]:
        return
    scores: dict[str, int | None] = {"1": 100, "2": 60, "3": 0}
    z = slow.influence(sample.answers(0), [Fraction(w) for w in sample.weights], scores)
    pairs = list(zip(sample.strata, sample.points, strict=True))
    held = [c[0] for c in sample.carries]
    live = {h for h, inside in zip(sample.strata, held, strict=True) if inside}
    exact = slow.covariance(z, z, sample.strata, sample.points, exist)
    for pair in sorted(set(pairs)):
        own = [i for i, other in enumerate(pairs) if other == pair]
        taken = Fraction(len({p for p in pairs if p[0] == pair[0]}), exist[pair[0]])
        inner = slow.covariance(
            [z[i] for i in own], [z[i] for i in own], [0] * len(own), own, {0: int(sizes[own[0]])}, adjust=True
        )
        exact += taken * inner if pair[0] in live else 0
    assert result.se[0] ** 2 == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


def raked_case(sample: Sample) -> tuple[list[Margin], npt.NDArray[np.float64]]:
    stratum = Margin(name="s", category=sample.strata, totals={h: 10.0 * (h + 1) for h in sample.strata})
    design_weights = np.array(sample.weights, dtype=float)
    return [stratum], design_weights


@repeatable
@given(samples(variants=False), st.booleans())
def test_calibrated_covariance_by_residuals(sample: Sample, points: bool) -> None:
    """Post-strata, raking to one margin and linear calibration on its categories are one and the same."""
    values, judges = numbers(sample)
    (margin,), d = raked_case(sample)
    fitted = poststratify(d, margin)
    psu = sample.points if points else None
    strata = np.zeros(len(d), dtype=int)
    places = 100 * np.array(sample.strata) + np.array(sample.points)
    keys = sorted(margin.totals)
    x = np.array([[h == key for key in keys] for h in sample.strata], dtype=float)
    line = calibrate_linear(d, x, [margin.totals[key] for key in keys])
    w = fitted.weights
    score = np.divide(w @ (values * judges), w @ judges, out=np.zeros(values.shape[1]), where=w @ judges > 0)
    u = judges * (values - score) / np.maximum(w @ judges, 1e-300)
    residual = u - x @ np.linalg.lstsq(x * np.sqrt(d)[:, None], u * np.sqrt(d)[:, None], rcond=None)[0]
    z = w[:, None] * residual
    index = np.unique(places if psu else np.arange(len(d)), return_inverse=True)[1]
    sums = np.zeros((index.max() + 1, z.shape[1]))
    np.add.at(sums, index, z)
    n = len(sums)
    expected = n / (n - 1) * (sums - sums.mean(axis=0)).T @ (sums - sums.mean(axis=0))
    for c in (fitted, rake(d, [margin]), line):
        design = SampleDesign.of(calibration=c, strata=strata, psu=places if psu else None, residual_rule="weighted")
        got = designed_estimates(sample.codes, scale=SCALE, design=design)
        there = got.n_judging > 0
        np.testing.assert_allclose(got.score[there], score[there], rtol=1e-9)
        assert got.covariance is not None
        np.testing.assert_allclose(
            got.covariance[np.ix_(there, there)], expected[np.ix_(there, there)], rtol=1e-7, atol=1e-7
        )


@repeatable
@given(samples(variants=False))
def test_a_margin_has_no_error_after_calibration(sample: Sample) -> None:
    (margin,), d = raked_case(sample)
    design = SampleDesign.of(calibration=rake(d, [margin]), psu=sample.points, lonely="adjust")
    numbers_of_category, share = shares(sample.strata, design)
    people = np.array([margin.totals[int(h)] for h in numbers_of_category])
    np.testing.assert_allclose(share.value, people / people.sum(), rtol=1e-9)
    np.testing.assert_allclose(share.se, 0, atol=1e-9)
    inside = np.array(sample.strata)[:, None] == numbers_of_category
    np.testing.assert_allclose(totals(inside, design).se, 0, atol=1e-7)


def test_clusters_that_were_raked_get_the_safe_rule() -> None:
    margins = [Margin(name="a", category=[1, 1, 2, 2], totals={1: 5, 2: 9})]
    raked, post = rake(np.ones(4), margins), poststratify(np.ones(4), margins[0])
    assert SampleDesign.of(calibration=raked, psu=[1, 2, 3, 4]).residual_rule == "margin_means"
    assert SampleDesign.of(calibration=raked).residual_rule == "weighted"
    assert SampleDesign.of(calibration=post, psu=[1, 2, 3, 4]).residual_rule == "weighted"
    told = SampleDesign.of(calibration=raked, psu=[1, 2, 3, 4], residual_rule="weighted")
    assert told.residual_rule == "weighted"


def test_small_blocks_give_the_same_covariance(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    y, g = rng.normal(size=(50, 3)), rng.integers(0, 3, 50)
    margin = Margin(name="g", category=g, totals={0: 30, 1: 50, 2: 20})
    design = SampleDesign.of(calibration=rake(rng.uniform(1, 3, 50), [margin]), psu=rng.integers(0, 9, 50))
    whole = means(y, design).covariance
    monkeypatch.setattr(variance, "BLOCK", 4)
    np.testing.assert_allclose(means(y, design).covariance, whole, rtol=1e-9)


def test_few_members_leave_few_degrees_of_freedom() -> None:
    design = SampleDesign.of(weights=np.ones(8), strata=[1] * 4 + [2] * 4, psu=[1, 1, 2, 3, 4, 4, 5, 6])
    member = np.array([1, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
    assert means(np.arange(8.0), design).df.tolist() == [4]
    assert domain_means(np.arange(8.0), member, design).df.tolist() == [1]
    nobody = domain_means(np.arange(8.0), np.zeros(8, dtype=bool), design)
    assert np.isnan([nobody.value[0], nobody.se[0], nobody.ci_low[0]]).all()


def test_one_quantity_over_many_domains() -> None:
    design = SampleDesign.of(weights=[1, 2, 3, 4])
    member = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
    result = domain_means([1.0, 4.0, 7.0, 14.0], member, design)
    assert result.value == pytest.approx([3, 11])
    with pytest.raises(ValueError, match="read-only"):
        result.value[0] = 0


GOOD: dict[str, Any] = {"weights": np.ones(4), "strata": [1, 1, 1, 1], "psu": [1, 1, 2, 2]}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"weights": None}, ShapeMismatch),
        ({"weights": []}, ShapeMismatch),
        ({"psu_size": [3] * 4}, UnknownStratum),
        ({"psu_size": [3] * 4, "population": {1: 5}, "psu": None}, UnknownStratum),
        ({"psu_size": [3] * 3, "population": {1: 5}}, ShapeMismatch),
        ({"psu_size": [3, 4, 3, 3], "population": {1: 5}}, BadMargin),
        ({"psu_size": [1] * 4, "population": {1: 5}}, SampleLargerThanStratum),
    ],
)
def test_designs_that_contradict_themselves(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        SampleDesign.of(**{**GOOD, **change})


def test_one_person_of_several_in_a_point_is_refused() -> None:
    arguments = {**GOOD, "psu": [1, 1, 1, 2], "population": {1: 5}, "psu_size": [6] * 4}
    with pytest.raises(LonelyStratum, match="stratum 1"):
        means(np.arange(4.0), SampleDesign.of(**arguments))
    whole = {**arguments, "psu_size": [6, 6, 6, 1]}
    assert means(np.arange(4.0), SampleDesign.of(**whole)).se[0] > 0


@pytest.mark.parametrize(
    ("values", "error"),
    [([1.0, np.nan, 1, 1], BadValue), ([1.0, 1], ShapeMismatch), (np.ones((4, 0)), ShapeMismatch)],
)
def test_values_that_do_not_fit(values: Any, error: type[Exception]) -> None:
    design = SampleDesign.of(**GOOD)
    with pytest.raises(error):
        totals(values, design)
    with pytest.raises(ShapeMismatch):
        domain_means(np.ones(4), np.ones(4), design)
    with pytest.raises(ShapeMismatch):
        domain_means(np.ones(4), np.ones((3, 2), dtype=bool), design)
    with pytest.raises(ShapeMismatch):
        ratios(np.ones((4, 2)), np.ones(4), design)
    with pytest.raises(ShapeMismatch):
        designed_estimates(np.full((3, 1), 49, dtype=np.uint8), scale=SCALE, design=design)


def test_the_two_doors_for_ballots_agree() -> None:
    codes = np.random.default_rng(1).choice(SCALE.octets, size=(30, 4))
    strata = np.repeat([1, 2, 3], 10)
    one = domain_estimates(codes, scale=SCALE, weights=np.ones(30), strata=strata, population={1: 20, 2: 30, 3: 40})
    design = SampleDesign.of(weights=np.ones(30), strata=strata, population={1: 20, 2: 30, 3: 40})
    other = designed_estimates(codes, scale=SCALE, design=design)
    assert np.array_equal(one.se, other.se)
