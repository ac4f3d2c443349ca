from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.calibration import Margin, rake
from sampling.errors import BadReplicates, EmptyMargin, LonelyStratum, ShapeMismatch
from sampling.estimation import designed_estimates
from sampling.estimators import means
from sampling.replicates import CHUNK, ballot_scores, jackknife, raking_again, rao_wu, rao_wu_factors
from sampling.variance import SampleDesign
from tests.sampling.properties import repeatable
from tests.sampling.samples import Sample, samples
from tests.sampling.worked import SCALE


@repeatable
@given(st.integers(1, 6), st.text("0123456789", min_size=1), st.booleans())
def test_two_psus_weigh_nothing_or_double(strata: int, seed: str, clustered: bool) -> None:
    label = np.repeat(np.arange(strata), 4 if clustered else 2)
    psu = np.tile([0, 1, 1, 0], strata) if clustered else None
    design = SampleDesign.of(weights=np.ones(len(label)), strata=label, psu=psu)
    factors = rao_wu_factors(design, seed=seed, first=0, count=20)
    assert set(np.unique(factors)) <= {0.0, 2.0}
    for h in range(strata):
        assert np.all(factors[:, label == h].mean(axis=1) == 1)


@repeatable
@given(samples(), st.booleans())
def test_factors_keep_the_psus_of_each_stratum(sample: Sample, finite: bool) -> None:
    exist = dict.fromkeys(sample.strata, 9) if finite else None
    design = SampleDesign.of(weights=sample.weights, strata=sample.strata, psu=sample.points, population=exist)
    factors = rao_wu_factors(design, seed="1", first=0, count=8)
    for h in set(sample.strata):
        rows = [i for i, own in enumerate(sample.strata) if own == h]
        first = {sample.points[i]: i for i in rows}
        np.testing.assert_allclose(factors[:, list(first.values())].sum(axis=1), len(first), rtol=1e-12)
        for i in rows:
            assert np.array_equal(factors[:, i], factors[:, first[sample.points[i]]])


def city(n: int = 240) -> tuple[Any, SampleDesign]:
    rng = np.random.default_rng(9)
    strata = np.repeat(np.arange(4), n // 4)
    codes = rng.choice(SCALE.octets, size=(n, 5), p=[0.5, 0.2, 0.2, 0.1])
    people = {0: 100, 1: 200, 2: 500, 3: 900}
    return codes, SampleDesign.of(weights=1.0 + strata, strata=strata, population=people)


def test_bootstrap_and_jackknife_meet_taylor() -> None:
    codes, design = city()
    figure = ballot_scores(codes, scale=SCALE)
    taylor = designed_estimates(codes, scale=SCALE, design=design)
    jack, boot = jackknife(figure, design), rao_wu(figure, design, seed="5", replicates=2000)
    np.testing.assert_allclose(jack.value, taylor.score)
    np.testing.assert_allclose(jack.se, taylor.se, rtol=0.02)
    np.testing.assert_allclose(boot.se, taylor.se, rtol=0.06)
    assert boot.replicates.shape == (2000, 5)
    assert jack.replicates.shape == (240, 5)


def test_the_same_seed_repeats_and_more_replicates_keep_the_first() -> None:
    codes, design = city()
    figure = ballot_scores(codes, scale=SCALE)
    one, two = (rao_wu(figure, design, seed="5", replicates=r).replicates for r in (CHUNK, 2 * CHUNK))
    assert np.array_equal(one, two[:CHUNK])
    assert not np.array_equal(one, rao_wu(figure, design, seed="6", replicates=CHUNK).replicates)


def test_raking_is_repeated_in_every_replicate() -> None:
    rng = np.random.default_rng(1)
    y, psu = rng.normal(50, 9, 300), np.repeat(np.arange(30), 10)
    group = (y + rng.normal(0, 1, 300) > 50).astype(int)
    margin = Margin(name="g", category=group, totals={0: 500, 1: 500})
    base = SampleDesign.of(weights=rng.uniform(1, 4, 300), psu=psu)

    def figure(weights: Any) -> Any:
        return ((weights @ y) / weights.sum(axis=1))[:, None]

    raked = jackknife(figure, base, reweight=raking_again([margin]))
    fitted = rake(base.weights, [margin])
    taylor = means(y, SampleDesign.of(calibration=fitted, psu=psu, residual_rule="weighted"))
    assert raked.value[0] == pytest.approx(taylor.value[0])
    assert raked.se[0] == pytest.approx(taylor.se[0], rel=0.1)
    assert raked.se[0] < 0.95 * jackknife(figure, base).se[0]
    with pytest.raises(BadReplicates, match="reweight"):
        jackknife(figure, SampleDesign.of(calibration=fitted, psu=psu))


def test_a_category_that_lives_in_one_cluster_is_named() -> None:
    margin = Margin(name="g", category=[1, 1, 1, 2], totals={1: 3, 2: 1})
    design = SampleDesign.of(weights=np.ones(4), psu=[1, 2, 3, 4])
    with pytest.raises(EmptyMargin, match="'g'"):
        jackknife(lambda w: w[:, :1], design, reweight=raking_again([margin]))


def test_units_that_some_sheets_do_not_carry() -> None:
    codes, design = city()
    held = np.random.default_rng(3).random(codes.shape) < 0.7
    value = rao_wu(ballot_scores(codes, scale=SCALE, carries=held), design, seed="1", replicates=2).value
    np.testing.assert_allclose(value, designed_estimates(codes, scale=SCALE, design=design, carries=held).score)


def test_designs_that_cannot_be_replicated() -> None:
    codes, design = city()
    figure = ballot_scores(codes, scale=SCALE)
    with pytest.raises(BadReplicates):
        rao_wu(figure, design, seed="1", replicates=1)
    with pytest.raises(ShapeMismatch):
        rao_wu(lambda w: w[0], design, seed="1", replicates=2)
    with pytest.raises(LonelyStratum, match="stratum 8"):
        jackknife(figure, SampleDesign.of(weights=np.ones(3), strata=[7, 7, 8]))
    stages = SampleDesign.of(weights=np.ones(4), psu=[1, 1, 2, 2], population={0: 5}, psu_size=[9] * 4)
    with pytest.raises(BadReplicates, match="two-stage"):
        jackknife(figure, stages)
