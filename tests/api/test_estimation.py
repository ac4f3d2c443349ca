"""A campaign states its estimation over HTTP, the result follows it, and what cannot be computed is told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import yaml

from api.schemas.estimation import EstimationDocument
from sampling.calibration import Margin, rake
from sampling.estimation import designed_estimates
from sampling.scales import OptionScale
from sampling.variance import SampleDesign
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import Cell, published
from survey_models.core.canonical import digest
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from tests.architecture.tree import ROOT
from tests.box import back_to_ready, count, fill, fill_and_count, sheets
from tests.poll import CATEGORIES, Poll, Shape, open_poll

PATH = "/api/campaigns/poll/estimation"
SHAPE = Shape(per_cell=12)
BESIDE = ("digest", "editable", "items", "categories")
SCALE = OptionScale.of({"1": 100, "2": 60, "3": 0, "0": None}, satisfied={"1", "2"})
SEX = {"item": "sex", "totals": {"1": 4800, "2": 5200}}
PERSONS = {
    "points_as_psu": False,
    "finite": True,
    "nonresponse": {"by": ["kind"], "min_returned": 20},
    "margins": [SEX],
    "confidence": "0.90",
    "borders": {CATEGORIES[0]: {"last": 1}},
}


def document(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if key not in BESIDE}


async def state(setup: httpx.AsyncClient, poll: Poll, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Put a statement before opening; gives what is shown afterwards."""
    back_to_ready(poll)
    answer = await setup.put(PATH, json=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_estimation_is_stated_before_opening_and_frozen_then(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, SHAPE) as poll:
        async with poll.signed_in("setup") as setup:
            before = (await setup.get(PATH)).json()
            assert (before["points_as_psu"], before["editable"]) == (True, False)
            refused = await setup.put(PATH, json=document(before))
            assert (refused.status_code, refused.json()["code"]) == (409, "act_not_allowed")
            shown = await state(setup, poll, PERSONS)
            assert shown == (await setup.get(PATH)).json()
            assert (shown["editable"], shown["confidence"]) == (True, "0.9")
            assert [item["key"] for item in shown["items"]] == ["age", "sex"]
            assert shown["items"][1]["options"][0] == {"code": "1", "label": "男", "label_en": "Male"}
            assert {row["name"]: row["units"] for row in shown["categories"]} == dict.fromkeys(CATEGORIES, 2)
            assert shown["digest"] == digest(document(shown))
            # The whole document comes back as it was shown, and means the same.
            assert (await setup.put(PATH, json=document(shown))).json()["digest"] == shown["digest"]
            asked = await setup.post("/api/campaigns/poll/open")
            assert asked.status_code == 202, asked.text
            async with poll.signed_in("release") as release:
                assert (await release.post(f"/api/acts/{asked.json()['number']}/confirm")).status_code == 200
            assert (await setup.put(PATH, json=PERSONS)).json()["code"] == "act_not_allowed"
            assert (await setup.get(PATH)).json()["editable"] is False
        with poll.look() as session:
            written = recorded(session, "poll", Event.ESTIMATION_SET)
            opened = recorded(session, "poll", Event.CAMPAIGN_OPENED)
        assert {body["estimation"] for body in written} == {shown["digest"]}
        assert shown["digest"] in {body["estimation"] for body in opened}


STAGES = {"points": {"411102": 9, "411103": 9}, "people": {"1": 500, "2": 500, "3": 500, "4": 500}}
TWO_STAGES = {"points_as_psu": True, "finite": True, "stages": STAGES}
FAULTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"margins": [{"item": "income", "totals": {"1": 5}}]}, "estimation_item_unknown"),
    ({"margins": [SEX, SEX]}, "estimation_item_repeated"),
    ({"margins": [{"item": "sex", "totals": {"1": 5, "9": 5}}]}, "estimation_option_unknown"),
    ({"margins": [{"item": "sex", "totals": {}}]}, "estimation_margin_without_people"),
    ({"margins": [{"item": "sex", "totals": {"1": 0, "2": 0}}]}, "estimation_margin_without_people"),
    ({"margins": [{"item": "sex", "totals": {"1": 5}}]}, "estimation_option_without_people"),
    ({"borders": {"医院": {"last": 1}}}, "estimation_category_unknown"),
    ({"borders": {CATEGORIES[0]: {"last": 2}}}, "estimation_border_too_large"),
    ({"min_cell": 4}, "estimation_cell_small"),
    ({"confidence": "0.4"}, "estimation_confidence_low"),
    ({"errors": "jackknife", "lonely": "refuse"}, "estimation_jackknife_persons"),
    ({"errors": "rao_wu"}, "estimation_replicates_lonely"),
    ({"trim": {"cap_ratio": "5"}}, "estimation_trim_without_margins"),
    ({"trim": {"cap_ratio": "1"}, "margins": [SEX]}, "estimation_trim_cap_low"),
    ({"finite": True, "points_as_psu": True}, "estimation_stages_missing"),
    ({"stages": {"points": {"411102": 9, "411103": 9}, "people": {}}}, "estimation_stage_incomplete"),
    ({"estimator": "stratified_mean", "margins": [SEX], "lonely": "refuse"}, "estimation_mean_weighted"),
    ({"estimator": "stratified_mean", "finite": True, "lonely": "refuse"}, "estimation_mean_finite"),
    ({"nonresponse": {"by": ["kind", "kind"], "min_returned": 20}}, "estimation_class_repeated"),
    ({"errors": "rao_wu", "lonely": "refuse", "stages": STAGES}, "estimation_stages_unused"),
    ({"errors": "rao_wu", "lonely": "refuse", **TWO_STAGES}, "estimation_replicates_two_stages"),
    ({"estimator": "stratified_mean"}, "estimation_mean_lonely"),
    ({"confidence": "95"}, "request_malformed"),
    ({"errors": "guess"}, "request_malformed"),
    ({"margin": []}, "request_malformed"),
)


def test_the_document_of_the_guide_is_one() -> None:
    text = (ROOT / "docs" / "estimation.md").read_text(encoding="utf-8")
    shown = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    found = EstimationDocument.model_validate(shown)
    assert found.statement().as_dict() == shown


async def test_what_cannot_be_done_is_refused_when_it_is_stated(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, SHAPE) as poll:
        back_to_ready(poll)
        async with poll.signed_in("setup") as setup:
            before = (await setup.get(PATH)).json()
            for wanted, code in FAULTS:
                answer = await setup.put(PATH, json=wanted)
                assert (answer.status_code, answer.json()["code"]) == (422, code), wanted
            assert (await setup.get(PATH)).json() == before
        async with poll.signed_in("auditor") as auditor:
            assert (await auditor.get(PATH)).status_code == 200
            assert (await auditor.put(PATH, json=PERSONS)).json()["code"] == "forbidden"


def expected(box: Mapping[tuple[int, int], list[str]], *, level: float) -> Any:
    """The figures of ``PERSONS`` by the functions of ``sampling`` alone."""
    lines = [(stratum, line) for (stratum, _), cell in box.items() for line in cell]
    strata = np.array([stratum for stratum, _ in lines])
    codes = np.array([list(line.encode()) for _, line in lines], dtype=np.uint8)
    people = {1: 3000, 2: 3000, 3: 2000, 4: 2000}
    # 24 tickets and 20 sheets in every stratum: kinds 1 and 3, 2 and 4 are one class each.
    base = np.array([people[no] / 24 for no in strata.tolist()])
    kind = (strata % 2 == 0).astype(np.int64)
    prior = base * 24 / 20
    sex = codes[:, 5].astype(np.int64)
    blank = prior[sex == ord("-")].sum()
    known = {ord("1"): (10000 - blank) * 0.48, ord("2"): (10000 - blank) * 0.52, ord("-"): blank}
    margins = [
        Margin(name="class", category=kind, totals={0: 5000, 1: 5000}),
        Margin(name="sex", category=sex, totals=known),
    ]
    plan = SampleDesign.of(strata=strata, population=people, lonely="collapse", calibration=rake(prior, margins))
    return designed_estimates(np.ascontiguousarray(codes[:, :4]), scale=SCALE, design=plan, level=level)


async def test_results_follow_the_statement_and_show_their_steps(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, SHAPE) as poll:
        box = sheets(poll)
        async with poll.signed_in("setup") as setup:
            shown = await state(setup, poll, PERSONS)
            early = await setup.get("/api/campaigns/poll/results/U-001/steps")
            assert early.json()["code"] == "campaign_open"
            fill_and_count(poll, box)
            made = await setup.post("/api/campaigns/poll/results")
            assert made.status_code == 201, made.text
            unit = (await setup.get("/api/campaigns/poll/results/U-002/steps")).json()
            stranger = await setup.get("/api/campaigns/poll/results/U-999/steps")
        assert (stranger.status_code, stranger.json()["code"]) == (404, "result_unit_unknown")
        result = made.json()
        figures = expected(box, level=0.9)
        for place, row in enumerate(result["rows"]):
            for name in ("score", "se", "ci_low", "ci_high", "n_eff"):
                assert Decimal(row[name]).as_tuple().exponent == -9
                assert float(row[name]) == pytest.approx(getattr(figures, name)[place], abs=2e-9), name
            assert row["rank_low"] <= row["rank"] <= row["rank_high"]
        assert (result["estimation_digest"], result["confidence"]) == (shown["digest"], "0.9")
        assert any(shown["digest"] in line for line in result["method"])
        assert [step["key"] for step in result["steps"]] == [
            *("issued", "returned", "base_weights", "nonresponse", "calibration", "trimming"),
            *("scores", "errors", "rank_sets", "borders"),
        ]
        assert {figure["label_en"]: figure["value"] for figure in result["steps"][1]["figures"]} == {
            "sheets counted": "80",
            "response rate": "83.33%",
        }
        assert [(one["category"], one["end"], one["k"]) for one in result["borders"]] == [(CATEGORIES[0], "last", 1)]
        check_unit(unit, result["rows"][1])
        with poll.look() as session:
            assert recorded(session, "poll", Event.RESULT_COMPUTED)[0]["estimation"] == shown["digest"]


def check_unit(unit: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """The way of a unit leads to the figures of its row."""
    assert {key: unit[key] for key in ("score", "se", "n", "rank", "rank_low")} == {
        key: row[key] for key in ("score", "se", "n", "rank", "rank_low")
    }
    points = sum(Fraction(one["weighted"]) * int(one["score"]) for one in unit["options"] if one["score"])
    assert abs(points - Fraction(unit["points"])) < Fraction(1, 10**5)
    assert abs(Fraction(unit["points"]) / Fraction(unit["weight"]) - Fraction(unit["score"])) < Fraction(1, 10**7)
    half = Fraction(unit["t"]) * Fraction(unit["se"])
    assert abs(Fraction(unit["score"]) + half - Fraction(unit["ci_high"])) < Fraction(1, 10**6)
    assert sum(one["n"] for one in unit["options"]) == unit["n"] == 80
    assert [one["label"] for one in unit["options"]] == ["满意", "基本满意", "不满意", "不了解", "未填", "无效"]
    assert unit["df"] == 76
    assert unit["printed"] in unit["sentence"]
    assert "90 % confidence interval" in unit["sentence_en"]


ALL_AGED = [{"item": "age", "totals": {"1": 100, "2": 100, "3": 100, "4": 9700}}]
FAILURES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"points_as_psu": False, "margins": [SEX]}, "estimation_margin_empty"),
    ({"points_as_psu": False, "margins": ALL_AGED, "trim": {"cap_ratio": "1.1"}}, "estimation_not_converged"),
    ({"points_as_psu": True, "lonely": "refuse"}, "estimation_stratum_lonely"),
)


async def test_what_the_statistics_refuse_is_told_and_nothing_is_stored(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, SHAPE) as poll:
        # Nobody says "female", and one point of the first area brought nothing.
        fill(poll, {cell: [f"{line[:5]}1" for line in lines] for cell, lines in sheets(poll).items() if cell[1] != 2})
        async with poll.signed_in("setup") as setup:
            for wanted, code in FAILURES:
                await state(setup, poll, wanted)
                count(poll)
                refused = await setup.post("/api/campaigns/poll/results")
                assert (refused.status_code, refused.json()["code"]) == (409, code)
                assert (await setup.get("/api/campaigns/poll/results")).json()["code"] == "result_missing"
        with poll.look() as session:
            assert recorded(session, "poll", Event.RESULT_COMPUTED) == []


async def test_strata_that_were_joined_at_opening_are_estimated_as_one(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12, cell_tickets=30)) as poll:
        with poll.look() as session:
            opening, returned = campaigns.moves_of(session, "poll")
            joined = campaigns.joined_strata_of(session, "poll")
        assert joined, "24 tickets in a stratum are fewer than 30"
        box: dict[tuple[int, int], list[str]] = {}
        for (stratum, point), lines in sheets(poll).items():
            there = published(Cell(stratum, point, "phone"), opening, returned)
            box.setdefault((there.stratum_no, there.point_no), []).extend(lines)
        async with poll.signed_in("setup") as setup:
            await state(setup, poll, {"points_as_psu": False})
            fill_and_count(poll, box)
            made = (await setup.post("/api/campaigns/poll/results")).json()
    people: dict[int, int] = {}
    for stratum, number in {1: 3000, 2: 3000, 3: 2000, 4: 2000}.items():
        into = joined.get(stratum, stratum)
        people[into] = people.get(into, 0) + number
    flat = [(stratum, line) for (stratum, _), cell in box.items() for line in cell]
    strata = np.array([stratum for stratum, _ in flat])
    codes = np.array([list(line[:4].encode()) for _, line in flat], dtype=np.uint8)
    weights = np.array([people[no] / int((strata == no).sum()) for no in strata.tolist()])
    figures = designed_estimates(codes, scale=SCALE, design=SampleDesign.of(weights=weights, strata=strata))
    for place, row in enumerate(made["rows"]):
        assert float(row["score"]) == pytest.approx(figures.score[place], abs=2e-9)
        assert float(row["se"]) == pytest.approx(figures.se[place], abs=2e-9)
    assert made["steps"][0]["figures"][0]["value"] == str(len(people))
    told = "、".join(f"第 {no} 层并入第 {into} 层" for no, into in sorted(joined.items()))
    assert any(told in line for line in made["method"])
