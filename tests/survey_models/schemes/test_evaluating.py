"""The way from data to a total: what is missing, what applies to whom, sums, means, bonuses, caps, refusals."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from survey_models.core.errors import Problem
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, RatedUnit, Standing
from survey_models.schemes.outcome import Question
from tests.survey_models.schemes.rounds import (
    ASSUMED,
    SAID,
    card,
    case,
    consequence,
    counted,
    marks,
    part,
    run,
    scheme,
    scored,
    survey,
    units,
)

CASES = {"kind": "cases", "rules": [{"id": "late", "points": 1, **SAID}, {"id": "never", "points": 3, **SAID}]}
DECAY = {"kind": "decay", "office": "办", "step": 3}
TIER = {"title": {"zh": "档", "en": "tier"}, "share": 50, "points": 1}
TIERS = {"kind": "tiers", "office": "办", "tiers": [TIER, TIER]}
TWO = part("total", parts=[survey("asked_line", 60), part("marked", 40)])
BOTH = {
    "answers": {("asked", "A"): counted(50, 50, 0), ("asked", "B"): counted(90, 10, 0)},
    "marks": {("marked", "A"): (Mark(Decimal(70), "办"),), ("marked", "B"): (Mark(Decimal(50), "办"),)},
}


def test_a_mark_can_never_fill_a_survey_line() -> None:
    filled = {**BOTH, "marks": {("asked_line", "A"): (Mark(Decimal(100), "办"),)}}
    with pytest.raises(Problem) as refused:
        run(scheme(TWO), units=units("A"), **filled)
    assert refused.value.code == "mark_not_for_component"


@pytest.mark.parametrize(
    "source",
    [
        {"kind": "survey", "map": "three", "campaigns": [{"campaign": "asked", "share": 100}]},
        {"kind": "ratings", "map": "three"},
        {"kind": "reference", "scheme": "other"},
        {"kind": "cases", "rules": [{"id": "late", "points": 1, **SAID}]},
    ],
    ids=lambda source: str(source["kind"]),
)
def test_nor_any_other_line_that_is_not_for_marks(source: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        run(scheme(part("total", source=source)), units=units("A"), marks=marks(A="90"))
    assert refused.value.code == "mark_not_for_component"


@pytest.mark.parametrize(
    "given",
    [
        {"units": units("A", "A")},
        {"marks": marks(X="90")},
        {"marks": marks(A="101")},
        {"marks": marks(A="-1")},
        {"marks": marks(A=["90", "80"])},
        {"booked": (case("A", "late"),)},
    ],
    ids=["a unit twice", "a stranger", "over the scale", "below zero", "two marks", "a case for marks"],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        run(scheme(), **{"units": units("A"), **given})
    assert refused.value.code == "round_input_unfit"
    assert "None" not in refused.value.sentence("en")


def test_missing_data_block_and_ask() -> None:
    outcome = run(scheme(TWO), units=units("A", "B"), answers=BOTH["answers"], marks={})
    assert [one.total for one in outcome.cards] == [None, None]
    assert outcome.questions == (
        Question(
            kind="missing",
            about="marked",
            category="一",
            units=("A", "B"),
            text=(
                "“测试”：2个单位没有数据，补齐或决定之前没有总分。",
                "test: no data on 2 units; they have no total until it is there or decided.",
            ),
        ),
    )
    assert card(outcome, "A").root.how[0] == "暂缺：测试"


@pytest.mark.parametrize(
    ("policy", "total"),
    [("zero", 48), ("reweight", 80), ("category_mean", 48 + 20)],
)
def test_ways_to_go_on_without_data(policy: str, total: int) -> None:
    lines = part("total", parts=[survey("asked_line", 60), part("marked", 40, missing=policy)])
    only_b = {("marked", "B"): (Mark(Decimal(50), "办"),)}
    outcome = run(scheme(lines), units=units("A", "B"), answers=BOTH["answers"], marks=only_b)
    assert card(outcome, "A").total == total
    assert outcome.questions == ()


def test_a_way_out_can_be_recorded_for_one_unit() -> None:
    outcome = run(scheme(TWO), units=units("A", "B"), answers=BOTH["answers"], decided={("marked", "reweight"): ("A",)})
    assert (card(outcome, "A").total, card(outcome, "B").total) == (Fraction(80), None)
    assert outcome.questions[0].units == ("B",)
    assert "其分值按比例分给其他各项" in card(outcome, "A").root.how[0]


def test_withhold_gives_no_total_and_asks_nothing() -> None:
    lines = part("total", parts=[survey("asked_line", 60), part("marked", 40, missing="withhold")])
    outcome = run(scheme(lines), units=units("A", "B"), **{**BOTH, "marks": {}})
    assert ([one.total for one in outcome.cards], outcome.questions) == ([None, None], ())


def test_what_a_line_says_of_missing_data_holds_below_it() -> None:
    figures = part("figures", 60, missing="reweight", parts=[survey("asked_line", 60)])
    lines = part("total", parts=[figures, part("marked", 40)])
    assert (
        card(run(scheme(lines), units=units("A"), marks={("marked", "A"): (Mark(Decimal(70), "办"),)}), "A").total == 70
    )


def test_a_weight_that_nobody_is_left_to_take_is_no_zero() -> None:
    figures = part("figures", 100, missing="reweight", parts=[survey("asked_line", 100)])
    lines = part("total", mean=[part("board", 100, parts=[figures, part("marked", 0)]), part("other", 100)])
    given = {(name, "A"): (Mark(Decimal(70), "办"),) for name in ("marked", "other")}
    waiting = run(scheme(lines), units=units("A"), marks=given)
    assert card(waiting, "A").total is None
    assert [(one.kind, one.about, one.units) for one in waiting.questions] == [("missing", "board", ("A",))]
    settled = run(scheme(lines), units=units("A"), marks=given, decided={("board", "reweight"): ("A",)})
    assert card(settled, "A").total == 70
    asked = run(scheme(lines), units=units("A"), marks=given, answers={("asked", "A"): counted(90, 0, 10)})
    assert card(asked, "A").total == 80


def test_too_few_answers_are_missing_ones() -> None:
    few = {("asked", "A"): counted(9, 0, 0)}
    assert card(run(scheme(survey("total")), units=units("A"), answers=few), "A").total is None
    assert card(run(scheme(survey("total", least=9)), units=units("A"), answers=few), "A").total == 100


def test_lines_are_for_units() -> None:
    total = part(
        "total", mean=[part("one", when={"flags": ["x"]}), part("two", when={"without": ["y"]}), part("three")]
    )
    given = {(name, "A"): (Mark(Decimal(value), "办"),) for name, value in (("one", 30), ("two", 60), ("three", 90))}
    for flags, expected in ((set(), 75), ({"x"}, 60), ({"x", "y"}, 60), ({"y"}, 90)):
        unit = RatedUnit("A", "A", "一", frozenset(flags))
        assert card(run(scheme(total), units=(unit,), marks=given), "A").total == expected


def test_a_bonus_inside_a_line_stays_within_its_points() -> None:
    rules = [{"id": "good", "points": {"low": 1, "high": 9}, **SAID}]
    inner = {"id": "extra", "low": 0, "high": 5, "bonuses": rules, **SAID}
    total = part("total", parts=[part("board", 100, adjust=inner)])
    given = {("board", "A"): (Mark(Decimal(88), "办"),), ("board", "B"): (Mark(Decimal(98), "办"),)}
    booked = tuple(Booked(unit, "extra", "good", "", points=Decimal(9)) for unit in "AB")
    outcome = run(scheme(total), units=units("A", "B"), marks=given, booked=booked)
    assert [one.total for one in outcome.cards] == [93, 100]
    assert card(outcome, "B").root.children[0].how[0].endswith("98.00 + 5.00 = 103.00 → 100.00")


def test_bonus_and_penalty_of_the_total_are_limited_each_for_itself_and_the_cap_holds() -> None:
    award = {"id": "award", "points": 8, **SAID}
    fault = {"id": "fault", "points": [3, 9], **SAID}
    outside = {"id": "extra", "low": -10, "high": 10, "bonuses": [award], "penalties": [fault], **SAID}
    found = scheme(adjustments=[outside], cap={"low": 0, "high": 100, **ASSUMED})
    booked = (
        *(Booked("A", "extra", "award", "") for _ in range(2)),
        *(Booked("A", "extra", "fault", "", points=Decimal(9)) for _ in range(2)),
        Booked("B", "extra", "award", ""),
        Booked("C", "extra", "fault", "", points=Decimal(3)),
    )
    outcome = run(found, units=units("A", "B", "C"), marks=marks(A="90", B="99", C="2"), booked=booked)
    assert [one.total for one in outcome.cards] == [90, 100, 0]
    assert card(outcome, "B").notes[0][0] == "总分：99.00 + 8.00 = 107.00 → 100.00，显示为100.00"


def test_a_panel_needs_enough_members() -> None:
    source = {"kind": "marks", "office": "办", "scale": 20, "panel": 3}
    found = scheme(part("total", 20, source=source))
    outcome = run(found, units=units("A", "B"), marks=marks(A=["17", "18", "16.5", "18.5", "17"], B=["20", "20"]))
    assert (card(outcome, "A").total, card(outcome, "B").total) == (Fraction("17.4"), None)
    assert card(outcome, "A").root.how[0] == "(16.5 + 17 + 17 + 18 + 18.5) ÷ 5 = 17.40；17.40"


def test_a_unit_without_a_result_takes_no_place_and_asks_nothing() -> None:
    cancelled = RatedUnit("A", "甲", "一", standing=Standing.CANCELLED, reason="拉票")
    withheld = RatedUnit("B", "乙", "一", standing=Standing.WITHHELD)
    outcome = run(scheme(), units=(cancelled, withheld, *units("C")), marks=marks(C="50"))
    assert [(one.total, one.rank) for one in outcome.cards] == [(None, None), (None, None), (50, 1)]
    assert card(outcome, "A").root.how == ("评议成绩已取消：拉票", "the result is cancelled: 拉票")
    assert outcome.questions == ()


def test_every_default_that_the_document_does_not_state_is_listed_once() -> None:
    found = scheme(
        part("total", assumed={"zh": "甲", "en": "A"}),
        settings={"a": {"value": 1, **SAID}, "b": {"value": 1, **SAID, "assumed": {"zh": "乙", "en": "B"}}},
        methods=[{"assumed": {"zh": "丙", "en": "C"}}],
    )
    said = [zh for zh, _ in run(found, units=units("A"), marks=marks(A="1")).assumed]
    assert len(said) == len(set(said))
    assert {"测试", "甲", "乙", "丙"} <= set(said)
    sampled = run(scheme(survey("total")), units=units("A"), answers={("asked", "A"): scored("80", "1.5")})
    assert sampled.assumed[-1][0].startswith("抽样误差：")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"total": survey("total", least=7)}, "问卷评议：有效评价少于7份的，视为没有数据"),
        ({"missing": "reweight"}, "缺少数据的项目不计，其分值按比例分给其他各项"),
        ({"ranking": {"ties": "dense", **ASSUMED}}, "同分的单位名次相同，后面的名次不空（1、2、2、3）"),
        ({"ranking": {"decimals": 3, **ASSUMED}}, "得分四舍五入到3位小数，按显示的得分排名"),
        ({"consequences": [consequence("a", last=1, border="shrink")]}, "同分的单位跨越名额界线时，都不列入"),
        ({"consequences": [consequence("a", lost="merit")]}, "失去评先资格的单位不授奖，名额不递补"),
        ({"total": part("total", source={"kind": "ratings", "map": "three"})}, "不足30次评价的不计"),
        ({"total": part("total", source=CASES)}, "各事项的扣分累计"),
        ({"total": part("total", source=TIERS)}, "余数相等的先给较高的档"),
        ({"total": part("total", source=DECAY)}, "同分的单位都按较好的名次给分"),
    ],
)
def test_what_the_program_settles_is_said_too(more: dict[str, Any], sentence: str) -> None:
    outcome = run(scheme(**more), units=())
    assert [zh for zh, _ in outcome.assumed if sentence in zh]
    assert not [zh for zh, _ in run(scheme(), units=()).assumed if sentence in zh]


def test_most_people_could_not_judge() -> None:
    found = scheme(
        survey("total", map="four"), maps={"four": {"options": {"好": 100, "差": 0, "不了解": None}, **ASSUMED}}
    )
    sheets = {"A": {"好": 40, "差": 0, "不了解": 60}, "B": {"好": 50, "差": 0, "不了解": 50}}
    answers = {("asked", name): Answers(100, own["好"], own, None) for name, own in sheets.items()}
    outcome = run(found, units=units("A", "B"), answers=answers)
    assert [len(one.notes) for one in outcome.cards] == [2, 1]
    assert card(outcome, "A").notes[1][0] == "“测试”：超过一半的答卷选“不了解”（60/100）"
    assert [one.total for one in outcome.cards] == [100, 100]


def test_organisers_that_are_rated_are_marked() -> None:
    found = scheme(organisers=[{"unit": "A局", "does": {"zh": "送分", "en": "sends marks"}, **ASSUMED}])
    outcome = run(found, units=units("A", "B"), marks=marks(A="1", B="2"))
    assert [len(one.notes) for one in outcome.cards] == [2, 1]
    assert card(outcome, "A").notes[1][0] == "该单位参与组织评议：送分"


def test_the_order_of_everything_changes_nothing() -> None:
    found = scheme(part("total", parts=[part("marked", 40), part("kept", 60, source=CASES)]))
    given = {("marked", one): (Mark(Decimal(70), "办"),) for one in "ABC"}
    booked = [Booked(unit, "kept", rule, "m", ref=unit + rule) for unit in "CAB" for rule in ("late", "never")]
    before = run(found, units=units("A", "B", "C"), marks=given, booked=tuple(booked))
    turned = Inputs(units=units("C", "A", "B"), marks=dict(reversed(given.items())), booked=tuple(reversed(booked)))
    assert run(found, **vars(turned)) == before
