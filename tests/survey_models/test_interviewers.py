"""Interviewer effects: found where one stands apart, silent where chance alone deals the sheets."""

from __future__ import annotations

import numpy as np

from survey_models.flags.tails import FloatArray, IntArray
from survey_models.gate.interviewers import interviewer_effects, standing
from survey_models.gate.interviewing import compared
from survey_models.spreadsheets.read import Sheet
from survey_models.uploads.kinds.ballots import Entry
from survey_models.uploads.kinds.ballots_check import check
from tests.survey_models.uploads.paper import LAYOUT


def sheets(chance: np.random.Generator, *, extra: float, honest: float = 0.0) -> tuple[IntArray, IntArray, FloatArray]:
    """2,000 sheets of 20 interviewers in 8 cells; number 3 differs by ``extra``, all of them by ``honest``."""
    who, cells = chance.integers(0, 20, 2_000), chance.integers(0, 8, 2_000)
    values = chance.beta(4, 2, 2_000) + 0.1 * cells + chance.normal(0, honest, 20)[who]
    return who, cells, values + extra * (who == 3)


def test_one_who_stands_apart_is_found_and_nobody_by_chance() -> None:
    chance = np.random.default_rng(7)
    hits = misses = 0
    for _ in range(20):
        who, cells, values = sheets(chance, extra=0.15)
        found = interviewer_effects(who, cells, {"best": values, "noise": chance.random(2_000)}).found
        hits += any((one.interviewer, one.measure) == (3, "best") for one in found)
        misses += any(one.interviewer != 3 or one.measure != "best" for one in found)
        who, cells, values = sheets(chance, extra=0, honest=0.03)
        misses += bool(interviewer_effects(who, cells, {"best": values}).found)
    assert (hits, misses <= 1) == (20, True)


def test_a_fair_deal_by_hand() -> None:
    who, cells = np.array([0, 0, 1, 1, 0]), np.array([0, 0, 0, 0, 1])
    z, number = standing(who, cells, np.array([1.0, 1.0, 0.0, 0.0, 9.0]), 2)
    # Two of four drawn from {1, 1, 0, 0}: variance of the sum 2 · 2 / 3 · 1/4 = 1/3; a lone one counts for nothing.
    assert np.allclose(z, [np.sqrt(3), -np.sqrt(3)])
    assert number.tolist() == [2, 2]


def test_few_interviewers_or_none_named_are_not_compared() -> None:
    entries = [Entry(no, 1, 1, "1" * 24 + "--", None, f"{no % 3}") for no in range(90)]
    told = compared(entries, LAYOUT)
    assert told is not None
    assert told["tests"] == 0
    assert compared([Entry(1, 1, 1, "1" * 24 + "--")], LAYOUT) is None


def test_a_file_may_name_the_interviewer() -> None:
    header, chance = [*LAYOUT.printed, "访问员编号"], np.random.default_rng(3)
    lines = []
    for no in range(800):
        words = ["满意"] * 24 if no % 20 == 4 else [str(word) for word in chance.choice(["满意", "不满意"], 24)]
        lines.append((no + 2, [str(no), "源汇区", "城镇", "文化宫", *words, "", "", f" A{no % 20} "]))
    checked = check(Sheet(header, lines, None), LAYOUT)
    assert (checked.faults, checked.entries[4].interviewer) == ([], "A4")
    told = compared(checked.entries, LAYOUT)
    assert told is not None
    assert {(one["interviewer"], one["measure"]) for one in told["found"]} == {("A4", "best"), ("A4", "straight")}
    assert set(told["found"][0]) == {"interviewer", "measure", "sheets", "p"}
