from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import estimation
from sampling.designs import Lonely
from sampling.errors import (
    BadWeight,
    LonelyStratum,
    SampleLargerThanStratum,
    SamplingError,
    ShapeMismatch,
    UnknownOption,
    UnknownStratum,
)
from sampling.estimates import DomainEstimates
from sampling.estimation import domain_estimates
from sampling.scales import score_from_counts
from sampling.selection import design_weights, draw_stratified
from tests.sampling import slow
from tests.sampling.properties import repeatable
from tests.sampling.samples import Sample, counties, county_sheets, samples
from tests.sampling.worked import SCALE, example

SCORES: dict[str, int | None] = {"1": 100, "2": 60, "3": 0, "0": None}


def estimate(sample: Sample, *, points: bool, **options: Any) -> DomainEstimates:
    return domain_estimates(
        sample.codes,
        scale=SCALE,
        weights=options.pop("weights", sample.weights),
        strata=sample.strata,
        psu=sample.points if points else None,
        carries=sample.carries,
        **options,
    )


def psu_of(sample: Sample, *, points: bool) -> list[int]:
    return sample.points if points else list(range(len(sample.sheets)))


def close(value: float, exact: Fraction | None) -> bool:
    return (
        bool(np.isnan(value))
        if exact is None
        else bool(abs(value - float(exact)) <= 1e-9 * max(1.0, abs(float(exact))))
    )


@pytest.mark.parametrize("finite", [False, True])
def test_the_five_counties_of_luohe(*, finite: bool) -> None:
    codes, strata = county_sheets()
    _, people = counties()
    weight = np.array(people) / np.bincount(strata)
    population = dict(enumerate(people)) if finite else None
    result = domain_estimates(codes, scale=SCALE, weights=weight[strata], strata=strata, population=population)
    expected = example("luohe", "L2b")
    assert round(float(result.score[0]), 6) == expected["score"]
    assert round(float(result.se[0]), 6) == expected["se_fpc" if finite else "se_no_fpc"]
    assert round(float(100 * result.dont_know_rate[0]), 6) == expected["dont_know_rate"]
    assert round(float(100 * result.satisfied_rate[0]), 6) == expected["satisfied_rate"]
    assert round(float(result.unweighted_score[0]), 6) == example("luohe", "L2")["unweighted"]
    assert result.n_judging[0] == 9050
    assert result.n_dont_know[0] == 950
    assert result.df[0] == 9995
    assert result.ci_high[0] - result.score[0] == pytest.approx(1.96020 * result.se[0], rel=1e-4)


@repeatable
@given(samples(), st.booleans())
def test_scores_and_covariance_are_those_of_the_slow_formula(sample: Sample, points: bool) -> None:
    result = estimate(sample, points=points)
    assert result.covariance is not None
    weights = [Fraction(w) for w in sample.weights]
    units = len(sample.sheets[0])
    z = [slow.influence(sample.answers(u), weights, SCORES) for u in range(units)]
    for u in range(units):
        mean, _ = slow.score(sample.answers(u), weights, SCORES)
        assert close(result.score[u], mean)
        for v in range(units):
            absent = np.isnan(result.score[[u, v]]).any()
            exact = slow.covariance(z[u], z[v], sample.strata, psu_of(sample, points=points))
            assert close(result.covariance[u, v], None if absent else exact)
        assert close(result.se[u] ** 2, None if mean is None else Fraction(result.covariance[u, u]))


@repeatable
@given(samples(), st.booleans())
def test_counts_rates_and_effective_sizes(sample: Sample, points: bool) -> None:
    result = estimate(sample, points=points)
    for u in range(len(sample.sheets[0])):
        cells = list(zip(sample.answers(u), sample.weights, sample.strata, strict=True))
        judging = [w for answer, w, _ in cells if answer in "123"]
        unheard = [w for answer, w, _ in cells if answer == "0"]
        satisfied = [w for answer, w, _ in cells if answer in "12"]
        assert result.n_judging[u] == len(judging)
        assert result.n_dont_know[u] == len(unheard)
        everybody = sum(judging) + sum(unheard)
        assert close(result.dont_know_rate[u], Fraction(sum(unheard), everybody) if everybody else None)
        assert close(result.satisfied_rate[u], Fraction(sum(satisfied), sum(judging)) if judging else None)
        squares = sum(w * w for w in judging)
        assert close(result.n_eff[u], Fraction(sum(judging) ** 2, squares) if judging else Fraction(0))
        carrying = {s for s, c in zip(sample.strata, sample.carries, strict=True) if c[u]}
        pairs = set(zip(sample.strata, psu_of(sample, points=points), strict=True))
        assert result.df[u] == sum(s in carrying for s, _ in pairs) - len(carrying)


@repeatable
@given(samples(), st.booleans())
def test_the_finite_population_correction(sample: Sample, points: bool) -> None:
    psu = psu_of(sample, points=points)
    population = {s: 2 + len({p for t, p in zip(sample.strata, psu, strict=True) if t == s}) for s in sample.strata}
    result = estimate(sample, points=points, population=population)
    z = slow.influence(sample.answers(0), [Fraction(w) for w in sample.weights], SCORES)
    if result.n_judging[0]:
        assert close(result.se[0] ** 2, slow.covariance(z, z, sample.strata, psu, population))


@repeatable
@given(samples(), st.booleans(), st.sampled_from([0.001, 3.0, 1e7]))
def test_the_scale_of_the_weights_does_not_matter(sample: Sample, points: bool, factor: float) -> None:
    one = estimate(sample, points=points)
    other = estimate(sample, points=points, weights=[factor * w for w in sample.weights])
    for name in ("score", "se", "n_eff", "satisfied_rate", "dont_know_rate", "ci_low"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-7)


@repeatable
@given(samples(variants=False))
def test_equal_weights_give_the_plain_mean(sample: Sample) -> None:
    result = estimate(sample, points=False, weights=np.full(len(sample.sheets), 7.5))
    for u in range(len(sample.sheets[0])):
        counts = {code: sample.answers(u).count(code) for code in SCORES}
        if result.n_judging[u]:
            assert close(result.score[u], score_from_counts(counts, SCORES))
            assert result.score[u] == pytest.approx(result.unweighted_score[u])
            assert result.n_eff[u] == pytest.approx(result.n_judging[u])


@repeatable
@given(samples(), st.booleans())
def test_small_blocks_give_the_same_figures(sample: Sample, points: bool) -> None:
    whole = estimate(sample, points=points)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimation, "BLOCK", 3)
        pieces = estimate(sample, points=points)
        plain = estimate(sample, points=points, covariance=False)
    assert plain.covariance is None
    for name in ("score", "se", "n_judging", "df", "n_eff"):
        np.testing.assert_allclose(getattr(whole, name), getattr(pieces, name), rtol=1e-9, atol=1e-7)
        np.testing.assert_allclose(getattr(whole, name), getattr(plain, name), rtol=1e-9, atol=1e-7)


def lonely_case(lonely: Lonely, strata: list[int], psu: list[int], codes: bytes = b"12131123") -> float:
    column = np.frombuffer(codes, dtype=np.uint8)[:, None]
    result = domain_estimates(column, scale=SCALE, weights=np.ones(8), strata=strata, psu=psu, lonely=lonely)
    return float(result.se[0] ** 2)


def exact_case(strata: list[int], psu: list[int], *, adjust: bool = False) -> float:
    z = slow.influence("12131123", [Fraction(1)] * 8, SCORES)
    return float(slow.covariance(z, z, strata, psu, adjust=adjust))


PSU = [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_lonely_stratum_is_refused_by_name() -> None:
    with pytest.raises(LonelyStratum, match="stratum 7"):
        lonely_case("refuse", [5, 5, 5, 5, 5, 5, 7, 7], PSU)


def test_adjust_takes_the_spread_about_the_grand_mean() -> None:
    strata = [5, 5, 5, 5, 5, 5, 7, 7]
    assert lonely_case("adjust", strata, PSU) == pytest.approx(exact_case(strata, PSU, adjust=True))


@pytest.mark.parametrize(
    ("strata", "joined"),
    [
        ([5, 5, 5, 5, 5, 5, 7, 7], [5] * 8),  # the last goes to the one before
        ([3, 3, 5, 5, 5, 5, 5, 5], [5] * 8),  # the first goes to the next
        ([1, 1, 2, 2, 3, 3, 4, 4], [1, 1, 1, 1, 3, 3, 3, 3]),  # two lonely ones join each other
        ([1, 1, 2, 2, 2, 2, 3, 3], [1] * 8),
    ],
)
def test_collapse_joins_neighbours(strata: list[int], joined: list[int]) -> None:
    assert lonely_case("collapse", strata, PSU) == pytest.approx(exact_case(joined, PSU))


def test_collapse_needs_a_neighbour() -> None:
    with pytest.raises(LonelyStratum):
        lonely_case("collapse", [1] * 8, [1] * 8)


def test_collapse_only_joins_strata_with_the_same_units() -> None:
    codes = np.frombuffer(b"1213112313", dtype=np.uint8)[:, None]
    strata = [1, 1, 2, 2, 2, 3, 3, 3, 4, 4]
    psu = [1, 1, 1, 2, 2, 1, 1, 2, 1, 1]
    held = np.array([[s in (1, 3)] for s in strata])
    options: dict[str, Any] = {"scale": SCALE, "weights": np.ones(10), "lonely": "collapse"}
    result = domain_estimates(codes, strata=strata, psu=psu, carries=held, **options)
    keep = held[:, 0]
    alone = domain_estimates(
        codes[keep],
        strata=np.ones(5, dtype=int),
        psu=(10 * np.array(strata) + psu)[keep],
        **{**options, "weights": np.ones(5)},
    )
    assert result.se[0] == pytest.approx(alone.se[0])
    assert result.df[0] == alone.df[0] == 2


def test_a_stratum_without_the_unit_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    codes = rng.choice(SCALE.octets, size=(60, 2))
    strata = np.repeat([1, 2, 3], 20)
    held = np.ones((60, 2), dtype=bool)
    held[strata == 3, 1] = False
    both = domain_estimates(codes, scale=SCALE, weights=np.ones(60), strata=strata, carries=held)
    part = domain_estimates(codes[:40], scale=SCALE, weights=np.ones(40), strata=strata[:40])
    for name in ("score", "se", "df", "ci_low", "ci_high"):
        assert getattr(both, name)[1] == pytest.approx(getattr(part, name)[1])


def test_a_lonely_stratum_without_the_unit_does_no_harm() -> None:
    codes = np.frombuffer(b"1231", dtype=np.uint8)[:, None]
    held = np.array([[True], [True], [True], [False]])
    for rule in ("refuse", "collapse", "adjust"):
        result = domain_estimates(
            codes, scale=SCALE, weights=np.ones(4), strata=[1, 1, 1, 2], carries=held, lonely=rule
        )
        assert result.df[0] == 2


def test_a_unit_that_nobody_judges_has_no_score() -> None:
    codes = np.array([list(b"10"), list(b"2-"), list(b"3!")], dtype=np.uint8)
    result = domain_estimates(codes, scale=SCALE, weights=np.ones(3), strata=np.ones(3, dtype=int))
    assert result.n_judging.tolist() == [3, 0]
    for name in ("score", "se", "ci_low", "ci_high", "satisfied_rate", "unweighted_score"):
        values = getattr(result, name)
        assert not np.isnan(values[0])
        assert np.isnan(values[1])
    assert result.dont_know_rate[1] == 1
    assert result.n_eff[1] == 0
    assert result.covariance is not None
    assert np.isnan(result.covariance[1]).all()


def test_a_census_has_no_sampling_error() -> None:
    codes = np.frombuffer(b"1122330", dtype=np.uint8)[:, None]
    result = domain_estimates(codes, scale=SCALE, weights=np.ones(7), strata=np.ones(7, dtype=int), population={1: 7})
    assert result.se[0] == 0


def test_estimates_cannot_be_changed() -> None:
    codes = np.frombuffer(b"12", dtype=np.uint8)[:, None]
    result = domain_estimates(codes, scale=SCALE, weights=[1, 1], strata=[1, 1])
    with pytest.raises(ValueError, match="read-only"):
        result.score[0] = 100


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"codes": np.zeros((4, 1), dtype=np.int64)}, ShapeMismatch),
        ({"codes": np.zeros((0, 1), dtype=np.uint8)}, ShapeMismatch),
        ({"codes": np.frombuffer(b"124x", dtype=np.uint8)[:, None]}, UnknownOption),
        ({"weights": [1, 1, 1]}, ShapeMismatch),
        ({"weights": [1, 1, 1, -1]}, BadWeight),
        ({"weights": [1, 1, 1, np.inf]}, BadWeight),
        ({"strata": [1, 1, 1]}, ShapeMismatch),
        ({"strata": [1.0, 1, 1, 1]}, ShapeMismatch),
        ({"psu": [1, 2]}, ShapeMismatch),
        ({"carries": [[True]]}, ShapeMismatch),
        ({"population": {2: 9}}, UnknownStratum),
        ({"population": {1: 3}}, SampleLargerThanStratum),
        ({"level": 95}, SamplingError),
    ],
)
def test_input_that_does_not_fit_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    good = {"codes": np.frombuffer(b"1230", dtype=np.uint8)[:, None], "weights": np.ones(4), "strata": [1, 1, 1, 1]}
    arguments = {**good, **change}
    with pytest.raises(error):
        domain_estimates(arguments.pop("codes"), scale=SCALE, **arguments)


def test_drawn_samples_of_a_made_city_meet_the_truth() -> None:
    """Draw, weigh and estimate 300 times: the mean is right and so is the announced error."""
    rng = np.random.default_rng(20)
    sizes = {"a": 900, "b": 300, "c": 120}
    stratum = np.repeat(np.arange(3), list(sizes.values()))
    answers = np.concatenate(
        [
            rng.choice(SCALE.octets, size=n, p=p)
            for n, p in zip(
                sizes.values(), ([0.6, 0.2, 0.1, 0.1], [0.3, 0.3, 0.3, 0.1], [0.1, 0.2, 0.2, 0.5]), strict=True
            )
        ]
    )
    truth = domain_estimates(answers[:, None], scale=SCALE, weights=np.ones(1320), strata=stratum).score[0]
    ids = [f"p{i}" for i in range(1320)]
    names = ["abc"[h] for h in stratum]
    sample = {"a": 60, "b": 60, "c": 40}
    weight = np.array([float(w) for w in design_weights(sizes, sample).values()])
    rows = []
    for seed in range(300):
        draw = draw_stratified(ids, names, sizes=sample, seed=str(seed), salt="city")
        drawn = np.concatenate([part.main for part in draw.strata])
        result = domain_estimates(
            answers[drawn, None],
            scale=SCALE,
            weights=weight[stratum[drawn]],
            strata=stratum[drawn],
            population=dict(enumerate(sizes.values())),
        )
        rows.append((result.score[0], result.se[0], result.ci_low[0] <= truth <= result.ci_high[0]))
    score, se, covered = np.array(rows).T
    assert abs(score.mean() - truth) < 3 * score.std() / np.sqrt(300)
    assert se.mean() == pytest.approx(score.std(), rel=0.12)
    assert 0.91 < covered.mean() < 0.985
