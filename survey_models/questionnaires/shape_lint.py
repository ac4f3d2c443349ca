"""Whether a document can be read as a questionnaire at all (问卷的结构)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from survey_models.questionnaires.findings import Finding
from survey_models.questionnaires.rules import KINDS, PLACED, TEXT

_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_CODE = re.compile(r"[0-9A-Za-z]")


def look(doc: object) -> Iterator[Finding]:
    """What keeps the document from being read; the rest of the linter runs only where there is nothing."""
    if not isinstance(doc, Mapping):
        yield _shape("问卷", "不是一份文档", "no document")
        return
    yield from _label("title", doc.get("title"))
    if not isinstance(doc.get("blank_allowed"), bool):
        yield _shape("blank_allowed", "应为 true 或 false", "true or false is needed")
    scales = doc.get("scales")
    if not isinstance(scales, Mapping):
        yield _shape("scales", "应为选项组的对照表", "a table of scales is needed")
        scales = {}
    for name, scale in scales.items():
        yield from _scale(str(name), scale)
    variants = doc.get("variants")
    if not isinstance(variants, Mapping) or not all(
        keys is None or isinstance(keys, list) for keys in variants.values()
    ):
        yield _shape("variants", "应为问卷类型及其题目代码", "names of variants with lists of item keys are needed")
    items = doc.get("items")
    if not isinstance(items, list):
        yield _shape("items", "应为题目的列表", "a list of items is needed")
        return
    for number, item in enumerate(items, start=1):
        yield from _item(f"items[{number}]", item, scales)


def _shape(where: str, zh: str, en: str) -> Finding:
    return Finding("shape", where, what=zh, what_en=en)


def _label(where: str, label: object) -> Iterator[Finding]:
    if not isinstance(label, Mapping) or not all(value is None or isinstance(value, str) for value in label.values()):
        yield _shape(where, "应有中文 zh、英文 en", "words in zh and en are needed")
    elif not (label.get("zh") or "").strip():
        yield Finding("label_empty", where)


def _scale(name: str, scale: object) -> Iterator[Finding]:
    options = scale.get("options") if isinstance(scale, Mapping) else None
    if not isinstance(options, list) or not options:
        yield _shape(f"scales.{name}", "没有选项", "there are no options")
        return
    for number, option in enumerate(options, start=1):
        where = f"scales.{name}[{number}]"
        if not isinstance(option, Mapping) or not isinstance(option.get("code"), str):
            yield _shape(where, "选项没有代码 code（文字，加引号）", "an option needs a code, as text in quotes")
            continue
        yield from _label(where, option.get("label"))
        score = option.get("score")
        if score is not None and (not isinstance(score, int) or isinstance(score, bool)):
            yield _shape(where, "分值应为整数或空", "a score is a whole number or nothing")


def _item(where: str, item: object, scales: Mapping[str, Any]) -> Iterator[Finding]:
    if not isinstance(item, Mapping) or not isinstance(item.get("key"), str):
        yield _shape(where, "题目没有代码 key", "an item needs a key")
        return
    key = item["key"]
    if not _KEY.fullmatch(key):
        yield Finding("key_unfit", key)
    yield from _label(key, item.get("label"))
    if not isinstance(item.get("group"), str):
        yield _shape(key, "没有写明所在部分 group", "its section (group) is missing")
    kind = item.get("kind")
    if kind not in KINDS:
        yield _shape(key, f"没有这种题型：{kind}", f"there is no such kind of item: {kind}")
        return
    if not isinstance(item.get("max"), int | None) or not isinstance(item.get("required"), bool | None):
        yield _shape(key, "max 应为整数，required 应为 true 或 false", "max is a number, required true or false")
    if item.get("hint") is not None and not isinstance(item["hint"], Mapping):
        yield _shape(key, "hint 应有中文 zh、英文 en", "a hint has words in zh and en")
    if kind != TEXT:
        yield from _options(key, kind, str(item.get("scale")), scales)


def _options(key: str, kind: str, name: str, scales: Mapping[str, Any]) -> Iterator[Finding]:
    if name not in scales:
        yield Finding("scale_missing", key, scale=name)
        return
    options = scales[name].get("options") if isinstance(scales[name], Mapping) else None
    fit = _CODE if kind in PLACED else _KEY
    for option in options if isinstance(options, list) else ():
        code = option.get("code") if isinstance(option, Mapping) else None
        if isinstance(code, str) and not fit.fullmatch(code):
            yield Finding("code_unfit", name, code=code)
