"""The linter of questionnaires, the templates, and variants."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from survey_models.ballots.rules import check_sheet
from survey_models.core.errors import Problem
from survey_models.questionnaires import making, variants
from survey_models.questionnaires.findings import FAULTS, WARNINGS
from survey_models.questionnaires.lint import lint, refuse_faulty
from survey_models.questionnaires.rules import BLANK, read_form, unit_questionnaire
from survey_models.schemes.shelf import unit_list
from tests.kinds import kinds_questionnaire

LUOHE = [dict(row) for row in unit_list("luohe_units.csv")]


def option(code: str, label: str, score: int | None, *, satisfied: bool = False) -> dict[str, Any]:
    return {"code": code, "label": {"zh": label, "en": ""}, "score": score, "satisfied": satisfied}


def doc(**changed: Any) -> dict[str, Any]:
    return {**copy.deepcopy(kinds_questionnaire()), **changed}


def with_item(key: str, /, **changed: Any) -> dict[str, Any]:
    whole = doc()
    whole["items"] = [{**item, **changed} if item["key"] == key else item for item in whole["items"]]
    return whole


def with_scale(*options: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The units rated on these options alone."""
    whole = with_item("U-002", scale="four")
    whole["scales"]["four"] = {"options": list(options)}
    return {**whole, **changed}


GOOD, FAIR, BAD = (
    option("1", "满意", 100, satisfied=True),
    option("2", "基本满意", 60, satisfied=True),
    option("3", "不满意", 0),
)
TWO = {"options": [option("1", "甲", None), option("2", "乙", None)]}
BROKEN: dict[str, dict[str, Any]] = {
    "shape": doc(items={}),
    "key_unfit": with_item("often", key="a b"),
    "key_repeated": with_item("often", key="aware"),
    "name_repeated": with_item("U-002", label={"zh": "教育局 ", "en": ""}),
    "nothing_asked": doc(items=[one for one in doc()["items"] if one["kind"] == "background"]),
    "scale_missing": with_item("often", scale="nowhere"),
    "code_unfit": with_scale(GOOD, FAIR, option("13", "不满意", 0)),
    "code_repeated": with_scale(GOOD, FAIR, option("1", "不满意", 0)),
    "label_empty": with_item("often", label={"zh": " ", "en": "x"}),
    "labels_near": with_scale(GOOD, option("2", "基本满意", 60, satisfied=True), BAD, option("4", "满意。", None)),
    "scale_size": with_scale(GOOD, option("0", "不了解", None)),
    "unbalanced": with_scale(
        option("4", "非常满意", 100, satisfied=True), option("5", "满意", 80, satisfied=True), FAIR
    ),
    "scores_order": with_scale(BAD, GOOD, FAIR),
    "score_range": with_scale(option("1", "满意", 120, satisfied=True), FAIR, BAD),
    "tone_wrong": with_scale(GOOD, {**FAIR, "satisfied": False}, BAD),
    "scales_conflict": doc(scales=doc()["scales"] | {"five": {"options": [GOOD, {**FAIR, "score": 70}, BAD]}}),
    "no_way_out": with_scale(GOOD, FAIR, BAD, blank_allowed=False),
    "awareness_one_sided": doc(scales=doc()["scales"] | {"known": TWO}),
    "aspect_of_nothing": with_item("U-001.1", unit=""),
    "text_required": with_item("words", required=True),
    "max_unfit": with_item("nominate", max=4),
    "background_many": doc(items=[*doc()["items"], *({**doc()["items"][-1], "key": f"b{n}"} for n in range(3))]),
    "background_fine": with_item("age", scale="seven"),
    "background_required": with_item("age", required=True),
    "leading_word": with_item("often", label={"zh": "您是否满意我们优质的服务", "en": ""}),
    "variant_unknown": doc(variants={"few": ["U-001", "nobody"]}),
    "variant_empty": doc(variants={"none": ["age"]}),
}
BROKEN["background_fine"]["scales"]["seven"] = {"options": [option(str(n), f"{n} 岁", None) for n in range(7)]}


@pytest.mark.parametrize("rule", FAULTS)
def test_each_rule_finds_its_fault(rule: str) -> None:
    found = [one.rule for one in lint(BROKEN[rule]).faults]
    assert rule in found, found
    with pytest.raises(Problem) as refused:
        refuse_faulty(BROKEN[rule])
    faults = refused.value.params["faults"]
    assert isinstance(faults, list)
    assert len(faults) == len(found) == refused.value.params["count"]
    assert all("{" not in one[language] for one in faults for language in ("zh", "en"))


def test_every_fault_is_told_at_once_and_a_good_one_has_none() -> None:
    assert lint(kinds_questionnaire()).faults == ()
    many = with_scale(BAD, GOOD, blank_allowed=False) | {"variants": {"none": []}}
    assert {one.rule for one in lint(many).faults} == {"no_way_out", "variant_empty"}
    odd: list[Any] = [None, [], {"items": [3], "scales": {"a": 1}, "variants": {"x": 2}}, {"title": {"zh": 3}}]
    assert all({fault.rule for fault in lint(one).faults} == {"shape"} for one in odd)


def test_scales_of_the_documents_are_fair() -> None:
    for name in ("satisfaction3", "satisfaction4", "satisfaction5"):
        whole = with_scale(*making.scales()[name]["options"])
        assert [one for one in lint(whole).faults if one.rule != "no_way_out"] == []


def test_near_names_that_do_not_stand_together_are_a_warning() -> None:
    names = ["太平洋人寿保险", "太平洋财产保险", "电力", "平安人寿保险", "铁路", "平安财产保险"]
    units = [{"code": f"U{n}", "name": name, "category": "甲"} for n, name in enumerate(names)]
    report = lint(unit_questionnaire(title={"zh": "测试", "en": ""}, units=units))
    assert report.faults == ()
    assert [(one.rule, one.where) for one in report.warnings] == [("near_names_apart", "U5")]
    split = with_item("U-002", group="别处") | {"items": [*with_item("U-002", group="其他")["items"]]}
    assert "section_split" in {one.rule for one in lint(split).warnings}
    assert set(WARNINGS) >= {"near_names_apart", "section_split", "text_without_hint"}


@pytest.mark.parametrize("template", making.templates())
def test_every_template_makes_a_questionnaire_without_faults(template: str) -> None:
    stated = making.templates()[template].get("units_stated", 5)
    made = [
        {
            "code": f"NY-{no:03}",
            "name": f"{'甲乙丙丁戊己庚辛壬癸'[no % 10]}{no}局",
            "category": "部门",
            "order": str(no),
        }
        for no in range(1, 119)
    ]
    units = LUOHE[:stated] if stated <= len(LUOHE) else made
    whole = making.make(template, units)
    assert lint(whole).faults == ()
    assert whole["cites"]
    form = read_form(template, 1, whole)
    rated = [item for item in form.items if item.kind in {"unit", "aspect"}]
    boards = {"sunshine-government": 4, "sunshine-justice": 2, "sunshine-party": 2, "sunshine-village": 2}
    aspects = {"luohe-aspects": 6, "wenzhou-aspects": 4, **boards}.get(template, 1)
    assert len(rated) == (0 if template == "luohe-opinions" else aspects * stated)
    if template == "luohe-opinions":
        assert [item.kind for item in form.extras] == ["multiple", "text", "nomination"]
        assert len(form.scales["units"]) == stated
    with pytest.raises(Problem, match="template_un"):
        making.make(template, [])


def test_variants_from_a_list_of_units() -> None:
    whole = unit_questionnaire(title={"zh": "测试", "en": ""}, units=LUOHE[:6], blank_allowed=False)
    codes = [row["code"] for row in LUOHE[:6]]
    made = variants.with_variants(
        whole,
        variants.peers(whole, codes[:2]),
        variants.areas(whole, {"411102": codes[4:5], "411103": codes[5:]}),
        variants.flagged(whole, codes[:3]),
        variants.single(whole, codes[:1]),
    )
    refuse_faulty(made)
    form = read_form("v", 1, made)
    rated = {
        name: {item.key for item in form.items if item.kind == "unit" and form.carries(name, item)}
        for name in made["variants"]
    }
    assert rated == {
        f"peer-{codes[0]}": set(codes[1:]),
        f"peer-{codes[1]}": set(codes) - {codes[1]},
        "all": set(codes[:4]),
        "area-411102": set(codes[:5]),
        "area-411103": {*codes[:4], codes[5]},
        "enterprises": set(codes[:3]),
        f"unit-{codes[0]}": {codes[0]},
    }
    check_sheet(form, BLANK + "1" * 5 + BLANK * 2, f"peer-{codes[0]}")
    with pytest.raises(Problem, match="unit_not_in_variant"):
        check_sheet(form, "1" * 6 + BLANK * 2, f"peer-{codes[0]}")
    with pytest.raises(Problem, match="variant_units_unknown"):
        variants.flagged(whole, ["nobody"])


def test_every_rule_stands_on_its_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "questionnaires.md").read_text(encoding="utf-8")
    assert [rule for rule in (*FAULTS, *WARNINGS) if f"`{rule}`" not in page] == []
    assert [name for name in making.templates() if f"`{name}`" not in page] == []


def test_the_units_of_luohe_are_those_of_the_template() -> None:
    assert len(unit_list("luohe_units.csv")) == making.templates()["luohe-80"]["units_stated"]
