"""Lines of a scorecard are told apart by their ids, also where a campaign bears the name of a component."""

from __future__ import annotations

from fractions import Fraction

from survey_models.rounds.averages import means
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Answers, Inputs, RatedUnit
from survey_models.schemes.loading import preset, read
from survey_models.schemes.outcome import Scorecard

CATEGORY = "政府部门及其它机构"


def cards() -> tuple[Scorecard, ...]:
    """Two units of Luohe with answers of the questionnaire alone: 90 and 80 of 100."""
    scheme = read(preset("luohe-hangfeng"))
    units = tuple(RatedUnit(code, code, CATEGORY) for code in ("LH-001", "LH-002"))
    answers = {
        ("questionnaire", unit.code): Answers(100, 100, {"满意": 100}, Fraction(score))
        for unit, score in zip(units, (90, 80), strict=True)
    }
    return evaluate(scheme.scheme, scheme.digest, Inputs(units=units, answers=answers)).cards


def test_a_mean_of_the_category_is_of_the_same_line() -> None:
    first, second = cards()
    found = means(first, (first, second))
    assert found["questionnaire"] == 34, "40 of the 100 points"
    assert found["questionnaire.questionnaire"] == 85


def test_below_a_hidden_line_nothing_has_a_mean() -> None:
    first, second = cards()
    assert not [name for name in means(first, (first, second), {"questionnaire"}) if name.startswith("questionnaire")]
