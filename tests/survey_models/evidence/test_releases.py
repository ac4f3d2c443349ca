"""What the public bundle leaves out, and that what it prints is enough for the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sampling.disclosure import THRESHOLD
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import Estimation
from survey_models.evidence.documents import Ground
from survey_models.evidence.recounts import design_of, sheets_of
from survey_models.evidence.releases import ALL, Release, read_tallies, release, tallies_csv
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.results.rules import score_units

UNITS = [{"code": f"U{no}", "name": f"单位{no}", "category": "甲"} for no in (1, 2)]


def ground(estimator: str = "domain", **more: Any) -> Ground:
    doc = unit_questionnaire(title={"zh": "测", "en": "T"}, units=UNITS)
    strata = [
        {"no": no, "area_code": "a", "kind_code": f"k{no}", "population": 1000 * no, "sample_size": 50}
        for no in (1, 2, 3)
    ]
    batch = {"point": 0, "variant": "all", "count": 50, "reserve": 0, "root": "", "live": 0, "spent": 50}
    return Ground(
        {
            "campaign": "poll",
            "questionnaire": {"id": "f", "version": 1, "doc": doc},
            "strata": strata,
            "joins": {"opening": [], "counting": []},
            "units": [{"unit": unit["code"], "category": unit["category"]} for unit in UNITS],
            "estimation": Estimation(estimator=estimator, **more).as_dict(),
            "threshold": THRESHOLD,
        },
        {"batches": [{**batch, "no": row["no"], "stratum": row["no"]} for row in strata]},
    )


def cells(*strata: list[str]) -> list[CellAnswers]:
    """Sheets by stratum, two units each; background items blank."""
    return [
        CellAnswers(no, 0, "phone", len(sheets), "".join(f"{units}--" for units in sheets))
        for no, sheets in enumerate(strata, start=1)
    ]


def printed(of: Ground, answers: list[CellAnswers]) -> tuple[Release, list[dict[str, Any]]]:
    found = score_units(sheets_of(of, answers), of.form, design_of(of, answers), seed="0")
    names = ("n", "n_judging", "score", "se", "ci_low", "ci_high", "satisfied_rate", "rank", "rank_low", "rank_high")
    rows = [
        {"unit": one.unit, "category": "甲", **{name: _text(getattr(one, name, None)) for name in names}}
        for one in found.units
    ]
    return release(of, answers, rows), rows


def _text(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value


MIXED = ["12"] * 20 + ["21"] * 12 + ["32"] * 8


@pytest.mark.parametrize("estimator", ["domain", "stratified_mean"])
def test_a_small_line_is_hidden_with_another_and_the_score_is_printed_with_two_decimals(estimator: str) -> None:
    made, rows = printed(ground(estimator), cells(MIXED, MIXED, ["12"] * 4 + ["31"] * 3))
    of_first = {line.stratum: line for line in made.tallies if line.unit == "U1"}
    hidden = {stratum for stratum, line in of_first.items() if line.counts is None}
    assert "3" in hidden
    assert len(hidden) >= 2
    assert of_first[ALL].counts is not None
    assert [line.n for line in of_first.values()] == [40, 40, 7, 87]
    row = made.units[0]
    assert (row["masked"], "se" in row) == ("rows", False)
    assert row["score"] == f"{Decimal(rows[0]['score']):.2f}"


def test_nothing_is_hidden_where_every_line_is_large() -> None:
    made, rows = printed(ground(), cells(MIXED, MIXED, MIXED))
    assert [line for line in made.tallies if line.counts is None] == []
    assert [row["masked"] for row in made.units] == ["", ""]
    assert [row["score"] for row in made.units] == [row["score"] for row in rows]


def test_a_unit_that_all_of_a_few_judge_alike_shows_no_score() -> None:
    made, _ = printed(ground(), cells(["12"] * 9, ["12"] * 9, ["13"] * 9))
    assert made.units[0]["masked"] == "total"
    assert "score" not in made.units[0]
    assert all(line.counts is None for line in made.tallies if line.unit == "U1")


def test_tallies_come_back_as_they_were_written() -> None:
    made, _ = printed(ground(), cells(MIXED, MIXED, ["12"] * 4))
    assert tuple(read_tallies(tallies_csv(made), made.codes)) == made.tallies
    with pytest.raises(ValueError, match="another table"):
        read_tallies(tallies_csv(made), made.codes[:-1])


def test_without_a_ballot_nothing_is_printed() -> None:
    rows = [{"unit": "U1", "category": "甲", "n": 0, "score": None}]
    made = release(ground(), [], rows)
    assert (made.tallies, made.returned, made.units[0]["masked"]) == ((), {}, "total")
