from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import BadCount, BadWeight, LonelyStratum, SamplingError, ShapeMismatch
from sampling.estimates import DomainEstimates
from sampling.estimation import domain_estimates
from sampling.stratified import stratified_mean
from sampling.tallies import estimates_from_counts
from tests.sampling.properties import repeatable
from tests.sampling.samples import Sample, counties, samples
from tests.sampling.worked import SCALE, example

FIGURES = (
    "score",
    "se",
    "ci_low",
    "ci_high",
    "n_judging",
    "n_dont_know",
    "n_eff",
    "satisfied_rate",
    "dont_know_rate",
    "unweighted_score",
    "df",
)


def same(one: DomainEstimates, other: DomainEstimates) -> None:
    for name in FIGURES:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("finite", [False, True])
def test_the_five_counties_of_luohe_from_counts(*, finite: bool) -> None:
    counts, people = counties()
    sheets = counts.sum(axis=(1, 2))
    result = estimates_from_counts(
        counts,
        scale=SCALE,
        cell_stratum=range(5),
        cell_weight=np.array(people) / sheets,
        sheets=sheets,
        population=dict(enumerate(people)) if finite else None,
    )
    expected = example("luohe", "L2b")
    assert round(float(result.score[0]), 6) == expected["score"]
    assert round(float(result.se[0]), 6) == expected["se_fpc" if finite else "se_no_fpc"]
    assert result.covariance is None


@repeatable
@given(samples(), st.booleans(), st.booleans())
def test_counts_say_what_the_ballots_say(sample: Sample, points: bool, finite: bool) -> None:
    population = dict.fromkeys(sample.strata, 40) if finite else None
    ballots = domain_estimates(
        sample.codes,
        scale=SCALE,
        weights=sample.weights,
        strata=sample.strata,
        psu=sample.points if points else None,
        carries=sample.carries,
        population=population,
    )
    counted = estimates_from_counts(
        **sample.cells(),
        scale=SCALE,
        cell_psu=sample.cell_points() if points else None,
        population=population,
    )
    same(ballots, counted)
    if points:
        assert ballots.covariance is not None
        assert counted.covariance is not None
        np.testing.assert_allclose(ballots.covariance, counted.covariance, rtol=1e-9, atol=1e-9)


@repeatable
@given(samples(), st.sampled_from(["collapse", "adjust"]))
def test_the_rules_for_lonely_strata_agree_too(sample: Sample, rule: Any) -> None:
    # every stratum of one point only: all are lonely
    one_each = Sample(sample.sheets, sample.weights, sample.strata, [0] * len(sample.sheets), sample.carries)

    def ballots() -> DomainEstimates:
        return domain_estimates(
            one_each.codes,
            scale=SCALE,
            weights=one_each.weights,
            strata=one_each.strata,
            psu=one_each.points,
            carries=one_each.carries,
            lonely=rule,
        )

    def counted() -> DomainEstimates:
        return estimates_from_counts(**one_each.cells(), scale=SCALE, cell_psu=one_each.cell_points(), lonely=rule)

    try:
        expected = ballots()
    except LonelyStratum:
        with pytest.raises(LonelyStratum):
            counted()
        return
    same(expected, counted())


def test_an_empty_test_point_is_no_sampling_unit() -> None:
    counts = np.array([[[3, 1, 0, 0]], [[1, 1, 2, 0]], [[0, 0, 0, 0]]])
    arguments: dict[str, Any] = {"cell_stratum": [1, 1, 1], "cell_weight": [1, 1, 1], "sheets": [4, 4, 0]}
    with_empty = estimates_from_counts(counts, scale=SCALE, cell_psu=[1, 2, 3], **arguments)
    without = estimates_from_counts(
        counts[:2], scale=SCALE, cell_psu=[1, 2], **{name: value[:2] for name, value in arguments.items()}
    )
    same(with_empty, without)
    assert with_empty.df[0] == 1


COUNTS = np.array([[[3, 1, 0, 0]], [[1, 1, 2, 0]]])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"counts": COUNTS[:, :, :3]}, ShapeMismatch),
        ({"counts": COUNTS.astype(float)}, ShapeMismatch),
        ({"counts": COUNTS[0]}, ShapeMismatch),
        ({"counts": -COUNTS}, BadCount),
        ({"sheets": [3, 4]}, BadCount),
        ({"sheets": [0, 0], "counts": 0 * COUNTS}, ShapeMismatch),
        ({"sheets": [4]}, ShapeMismatch),
        ({"carried": [[3], [4]]}, BadCount),
        ({"carried": [[5], [4]]}, BadCount),
        ({"carried": [4, 4]}, ShapeMismatch),
        ({"cell_stratum": [1]}, ShapeMismatch),
        ({"cell_psu": [1]}, ShapeMismatch),
        ({"cell_psu": [1, 1]}, LonelyStratum),
        ({"cell_weight": [1, -1]}, BadWeight),
    ],
)
def test_counts_that_do_not_fit_are_refused(change: dict[str, Any], error: type[Exception]) -> None:
    good = {"counts": COUNTS, "cell_stratum": [1, 1], "cell_weight": [1, 1], "sheets": [4, 4]}
    with pytest.raises(error):
        estimates_from_counts(scale=SCALE, **{**good, **change})


# --- stratified mean


def test_the_five_counties_of_luohe_by_population() -> None:
    counts, people = counties()
    result = stratified_mean(
        counts,
        scale=SCALE,
        cell_stratum=range(5),
        sheets=counts.sum(axis=(1, 2)),
        population=dict(enumerate(people)),
    )
    expected = example("luohe", "L2")
    assert round(float(result.score[0]), 6) == expected["weighted"]
    assert round(float(result.se[0]), 6) == expected["se"]
    assert round(float(result.unweighted_score[0]), 6) == expected["unweighted"]
    assert result.df[0] == 9045
    assert round(float(result.ci_low[0]), 2) == 66.01
    assert round(float(result.ci_high[0]), 2) == 67.81


def simple(counts: npt.ArrayLike, **options: Any) -> DomainEstimates:
    cells = np.array(counts)
    return stratified_mean(
        cells,
        scale=SCALE,
        sheets=options.pop("sheets", cells.sum(axis=2).max(axis=1)),
        **options,
    )


@repeatable
@given(samples(variants=False))
def test_without_dont_know_both_estimators_give_one_score(sample: Sample) -> None:
    sheets = [sheet.translate(str.maketrans("0-!", "123")) for sheet in sample.sheets]
    people = {stratum: 100 + stratum for stratum in sample.strata}
    weights = [1] * len(sheets)
    cells = Sample(sheets, weights, sample.strata, [0] * len(sheets), sample.carries).cells()
    share = [people[s] / n for s, n in zip(cells["cell_stratum"], cells["sheets"], strict=True)]
    domain = estimates_from_counts(**{**cells, "cell_weight": share}, scale=SCALE)
    cells.pop("cell_weight")
    mean = stratified_mean(**cells, scale=SCALE, population=people)
    np.testing.assert_allclose(mean.score, domain.score, rtol=1e-9)
    np.testing.assert_allclose(mean.satisfied_rate, domain.satisfied_rate, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mean.n_eff, domain.n_eff, rtol=1e-9)


def test_points_of_one_stratum_by_hand() -> None:
    # scores 100,100,60 | 0,60,100; mean 70; deviations of the totals +50 and -50; n = 6
    counts = [[[2, 1, 0, 0]], [[1, 1, 1, 1]]]
    result = simple(counts, cell_stratum=[1, 1], cell_psu=[1, 2], population={1: 500})
    assert result.score[0] == pytest.approx(70)
    assert result.se[0] ** 2 == pytest.approx(2 / 1 * (50**2 + 50**2) / 36)
    assert result.df[0] == 1
    assert result.dont_know_rate[0] == pytest.approx(1 / 7)


def test_strata_weigh_by_people() -> None:
    counts = [[[2, 0, 0, 0], [2, 0, 0, 0]], [[0, 0, 2, 2], [0, 0, 0, 0]]]
    result = simple(counts, cell_stratum=[1, 2], population={1: 300, 2: 100}, carried=[[2, 2], [4, 0]], sheets=[2, 4])
    assert result.score.tolist() == [75, 100]
    assert result.satisfied_rate.tolist() == [0.75, 1]
    assert result.dont_know_rate.tolist() == [0.125, 0]
    assert result.se.tolist() == [0, 0]
    assert result.n_eff[0] == pytest.approx(1 / (0.75**2 / 2 + 0.25**2 / 2))


def test_a_stratum_that_nobody_judges_leaves_no_score() -> None:
    result = simple([[[2, 1, 0, 0]], [[0, 0, 0, 2]]], cell_stratum=[1, 2], population={1: 3, 2: 1})
    assert np.isnan(result.score[0])
    assert np.isnan(result.se[0])
    assert result.n_judging[0] == 3


def test_one_judgement_shows_no_spread() -> None:
    result = simple([[[2, 1, 0, 0]], [[1, 0, 0, 2]]], cell_stratum=[1, 2], population={1: 3, 2: 1})
    assert not np.isnan(result.score[0])
    assert np.isnan(result.se[0])


def test_the_stratified_mean_refuses_what_it_cannot_know() -> None:
    counts = [[[2, 1, 0, 0]], [[1, 0, 0, 2]]]
    with pytest.raises(SamplingError, match="stratum 2 has no population"):
        simple(counts, cell_stratum=[1, 2], population={1: 3})
    with pytest.raises(LonelyStratum, match="stratum 1"):
        simple(counts, cell_stratum=[1, 2], cell_psu=[1, 1], population={1: 3, 2: 3})
