"""Scores from counted sheets: weights, calibration, withheld units, places and borders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import Estimation, Margin
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import Form, read_form, unit_questionnaire
from survey_models.results.design import Design
from survey_models.results.places import borders, places
from survey_models.results.rules import Scores, score_units
from survey_models.results.sheets import read_sheets
from survey_models.results.weights import Layer, calibrate, weights_of

UNITS = [{"code": f"U{no}", "name": f"单位{no}", "category": "甲" if no < 3 else "乙"} for no in range(5)]
LAYERS = (Layer(1, "a", 6000), Layer(2, "a", 2000), Layer(3, "b", 2000))
SCORES = {"1": 100, "2": 60, "3": 0}


def form() -> Form:
    return read_form("f", 1, unit_questionnaire(title={"zh": "测试", "en": "Test"}, units=UNITS))


def cell(stratum: int, point: int, *sheets: str) -> CellAnswers:
    return CellAnswers(stratum, point, "phone", len(sheets), "".join(sheets))


CELLS = [
    cell(1, 1, "1123011", "1223-1-", "2123021"),
    cell(1, 2, "1110012", "12230--", "3123031"),
    cell(2, 1, "1133012", "1203022"),
    cell(2, 2, "1123011"),
    cell(3, 3, "1323011", "2123012", "1-23021"),
    cell(3, 4, "1121012", "1123041"),
]


PLAIN = Estimation(min_cell=1)


def scored(cells: Sequence[CellAnswers] = CELLS, **more: Any) -> Scores:
    return score_units(read_sheets(form(), cells), form(), Design(LAYERS, replace(PLAIN, **more)), seed="x")


def by_hand(cells: Sequence[CellAnswers], unit: int) -> Fraction:
    """The weighted domain mean, straight from its definition."""
    returned: dict[int, int] = {}
    for one in cells:
        returned[one.stratum_no] = returned.get(one.stratum_no, 0) + one.sheets
    above = below = Fraction(0)
    for one in cells:
        weight = Fraction(LAYERS[one.stratum_no - 1].population, returned[one.stratum_no])
        for start in range(0, len(one.answers), 7):
            code = one.answers[start + unit]
            if code in SCORES:
                above += weight * SCORES[code]
                below += weight
    return above / below


def test_scores_are_the_weighted_domain_means() -> None:
    for unit, score in enumerate(scored().units):
        if score.n_judging:
            assert score.score is not None
            assert abs(Fraction(score.score) - by_hand(CELLS, unit)) <= Fraction(1, 2 * 10**9)
    assert [score.n for score in scored().units] == [14] * 5


def test_a_unit_that_few_judged_is_withheld() -> None:
    lonely = scored(min_cell=5).units[4]
    assert (lonely.n_judging, lonely.score, lonely.se) == (0, None, None)
    assert scored(min_cell=15).units[0].score is None


def test_the_people_of_an_empty_stratum_are_stood_for_inside_its_area() -> None:
    weights = weights_of(LAYERS, {1: 6, 3: 5})
    assert weights.joined == (2,)
    assert weights.population == {1: 8000, 3: 2000}
    assert weights.by_stratum[1] == Fraction(8000, 6)
    everywhere = weights_of(LAYERS, {1: 6, 2: 3})
    assert everywhere.population == {1: 7500, 2: 2500}


def test_calibrated_weights_reproduce_strata_and_known_margins() -> None:
    sheets = read_sheets(form(), CELLS)
    weights = weights_of(LAYERS, sheets.by_stratum())
    fitted = calibrate(sheets, weights, [Margin("sex", {"1": 6000, "2": 4000})])
    assert fitted is not None
    for layer in LAYERS:
        assert fitted.weights[sheets.stratum == layer.no].sum() == pytest.approx(layer.population)
    blank = weights.of(sheets)[sheets.background["sex"] == ord("-")].sum()
    for code, share in (("1", 0.6), ("2", 0.4)):
        reached = fitted.weights[sheets.background["sex"] == ord(code)].sum()
        assert reached == pytest.approx(share * (10000 - blank))
    plain, calibrated = scored(), scored(margins=(Margin("sex", {"1": 6000, "2": 4000}),))
    assert plain.units[0].score != calibrated.units[0].score
    assert calibrated.calibration is not None
    assert calibrated.calibration.report.deff_after >= 1


def test_a_known_category_without_a_sheet_is_refused_by_name() -> None:
    with pytest.raises(Problem) as refused:
        scored([cell(1, 1, "1123011", "1123011")], margins=(Margin("sex", {"1": 5, "2": 5}),))
    assert refused.value.code == "estimation_margin_empty"
    assert refused.value.params == {"item": "sex", "option": "2"}


def test_points_as_psu_and_persons_as_psu_give_other_errors_for_one_score() -> None:
    persons, points = scored(), scored(points_as_psu=True)
    assert [one.score for one in persons.units] == [one.score for one in points.units]
    assert persons.units[0].se != points.units[0].se
    assert points.estimates.df[0] == 2
    assert persons.estimates.covariance is not None
    assert np.allclose(np.sqrt(persons.estimates.covariance.diagonal())[:3], persons.estimates.se[:3])


def test_the_stratified_mean_is_the_other_choice() -> None:
    found = scored(estimator="stratified_mean")
    expected = Fraction(0)
    for layer in LAYERS:
        sheets = [
            one.answers[start] for one in CELLS if one.stratum_no == layer.no for start in range(0, len(one.answers), 7)
        ]
        mean = Fraction(sum(SCORES[code] for code in sheets), len(sheets))
        expected += Fraction(layer.population, 10000) * mean
    assert found.units[0].score is not None
    assert abs(Fraction(found.units[0].score) - expected) <= Fraction(1, 10**9)


def test_places_stay_in_their_category_and_carry_the_set_that_the_data_allow() -> None:
    found = scored()
    categories = [unit["category"] for unit in UNITS]
    ranked = places(found, categories, seed="x")
    by_score = sorted(range(3), key=lambda unit: -(found.units[unit].score or Decimal(0)))
    assert [ranked[unit].rank for unit in by_score] == [1, 2, 3]
    for place in ranked[:3]:
        assert place.low is not None
        assert place.rank is not None
        assert place.high is not None
        assert 1 <= place.low <= place.rank <= place.high <= 3
    assert (ranked[4].rank, ranked[4].low) == (None, None)
    assert places(found, categories, seed="x") == ranked


def test_a_clear_last_unit_is_named_and_a_close_one_is_not() -> None:
    many = [cell(no, no, *["1120011", "1121011", "1210011"] * 40) for no in (1, 2, 3)]
    found = scored(many)
    answers = borders(found, ["甲"] * 4 + ["乙"], asked={"甲": {"first": 1, "last": 1}}, seed="x")
    last = next(border for border in answers if border.end == "last")
    assert (last.possible, last.certain) == (("U2",), ("U2",))
    first = next(border for border in answers if border.end == "first")
    # Everybody who judges these two is satisfied: no unit is better than either, so both are first.
    assert (first.possible, first.certain) == (("U0", "U3"), ("U0", "U3"))
    assert borders(found, ["甲"] * 5, asked={}, seed="x") == []


def test_a_unit_that_a_variant_leaves_out_is_estimated_from_the_strata_that_carry_it() -> None:
    few = read_form(
        "f",
        1,
        {
            **unit_questionnaire(title={"zh": "测试", "en": "Test"}, units=UNITS),
            "variants": {"all": None, "few": ["U0", "U1", "age", "sex"]},
        },
    )
    cells = [cell(1, 1, "1123011", "2113012"), cell(2, 2, "13---11", "21---12"), cell(3, 3, "1123011", "1113011")]
    variants = {(1, 1): {"all"}, (2, 2): {"few"}, (3, 3): {"all", "few"}}
    sheets = read_sheets(few, cells, variants)
    found = score_units(sheets, few, Design(LAYERS, PLAIN), seed="x")
    assert [unit.n for unit in found.units] == [6, 6, 4, 4, 4]
    assert [int(df) for df in found.estimates.df[[0, 2]]] == [3, 2]
