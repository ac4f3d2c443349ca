"""What other rules would have made of the same data; order that does not matter; answers that only help."""

import dataclasses
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_models.core.errors import Problem
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark
from survey_models.schemes.loading import preset, read
from survey_models.schemes.outcome import Outcome
from survey_models.schemes.sensitivity import compare, with_map
from tests.sampling.properties import repeatable
from tests.survey_models.schemes.rounds import (
    ASSUMED,
    SAID,
    THREE,
    card,
    consequence,
    counted,
    part,
    run,
    scheme,
    survey,
    units,
)

DIGEST = "0" * 64
P, Q = counted(60, 35, 5), counted(72, 10, 18)
N4 = Inputs(units=units("P", "Q"), answers={("asked", "P"): P, ("asked", "Q"): Q})
FOUND = scheme(survey("total"), consequences=[consequence("first", first=1)])


@pytest.mark.parametrize(
    ("numbers", "scores", "flips"),
    [
        ((100, 60, 0), ("81", "78"), ()),
        ((100, 80, 0), ("88", "80"), ()),
        ((100, 75, 55), ("89", "89.4"), (("P", "Q"),)),
    ],
)
def test_the_map_turns_the_order_round(
    numbers: tuple[int, int, int], scores: tuple[str, str], flips: tuple[tuple[str, str], ...]
) -> None:
    other = with_map(FOUND, "three", dict(zip(("满意", "基本满意", "不满意"), numbers, strict=True)))
    found = compare(FOUND, DIGEST, N4, other)
    assert tuple(one.total for one in found.other.cards) == tuple(Fraction(score) for score in scores)
    assert found.flips == flips
    assert [(one.unit, one.gained, one.gone) for one in found.moved] == (
        [("P", (), ("first",)), ("Q", ("first",), ())] if flips else []
    )


def test_weighted_answers_need_their_shares() -> None:
    shares = {"满意": Fraction(1, 2), "基本满意": Fraction(1, 2), "不满意": Fraction(0)}
    weighted = Answers(100, 100, {"满意": 90, "基本满意": 10, "不满意": 0}, Fraction(80), Decimal(1), shares)
    other = with_map(FOUND, "three", {"满意": 100, "基本满意": 80, "不满意": 0})
    inputs = Inputs(units=units("A"), answers={("asked", "A"): weighted})
    found = compare(FOUND, DIGEST, inputs, other)
    assert (card(found.other, "A").total, card(found.other, "A").se) == (Fraction(90), None)
    # Who did not judge has no weighted share: with a number of its own this option cannot be counted in.
    unknown = scheme(survey("total"), maps={"three": {"options": {**THREE, "不了解": None}, **ASSUMED}})
    counts = {**weighted.counts, "不了解": 20}
    asked = {("asked", "A"): dataclasses.replace(weighted, n=120, counts=counts)}
    with pytest.raises(Problem):
        compare(
            unknown,
            DIGEST,
            dataclasses.replace(inputs, answers=asked),
            with_map(unknown, "three", {**THREE, "不了解": 50}),
        )
    without = {("asked", "A"): dataclasses.replace(weighted, shares=None)}
    with pytest.raises(Problem):
        compare(FOUND, DIGEST, dataclasses.replace(inputs, answers=without), other)


def test_each_aspect_has_its_own_map() -> None:
    maps = {
        "three": {"options": {"满意": 100, "不满意": 0}, **ASSUMED},
        "known": {"options": {"知道": 100, "不知道": 0}, **ASSUMED},
    }
    lines = part("total", mean=[survey("one", aspects=["good"]), survey("two", aspects=["known"], map="known")])
    found = scheme(lines, maps=maps)
    answers = {"good": {"满意": 50, "不满意": 50}, "known": {"知道": 80, "不知道": 20}}
    aspects = {("asked", "A", name): Answers(100, 100, own, None) for name, own in answers.items()}
    other = with_map(found, "three", {"满意": 80, "不满意": 0})
    assert compare(found, DIGEST, Inputs(units=units("A"), aspects=aspects), other).other.cards[0].total == 60


def test_another_setting_of_a_preset() -> None:
    text = preset("nanyang-2014-27")
    one, other = read(text).scheme, read(text, settings={"users_combined": "pooled"}).scheme
    answers = {("random-users", "A"): counted(120, 60, 20), ("fixed-users", "A"): counted(70, 25, 5)}
    answers |= {(kind, "A"): counted(80, 30, 7) for kind in ("deputies", "peers")}
    marked = {(name, "A"): (Mark(Decimal(90), "办"),) for name in ("C3", "C6")}
    a = units("A", category="党委群团部门")
    found = compare(one, DIGEST, Inputs(units=a, answers=answers, marks=marked, quarters=("2015Q1", "2015Q2")), other)
    before, after = found.shifts[0].printed
    # 30 points of 81.50 and of 80.3333.
    assert (before or 0) - (after or 0) == Decimal("0.35")


def test_other_options_are_another_question() -> None:
    for name, options in (("three", {"满意": 100, "不满意": 0}), ("five", {"满意": 100})):
        with pytest.raises(Problem):
            with_map(FOUND, name, options)


# ---------------------------------------------------------------------------------------------- properties
few = settings(repeatable, max_examples=25)
COUNTS = st.lists(st.integers(0, 40), min_size=3, max_size=3).filter(lambda counts: sum(counts) >= 10)
RULES = [{"id": "late", "points": 1, **SAID}, {"id": "more", "points": 2, "after": "late", **SAID}]
LINES = part(
    "total",
    parts=[
        part("people", 50, choose=[{"parts": [survey("asked_line", 50)]}]),
        part("kept", 30, source={"kind": "cases", "same_matter": "largest", "rules": RULES}),
        part("placed", 20, source={"kind": "decay", "office": "办", "step": 10}),
    ],
)
PRIZES = [
    consequence("one", first=1),
    consequence("share", first_percent=40, after="one", border="shrink"),
    consequence("chain", first=2, border="break_ties"),
    consequence("last", last=2, kind="sanction"),
]
BOUND = {"one": 1, "share": 2, "chain": 2, "last": 2}
WHOLE = scheme(LINES, consequences=PRIZES, ranking={"chain": ["asked_line", "satisfied", "draw"], **ASSUMED})
CASES = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["late", "more"]), st.sampled_from(["m", "n", ""])), max_size=8
)


def rated(counts: list[list[int]], cases: list[tuple[str, str, str]], given_marks: list[int]) -> dict[str, Any]:
    """Five units with answers, cases and marks."""
    names = "ABCDE"
    return {
        "units": units(*names),
        "answers": {("asked", name): counted(*own) for name, own in zip(names, counts, strict=True)},
        "booked": tuple(Booked(unit, "kept", rule, matter, ref=str(k)) for k, (unit, rule, matter) in enumerate(cases)),
        "marks": {("placed", name): (Mark(Decimal(own), "办"),) for name, own in zip(names, given_marks, strict=True)},
    }


FIVE = st.tuples(st.lists(COUNTS, min_size=5, max_size=5), CASES, st.lists(st.integers(0, 3), min_size=5, max_size=5))


@few
@given(FIVE, st.integers(0, 4), st.sampled_from([(2, 0), (2, 1), (1, 0)]))
def test_a_better_answer_never_lowers_the_score(
    made: tuple[list[list[int]], list[tuple[str, str, str]], list[int]], unit: int, step: tuple[int, int]
) -> None:
    counts, cases, given_marks = made
    before = run(WHOLE, **rated(counts, cases, given_marks)).cards[unit].total
    worse, better = step
    if counts[unit][worse]:
        counts[unit][worse] -= 1
        counts[unit][better] += 1
    after = run(WHOLE, **rated(counts, cases, given_marks)).cards[unit].total
    assert (after or 0) >= (before or 0)


@few
@given(FIVE, st.randoms(use_true_random=False))
def test_order_changes_nothing(made: Any, random: Any) -> None:
    found = rated(*made)
    shuffled = {name: _shuffled(value, random) for name, value in found.items()}
    assert run(WHOLE, **shuffled) == run(WHOLE, **found)


@few
@given(FIVE)
def test_awards_never_exceed_their_quota(made: Any) -> None:
    outcome = run(WHOLE, **rated(*made))
    for name, most in BOUND.items():
        have, asked = _held(outcome, name)
        assert have + asked <= most
    assert all((one.rank_low or 0) <= (one.rank or 0) <= (one.rank_high or 0) for one in outcome.cards)


@few
@given(FIVE)
def test_every_line_follows_from_those_below_it(made: Any) -> None:
    for own in run(WHOLE, **rated(*made)).cards:
        waiting = [own.root]
        while waiting:
            line = waiting.pop()
            waiting += line.children
            assert all(line.how)
            if line.children:
                assert line.value == sum((one.value or 0) * one.factor for one in line.children)
            assert 0 <= (line.value or 0) <= line.most


def _held(outcome: Outcome, name: str) -> tuple[int, int]:
    have = sum(name in one.consequences for one in outcome.cards)
    return have, sum(one.places for one in outcome.questions if one.about == name)


def _shuffled(value: Any, random: Any) -> Any:
    several = list(value.items()) if isinstance(value, dict) else list(value)
    random.shuffle(several)
    return dict(several) if isinstance(value, dict) else tuple(several)
