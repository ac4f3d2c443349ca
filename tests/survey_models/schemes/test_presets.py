"""The presets say what the policies say: each is proved, each line quotes its text or marks its silence."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from survey_models.questionnaires import making
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.loading import preset, presets, read, units_of
from survey_models.schemes.proofs.outline import cited
from survey_models.schemes.proving import prove
from survey_models.schemes.reading import read_yaml
from survey_models.schemes.shelf import policy_text
from survey_models.schemes.sources import Cases, Decay, Marks, Range, Survey, Tiers

DOCS = Path(__file__).parents[3] / "docs"


def same(found: object, wanted: object) -> None:
    """Amounts are decimals, which equal the whole numbers that policies write."""
    assert found == wanted


def scheme(name: str) -> Scheme:
    return read(preset(name)).scheme


def part(tree: Part, name: str) -> Part:
    found = [one for one in _all(tree) if one.id == name]
    assert found, name
    return found[0]


def _all(tree: Part) -> list[Part]:
    below = [*tree.parts, *tree.mean, *(one for case in tree.choose for one in case.parts)]
    return [tree, *(one for child in below for one in _all(child))]


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_proved_and_documented(name: str) -> None:
    assert [str(one) for one in prove(preset(name))] == []
    assert read(preset(name)).scheme.scheme == name
    for page in ("schemes.md", "schemes.zh-CN.md"):
        assert f"`{name}`" in (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", presets())
def test_every_line_quotes_the_stored_text_or_marks_a_silence(name: str) -> None:
    data = read_yaml(preset(name)).data
    text = re.sub(r"\s", "", policy_text(data["text"]))
    lines = list(cited(data))
    assert len(lines) >= 10
    for path, line in lines:
        assert line.get("cite") or set(line.get("assumed", ())) == {"zh", "en"}, path
        for quotation in line.get("cite", ()):
            assert len(quotation) >= 8, (path, quotation)
            assert re.sub(r"\s", "", quotation) in text, (path, quotation)


@pytest.mark.parametrize("name", presets())
def test_every_campaign_has_a_questionnaire_that_can_be_made(name: str) -> None:
    for campaign in scheme(name).campaigns:
        assert campaign.questionnaire == "units" or campaign.questionnaire in making.templates(), campaign.id


def test_nanyang_is_the_table_of_its_third_annex() -> None:
    found = scheme("nanyang-2014-27")
    assert {one.id: one.points for one in found.total.parts} == {
        "C1": 30, "C2": 10, "C3": 20, "C4": 20, "C5": 10, "C6": 10,
    }  # fmt: skip
    with_window, without = found.total.parts[0].choose
    same([(one.id, one.points) for one in with_window.parts], [("C1s", 10), ("C1w", 20)])
    same([(one.id, one.points) for one in without.parts], [("C1s", 30)])
    assert sum(found.units.stated.values()) == len(units_of(found)) == 118
    assert Counter(row["category"] for row in units_of(found)) == found.units.stated
    organisers = {row["code"] for row in units_of(found) if row["organiser"] == "1"}
    assert {one.unit for one in found.organisers} == organisers
    assert len(organisers) == 9
    assert {one.id: one.due for one in found.duties} == {
        "three_displays": "09-20", "county_rules": "09-20", "department_report": "day 10", "window_report": "day 10",
    }  # fmt: skip
    assert len(found.duties[2].receivers) == 4
    assert {one.id: (one.first_percent, one.last) for one in found.consequences if one.kind != "flag"} == {
        "merit_lost": (None, None), "commended": (10, None), "last_two": (None, 2), "yellow_card": (None, 1),
        "last_twice": (None, None),
    }  # fmt: skip


def test_windows_and_departments_know_no_ties() -> None:
    for name, each in (("nanyang-2014-27-windows", "month"), ("nanyang-2014-27-departments", "quarter")):
        found = scheme(name)
        assert found.ranking is not None
        assert (found.ranking.ties, found.ranking.chain[-1], found.cadence.each) == ("no_tie", "draw", each)
    groups = part(scheme("nanyang-2014-27-departments").total, "groups").source
    assert isinstance(groups, Survey)
    assert [one.share for one in groups.campaigns] == [25, 25, 25, 25]


def test_wenzhou_reaches_twelve_by_its_120_points() -> None:
    found = scheme("wenzhou-2013-36")
    daily, year_end = found.total.parts
    reached = [daily.points * daily.factor, year_end.points * year_end.factor]
    same([*reached, found.total.points], [Decimal("8.4"), Decimal("3.6"), 12])
    assert [one.points for one in daily.parts] == [40, 20, 20, 20, 20]
    offices = {one.id: one.source.office for one in _all(found.total) if isinstance(one.source, Marks | Tiers | Decay)}
    assert offices == {
        "decisions": "市委市政府督查室",
        "proposals_congress": "市人大常委会代表工委", "proposals_cppcc": "市政协提案委",
        "party_building": "市直机关工委", "brand": "市直机关工委", "at_once": "温州大学地方政府绩效管理研究中心",
        "e_exchange": "温州大学地方政府绩效管理研究中心", "e_inside": "温州大学地方政府绩效管理研究中心",
        "e_use": "温州大学地方政府绩效管理研究中心", "at_once_items": "市审管办", "learning": "市委宣传部",
        "integrity": "市纪委(监察局)", "year_end": "市考绩办",
    }  # fmt: skip
    instructions = part(found.total, "instructions").source
    assert isinstance(instructions, Cases)
    chains = [
        ("no_feedback", 1, None),
        ("not_done", 2, None),
        ("still_not_done", 1, "not_done"),
        ("criticised", 3, None),
    ]
    same([(one.id, one.points, one.after) for one in instructions.rules], chains)
    assert found.passes is not None
    same((found.passes.least, sum(found.units.stated.values())), (9, 105))


def test_luohe_has_its_inputs_its_grades_and_says_that_the_weights_are_not_in_the_document() -> None:
    found = scheme("luohe-hangfeng")
    assert [one.points for one in found.total.parts] == [40, 15, 10, 10, 10, 10, 5]
    assert found.total.assumed is not None
    assert "不在文件中" in found.total.assumed.zh
    assert found.grades[0].first == {"政府部门及其它机构": 20, "公共服务行业": 10}
    assert [(one.title.zh, one.least) for one in found.grades] == [("优", None), ("良", 75), ("中", 60), ("差", 0)]
    assert {one.id: one.tickets for one in found.campaigns if one.tickets} == {"opinions": 2500, "questionnaire": 10000}
    materials = next(one for one in found.duties if one.id == "materials")
    assert (materials.due, len(materials.checklist), materials.feeds) == (
        "+1 10-20", 12, ("materials", "materials_late"),
    )  # fmt: skip
    assert len(units_of(found)) == 80


def test_xuancheng_has_the_twenty_items_and_the_rules_of_its_visits() -> None:
    source = scheme("xuancheng-2019-48").total.source
    assert isinstance(source, Cases)
    rules = {one.id: one for one in source.rules}
    assert [rules[f"item_{no:02}"].points for no in range(1, 21)] == [1] * 20
    same((rules["self_check_missing"].points, rules["secret_visit"].points), (3, 1))
    assert isinstance(rules["obstruction"].points, Range)
    assert (rules["obstruction"].second_person, rules["obstruction"].lost) == (True, "merit")
    same((source.start, source.floor), (100, 0))


def test_sunshine_shows_public_figures_without_points_until_the_office_sets_them() -> None:
    found = scheme("luohe-yangguang-2020-1")
    assert [one.id for one in found.total.mean] == ["party", "government", "justice", "village", "livelihood"]
    assert [part(found.total, f"{one.id}_figures").points for one in found.total.mean[:4]] == [0] * 4
    shared = read(preset("luohe-yangguang-2020-1"), settings={"village_office": 80, "village_public": 20}).scheme
    assert part(shared.total, "village_figures").points == 20
    assert found.cap is not None
    same((found.cap.high, found.total.mean[0].adjust is not None), (100, True))
    assert [one.characters for one in found.duties[:2]] == [3000, 2500]


def test_no_assumption_hides_in_a_setting() -> None:
    for name in presets():
        for key, one in scheme(name).settings.items():
            assert one.assumed is not None, (name, key)
