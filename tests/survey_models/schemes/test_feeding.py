"""What of a round another scheme can read: what meets what, what does not, and that nothing is made up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.feeding import Fed, fed
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark
from survey_models.schemes.language import Scheme
from tests.survey_models.schemes.rounds import ASSUMED, SAID, counted, part, scheme, survey, units

A, B = "A", "B"
NAMED = {"zh": "群众", "en": "people"}


def kind(raters: list[str]) -> list[dict[str, Any]]:
    """The campaign ``asked`` with these raters."""
    return [{"id": "asked", "raters": raters, "frame": "open", **SAID}]


def maps(**options: int | None) -> dict[str, Any]:
    """The map ``three`` with these options."""
    return {"three": {"options": options, **ASSUMED}}


def totals(found: Fed) -> dict[str, Fraction | None]:
    """By unit, the total under the other scheme."""
    outcome = evaluate(found.scheme, "0" * 64, found.inputs, without=found.without)
    return {card.unit.code: card.total for card in outcome.cards}


def reasons(found: Fed) -> dict[str, tuple[str, ...]]:
    """By the Chinese reason, the units."""
    return {one.why[0]: one.units for one in found.unfed}


def asked(own: Scheme, other: Scheme, **answers: Answers) -> Fed:
    """Feed a scheme with answers by unit."""
    given = Inputs(units=units(*answers), answers={("asked", unit): one for unit, one in answers.items()})
    return fed(own, other, given)


def test_answers_are_of_the_same_people_to_the_same_options() -> None:
    own = scheme(survey("total"), campaigns=kind(["citizens"]))
    for other, why in (
        (scheme(survey("total"), campaigns=kind(["leaders"])), "本轮同名的评议问的是另一些人"),
        (scheme(survey("total"), maps=maps(好=100, 差=0)), "本轮问卷的选项不同"),
        (scheme(survey("total"), maps=maps(非常满意=100, 满意=80, 基本满意=60, 不满意=0)), "本轮问卷的选项不同"),
        (scheme(survey("total", aspects=["good"])), "本轮没有这项评议的结果"),
    ):
        found = asked(own, other, A=counted(60, 35, 5))
        assert (reasons(found), totals(found)) == ({why: (A,)}, {A: None})


def test_answers_are_scored_anew_as_far_as_they_are_known() -> None:
    own = scheme(survey("total"), maps=maps(满意=100, 基本满意=60, 不满意=0, 不了解=None))
    other = scheme(survey("total"), maps=maps(满意=100, 基本满意=80, 不满意=0, 不了解=50))
    plain = Answers(100, 80, {"满意": 40, "基本满意": 40, "不满意": 0, "不了解": 20}, Fraction(80), Decimal(1))
    halves = {"满意": Fraction(1, 2), "基本满意": Fraction(1, 2), "不满意": Fraction(0)}
    weighted = {**halves, "满意": Fraction(3, 4), "基本满意": Fraction(1, 4)}
    sheets = replace(plain, shares=halves)
    found = asked(own, other, A=sheets, B=replace(plain, shares=weighted, score=Fraction(90)))
    # 40 × 100 + 40 × 80 + 20 × 50 of a hundred; who was weighted has no share of those who could not judge.
    assert totals(found) == {A: Fraction(82), B: None}
    assert reasons(found) == {"本轮的评价是加权的，没有各选项的份额": (B,)}
    assert found.inputs.answers["asked", A].se is None
    # Under the same numbers everything stays as it is, errors too.
    same = asked(own, own, A=sheets)
    assert same.inputs.answers["asked", A] is sheets


def test_a_mark_never_fills_a_survey_of_the_same_name() -> None:
    own = scheme(part("total", title=NAMED))
    other = scheme({**survey("total"), "title": NAMED})
    found = fed(own, other, Inputs(units=units(A), marks={("total", A): (Mark(Decimal(90), "办"),)}))
    assert (totals(found), found.inputs.marks, dict(found.inputs.answers)) == ({A: None}, {}, {})


def test_marks_meet_by_office_and_name_on_the_scale_they_were_given() -> None:
    own = scheme(part("mine"))
    given = Inputs(
        units=units(A, B), marks={("mine", A): (Mark(Decimal(70), "办"),), ("mine", B): (Mark(Decimal(80), "办"),)}
    )
    assert totals(fed(own, scheme(part("its", source=_marks(scale=30))), given)) == {A: 70, B: 80}
    decay = {"kind": "decay", "office": "办", "step": 10}
    assert totals(fed(own, scheme(part("its", source=decay)), given)) == {A: 90, B: 100}
    for source, why in (
        (_marks(office="局"), "本轮没有这项评分"),
        (_marks(panel=3), "本轮这项评分的形式不同"),
        ({**decay, "enter": "places"}, "本轮这项评分的形式不同"),
    ):
        found = fed(own, scheme(part("its", source=source)), given)
        assert (reasons(found), totals(found)) == ({why: (A, B)}, {A: None, B: None})


def _marks(**more: Any) -> dict[str, Any]:
    return {"kind": "marks", "office": "办", "scale": 100, **more}


def test_cases_need_a_price_and_a_period_of_the_other_scheme() -> None:
    own = scheme(part("mine", source={"kind": "cases", "rules": [{"id": "late", "points": 2, **SAID}]}))
    booked = (
        Booked(A, "mine", "late", "m", period="2015-02"),
        Booked(B, "mine", "late", "n"),
        Booked(A, "mine", "gone", "o"),
    )
    given = Inputs(units=units(A, B), booked=booked, quarters=("2015Q1", "2015Q2"))
    found = fed(own, _cased(per="quarter", points=4), given)
    # 96 of the first quarter and 100 of the second; nobody wrote down of which quarter B's is.
    assert totals(found) == {A: 98, B: None}
    assert reasons(found) == {"有的事项没有写明该办法要的月份或季度": (B,)}
    assert found.notes == (("该办法不计“gone”，本轮有1件", "it does not price gone; the round has 1"),)
    found = fed(own, _cased(points={"low": 1, "high": 5}), given)
    assert reasons(found) == {"有的事项没有按该办法定分": (A, B)}
    found = fed(own, _cased(office="局", points=4), given)
    # Nobody looked: no full points.
    assert (reasons(found), totals(found)) == ({"本轮没有查这些事项": (A, B)}, {A: None, B: None})


def _cased(points: Any, **more: Any) -> Scheme:
    rules = [{"id": "late", "points": points, **SAID}]
    return scheme(part("its", source={"kind": "cases", "rules": rules, **more}))


def test_a_late_duty_goes_where_the_other_scheme_books_it() -> None:
    def owing(line: str, rule: str) -> Scheme:
        report = {"id": "report", "who": "units", "due": "end", "feeds": [line, rule], **SAID}
        rules = [{"id": rule, "title": {"zh": rule, "en": rule}, "points": 3, **ASSUMED}]
        source = {"kind": "cases", "rules": rules}
        return scheme(part(line, title={"zh": line, "en": line}, source=source), duties=[report])

    late = Booked(A, "mine", "late", "report:", ref=f"duties/report/{A}/round")
    found = fed(owing("mine", "late"), owing("its", "overdue"), Inputs(units=units(A, B), booked=(late,)))
    assert totals(found) == {A: 97, B: 100}
    assert not found.unfed
