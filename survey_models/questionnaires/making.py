"""Questionnaires made from templates (问卷模板): package data, each citing its article, filled with a list of units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import ASPECT, BACKGROUND, SCALES

UNITS = "units"
_FOLDER = files("survey_models.questionnaires").joinpath("templates")
_SCALES = "scales"
_LABELS = {"age": {"zh": "年龄段", "en": "Age"}, "sex": {"zh": "性别", "en": "Sex"}}
_BACKGROUND_GROUP = "背景"

Unit = Mapping[str, str]


@cache
def templates() -> Mapping[str, Mapping[str, Any]]:
    """All templates by id, in the order of their ids."""
    names = sorted(one.name for one in _FOLDER.iterdir() if one.name.endswith(".yaml"))
    found = [_read(name) for name in names if name != f"{_SCALES}.yaml"]
    return {one["id"]: one for one in found}


@cache
def scales() -> Mapping[str, Any]:
    """The option scales that templates name."""
    found: dict[str, Any] = {**SCALES, **_read(f"{_SCALES}.yaml")}
    return found


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FOLDER.joinpath(name).read_text(encoding="utf-8"))
    return found


def template_of(template_id: str) -> Mapping[str, Any]:
    """One of them. Raises ``template_unknown``."""
    template = templates().get(template_id)
    if template is None:
        raise Problem("template_unknown", template=template_id, known="、".join(templates()))
    return template


def rates_units(template_id: str) -> bool:
    """Whether the sheets of a template carry units to be rated, not only names to choose from."""
    return any(part.get("for") == UNITS for part in template_of(template_id)["items"])


def make(
    template_id: str, units: Sequence[Unit], *, title: Mapping[str, str] | None = None, any_number: bool = False
) -> dict[str, Any]:
    """The document of a template filled with ``units`` (code, name, category, in their order).

    ``any_number``: units were renamed, merged or added since the document, whose number no longer binds.

    Raises ``template_unknown``, ``template_units`` where the template is for another number of units.
    """
    template = template_of(template_id)
    stated = template.get("units_stated")
    if not units or (stated not in {None, len(units)} and not any_number):
        raise Problem("template_units", template=template_id, stated=stated or "1…", found=len(units))
    items = [made for part in template["items"] for made in _items(part, units)]
    items += [_background(name) for name in template.get("background", ())]
    used = {name: scales()[name] for name in template["scales"]}
    if any(item["scale"] == UNITS for item in items):
        used[UNITS] = {"options": [_nominated(unit) for unit in units]}
    return {
        "title": dict(title or template["title"]),
        "cites": template["cites"],
        "scales": used,
        "items": items,
        "variants": {"all": None},
        "blank_allowed": template["blank_allowed"],
        "shuffle": template.get("shuffle", True),
    }


def _items(part: Mapping[str, Any], units: Sequence[Unit]) -> Iterator[dict[str, Any]]:
    if part.get("for") != UNITS:
        yield _own(part)
        return
    for unit in units:
        if part["kind"] == ASPECT:
            yield from (_aspect(part, unit, aspect) for aspect in part["aspects"])
        else:
            label = {"zh": unit["name"], "en": unit.get("name_en", "")}
            yield _item(unit["code"], part["kind"], part["scale"], label, unit["category"])


def _item(key: str, kind: str, scale: str | None, label: Mapping[str, str], group: str) -> dict[str, Any]:
    return {"key": key, "kind": kind, "scale": scale, "label": dict(label), "group": group}


def _own(part: Mapping[str, Any]) -> dict[str, Any]:
    scale = UNITS if part.get("options") == UNITS else part.get("scale")
    made = _item(part["key"], part["kind"], scale, part["label"], part["group"]["zh"])
    return made | {name: part[name] for name in ("max", "hint", "required") if name in part}


def _aspect(part: Mapping[str, Any], unit: Unit, aspect: Mapping[str, str]) -> dict[str, Any]:
    label = {"zh": f"{unit['name']}：{aspect['zh']}", "en": f"{unit.get('name_en') or unit['name']}: {aspect['en']}"}
    made = _item(f"{unit['code']}.{aspect['code']}", ASPECT, part["scale"], label, unit["name"])
    return made | {"unit": unit["code"], "aspect": aspect["code"]}


def _background(name: str) -> dict[str, Any]:
    return _item(name, BACKGROUND, name, _LABELS[name], _BACKGROUND_GROUP)


def _nominated(unit: Unit) -> dict[str, Any]:
    label = {"zh": unit["name"], "en": unit.get("name_en", "")}
    return {"code": unit["code"], "label": label, "group": unit["category"]}
