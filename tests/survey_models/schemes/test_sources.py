"""Each source for itself: surveys, windows, deductions, marks by place and by tier."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from survey_models.core.errors import Problem
from survey_models.schemes.inputs import Answers, Month
from survey_models.schemes.quotas import largest_remainder, rounded
from survey_models.schemes.rank_points import tier_sizes
from survey_models.schemes.sources import Tiers
from tests.survey_models.schemes.rounds import (
    SAID,
    card,
    case,
    counted,
    marks,
    part,
    run,
    scheme,
    scored,
    survey,
    units,
)

SHARES: dict[str, Any] = {"campaigns": [{"campaign": "fixed", "share": 75}, {"campaign": "random", "share": 25}]}


def points(source: dict[str, Any], most: int = 100, **given: Any) -> Any:
    """Points of unit A in one line."""
    return card(run(scheme(part("total", most, source=source)), **{"units": units("A"), **given}), "A").total


# ---------------------------------------------------------------------------------------------- surveys
def test_shares_and_errors_of_two_campaigns() -> None:
    answers = {("fixed", "A"): scored("80", "2"), ("random", "A"): scored("60", "3")}
    found = card(run(scheme(survey("total", 50, **SHARES)), units=units("A"), answers=answers), "A")
    assert found.total == Fraction(75, 2)
    # Half of the square root of (0.75 × 2)² + (0.25 × 3)².
    assert found.se == Decimal("0.838525492")
    assert [(line.value, line.factor) for line in found.root.children] == [
        (Fraction(80), Fraction(3, 8)),
        (Fraction(60), Fraction(1, 8)),
    ]


def test_a_share_without_its_campaign_is_missing() -> None:
    outcome = run(scheme(survey("total", **SHARES)), units=units("A"), answers={("fixed", "A"): scored("80")})
    assert (card(outcome, "A").total, outcome.questions[0].about) == (None, "total")


def test_pooled_counts_people_and_not_campaigns() -> None:
    answers = {("fixed", "A"): counted(70, 25, 5), ("random", "A"): counted(120, 60, 20)}
    found = card(run(scheme(survey("total", combine="pooled", **SHARES)), units=units("A"), answers=answers), "A")
    assert round(found.total or 0, 4) == Fraction("80.3333")


def test_aspects_are_averaged_and_so_are_their_errors() -> None:
    aspects = {("asked", "A", "1"): scored("80", "2"), ("asked", "A", "2"): scored("70", "4")}
    found = card(run(scheme(survey("total", aspects=["1", "2"])), units=units("A"), aspects=aspects), "A")
    # The same people judge both: nothing cancels.
    assert (found.total, found.se) == (Fraction(75), Decimal(3))


def test_weighted_answers_are_told_by_their_shares() -> None:
    shares = {"满意": Fraction(1, 2), "基本满意": Fraction(3, 10), "不满意": Fraction(1, 5)}
    weighted = Answers(100, 100, {"满意": 60, "基本满意": 20, "不满意": 20}, Fraction(68), Decimal(2), shares)
    found = card(run(scheme(survey("total")), units=units("A"), answers={("asked", "A"): weighted}), "A")
    told = "按样本加权：50.00%×100 + 30.00%×60 + 20.00%×0 = 68.00"
    assert (found.total, found.root.children[0].how[0]) == (Fraction(68), told)
    assert found.satisfied == Fraction(3, 5)


def test_one_campaign_in_two_lines_errs_together() -> None:
    both = part("total", parts=[survey("one", 50), survey("two", 50)])
    found = card(run(scheme(both), units=units("A"), answers={("asked", "A"): scored("80", "2")}), "A")
    assert found.se == 2


# ---------------------------------------------------------------------------------------------- windows
FIVE = {"非常满意": 100, "满意": 80, "基本满意": 60, "不满意": 30, "非常不满意": 0}


@pytest.mark.parametrize(
    ("months", "windows", "expected"),
    # January: windows at 100 (90 ratings) and 70 (30): 85 or 92.5. February: 60 (120), the other one too few.
    [("mean", "mean", "72.5"), ("mean", "by_ratings", "76.25"), ("by_ratings", "by_ratings", "76.25")],
)
def test_windows_then_months(months: str, windows: str, expected: str) -> None:
    rated = (
        Month("1号", "2015-01", {"满意": 90}),
        Month("2号", "2015-01", {"满意": 21, "不满意": 9}),
        Month("1号", "2015-02", {"满意": 72, "不满意": 48}),
        Month("2号", "2015-02", {"满意": 29}),
    )
    source = {"kind": "ratings", "map": "three", "months": months, "windows": windows}
    found = card(run(scheme(part("total", source=source)), units=units("A"), ratings={"A": rated}), "A")
    assert found.total == Fraction(expected)
    assert "不足30次评价、未计入：2015-02 2号（29）" in found.root.how[0]


def test_another_scheme_is_referred_to_by_its_rounds() -> None:
    source = {"kind": "reference", "scheme": "windows"}
    taken = {("total", "A"): (("2015-01", Fraction(96)), ("2015-02", Fraction(91)))}
    assert points(source, 20, references=taken) == Fraction(187, 10)
    assert points(source, 20) is None


# ---------------------------------------------------------------------------------------------- deductions
RULES = [
    {"id": "silent", "points": 1, **SAID},
    {"id": "undone", "points": 2, **SAID},
    {"id": "still", "points": 1, "after": "undone", **SAID},
    {"id": "scolded", "points": 3, **SAID},
    {"id": "free", "points": {"low": 1, "high": 5}, **SAID},
    {"id": "either", "points": [1, 2], **SAID},
    {"id": "void", "zero": True, **SAID},
]
CASES: dict[str, Any] = {"kind": "cases", "rules": RULES}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["undone", "still"], 7),
        (["still", "undone", "silent"], 7),
        (["undone", "still", "scolded"], 7),
        (["undone", "scolded"], 7),
        (["silent", "still"], 9),
        (["undone", "undone"], 8),
        (["void", "silent"], 0),
    ],
)
def test_a_matter_is_charged_once_by_its_dearest_chain(rules: list[str], expected: int) -> None:
    booked = tuple(case("A", rule, matter="一件") for rule in rules)
    assert points({**CASES, "same_matter": "largest"}, 10, booked=booked) == expected
    assert points({**CASES, "same_matter": "largest"}, 10, booked=booked[::-1]) == expected


def test_different_matters_and_cases_without_one_are_charged_each() -> None:
    largest = {**CASES, "same_matter": "largest"}
    assert points(largest, 10, booked=(case("A", "undone", matter="一"), case("A", "undone", matter="二"))) == 6
    assert points(largest, 10, booked=(case("A", "undone"), case("A", "undone"))) == 6
    assert points(CASES, 10, booked=(case("A", "undone", matter="一"), case("A", "scolded", matter="一"))) == 5


def test_the_floor_holds_and_the_start_is_a_scale() -> None:
    three = tuple(case("A", "scolded") for _ in range(3))
    assert points(CASES, 5, booked=three) == 0
    assert points({**CASES, "floor": 2}, 5, booked=three) == 2
    assert points({**CASES, "start": 100}, 20, booked=three) == Fraction("18.2")
    assert points({**CASES, "start": 100}, 20) == 20


def test_every_period_starts_full_and_its_mean_counts() -> None:
    quarters = ("2015Q1", "2015Q2")
    booked = (case("A", "void", period="2015Q1"), case("A", "undone", period="2015Q2"))
    assert points({**CASES, "per": "quarter"}, 10, quarters=quarters) == 10
    assert points({**CASES, "per": "quarter"}, 10, quarters=quarters, booked=booked) == 4
    for wrong in ({"quarters": quarters, "booked": (case("A", "undone"),)}, {"booked": booked}):
        with pytest.raises(Problem) as refused:
            points({**CASES, "per": "quarter"}, 10, **wrong)
        assert refused.value.code == "round_input_unfit"


@pytest.mark.parametrize(
    ("rule", "given"),
    [("free", None), ("free", "0.5"), ("free", "6"), ("either", None), ("either", "1.5"), ("silent", "2"), ("no", "1")],
)
def test_points_that_the_rule_does_not_allow(rule: str, given: str | None) -> None:
    with pytest.raises(Problem) as refused:
        points(CASES, 10, booked=(case("A", rule, points=None if given is None else Decimal(given)),))
    assert refused.value.code == "round_input_unfit"


def test_points_within_the_rule() -> None:
    booked = (case("A", "free", points=Decimal("2.5")), case("A", "either", points=Decimal(2)), case("A", "silent"))
    assert points(CASES, 10, booked=booked) == Fraction("4.5")


# ---------------------------------------------------------------------------------------------- places and tiers
def test_equal_marks_share_the_better_place() -> None:
    decay = {"kind": "decay", "office": "办", "step": 3}
    found = run(scheme(part("total", 20, source=decay)), units=units(*"ABCD"), marks=marks(A="9", B="9", C="8", D="7"))
    assert [one.total for one in found.cards] == [20, 20, Fraction("18.8"), Fraction("18.2")]


def test_a_place_is_a_whole_number() -> None:
    decay = {"kind": "decay", "office": "办", "step": 3, "enter": "places"}
    for wrong in ("0", "1.5"):
        with pytest.raises(Problem):
            points(decay, 20, marks=marks(A=wrong))
    assert points(decay, 20) is None


TIERS: dict[str, Any] = {
    "kind": "tiers",
    "office": "办",
    "tiers": [
        {"title": {"zh": name, "en": name}, "share": share, "points": worth}
        for name, share, worth in (("优秀", 20, 5), ("良好", 50, 3), ("合格", 30, 1))
    ],
}


@pytest.mark.parametrize(("n", "sizes"), [(72, [14, 36, 22]), (105, [21, 53, 31])])
def test_tiers_add_up(n: int, sizes: list[int]) -> None:
    assert tier_sizes(Tiers.model_validate(TIERS), n) == sizes


def test_tiers_by_half_up_would_not() -> None:
    assert sum(tier_sizes(Tiers.model_validate({**TIERS, "rounding": "half_up"}), 105)) == 106


@pytest.mark.parametrize(("base", "first", "second"), [(105, 5, 10), (72, 3, 7)])
def test_prizes_of_wenzhou(base: int, first: int, second: int) -> None:
    assert [rounded(Fraction(share * base, 100), "floor") for share in (5, 10)] == [first, second]


def test_roundings() -> None:
    assert [rounded(Fraction(n, 10), "floor") for n in (28, 56, 34)] == [2, 5, 3]
    assert [rounded(Fraction(n, 10), "half_up") for n in (28, 56, 34)] == [3, 6, 3]
    assert [rounded(Fraction(n, 10), "ceil") for n in (28, 56, 34)] == [3, 6, 4]
    assert largest_remainder([Fraction(1, 2), Fraction(1, 2)]) == [1, 0]


def test_equal_marks_at_the_border_of_a_tier_ask() -> None:
    found = scheme(part("total", 5, source=TIERS))
    given = marks(A="90", B="90", C="70", D="60", E="50")
    outcome = run(found, units=units(*"ABCDE"), marks=given)
    (tie,) = outcome.questions
    assert (tie.kind, tie.about, tie.units, tie.places) == ("tie", "total", ("A", "B"), 1)
    assert card(outcome, "A").total is None
    decided = run(found, units=units(*"ABCDE"), marks=given, decided={("total", ""): ("B", "A")})
    assert [one.total for one in decided.cards] == [3, 5, 3, 3, 1]
    assert decided.questions == ()
