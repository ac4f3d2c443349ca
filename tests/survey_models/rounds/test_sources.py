"""Which campaigns a scheme reads: one whose share is 0 keeps nobody waiting."""

from __future__ import annotations

from fractions import Fraction

from survey_models.rounds.sources import referred, scored_kinds
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Answers, Inputs, RatedUnit
from survey_models.schemes.loading import preset, read
from survey_models.schemes.outcome import Line

NANYANG = "nanyang-2014-27"


def line(root: Line, name: str) -> Line:
    found = [root]
    for one in found:
        found += one.children
    return next(one for one in found if one.id == name)


def test_every_campaign_of_nanyang_is_read() -> None:
    scheme = read(preset(NANYANG)).scheme
    assert set(scored_kinds(scheme)) == {"fixed-users", "random-users", "deputies", "peers"}
    assert referred(scheme) == ("nanyang-2014-27-windows",)


def test_a_share_of_nothing_is_not_waited_for() -> None:
    loaded = read(preset(NANYANG), settings={"fixed_share": "100", "random_share": "0"})
    assert "random-users" not in scored_kinds(loaded.scheme)
    unit = RatedUnit("NY-002", "市委办", "党委群团部门")
    people = Answers(100, 100, {"满意": 70, "基本满意": 25, "不满意": 5}, Fraction(85))
    inputs = Inputs((unit,), answers={("fixed-users", "NY-002"): people}, quarters=("2015Q1", "2015Q2"))
    (card,) = evaluate(loaded.scheme, loaded.digest, inputs).cards
    # 85 of 100 on 30 points.
    assert line(card.root, "C1s").value == Fraction(51, 2)
