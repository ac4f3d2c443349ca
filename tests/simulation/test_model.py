"""The model's people answer as its formulas say, and the truth beside them is theirs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from api.simulation.model import AnswerModel, Layer
from survey_models.questionnaires.rules import Form, read_form, unit_questionnaire

SCORES = {"1": 100, "2": 60, "3": 0}
LAYERS = [
    Layer(area, kind, people)
    for area, people in (("small", 50_000), ("middle", 200_000), ("large", 300_000))
    for kind in ("town", "rural")
]
UNITS = [f"LH-{number:03}" for number in range(1, 81)]


def form(*, blank_allowed: bool = True, units: int = 80) -> Form:
    rated = [{"code": code, "name": code, "category": "all"} for code in UNITS[:units]]
    doc = unit_questionnaire(title={"zh": "测评", "en": ""}, units=rated, blank_allowed=blank_allowed)
    return read_form("luohe", 1, doc)


def means(sheets: list[str], units: int = 80) -> np.ndarray:
    """Plain mean score of each unit over those who judge."""
    codes = np.array([list(sheet[:units]) for sheet in sheets])
    points = np.select([codes == code for code in SCORES], list(SCORES.values()), default=-1).astype(float)
    points[points < 0] = np.nan
    return np.asarray(np.nanmean(points, axis=0))


def test_the_same_seed_gives_the_same_people() -> None:
    strata = [number % 6 for number in range(50)]
    first, again = (AnswerModel.of(form(), LAYERS, seed=7) for _ in range(2))
    assert first.sheets(strata) == again.sheets(strata)
    assert first.truth() == again.truth()
    assert first.sheets(strata, stream=1) != first.sheets(strata)
    other = AnswerModel.of(form(), LAYERS, seed=8)
    assert other.truth() != first.truth()


def test_sheets_hold_codes_of_the_form() -> None:
    sheets = AnswerModel.of(form(), LAYERS, seed=7).sheets([0] * 400)
    assert all(re.fullmatch(r"[1230-]{80}[1234-][12-]", sheet) for sheet in sheets)
    everything = "".join(sheet[:80] for sheet in sheets)
    assert 0.1 < everything.count("0") / len(everything) < 0.35
    assert 0.005 < everything.count("-") / len(everything) < 0.02


@pytest.mark.parametrize("weights", [None, [10.0, 1.0] * 3])
def test_the_truth_is_what_many_people_say(weights: list[float] | None) -> None:
    model = AnswerModel.of(form(), LAYERS, seed=7)
    sizes = np.array([layer.population for layer in LAYERS] if weights is None else weights)
    people = 60_000
    strata = np.repeat(np.arange(6), np.round(people * sizes / sizes.sum()).astype(int))
    found = means(model.sheets(strata.tolist()))
    truth = np.array(list(model.truth(weights).values()))
    # One answer spreads by less than 45 points; who judges are at least a third of these people.
    assert np.abs(found - truth).max() < 4.5 * 45 / np.sqrt(people / 3)


def test_one_person_s_answers_hang_together() -> None:
    sheets = AnswerModel.of(form(), LAYERS, seed=7).sheets([0] * 3_000)
    codes = np.array([list(sheet[:80]) for sheet in sheets])
    happy, unknown = codes == "1", codes == "0"
    for marks in (happy, unknown):
        spread = marks.sum(axis=1).var()
        alone = (marks.mean(axis=0) * (1 - marks.mean(axis=0))).sum()
        assert spread > 2 * alone


def test_planted_units_differ_between_strata_and_others_do_not() -> None:
    model = AnswerModel.of(form(), LAYERS, seed=7)
    planted = model.planted()
    assert [len(units) for units in planted.values()] == [4, 4]
    true = model.truth()
    town_heavy = model.truth([layer.population * (10 if layer.kind == "town" else 1) for layer in LAYERS])
    small_heavy = model.truth([20, 20, 5, 5, 1, 1])
    for unit in UNITS:
        assert (abs(true[unit] - town_heavy[unit]) > 8) == (unit in planted["by_kind"])
        assert (abs(true[unit] - small_heavy[unit]) > 8) == (unit in planted["by_area"])


def test_where_blanks_are_refused_nobody_leaves_any() -> None:
    sheets = AnswerModel.of(form(blank_allowed=False), LAYERS, seed=7).sheets([1] * 300)
    assert all("-" not in sheet[:80] for sheet in sheets)


def test_nobody_hands_in_an_empty_sheet() -> None:
    sheets = AnswerModel.of(form(units=1), LAYERS, seed=7).sheets([1] * 3_000)
    assert all(sheet[0] != "-" for sheet in sheets)
