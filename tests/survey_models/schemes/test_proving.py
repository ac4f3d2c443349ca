"""A scheme with a fault is refused, with the line on which its author finds it; several faults come in one list."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from survey_models.core.errors import Problem
from survey_models.schemes.loading import read
from survey_models.schemes.proving import prove

POLICY = "各单位得分满分按100分计算，问卷评议占60分，材料报送占40分，前10%的单位通报表彰，最后一名通报批评。"
SOUND = """\
scheme: model-town
version: 1
title: { zh: 样例, en: Example }
text: model-town.txt
policy: 各单位得分满分按100分计算，问卷评议占60分，材料报送占40分，前10%的单位通报表彰，最后一名通报批评。
settings:
  good_from:
    title: { zh: 良的下限, en: Limit of good }
    value: 75
    low: 60
    high: 90
    assumed: &silent { zh: 自定, en: Set by the office }
units:
  stated: { 甲: 20, 乙: 10 }
  assumed: *silent
cadence: { each: half_year, year: mean, assumed: *silent }
maps:
  four:
    options: { 满意: 100, 基本满意: 60, 不满意: 0, 不了解: null }
    assumed: *silent
total:
  id: total
  title: { zh: 总分, en: Total }
  points: 100
  cite: [各单位得分满分按100分计算]
  parts:
    - id: A
      title: { zh: 问卷, en: Survey }
      points: 60
      cite: [问卷评议占60分，材料报送占40分]
      source:
        kind: survey
        map: four
        campaigns:
          - { campaign: users, share: 50 }
          - { campaign: citizens, share: 50 }
    - id: B
      title: { zh: 材料, en: Materials }
      points: 200
      factor: 0.1
      assumed: *silent
      source:
        kind: cases
        floor: 0
        rules:
          - { id: late, title: { zh: 迟报, en: Late }, points: 2, assumed: *silent }
          - { id: later, title: { zh: 再迟, en: Later }, points: 1, after: late, assumed: *silent }
    - id: C
      title: { zh: 分档, en: Tiers }
      points: 20
      assumed: *silent
      choose:
        - when: { categories: [甲] }
          parts:
            - id: C1
              title: { zh: 分档, en: Tiers }
              points: 20
              assumed: *silent
              source:
                kind: tiers
                office: 市直机关工委
                tiers:
                  - { title: { zh: 优, en: Best }, share: 20, points: 20 }
                  - { title: { zh: 良, en: Good }, share: 80, points: 10 }
        - parts:
            - id: C2
              title: { zh: 排名, en: Places }
              points: 20
              assumed: *silent
              source: { kind: decay, office: 市纪委, step: 3, floor: 0 }
adjustments:
  - id: D
    title: { zh: 加减分, en: Bonus }
    low: -5
    high: 5
    office: 市评议办
    assumed: *silent
    penalties:
      - { id: fraud, title: { zh: 拉票, en: Canvassing }, lost: merit, assumed: *silent }
cap: { low: 0, high: 100, assumed: *silent }
ranking: { ties: no_tie, chain: [A, satisfied, draw], assumed: *silent }
grades:
  - { id: best, title: { zh: 优, en: Best }, first: { 甲: 5, 乙: 2 }, assumed: *silent }
  - { id: good, title: { zh: 良, en: Good }, least: { setting: good_from }, assumed: *silent }
  - { id: fair, title: { zh: 中, en: Fair }, least: 60, assumed: *silent }
  - { id: bad, title: { zh: 差, en: Bad }, least: 0, assumed: *silent }
passes: { least: 60, assumed: *silent }
consequences:
  - id: prize
    title: { zh: 表彰, en: Prize }
    kind: award
    first_percent: 10
    cite: [前10%的单位通报表彰]
  - id: second
    title: { zh: 二等, en: Second }
    kind: award
    first: 3
    after: prize
    assumed: *silent
  - id: lowest
    title: { zh: 批评, en: Criticised }
    kind: sanction
    last: 1
    cite: [最后一名通报批评]
  - id: twice
    title: { zh: 两次, en: Twice }
    kind: sanction
    consecutive: { of: lowest, rounds: 2 }
    assumed: *silent
  - id: failed
    title: { zh: 未达标, en: Failed }
    kind: flag
    failed: true
    assumed: *silent
  - id: barred
    title: { zh: 取消资格, en: No awards }
    kind: sanction
    lost: merit
    bars: [prize]
    assumed: *silent
campaigns:
  - { id: users, title: { zh: 服务对象, en: Users }, raters: [users], map: four, frame: list, assumed: *silent }
  - id: citizens
    title: { zh: 群众, en: Citizens }
    raters: [citizens]
    variant: flagged
    flag: serves_enterprises
    frame: counts
    assumed: *silent
duties:
  - id: report
    title: { zh: 材料, en: Report }
    who: units
    per: quarter
    due: day 10
    feeds: [B, late]
    assumed: *silent
"""

# what stands in the sound document, what a tired author wrote instead, the code, and the line's own words
FAULTS = [
    ("  points: 100\n", "  points: 90\n", "points_sum", "  parts:"),
    ("factor: 0.1", "factor: 0.2", "points_sum", "  parts:"),
    ("              points: 20\n              assumed: *silent\n              source: { kind: decay",
     "              points: 25\n              assumed: *silent\n              source: { kind: decay",
     "points_sum", "        - parts:"),
    ("        - when: { categories: [甲] }\n          parts:", "        - parts:", "choose_order", "        - parts:"),
    ("        - parts:\n            - id: C2",
     "        - when: { categories: [乙] }\n          parts:\n            - id: C2", "choose_open",
     "        - when: { categories: [乙] }"),
    ("share: 50 }\n    - id: B", "share: 40 }\n    - id: B", "shares_sum", "        campaigns:"),
    ("share: 80, points: 10", "share: 70, points: 10", "tiers_sum", "                tiers:"),
    ("kind: survey", "kind: gossip", "source_unknown", "        kind: gossip"),
    ("floor: 0\n        rules", "floor: -1\n        rules", "negative", "        floor: -1"),
    ("floor: 0\n        rules", "floor: 201\n        rules", "floor_above", "        floor: 201"),
    ("factor: 0.1", "factor: -0.1", "negative", "      factor: -0.1"),
    ("en: Late }, points: 2,", "en: Late }, points: -2,", "negative", "          - { id: late,"),
    ("factor: 0.1", "factor: 0,1", "decimal_comma", "      factor: 0,1"),
    ("{ campaign: users, share: 50 }", "{ campaign: users, share: 50,0 }", "decimal_comma",
     "          - { campaign: users"),
    ("factor: 0.1", "factor: 1e-1", "number", "      factor: 1e-1"),
    ("    - id: B\n", "    - id: A\n", "duplicate", "    - id: A"),
    ("{ id: later,", "{ id: late,", "duplicate", "          - { id: late, title: { zh: 再迟"),
    ("  - id: second\n", "  - id: prize\n", "duplicate", "  - id: prize"),
    ("after: late,", "after: never,", "rule_unknown", "          - { id: later,"),
    ("points: 2, assumed", "points: 2, after: later, assumed", "cyclic_after", "          - { id: late,"),
    ("    - id: B\n      title", "    - id: B\n      points: 20\n      title", "duplicate_key", "      points: 200"),
    ("least: 60, assumed: *silent }\n  - { id: bad", "least: 75, assumed: *silent }\n  - { id: bad", "bands_overlap",
     "  - { id: fair"),
    ("least: 60, assumed: *silent }\n  - { id: bad", "least: 80, assumed: *silent }\n  - { id: bad", "bands_order",
     "  - { id: fair"),
    ("least: 0, assumed: *silent }\npasses", "least: 10, assumed: *silent }\npasses", "bands_gap", "  - { id: bad"),
    ("least: 60, assumed: *silent }\n  - { id: bad", "least: 0, assumed: *silent }\n  - { id: bad",
     "grade_unreachable", "  - { id: bad"),
    ("share: 20, points: 20", "share: 0, points: 20", "tier_unreachable", "                  - { title: { zh: 优"),
    ("share: 80, points: 10", "share: 80, points: 30", "tiers_order", "                  - { title: { zh: 良"),
    ("first: { 甲: 5, 乙: 2 }", "first: { 甲: 5, 乙: 12 }", "quota_above", "  - { id: best"),
    ("least: { setting: good_from }", "first: { 甲: 16 }", "quota_sum", "  - { id: good"),
    ("    first: 3\n", "    first: 40\n", "quota_above", "    first: 40"),
    ("first: { 甲: 5, 乙: 2 }", "first: { 甲: 5, 丙: 2 }", "category_unknown", "  - { id: best"),
    ("categories: [甲]", "categories: [丁]", "category_unknown", "        - when: { categories: [丁] }"),
    ("flag: serves_enterprises", "flag: is_nice", "flag_unknown", "    flag: is_nice"),
    ("    flag: serves_enterprises\n", "", "flag_missing", "    variant: flagged"),
    ("campaign: users,", "campaign: guests,", "campaign_unknown", "          - { campaign: guests"),
    ("        map: four", "        map: five", "map_unknown", "        map: five"),
    ("feeds: [B, late]", "feeds: [X, late]", "part_unknown", "    feeds: [X, late]"),
    ("feeds: [B, late]", "feeds: [B, lost]", "rule_unknown", "    feeds: [B, lost]"),
    ("bars: [prize]", "bars: [medal]", "consequence_unknown", "    bars: [medal]"),
    ("chain: [A, satisfied, draw]", "chain: [Z, satisfied, draw]", "chain_unknown", "ranking:"),
    ("chain: [A, satisfied, draw]", "chain: [A, satisfied]", "chain_no_draw", "ranking:"),
    ("of: lowest,", "of: twice,", "cyclic_after", "    consecutive: { of: twice"),
    ("    cite: [最后一名通报批评]\n", "", "unmarked", "  - id: lowest"),
    ("cite: [最后一名通报批评]", "cite: [最后一名]", "quotation_short", "    cite: [最后一名]"),
    ("cite: [最后一名通报批评]", "cite: [倒数后两名通报批评]", "quotation_false", "    cite: [倒数后两名"),
    ("first_percent: 10", "first_percent: 110", "percent", "    first_percent: 110"),
    ("low: -5", "low: 6", "limits_crossed", "    low: 6"),
    ("cap: { low: 0, high: 100", "cap: { low: 0, high: -1", "limits_crossed", "cap:"),
    ("    value: 75", "    value: 95", "setting_out", "    value: 95"),
    ("least: { setting: good_from }", "least: 75", "setting_unused", "  good_from:"),
    ("setting: good_from", "setting: good_form", "setting_unknown", "  - { id: good"),
    ("passes: { least: 60", "passes: { least: 101", "pass_above", "passes:"),
    ("office: 市直机关工委", "office: ''", "office_missing", "                office: ''"),
    ("    office: 市评议办\n", "", "office_missing", "  - id: D"),
    ("基本满意: 60, 不满意: 0,", "基本满意: 60,", "option_missing", "    options:"),
    ("不满意: 0,", "不满意: -10,", "option_out", "    options:"),
    ("不了解: null", "不了解: 0", "option_not_judging", "    options:"),
    ("基本满意: 60,", "基本满意: 0,\n      不满意: 60, 差: 0 }  #", "option_order", "      不满意: 60"),
    ("due: day 10", "due: 10th", "due", "    due: 10th"),
    ("due: day 10", "due: 02-30", "due", "    due: 02-30"),
    ("version: 1", "version: one", "whole", "version: one"),
    ("version: 1", "version: 0", "least", "version: 0"),
    ("  - id: second", "  - weight: 3\n    id: second", "unknown_field", "  - weight: 3"),
    ("    kind: flag\n", "    kind: medal\n", "choice", "    kind: medal"),
    ("lost: merit, assumed", "lost: honour, assumed", "right_unused", "      - { id: fraud"),
    ("    first: 3\n", "    first: 3\n    last: 3\n", "consequence_ways", "  - id: second"),
    ("text: model-town.txt\npolicy", "text: model-town.txt\ntopic", "text_unknown", "text: model-town.txt"),
    ("      choose:\n", "      mean: [{ id: M }]\n      choose:\n", "ways", "    - id: C"),
    ("per: quarter", "per: round\n    least: 5\n    most: 2", "limits_crossed", "    least: 5"),
    ("        floor: 0\n        rules", "        floor: 0\n        per: month\n        due: 1\n        rules",
     "unknown_field", "        due: 1"),
    ("cadence: { each: half_year, year: mean", "cadence: { each: half_year, year: [", "yaml", "cadence:"),
    ("assumed: &silent { zh: 自定, en: Set by the office }",
     "assumed: &silent { zh: 自定, en: Set by the office, more: *silent }", "cyclic", "    assumed: &silent"),
    ("due: day 10", "due: !!str day 10", None, None),
]  # fmt: skip


def test_the_sound_document_is_sound() -> None:
    assert [str(one) for one in prove(SOUND)] == []
    assert read(SOUND).scheme.total.points == 100


@pytest.mark.parametrize(("was", "became", "code", "line"), FAULTS, ids=lambda value: str(value).strip()[:40])
def test_a_planted_fault_is_refused_on_its_line(was: str, became: str, code: str | None, line: str | None) -> None:
    assert SOUND.count(was) >= 1
    text = SOUND.replace(was, became, 1)
    faults = prove(text)
    if code is None or line is None:
        assert faults == []
        return
    lines = text.splitlines()
    said = [(one.code, lines[one.line - 1]) for one in faults]
    assert any(found == code and at.startswith(line) for found, at in said), said
    assert all(re.search(r"[一-鿿]", one.zh) and re.search(r"[a-z]{3}", one.en) for one in faults)
    with pytest.raises(Problem) as refused:
        read(text)
    assert refused.value.code == "scheme_faulty"


def test_all_faults_of_a_document_come_at_once_by_line() -> None:
    text = SOUND
    planted = {
        "value: 75": "value: 95",
        "不了解: null": "不了解: 0",
        "factor: 0.1": "factor: 0,1",
        "share: 80, points: 10": "share: 70, points: 10",
        "after: late,": "after: never,",
        "cite: [最后一名通报批评]": "cite: [一个都没有的引文]",
        "kind: flag": "kind: medal",
        "due: day 10": "due: soon",
        "version: 1": "version: 1\nextra: 1",
    }
    for was, became in planted.items():
        text = text.replace(was, became, 1)
    faults = prove(text)
    assert {one.code for one in faults} == {
        "setting_out", "option_not_judging", "decimal_comma", "tiers_sum", "rule_unknown", "quotation_false", "choice",
        "due", "unknown_field",
    }  # fmt: skip
    assert [one.line for one in faults] == sorted(one.line for one in faults)
    with pytest.raises(Problem) as refused:
        read(text)
    assert refused.value.params["count"] == len(faults)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in pairs:
        yield (*path, step)
        yield from _paths(inner, (*path, step))


def test_a_document_may_be_broken_anywhere_and_is_still_proved() -> None:
    """Whatever stands where something else belongs, the proof ends with faults and not with an exception."""
    sound = yaml.safe_load(SOUND)
    for at, path in enumerate(list(_paths(sound))[::11]):
        holder: Any = (broken := copy.deepcopy(sound))
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = ([], {}, [[1]], {"a": []}, -7, None)[at % 6]
        text = json.dumps(broken, ensure_ascii=False)
        refused = prove(text) != []
        try:
            read(text)
        except Problem:
            assert refused, path
        else:
            assert not refused, path


def test_what_is_no_document_is_refused_too() -> None:
    for text in ("", "- 1\n- 2", "a: &a [*a]", "x" * 500_000, "a: b: c"):
        faults = prove(text)
        assert faults, text[:20]
        assert faults[0].zh
