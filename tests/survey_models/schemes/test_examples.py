"""The examples that were worked out by hand from the documents: YAML in, what should come out beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.survey_models.schemes.clerk import Case, cases, outcome, places, wrong

CASES = list(cases())

# Examples of the list that stand elsewhere: allocation, deadlines and draws are no scores.
ELSEWHERE = {"L3", "X2", "X3", "X4", "Y1", "Y2"}
TOGETHER = {"S1": "S1-S4", "S2": "S1-S4", "S3": "S1-S4", "S4": "S1-S4", "W2b": "W2"}


QUOTAS = [(name, case) for name, case in CASES if "名额" in case]
SCORED = [(name, case) for name, case in CASES if "名额" not in case]


@pytest.mark.parametrize(("name", "case"), QUOTAS, ids=[name for name, _ in QUOTAS])
def test_an_example_of_quotas(name: str, case: Case) -> None:
    assert places(case) == [[int(n) for n in one["应得"]] for one in case["名额"]]


@pytest.mark.parametrize(("name", "case"), SCORED, ids=[name for name, _ in SCORED])
def test_an_example(name: str, case: Case) -> None:
    assert wrong(case, outcome(case)) == []


def test_a_wrong_figure_is_noticed() -> None:
    case = dict(next(case for name, case in CASES if name == "N1"))
    unit = next(iter(case["应得"]))
    case["应得"] = {unit: {**case["应得"][unit], "总分": "90.102138", "名次": "2"}}
    assert [one.what for one in wrong(case, outcome(case))] == ["总分", "名次"]


def test_every_score_of_the_list_has_its_example() -> None:
    path = Path(__file__).parents[2] / "data" / "worked_examples.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    sections = [section for section in document.values() if isinstance(section, list)]
    listed = {one["id"] for section in sections for one in section if "id" in one} | {document["map_flip"]["id"]}
    named = {name for name, _ in CASES}
    assert {one for one in listed - ELSEWHERE if TOGETHER.get(one, one) not in named} == set()
