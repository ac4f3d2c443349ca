"""Units that are asked about in one area only (县区增加的单位): domain estimates over that area's strata, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import Estimation
from survey_models.questionnaires import variants
from survey_models.questionnaires.rules import Form, read_form, unit_questionnaire
from survey_models.results.design import Design
from survey_models.results.rules import UnitScore, score_units
from survey_models.results.sheets import read_sheets
from survey_models.results.weights import Layer

UNITS = [{"code": code, "name": f"单位{code}", "category": "甲"} for code in ("C", "A", "B")]
# County a: 3,000 people in town and 1,000 in the country; county b: 2,000.
LAYERS = (Layer(1, "a", 3000, "town"), Layer(2, "a", 1000, "rural"), Layer(3, "b", 2000, "town"))
ISSUED = {(1, 0): {"area-a"}, (2, 0): {"area-a"}, (3, 0): {"area-b"}}
# C is asked everywhere, A in county a, B in county b; behind them age and sex, left blank.
TOWN, RURAL, OTHER = ("11---", "11---", "12---", "23---"), ("33---", "31---"), ("1-1--", "1-1--", "2-3--", "3-0--")


def form() -> Form:
    doc = unit_questionnaire(title={"zh": "测试", "en": "Test"}, units=UNITS)
    return read_form("f", 1, {**doc, "variants": variants.areas(doc, {"a": ["A"], "b": ["B"]})})


def scored(*cells: CellAnswers, issued: Any = None, **stated: Any) -> dict[str, UnitScore]:
    sheets = read_sheets(form(), cells, ISSUED if issued is None else issued)
    found = score_units(sheets, form(), Design(LAYERS, Estimation(min_cell=1, **stated)), seed="x")
    return {one.unit: one for one in found.units}


def cell(stratum: int, sheets: tuple[str, ...], point: int = 0) -> CellAnswers:
    return CellAnswers(stratum, point, "phone", len(sheets), "".join(sheets))


CELLS = (cell(1, TOWN), cell(2, RURAL), cell(3, OTHER))


def test_its_score_is_that_of_its_own_people() -> None:
    found = scored(*CELLS)
    # Weights 3000/4 = 750, 1000/2 = 500, 2000/4 = 500.
    # A: (750 (100 + 100 + 60 + 0) + 500 (0 + 100)) / (750 · 4 + 500 · 2) = 245,000 / 4,000.
    a = found["A"]
    assert (a.n, a.n_judging, a.score) == (6, 6, Decimal("61.25"))
    # u = w (s - 61.25) / 4000. Town: 0.1875 (38.75, 38.75, -1.25, -61.25), squares about their mean 235.546875, · 4/3;
    # country: 0.125 (-61.25, 38.75), 78.125, · 2/1; county b, where nobody was asked, adds nothing: 470.3125.
    assert a.se is not None
    assert abs(float(a.se) - 470.3125**0.5) < 1e-9
    assert a.trace is not None
    assert a.trace.df == 3 + 1
    # B: two of three who judge are satisfied, all of one weight. Who does not know stays on the sheets of county b.
    b = found["B"]
    assert (b.n, b.n_judging, b.score) == (4, 3, Decimal("66.666666667"))
    # C, by everybody: (750 (100 + 100 + 100 + 60) + 0 + 500 (100 + 100 + 60 + 0)) / (3000 + 1000 + 2000).
    assert (found["C"].n, found["C"].score) == (10, Decimal("66.666666667"))


def test_the_stratified_mean_weighs_the_strata_that_were_asked() -> None:
    found = scored(*CELLS, estimator="stratified_mean")
    # 65 of 3,000 and 50 of 1,000 people: county b has no share in it.
    assert found["A"].score == Decimal("61.25")
    # Town: squares about 65 are 6,700, / (4 · 3); country: 5,000 / (2 · 1); weights 3/4 and 1/4.
    variance = 0.75**2 * 6700 / 12 + 0.25**2 * 5000 / 2
    assert found["A"].se is not None
    assert abs(float(found["A"].se) - variance**0.5) < 1e-9


@pytest.mark.parametrize("estimator", ["domain", "stratified_mean"])
def test_paper_of_a_test_point_and_joined_cells_know_whom_they_were_about(estimator: str) -> None:
    # The sheets of the town came on paper from a test point without a ticket.
    paper = scored(cell(1, TOWN, point=7), *CELLS[1:], estimator=estimator)
    assert {unit: (one.n, one.score) for unit, one in paper.items()} == {
        unit: (one.n, one.score) for unit, one in scored(*CELLS, estimator=estimator).items()
    }
    # Two strata of county b were joined with another county that added nothing: none of them carries A.
    joined = {**ISSUED, (3, 0): {"area-b", "all"}}
    assert scored(*CELLS, issued=joined, estimator=estimator)["A"].n == 6
