"""Lines of a scorecard are told apart by their ids, also where a campaign bears the name of a component."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from survey_models.rounds.averages import beside, means
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
    found = beside(first, means((first, second)))
    assert found["questionnaire"] == 34, "40 of the 100 points"
    assert found["questionnaire.questionnaire"] == 85
    assert means((first,)) == {}, "of one unit there is no mean"


def test_a_line_that_reaches_less_has_its_share_of_the_mean() -> None:
    own, other = cards()
    short = next(one for one in other.root.children if one.id == "questionnaire")
    half = replace(other.root, children=(replace(short, most=Fraction(20), value=Fraction(16)),))
    found = means((own, replace(other, root=half)))
    # 36 of 40 and 16 of 20 are 85 percent together: 34 of 40 here, 17 of 20 there.
    assert beside(own, found)["questionnaire"] == 34
    assert beside(replace(other, root=half), found)["questionnaire"] == 17
