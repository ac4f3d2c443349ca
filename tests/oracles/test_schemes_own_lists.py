"""The two presets whose units the office brings, computed twice: by the product and from its exported workbook."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import yaml

from survey_models.reports.round_sheet import values
from survey_models.schemes import loading
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Inputs, Standing
from tests.oracles import own_lists
from tests.oracles.compared import check_totals, exported, holders
from tests.oracles.schemes import sunshine, xuancheng
from tests.simulated_rounds import Simulated

OTHER_POINTS = {"refusal_points": 2, "discretion_most": 20}
SHARES = {"party": 20, "government": 35, "justice": 10, "village": 60}
PUBLIC_COUNTS = {
    **{f"{board}_public": share for board, share in SHARES.items()},
    **{f"{board}_office": 100 - share for board, share in SHARES.items()},
    "criticism_points": 2,
    "case_points": 7,
    "innovation_most": 5,
    "publicity_most": 8,
    "highest": 105,
}


def computed(preset: str, inputs: Inputs, settings: dict[str, int]) -> Simulated:
    loaded = loading.read(loading.preset(preset), settings=settings)
    return Simulated(loaded, inputs, evaluate(loaded.scheme, loaded.digest, inputs))


def office_numbers(preset: str, settings: dict[str, int]) -> dict[str, Fraction]:
    """The numbers that the text leaves to the office: as the preset's file has them, or as set for this round."""
    listed: dict[str, Any] = yaml.safe_load(loading.preset(preset))["settings"]
    found = {name: one["value"] for name, one in listed.items()} | settings
    return {name: Fraction(value) for name, value in found.items() if isinstance(value, int)}


@pytest.mark.parametrize(("seed", "settings"), [(1, {}), (2, OTHER_POINTS)], ids=["preset", "set"])
def test_xuancheng_60_units_with_findings(seed: int, settings: dict[str, int]) -> None:
    preset = "xuancheng-2019-48"
    made = computed(preset, own_lists.xuancheng(seed), settings)
    read = exported(made)
    totals = xuancheng.totals(read, office_numbers(preset, settings))
    check_totals(made.outcome, totals, units=60)
    ranks, hit = xuancheng.judged(read, totals)
    assert {card.unit.code: card.rank for card in made.outcome.cards} == ranks
    for name, wanted in hit.items():
        assert holders(made.outcome, name) == wanted, name
        assert 1 < len(wanted) < 30
    assert {one for card in made.outcome.cards for one in card.consequences} == set(hit)
    # Whole points and half ones: places are shared, one unit lost everything, and rules of every kind were used.
    assert len(set(ranks.values())) < 60
    assert totals["XC-013"] == 0
    assert {one["规则"] for one in read.cases} > {"self_check_missing", "no_evidence", "secret_visit", "refusal"}


@pytest.mark.parametrize(("seed", "settings"), [(1, {}), (2, PUBLIC_COUNTS)], ids=["preset", "public counts"])
def test_sunshine_39_units_with_every_mix_of_boards(seed: int, settings: dict[str, int]) -> None:
    preset = "luohe-yangguang-2020-1"
    made = computed(preset, own_lists.sunshine(seed), settings)
    read, numbers = exported(made), office_numbers(preset, settings)
    totals = sunshine.totals(read, numbers)
    check_totals(made.outcome, totals, units=39)
    ranks = {card.unit.code: card.rank for card in made.outcome.cards if card.rank is not None}
    assert ranks == sunshine.judged(read, totals)
    for card in made.outcome.cards:
        if card.total is not None:
            lines = values(card)
            boards = {board: lines[board].value for board in sunshine.BOARDS if board in lines}
            assert boards == sunshine.boards(read, card.unit.code, numbers), card.unit.code
    assert not any(card.consequences for card in made.outcome.cards)
    assert len({frozenset(row.flags) for row in read.units}) == 2**5 - 1
    cancelled = [card for card in made.outcome.cards if card.unit.standing is Standing.CANCELLED]
    assert [(card.total, card.rank) for card in cancelled] == [(None, None)]
    # Full marks and nothing at all both happen.
    assert numbers["highest"] in totals.values()
    assert 0 in totals.values()


def test_one_other_finding_or_mark_in_the_workbook_is_found() -> None:
    made = computed("xuancheng-2019-48", own_lists.xuancheng(1), {})
    read = exported(made)
    read.of("inspection", "XC-007")[0]["规则"] = "no_evidence"
    totals = xuancheng.totals(read, office_numbers("xuancheng-2019-48", {}))
    assert [card.unit.code for card in made.outcome.cards if card.total != totals[card.unit.code]] == ["XC-007"]
    made = computed("luohe-yangguang-2020-1", own_lists.sunshine(2), PUBLIC_COUNTS)
    read = exported(made)
    read.counts["party-public", "YG-001", "known"]["不知道"] += 1
    totals = sunshine.totals(read, office_numbers("luohe-yangguang-2020-1", PUBLIC_COUNTS))
    different = [card.unit.code for card in made.outcome.cards if card.total != totals.get(card.unit.code)]
    assert different == ["YG-001"]
