"""Units that the city or a county adds to those of the document (增加的评议对象), as the plan states them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from survey_models.rounds import asking, campaigning
from survey_models.rounds.designs import rated_by_area
from survey_models.rounds.lists import OFFICE, Row
from survey_models.schemes import loading
from survey_models.schemes.language import Scheme
from survey_models.units import service as units

COLUMNS = ("area", "code", "name", "category")
_HEADING = (set(COLUMNS), {"地区", "代码", "名称", "类别"})
_LONGEST = {"name": 80, "category": 60}
_COMMAS = re.compile(r"[，\t]")
Fault = dict[str, str]


def read_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with the added units as rows, where they came as text.

    The text: a line for each unit, ``area,code,name,category``, a heading or not. Raises ``plan_answers_faulty`` with
    every line that has another number of cells.
    """
    text = given.get(asking.ADDED)
    if not isinstance(text, str):
        return dict(given)
    lines = [(number, _cells(line)) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1)]
    there = [(number, cells) for number, cells in lines if any(cells)]
    there = [one for one in there if set(one[1]) not in _HEADING]
    wrong = [number for number, cells in there if len(cells) != len(COLUMNS)]
    if wrong:
        asking.refuse(
            [_fault(f"第{number}行要有地区、代码、名称、类别", f"line {number}: four cells") for number in wrong]
        )
    return {**given, asking.ADDED: [dict(zip(COLUMNS, cells, strict=True)) for _, cells in there]}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([_COMMAS.sub(",", line)]), [])]


def rows(session: Session, scheme: Scheme, answers: Mapping[str, Any]) -> list[Row]:
    """The added units as rows of a list of units, ``area`` beside: the code of the county; empty: the city's.

    A county's unit is ranked in a category of its own: ``舞阳县增加的公共服务行业``. Raises ``plan_answers_faulty``
    with every fault: a strange area or category, a code that is taken, a name that nobody can print.
    """
    given = answers.get(asking.ADDED) or []
    areas = _areas(session, scheme, answers)
    faults = [*_faults(given, scheme, areas), *_taken(session, given, scheme)]
    if faults:
        asking.refuse(faults)
    own = answers.get("units")
    first = len(loading.units_of(scheme) or (own if isinstance(own, list) else ()))
    return [
        {
            "area": (area := _area(row, areas)),
            "code": str(row["code"]),
            "name": str(row["name"]),
            "category": _category(row, areas.get(area, "")),
            "order": str(first + number),
            "superior_led": "0",
            "flags_source": OFFICE,
        }
        for number, row in enumerate(given, start=1)
    ]


def _areas(session: Session, scheme: Scheme, answers: Mapping[str, Any]) -> dict[str, str]:
    """Areas by code with their names: those of every campaign whose sheets may carry a county's own units."""
    found: list[dict[str, str]] = []
    for kind in filter(rated_by_area, scheme.campaigns):
        stated = campaigning.with_frame(session, dict((answers.get("campaigns") or {}).get(kind.id) or {})).get(
            "strata"
        )
        known = [row for row in stated if isinstance(row, Mapping)] if isinstance(stated, list) else []
        found.append({str(row.get("area")): str(row.get("area_name")) for row in known})
    return {code: name for code, name in found[0].items() if all(code in one for one in found)} if found else {}


def _area(row: Mapping[str, Any], areas: Mapping[str, str]) -> str:
    """The code of the area that a row names by code or by name; empty: the city."""
    said = str(row["area"]).strip()
    return next((code for code, name in areas.items() if name == said), said) if said not in areas else said


def _category(row: Mapping[str, Any], area_name: str) -> str:
    return f"{area_name}增加的{row['category']}" if area_name else str(row["category"])


def _faults(given: Any, scheme: Scheme, areas: Mapping[str, str]) -> Iterator[Fault]:
    named = "、".join(scheme.units.stated)
    for number, row in enumerate(given, start=1):
        if not isinstance(row, Mapping) or set(row) != set(COLUMNS):
            yield _fault("逐行写 area, code, name, category", "rows of area, code, name, category", number)
            continue
        code, name, area = str(row["code"]), str(row["name"]), _area(row, areas)
        if not units.fit(code, name) or row["category"] not in scheme.units.stated:
            yield _fault(f"代码（字母和数字）、名称、类别（{named}）", "code (ASCII), name, category", number)
        elif area and area not in areas:
            known = "、".join(areas.values())
            yield _fault(f"没有地区“{area}”，各层有：{known}", f"no area {area} among the strata: {known}", number)
        elif len(name) > _LONGEST["name"] or len(_category(row, areas.get(area, ""))) > _LONGEST["category"]:
            yield _fault("名称最长80字，地区和类别合起来最长60字", "at most 80 and 60 characters", number)


def _taken(session: Session, given: Any, scheme: Scheme) -> Iterator[Fault]:
    """Codes that stand twice, or are another unit's: of the document, or of any other list by now."""
    known = {unit.code: unit.name for unit in units.all_units(session)}
    listed = {row["code"] for row in loading.units_of(scheme)}
    for number, row in enumerate(given, start=1):
        code, name = (str(row.get("code")), str(row.get("name"))) if isinstance(row, Mapping) else ("", "")
        if code in listed or known.get(code, name) != name:
            yield _fault(f"代码 {code} 已是别的单位，请另用代码", f"the code {code} is taken", number)
        listed.add(code)


def _fault(zh: str, en: str, number: int | None = None) -> Fault:
    return {"key": asking.ADDED if number is None else f"{asking.ADDED}.{number}", "zh": zh, "en": en}
