"""Places, grades, thresholds, awards and sanctions; what asks, what is uncertain, what bars."""

from decimal import Decimal
from statistics import NormalDist
from typing import Any

import pytest

from sampling.errors import BadProportion
from sampling.rank_sets import pair_quantile
from survey_models.schemes.inputs import CANCELLED_THEN, Booked, Earlier, RatedUnit, Standing
from survey_models.schemes.outcome import Border, Outcome
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


def holders(outcome: Outcome, name: str) -> str:
    """The units that have a consequence, as one word."""
    return "".join(one.unit.code for one in outcome.cards if name in one.consequences)


def placed(given: dict[str, str], *more: dict[str, Any], **how: Any) -> Outcome:
    """Units with marks under a scheme with consequences."""
    return run(scheme(consequences=list(more), **how), units=units(*given), marks=marks(**given))


def with_errors(given: dict[str, tuple[str, str]], *more: dict[str, Any], **how: Any) -> Outcome:
    """Units with survey scores and their errors."""
    answers = {("asked", name): scored(score, se) for name, (score, se) in given.items()}
    return run(scheme(survey("total"), consequences=list(more), **how), units=units(*given), answers=answers)


# ---------------------------------------------------------------------------------------------- rank sets
def test_rank_sets_follow_the_errors() -> None:
    outcome = with_errors({"A": ("90", "1"), "B": ("88", "1"), "C": ("50", "1"), "D": ("20", "0")})
    assert [(one.rank_low, one.rank_high) for one in outcome.cards] == [(1, 2), (1, 2), (3, 3), (4, 4)]


def test_a_lead_counts_only_beyond_both_errors_together() -> None:
    # Two units: one ordered pair each way, z at 1 - 0.05/2 = 1.959963985 for the sum of both errors.
    close = with_errors({"A": ("53.9199", "1"), "B": ("50", "1")})
    apart = with_errors({"A": ("53.92", "1"), "B": ("50", "1")})
    assert [one.rank_high for one in close.cards] == [2, 2]
    assert [one.rank_high for one in apart.cards] == [1, 2]


def test_sets_hold_when_two_units_err_against_each_other() -> None:
    # The worst case: what one gains the other loses. B is truly first, by next to nothing.
    wrong, draws = 0, 200
    for k in range(draws):
        error = Decimal(str(NormalDist().inv_cdf((k + 0.5) / draws)))
        outcome = with_errors({"A": (str(50 + error), "1"), "B": (str(Decimal("50.000001") - error), "1")})
        wrong += card(outcome, "A").rank_high == 1
    # Errors taken to be independent would be wrong in 8 percent: P(error > 1.96/√2).
    assert wrong / draws == 0.025


def test_marks_and_deductions_never_get_an_error() -> None:
    outcome = placed({"A": "90", "B": "89.99"})
    assert [(one.se, one.rank_low, one.rank_high) for one in outcome.cards] == [(None, 1, 1), (None, 2, 2)]


def test_categories_are_ranked_apart() -> None:
    both = (*units("A", "B"), *units("C", category="二"))
    outcome = run(scheme(), units=both, marks=marks(A="1", B="2", C="0"))
    assert [one.rank for one in outcome.cards] == [2, 1, 1]
    together = run(scheme(ranking={"within": "all", **ASSUMED}), units=both, marks=marks(A="1", B="2", C="0"))
    assert [one.rank for one in together.cards] == [2, 1, 3]


def test_exact_ranking_sees_what_print_hides() -> None:
    given = {"A": "90.001", "B": "90.002"}
    assert [one.rank for one in placed(given).cards] == [1, 1]
    assert [one.rank for one in placed(given, ranking={"on": "exact", **ASSUMED}).cards] == [2, 1]


# ---------------------------------------------------------------------------------------------- borders
def test_an_uncertain_border_is_told() -> None:
    given = {"A": ("90", "1"), "B": ("88", "1"), "C": ("50", "1"), "D": ("10", "1")}
    outcome = with_errors(given, consequence("first", first=1), consequence("two", first=2, kind="sanction"))
    assert outcome.borders == (Border("first", "一", ("A", "B")),)
    last = with_errors(given, consequence("last", last=3, kind="sanction"), consequence("flag", first=1, kind="flag"))
    assert last.borders == (Border("last", "一", ("A", "B")),)


def test_a_tie_broken_by_the_chain_is_told_as_a_border() -> None:
    total = part("total", parts=[part("one", 50), part("two", 50)])
    given = {
        (name, unit): marks(x=value)["total", "x"]
        for unit, (first, second) in {"A": ("80", "60"), "B": ("60", "80"), "C": ("10", "10")}.items()
        for name, value in (("one", first), ("two", second))
    }
    found = scheme(
        total,
        ranking={"chain": ["two", "draw"], **ASSUMED},
        consequences=[consequence("first", first=1, border="break_ties")],
    )
    outcome = run(found, units=units("A", "B", "C"), marks=given)
    assert (holders(outcome, "first"), outcome.questions) == ("B", ())
    assert outcome.borders == (Border("first", "一", ("A", "B")),)


@pytest.mark.parametrize(
    ("border", "given", "asked"), [("stop", "A", True), ("expand", "ABC", False), ("shrink", "A", False)]
)
@pytest.mark.parametrize("side", ["first", "last"])
def test_an_exact_tie_at_a_border(border: str, given: str, asked: bool, side: str) -> None:
    scores = {"A": "95", "B": "90", "C": "90", "D": "80"}
    if side == "last":
        scores = {name: str(100 - int(score)) for name, score in scores.items()}
    outcome = placed(scores, consequence("two", **{side: 2}, border=border))
    assert holders(outcome, "two") == given
    assert [(one.kind, one.about, one.units, one.places) for one in outcome.questions] == (
        [("tie", "two", ("B", "C"), 1)] if asked else []
    )
    assert ["界线上" in "".join(zh for zh, _ in one.notes) for one in outcome.cards] == [False, *[not asked] * 2, False]


def test_a_recorded_order_answers_the_question() -> None:
    scores = {"A": "95", "B": "90", "C": "90", "D": "80"}
    for order, first, last in ((("B", "C"), "AB", "CD"), (("C", "B"), "AC", "BD"), (("B",), "A", "D")):
        found = scheme(consequences=[consequence("first", first=2), consequence("last", last=2)])
        decided = {("first", "一"): order, ("last", "一"): order}
        outcome = run(found, units=units(*"ABCD"), marks=marks(**scores), decided=decided)
        assert (holders(outcome, "first"), holders(outcome, "last")) == (first, last)
        assert len(outcome.questions) == (2 if len(order) == 1 else 0)
        assert len(card(outcome, "B").notes) == (1 if len(order) == 1 else 3)


def test_the_second_prize_goes_on_behind_the_first() -> None:
    prizes = (
        consequence("second", first=2, after="first"),
        consequence("first", first_percent=20, within="all", base="stated"),
    )
    scores = {name: str(90 - k) for k, name in enumerate("ABCDE")}
    assert holders(placed(scores, *prizes), "first") == "A"
    assert holders(placed(scores, *prizes), "second") == "BC"
    tied = placed({**scores, "B": "90"}, *prizes)
    # Which of both is first is not known, so who is second is not known either.
    assert (holders(tied, "first"), holders(tied, "second"), len(tied.questions)) == ("", "", 1)


@pytest.mark.parametrize(
    ("rounding", "expected"), [("floor", "A"), ("half_up", "AB"), ("ceil", "AB"), ("largest_remainder", "AB")]
)
def test_a_share_of_units_is_rounded_as_said(rounding: str, expected: str) -> None:
    scores = {name: str(90 - k) for k, name in enumerate("ABCDE")}
    assert holders(placed(scores, consequence("some", first_percent=30, rounding=rounding)), "some") == expected


# ---------------------------------------------------------------------------------------------- rights, running, grades
def test_a_lost_right_bars_and_nobody_moves_up() -> None:
    rules = [{"id": "fraud", "lost": "merit", **SAID}, {"id": "warned", "lost": "best", **SAID}]
    found = scheme(
        part("total", source={"kind": "cases", "rules": rules}),
        consequences=[
            consequence("cheat", lost="merit", bars=["best", "good"], kind="sanction"),
            consequence("best", first=1, border="expand"),
            consequence("good", first=3, border="expand"),
        ],
    )
    booked = (case("A", "fraud"), Booked("B", "total", "warned", ""))
    outcome = run(found, units=units("A", "B", "C"), booked=booked)
    assert [one.consequences for one in outcome.cards] == [("cheat",), ("good",), ("best", "good")]
    assert [one.lost for one in outcome.cards] == [("merit",), ("best",), ()]


def test_a_cancelled_unit_keeps_its_lost_right_and_what_is_listed() -> None:
    found = scheme(
        part("total", source={"kind": "cases", "rules": [{"id": "fraud", "lost": "merit", **SAID}]}),
        consequences=[consequence("cheat", lost="merit"), consequence("told", listed="superior_led")],
    )
    unit = RatedUnit("A", "A", "一", frozenset({"superior_led"}), Standing.CANCELLED)
    outcome = run(found, units=(unit,), booked=(case("A", "fraud"),))
    assert card(outcome, "A").consequences == ("cheat", "told")


def test_so_many_rounds_one_after_the_other() -> None:
    found = scheme(
        consequences=[
            consequence("thrice", consecutive={"of": "last", "rounds": 3}),
            consequence("last", last=1, kind="sanction"),
        ]
    )
    had = frozenset({"last"})
    cancelled = frozenset({CANCELLED_THEN})
    for earlier, expected in (
        ([had, had], "B"),
        ([had], ""),
        ([had, frozenset()], ""),
        ([], ""),
        # A cancelled round is passed over: it does not end the row, and it is not one of it.
        ([cancelled, had, had], "B"),
        ([had, cancelled], ""),
        ([had, cancelled, had], "B"),
        ([had, cancelled, frozenset()], ""),
    ):
        rounds = tuple(Earlier(f"r{k}", {"B": one}) for k, one in enumerate(earlier))
        outcome = run(found, units=units("A", "B"), marks=marks(A="9", B="1"), earlier=rounds)
        assert holders(outcome, "thrice") == expected


def test_grades_are_given_in_their_order() -> None:
    grades = [
        {"id": "top", "first": 1, **SAID},
        {"id": "next", "share": 40, "rounding": "largest_remainder", **SAID},
        {"id": "rest", "share": 60, "rounding": "largest_remainder", **SAID},
    ]
    scores = {name: str(90 - k) for k, name in enumerate("ABCDE")}
    assert [one.grade for one in placed(scores, grades=grades).cards] == ["top", "next", "next", "rest", "rest"]


def test_bands_include_their_lower_limit_as_printed() -> None:
    grades = [{"id": name, "least": least, **SAID} for name, least in (("good", 75), ("fair", 60), ("bad", 0))]
    outcome = placed({"A": "75", "B": "74.995", "C": "74.99", "D": "60", "E": "59.99"}, grades=grades)
    assert [one.grade for one in outcome.cards] == ["good", "good", "fair", "fair", "bad"]


def test_a_tie_at_the_border_of_a_grade_asks_and_gives_neither() -> None:
    grades = [{"id": "top", "first": {"一": 1}, **SAID}, {"id": "rest", "least": 0, **SAID}]
    outcome = placed({"A": "90", "B": "90", "C": "80"}, consequence("praised", grade="top"), grades=grades)
    assert [one.grade for one in outcome.cards] == [None, None, "rest"]
    assert [(one.about, one.units) for one in outcome.questions] == [("top", ("A", "B"))]
    assert holders(outcome, "praised") == ""


def test_passing_is_asked_of_those_it_is_for() -> None:
    outcome = run(
        scheme(
            passes={"least": 75, "when": {"categories": ["一"]}, **ASSUMED},
            ranking={"when": {"categories": ["二"]}, **ASSUMED},
            consequences=[consequence("failed", failed=True, kind="flag")],
        ),
        units=(*units("A", "B"), *units("C", category="二")),
        marks=marks(A="75", B="74.99", C="1"),
    )
    assert [(one.passed, one.rank) for one in outcome.cards] == [(True, None), (False, None), (None, 1)]
    assert holders(outcome, "failed") == "B"


def test_the_share_of_satisfied_separates_equals() -> None:
    found = scheme(survey("total"), ranking={"ties": "no_tie", "chain": ["satisfied", "draw"], **ASSUMED})
    answers = {
        ("asked", "A"): counted(60, 0, 40),
        ("asked", "B"): counted(0, 100, 0),
        ("asked", "C"): counted(0, 100, 0),
    }
    outcome = run(found, units=units("A", "B", "C"), answers=answers)
    assert [one.rank for one in outcome.cards] == [1, 2, 2]
    assert [(one.about, one.units) for one in outcome.questions] == [("rank", ("A", "B", "C"))]
    drawn = run(found, units=units("A", "B", "C"), answers=answers, decided={("rank", "一"): ("A", "C", "B")})
    assert ([one.rank for one in drawn.cards], drawn.questions) == ([1, 3, 2], ())
    assert "按规定的先后" in card(drawn, "C").notes[-1][0]


def test_the_quantile_of_pairs() -> None:
    assert pair_quantile(2) == Decimal("1.959963985")
    assert pair_quantile(1) == 0
    for n in (3, 28, 34, 56):
        assert NormalDist().inv_cdf(1 - 0.05 / (n * (n - 1))) == pytest.approx(float(pair_quantile(n)), abs=1e-8)
    with pytest.raises(BadProportion):
        pair_quantile(5, level=1)
