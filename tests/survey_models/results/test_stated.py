"""Everything a campaign can state reaches the figures: each is compared with ``sampling`` called by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import special

from sampling.calibration import Margin as Known
from sampling.calibration import rake
from sampling.errors import LonelyStratum, SampleLargerThanStratum, UncoveredStratum
from sampling.estimates import DomainEstimates
from sampling.estimation import designed_estimates
from sampling.rank_sets import rank_sets
from sampling.replicates import ballot_scores, jackknife, raking_again, rao_wu
from sampling.trimming import rake_trimmed
from sampling.variance import SampleDesign
from sampling.weighting import adjust_for_nonresponse
from survey_models.campaigns.estimation import Margin, Nonresponse, Stages
from survey_models.results.design import Design
from survey_models.results.places import borders, places
from survey_models.results.rules import Scores, scale_of, score_units
from survey_models.results.weights import Layer, fit_of, merged, weights_of
from tests.survey_models.results.made import CELLS, LAYERS, PLAIN, UNITS, form, scored, sheets

SHEETS = sheets()
SCALE = scale_of(form())
PEOPLE = {layer.no: layer.population for layer in LAYERS}
RETURNED = {no: sum(number for stratum, _, number in CELLS if stratum == no) for no in PEOPLE}
WEIGHTS = np.array([PEOPLE[no] / RETURNED[no] for no in SHEETS.stratum.tolist()])
AREA = (SHEETS.stratum > 2).astype(np.int64)
AGES = Margin("age", {"1": 2500, "2": 3000, "3": 3300, "4": 2700})
SEXES = Margin("sex", {"1": 5000, "2": 6500})


def same(found: Scores, expected: DomainEstimates) -> None:
    assert np.allclose(found.estimates.score, expected.score, rtol=1e-12)
    assert np.allclose(found.estimates.se, expected.se, rtol=1e-12)
    assert found.estimates.covariance is not None
    assert expected.covariance is not None
    assert np.allclose(found.estimates.covariance, expected.covariance, rtol=1e-9, atol=1e-15)
    for unit, se, low in zip(found.units, expected.se, expected.ci_low, strict=True):
        assert float(unit.se or 0) == pytest.approx(se, abs=1e-9)
        assert float(unit.ci_low or 0) == pytest.approx(low, abs=1e-9)


def direct(**design: object) -> DomainEstimates:
    plan = SampleDesign.of(**{"weights": WEIGHTS, "strata": SHEETS.stratum, **design})  # type: ignore[arg-type]
    return designed_estimates(SHEETS.codes, scale=SCALE, design=plan)


def by_hand(margin: Margin) -> list[Known]:
    """Strata and one item, of which the blank ones keep their share."""
    category = SHEETS.background[margin.item]
    blank = float(WEIGHTS[category == ord("-")].sum())
    whole, people = sum(margin.totals.values()), sum(PEOPLE.values())
    totals = {ord(code): (people - blank) * number / whole for code, number in margin.totals.items()}
    return [
        Known(name="stratum", category=SHEETS.stratum, totals={no: float(size) for no, size in PEOPLE.items()}),
        Known(name=margin.item, category=category, totals={**totals, ord("-"): blank} if blank else totals),
    ]


def test_the_usual_statement_is_what_sampling_gives() -> None:
    same(scored(), direct())


def test_finite_populations_between_persons() -> None:
    small = replace(LAYERS[1], population=14)
    layers = (LAYERS[0], small, *LAYERS[2:])
    found = score_units(SHEETS, form(), Design(layers, replace(PLAIN, finite=True)), seed="x")
    weights = np.array([{**PEOPLE, 2: 14}[no] / RETURNED[no] for no in SHEETS.stratum.tolist()])
    same(found, direct(weights=weights, population={**PEOPLE, 2: 14}))
    assert (found.estimates.se < score_units(SHEETS, form(), Design(layers, PLAIN), seed="x").estimates.se).all()
    tiny = (LAYERS[0], replace(small, population=12), *LAYERS[2:])
    with pytest.raises(SampleLargerThanStratum):
        score_units(SHEETS, form(), Design(tiny, replace(PLAIN, finite=True)), seed="x")


def test_two_stages_with_numbers_of_points_and_people() -> None:
    stages = Stages(points={"a": 9, "b": 7}, people={1: 900, 2: 700, 3: 400, 4: 300})
    found = scored(points_as_psu=True, finite=True, stages=stages)
    people = np.array([stages.people[no] for no in SHEETS.point.tolist()])
    expected = direct(strata=AREA, psu=SHEETS.point, population={0: 9, 1: 7}, psu_size=people)
    same(found, expected)
    assert not np.allclose(found.estimates.se, scored(points_as_psu=True).estimates.se, rtol=0.01)


def test_calibration_then_trimming() -> None:
    found = scored(margins=(AGES,), trim_cap="3")
    fitted = rake_trimmed(WEIGHTS, by_hand(AGES), cap_ratio=3)
    assert found.calibration is not None
    assert np.allclose(found.calibration.weights, fitted.weights)
    assert fitted.report.trimmed_share > 0
    same(found, direct(weights=None, calibration=fitted))
    untrimmed = scored(margins=(AGES,))
    same(untrimmed, direct(weights=None, calibration=rake(WEIGHTS, by_hand(AGES))))
    assert found.units[0].score != untrimmed.units[0].score


def test_nonresponse_classes_carry_the_silent() -> None:
    found = scored(nonresponse=Nonresponse(("kind",), 20))
    base = np.concatenate([np.full(layer.asked, layer.population / layer.asked) for layer in LAYERS])
    kinds = np.concatenate([np.full(layer.asked, layer.kind == "rural") for layer in LAYERS]).astype(np.int64)
    answered = np.concatenate([np.arange(layer.asked) < RETURNED[layer.no] for layer in LAYERS])
    adjusted = adjust_for_nonresponse(base, classes=kinds, responded=answered)
    of_stratum = np.concatenate([np.full(layer.asked, layer.no) for layer in LAYERS])
    for layer in LAYERS:
        expected = adjusted.weights[(of_stratum == layer.no) & answered][0]
        assert float(found.weights.by_stratum[layer.no]) == pytest.approx(expected, rel=1e-12)
    assert [one.strata for one in found.weights.classes] == [(1, 3), (2, 4)]
    weights = np.array([float(found.weights.by_stratum[no]) for no in SHEETS.stratum.tolist()])
    same(found, direct(weights=weights))
    # Scores of rational weights stay exact.
    assert found.exact[0] is not None
    assert found.exact[0].denominator > 1


def test_small_classes_join_the_neighbour_that_brought_less() -> None:
    by_area = weights_of(LAYERS, RETURNED, Nonresponse(("area", "kind"), 25))
    # 13 sheets of (a, rural) join 28 of (b, town) and not 40 of (a, town); the 21 of (b, rural) then join these.
    assert [one.strata for one in by_area.classes] == [(1,), (2, 3, 4)]
    assert by_area.meets_rule
    nobody = weights_of(LAYERS, {1: 40, 3: 28, 4: 21}, Nonresponse(("area", "kind"), 5))
    assert 2 not in nobody.by_stratum
    assert sum(nobody.population.values()) == sum(PEOPLE.values())
    with pytest.raises(UncoveredStratum):
        weights_of((replace(LAYERS[0], asked=0), *LAYERS[1:]), RETURNED, Nonresponse(("kind",), 5))


def test_classes_and_calibration_meet_both() -> None:
    found = scored(nonresponse=Nonresponse(("kind",), 20), margins=(AGES,))
    assert found.calibration is not None
    final = found.calibration.weights
    for kind in ("town", "rural"):
        strata = [layer for layer in LAYERS if layer.kind == kind]
        here = np.isin(SHEETS.stratum, [layer.no for layer in strata])
        assert final[here].sum() == pytest.approx(sum(layer.population for layer in strata))
    share = final[SHEETS.background["age"] == ord("4")].sum() / final.sum()
    assert share == pytest.approx(2700 / 11500)


def test_rao_wu_replicates_rake_again() -> None:
    found = scored(errors="rao_wu", replicates=200, lonely="refuse", margins=(SEXES,))
    plan = SampleDesign.of(weights=WEIGHTS, strata=SHEETS.stratum)
    statistic = ballot_scores(SHEETS.codes, scale=SCALE)
    again = raking_again(by_hand(SEXES))
    expected = rao_wu(statistic, plan, seed="tally", replicates=200, reweight=again)
    assert np.allclose(found.estimates.se, expected.se, rtol=1e-9)
    assert np.allclose(found.estimates.score, expected.value, rtol=1e-9)
    linear = scored(margins=(SEXES,))
    assert np.allclose(found.estimates.se, linear.estimates.se, rtol=0.25)
    ranked = places(found, [unit["category"] for unit in UNITS], seed="x")
    sets = rank_sets(
        found.estimates.score[:3], expected.covariance[:3, :3], seed="x/甲", df=float(found.estimates.df[:3].min())
    )
    for place, lowest, highest in zip(ranked[:3], sets.lowest.tolist(), sets.highest.tolist(), strict=True):
        assert place.rank is not None
        assert (place.low, place.high) == (min(lowest, place.rank), max(highest, place.rank))


def test_the_jackknife_leaves_out_points() -> None:
    found = scored(errors="jackknife", lonely="refuse", points_as_psu=True)
    plan = SampleDesign.of(weights=WEIGHTS, strata=AREA, psu=SHEETS.point)
    expected = jackknife(ballot_scores(SHEETS.codes, scale=SCALE), plan)
    assert np.allclose(found.estimates.se, expected.se, rtol=1e-12)
    assert found.estimates.df.tolist() == [2] * len(UNITS)
    half = special.stdtrit(2, 0.975) * expected.se
    assert np.allclose(found.estimates.ci_high - found.estimates.score, half)


def test_replicates_do_the_nonresponse_adjustment_again() -> None:
    stated = {"errors": "rao_wu", "replicates": 100, "lonely": "refuse", "points_as_psu": True}
    found = scored(nonresponse=Nonresponse(("kind",), 20), **stated)
    fit = fit_of(SHEETS, found.weights, ())
    assert fit is not None
    plan = SampleDesign.of(weights=found.prior, strata=AREA, psu=SHEETS.point)
    statistic = ballot_scores(SHEETS.codes, scale=SCALE)
    expected = rao_wu(statistic, plan, seed="tally", replicates=100, reweight=fit.again)
    assert np.allclose(found.estimates.se, expected.se, rtol=1e-12)
    fixed = rao_wu(statistic, plan, seed="tally", replicates=100)
    assert not np.allclose(found.estimates.se, fixed.se, rtol=1e-3)


def test_the_stratified_mean_has_rank_sets_by_replicates_only() -> None:
    plain = scored(estimator="stratified_mean", lonely="refuse")
    found = scored(estimator="stratified_mean", errors="rao_wu", replicates=400, lonely="refuse")
    categories = [unit["category"] for unit in UNITS]
    assert [place.low for place in places(plain, categories, seed="x")] == [None] * 5
    assert all(place.low for place in places(found, categories, seed="x"))
    assert [unit.score for unit in plain.units] == [unit.score for unit in found.units]
    assert np.allclose(found.estimates.se, plain.estimates.se, rtol=0.2)


def test_the_confidence_that_was_stated() -> None:
    wide, narrow = scored(), scored(confidence="0.8")
    df = int(narrow.estimates.df[0])
    half = special.stdtrit(df, 0.9) * float(narrow.units[0].se or 0)
    assert float(narrow.units[0].ci_high or 0) - float(narrow.units[0].score or 0) == pytest.approx(half, abs=1e-8)
    assert narrow.units[0].se == wide.units[0].se
    asked = {"甲": {"last": 1}}
    categories = ["甲"] * 5
    loose, strict = (
        borders(scores, categories, asked=asked, seed="x")[0] for scores in (narrow, scored(confidence="0.999"))
    )
    assert len(loose.possible) <= len(strict.possible)
    assert len(loose.certain) >= len(strict.certain)


def test_the_rule_for_lonely_strata_that_was_stated() -> None:
    alone = [1, *range(40, 53), *range(53, 102)]
    few = replace(
        SHEETS,
        codes=SHEETS.codes[alone],
        stratum=SHEETS.stratum[alone],
        point=SHEETS.point[alone],
        background={key: values[alone] for key, values in SHEETS.background.items()},
        carries=SHEETS.carries[alone],
    )
    assert few.by_stratum()[1] == 1

    def errors(rule: str) -> np.ndarray:
        return score_units(few, form(), Design(LAYERS, replace(PLAIN, lonely=rule)), seed="x").estimates.se

    with pytest.raises(LonelyStratum):
        errors("refuse")
    assert not np.allclose(errors("collapse"), errors("adjust"))


def test_the_way_of_a_unit_leads_to_its_score() -> None:
    cases: tuple[dict[str, Any], ...] = (
        {},
        {"margins": (AGES,)},
        {"estimator": "stratified_mean", "lonely": "refuse"},
        {"nonresponse": Nonresponse(("kind",), 20)},
    )
    for stated in cases:
        for place, unit in enumerate(scored(**stated).units):
            assert unit.trace is not None
            assert unit.score is not None
            assert abs(Fraction(unit.trace.points) / Fraction(unit.trace.weight) - Fraction(unit.score)) < Fraction(
                1, 10**7
            )
            counted = {code: n for code, n, _ in unit.trace.options}
            assert sum(counted.values()) == unit.n == SHEETS.n
            assert counted["1"] == int((SHEETS.codes[:, place] == ord("1")).sum())
            weighted = {code: value for code, _, value in unit.trace.options}
            assert weighted["1"] * 100 + weighted["2"] * 60 == pytest.approx(unit.trace.points, abs=Decimal("1e-6"))
            assert unit.trace.t is not None
            assert float(unit.trace.t) == pytest.approx(special.stdtrit(unit.trace.df, 0.975), abs=1e-9)
            assert unit.ci_high is not None
            assert unit.se is not None
            assert unit.ci_high - unit.score == pytest.approx(unit.trace.t * unit.se, abs=Decimal("1e-7"))


def test_strata_joined_before_estimation_bring_people_and_tickets_along() -> None:
    joined = merged(LAYERS, {2: 1})
    assert joined[0] == Layer(1, "a", 8000, "town", 100)
    assert [layer.no for layer in joined] == [1, 3, 4]
