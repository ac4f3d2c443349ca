"""A year's result: its documents, what of it may be public, and that it is the same when read again."""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction

import pytest
from python_calamine import CalamineWorkbook

from survey_models.publications.masking import masked_outcome, masked_year
from survey_models.reports.paper import Grid
from survey_models.reports.round_documents import Documents
from survey_models.reports.round_feedback import feedback
from survey_models.reports.round_sheet import RoundSheet, two
from survey_models.rounds import averages
from survey_models.rounds.gathering import YearInputs
from survey_models.rounds.records import from_json, to_json
from survey_models.rounds.scoring import score
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.loading import document, scheme_of
from survey_models.schemes.outcome import Outcome
from tests.simulated_rounds import simulated

FEW = "NY-004"


@pytest.fixture(scope="module")
def read() -> YearInputs:
    halves = [simulated("nanyang-2014-27", seed) for seed in (1, 2)]
    rounds = tuple((f"2015H{no}", one.outcome) for no, one in enumerate(halves, start=1))
    return YearInputs(units=halves[0].inputs.units, rounds=rounds)


@pytest.fixture(scope="module")
def whole(read: YearInputs) -> Outcome:
    loaded = simulated("nanyang-2014-27").loaded
    return score(loaded.scheme, loaded.digest, read)


def test_a_year_is_the_same_when_it_is_read_again(read: YearInputs, whole: Outcome) -> None:
    loaded = simulated("nanyang-2014-27").loaded
    stored = scheme_of(document(loaded.scheme))
    again = score(stored, loaded.digest, from_json(YearInputs, to_json(read)))
    assert to_json(again) == to_json(whole)


def test_the_totals_of_a_year_go_to_the_performance_appraisal(read: YearInputs, whole: Outcome) -> None:
    loaded = simulated("nanyang-2014-27").loaded
    sheet = RoundSheet("2015年“三亮三评”", "2015年", "办公室", loaded.scheme, whole)
    documents = Documents(sheet, Inputs(units=read.units), rounds=read.rounds)
    assert {"year.xlsx", "year.csv"} <= set(documents.names())
    with CalamineWorkbook.from_filelike(io.BytesIO(documents.file("year.xlsx"))) as book:
        _, *rows = book.get_sheet_by_index(0).to_python()
    totals = {str(row[0]): two(Fraction(str(row[3]))) for row in rows}
    assert totals == {card.unit.code: two(card.printed) for card in whole.cards}
    with CalamineWorkbook.from_filelike(io.BytesIO(documents.file("inputs.xlsx"))) as book:
        _, *rows = book.get_sheet_by_name("各轮总得分").to_python()
    assert len(rows) == 2 * 118
    exact = {(row[0], row[1]): row[2] for row in rows}
    first = next(card for card in read.rounds[0][1].cards if card.unit.code == FEW)
    assert Fraction(str(exact["2015H1", FEW])) == first.total


def test_of_a_unit_with_a_small_cell_a_public_year_tells_totals_alone(read: YearInputs, whole: Outcome) -> None:
    small = frozenset({FEW})
    for outcome in (masked_outcome(whole, small), *(one for _, one in masked_year(read, small).rounds)):
        for card in outcome.cards:
            if card.unit.code == FEW:
                assert (card.root.children, card.adjustments, card.se) == ((), (), None)
                assert card.total == Fraction(card.printed or 0)
                assert card.root.value is None
            else:
                assert card.root.children
    untouched = replace(whole, cards=tuple(card for card in whole.cards if card.unit.code != FEW))
    masked = masked_outcome(whole, small)
    assert replace(masked, cards=tuple(card for card in masked.cards if card.unit.code != FEW)) == untouched


def test_a_letter_compares_each_half_with_that_half_of_the_others(read: YearInputs, whole: Outcome) -> None:
    sheet = RoundSheet("2015年“三亮三评”", "2015年", "办公室", simulated("nanyang-2014-27").loaded.scheme, whole)
    card = next(card for card in whole.cards if card.unit.code == FEW)
    (grid,) = (block for block in feedback(sheet, card).blocks if isinstance(block, Grid) and len(block.header) == 6)
    told = {row[0]: row[3] for row in grid.rows}
    halves: list[str] = []
    for name, outcome in read.rounds:
        marks = [
            line.value
            for one in outcome.cards
            for line in one.root.children
            if one.unit.category == card.unit.category and line.id == "C6" and line.value is not None
        ]
        halves.append(two(sum(marks, Fraction(0)) / len(marks)))
        assert told[f"{name} 动态考评"] == halves[-1]
    assert halves[0] != halves[1], "the test can tell them apart"


def test_beside_a_unit_on_the_screen_each_half_has_its_own_mean(read: YearInputs, whole: Outcome) -> None:
    card = next(averages.by_round(card) for card in whole.cards if card.unit.code == FEW)
    same = [averages.by_round(one) for one in whole.cards if one.unit.category == card.unit.category]
    beside = averages.beside(card, averages.means(same))
    for name, outcome in read.rounds:
        of_half = averages.means(one for one in outcome.cards if one.unit.category == card.unit.category)
        own = next(one for one in outcome.cards if one.unit.code == FEW)
        assert beside[f"{name}/C6"] == averages.beside(own, of_half)["C6"]
    first, second = (beside[f"{name}/C6"] for name, _ in read.rounds)
    assert first != second, "the test can tell them apart"
