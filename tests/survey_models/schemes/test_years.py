"""A year from its rounds: means, errors, renamed and merged units, rights lost, what is still open."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from survey_models.core.errors import Problem
from survey_models.schemes.inputs import Booked, Earlier, RatedUnit, Standing
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome
from survey_models.schemes.years import year
from tests.survey_models.schemes.rounds import (
    ASSUMED,
    SAID,
    card,
    consequence,
    marks,
    part,
    run,
    scheme,
    scored,
    survey,
    units,
)

FOUND = scheme(
    consequences=[
        consequence("best", first=1, at="year"),
        consequence("last", last=1, at="year", kind="sanction"),
        consequence("twice", consecutive={"of": "last", "rounds": 2}, at="year", kind="sanction"),
        consequence("round_only", first=1),
    ]
)


def half(**given: str) -> Outcome:
    """One half-year by marks."""
    return run(FOUND, units=units(*given), marks=marks(**given))


def of_year(rounds: list[Outcome], *names: str, found: Scheme = FOUND, **how: Any) -> Outcome:
    """The year of these units."""
    return year(found, "0" * 64, rounds, units(*names), **how)


def test_the_mean_of_two_halves_is_ranked_and_has_consequences_of_its_own() -> None:
    outcome = of_year([half(A="90.102137", B="80"), half(A="77.002137", B="84")], "A", "B", names=["上半年", "下半年"])
    assert card(outcome, "A").total == Fraction("83.552137")
    assert [(one.rank, one.consequences) for one in outcome.cards] == [(1, ("best",)), (2, ("last",))]
    assert card(outcome, "A").root.how[0] == "(90.1021 + 77.0021) ÷ 2 = 83.5521，显示为83.55"
    assert [(line.title[0], line.value) for line in card(outcome, "B").root.children] == [
        ("上半年", Fraction(80)),
        ("下半年", Fraction(84)),
    ]
    assert outcome.assumed[-1][0].startswith("年度成绩")


def test_twice_running_is_by_years() -> None:
    rounds = [half(A="90", B="80"), half(A="90", B="80")]
    before = (Earlier("2014", {"B": frozenset({"last"})}),)
    assert card(of_year(rounds, "A", "B", earlier=before), "B").consequences == ("last", "twice")


def test_errors_of_the_halves_are_independent() -> None:
    found = scheme(survey("total"))
    rounds = [run(found, units=units("A"), answers={("asked", "A"): scored("80", se)}) for se in ("3", "4")]
    assert card(of_year(rounds, "A", found=found), "A").se == Decimal("2.5")


def test_renamed_and_merged_units_go_on() -> None:
    rounds = [half(A="90", B="70", C="60"), half(N="80", C="50")]
    outcome = of_year(rounds, "N", "C", successors={"A": "N", "B": "N"})
    assert card(outcome, "N").total == 80
    assert card(outcome, "C").total == 55


def test_a_unit_set_up_within_the_year_has_its_own_rounds() -> None:
    outcome = of_year([half(A="90"), half(A="80", B="70")], "A", "B", "X")
    assert [one.total for one in outcome.cards] == [85, 70, None]
    assert card(outcome, "X").root.how[0] == "年内没有参加评议"


@pytest.mark.parametrize("standing", [Standing.CANCELLED, Standing.WITHHELD])
def test_without_a_result_in_one_half_there_is_none_for_the_year(standing: Standing) -> None:
    gone = RatedUnit("A", "A局", "一", standing=standing, reason="拉票")
    first = run(FOUND, units=(gone, *units("B")), marks=marks(B="60"))
    outcome = of_year([first, half(A="99", B="60")], "A", "B", names=["上半年"])
    assert card(outcome, "A").unit.standing is standing
    assert card(outcome, "A").root.how[0].endswith("：上半年 拉票")
    assert [one.rank for one in outcome.cards] == [None, 1]


def test_a_half_without_a_total_is_asked_about() -> None:
    first = run(FOUND, units=units("A", "B"), marks=marks(B="60"))
    outcome = of_year([first, half(A="99", B="60")], "A", "B")
    assert [(one.kind, one.about, one.units) for one in outcome.questions] == [("missing", "year", ("A",))]
    assert card(outcome, "A").total is None


def test_a_round_without_a_total_by_the_rules_is_left_out() -> None:
    found = scheme(part("total", missing="withhold"))
    rounds = [run(found, units=units("A", "B"), marks=marks(A="90", **more)) for more in ({"B": "60"}, {}, {"B": "70"})]
    outcome = of_year(rounds, "A", "B", found=found)
    assert [one.total for one in outcome.cards] == [90, 65]
    assert (outcome.questions, [line.factor for line in card(outcome, "B").root.children]) == (
        (),
        [Fraction(1, 2), Fraction(0), Fraction(1, 2)],
    )
    nothing = of_year(rounds[1:2], "A", "B", found=found)
    assert (card(nothing, "B").total, nothing.questions) == (None, ())


def test_a_right_lost_in_one_half_is_lost_for_the_year() -> None:
    found = scheme(
        part("total", source={"kind": "cases", "rules": [{"id": "fraud", "lost": "merit", **SAID}]}),
        consequences=[
            consequence("cheat", lost="merit", bars=["best"], at="year"),
            consequence("best", first=2, at="year"),
        ],
    )
    rounds = [
        run(found, units=units("A", "B"), booked=(Booked("A", "total", "fraud", ""),)),
        run(found, units=units("A", "B")),
    ]
    assert [one.consequences for one in of_year(rounds, "A", "B", found=found).cards] == [("cheat",), ("best",)]


def test_equals_of_a_year_are_separated_by_the_mean_of_a_line() -> None:
    total = part("total", parts=[part("one", 50), part("two", 50)])
    found = scheme(total, ranking={"ties": "no_tie", "chain": ["one"], **ASSUMED})

    def of(a: tuple[str, str], b: tuple[str, str]) -> Outcome:
        given = {("one", "A"): a[0], ("two", "A"): a[1], ("one", "B"): b[0], ("two", "B"): b[1]}
        entered = {key: marks(x=value)["total", "x"] for key, value in given.items()}
        return run(found, units=units("A", "B"), marks=entered)

    rounds = [of(("60", "60"), ("80", "40")), of(("70", "70"), ("60", "80"))]
    assert [one.rank for one in of_year(rounds, "A", "B", found=found).cards] == [2, 1]


def test_no_rounds_make_no_year() -> None:
    for found, rounds in ((FOUND, []), (scheme(cadence={"each": "year", **ASSUMED}), [half(A="1")])):
        with pytest.raises(Problem):
            of_year(rounds, "A", found=found)
