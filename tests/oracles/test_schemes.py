"""Full rounds, computed twice: by the product, and from its exported workbook by whoever has the policy documents."""

import ast
from pathlib import Path

import pytest

from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.years import year
from tests.oracles.compared import check_totals, exported, holders
from tests.oracles.schemes import luohe, nanyang, wenzhou
from tests.simulated_rounds import Simulated, simulated

SEEDS = (1, 2)


def test_nanyang_two_halves_and_the_year_of_118_units() -> None:
    halves = [simulated("nanyang-2014-27", seed) for seed in SEEDS]
    books = [exported(one) for one in halves]
    for made, read in zip(halves, books, strict=True):
        totals = nanyang.half_year(read)
        check_totals(made.outcome, totals, units=118)
    scheme, units = halves[0].loaded.scheme, halves[0].inputs.units
    outcomes, digest = [one.outcome for one in halves], halves[0].loaded.digest
    asked = year(scheme, digest, outcomes, units).questions
    # Equal scores at the border of a sanction: the office decides, and then both compute.
    settled = [code for one in asked for code in one.units]
    whole = year(scheme, digest, outcomes, units, decided={(one.about, one.category): one.units for one in asked})
    totals, ranks, hit = nanyang.year(books[0], books[1], settled)
    check_totals(whole, totals, units=118)
    assert {card.unit.code: card.rank for card in whole.cards} == ranks
    assert whole.questions == ()
    for name, wanted in hit.items():
        assert holders(whole, name) == wanted, name
    # 28, 56 and 34 units: 10 percent rounded down.
    assert 0 < len(hit["commended"]) <= 2 + 5 + 3
    assert len(hit["last_two"]) == 6


@pytest.mark.parametrize("seed", SEEDS)
def test_wenzhou_105_units_with_passes_and_prizes(seed: int) -> None:
    made = simulated("wenzhou-2013-36", seed)
    if made.outcome.questions:
        # Equal marks at the border of a tier: the office decides, and then both compute.
        made = decided(made)
    read = exported(made)
    totals = wenzhou.totals(read)
    check_totals(made.outcome, totals, units=105)
    passed, ranks, prizes = wenzhou.judged(read, totals)
    assert {card.unit.code: card.passed for card in made.outcome.cards if card.passed is not None} == passed
    assert len(passed) == 33
    assert {card.unit.code: card.rank for card in made.outcome.cards if card.rank is not None} == ranks
    assert len(ranks) == 72
    for name, wanted in prizes.items():
        assert holders(made.outcome, name) == wanted, name


@pytest.mark.parametrize("seed", SEEDS)
def test_luohe_80_units_with_grades(seed: int) -> None:
    made = simulated("luohe-hangfeng", seed)
    read = exported(made)
    totals = luohe.totals(read)
    check_totals(made.outcome, totals, units=80)
    ranks, grades = luohe.judged(read, totals)
    titles = {one.id: one.title.zh for one in made.loaded.scheme.grades}
    assert {card.unit.code: card.rank for card in made.outcome.cards} == ranks
    assert {card.unit.code: titles[card.grade or ""] for card in made.outcome.cards} == grades
    assert holders(made.outcome, "advanced") == {code for code, grade in grades.items() if grade == "优"}
    assert holders(made.outcome, "criticised") == {code for code, grade in grades.items() if grade == "差"}
    assert sum(grade == "优" for grade in grades.values()) == 30


def test_the_second_implementation_shares_no_import_with_the_product() -> None:
    for file in (Path(__file__).parent / "schemes").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in named:
                assert name.split(".")[0] not in {"api", "survey_models", "sampling", "kiosk"}, (file.name, name)


def test_a_workbook_with_one_other_count_is_found() -> None:
    made = simulated("luohe-hangfeng", 1)
    read = exported(made)
    read.counts["representatives", "LH-001", ""]["满意"] += 1
    totals = luohe.totals(read)
    different = [card.unit.code for card in made.outcome.cards if card.total != totals[card.unit.code]]
    assert different == ["LH-001"]


def decided(made: Simulated) -> Simulated:
    """The round after the office put the tied units in the order of the list."""
    answers = {(one.about, one.category): one.units for one in made.outcome.questions if one.kind == "tie"}
    inputs = type(made.inputs)(**{**vars(made.inputs), "decided": answers})
    return Simulated(made.loaded, inputs, evaluate(made.loaded.scheme, made.loaded.digest, inputs))
