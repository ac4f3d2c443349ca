"""Questionnaire variants from a list of units (问卷类型): who may rate which of them.

A ticket carries the name of its variant. Peers rate all but their own unit, an area's people also the units that it
added, enterprises the flagged ones, fixed users one unit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import ASPECT, EVERYTHING, UNIT

AREA = "area-"
Variants = dict[str, list[str] | None]
Document = Mapping[str, Any]


def peers(doc: Document, units: Collection[str] | None = None) -> Variants:
    """单位互评: for each unit (or each of ``units``) a variant ``peer-<code>`` of everything but the unit itself."""
    known = _units(doc)
    return {f"peer-{code}": _without(doc, {code}) for code in sorted(known) if units is None or code in units}


def areas(doc: Document, added: Mapping[str, Collection[str]]) -> Variants:
    """县区增加的单位: `of_area` has the city's units and those that the area added; ``all`` the city's alone."""
    _known(doc, {code for codes in added.values() for code in codes})
    everywhere = {code for codes in added.values() for code in codes}
    found: Variants = {of_area(area): _without(doc, everywhere - set(codes)) for area, codes in added.items()}
    return {EVERYTHING: _without(doc, everywhere), **found}


def of_area(area: str) -> str:
    """The variant of an area's people, by its code: ``area-<code>``."""
    return f"{AREA}{area}"


def sort_of(variant: str) -> tuple[str, str]:
    """What a variant is by its name: ``area``, ``peer`` or ``unit`` with the code behind it, else the name itself."""
    sort, dash, code = variant.partition("-")
    return (sort, code) if dash and sort in {"area", "peer", "unit"} else (variant, "")


def flagged(doc: Document, units: Collection[str], *, name: str = "enterprises") -> Variants:
    """涉企单位: one variant of the units that enterprises rate."""
    _known(doc, units)
    return {name: _without(doc, _units(doc) - set(units))}


def single(doc: Document, units: Collection[str] | None = None) -> Variants:
    """固定服务对象: for each unit a variant ``unit-<code>`` of that unit alone, with whatever is not about units."""
    known = _units(doc)
    return {f"unit-{code}": _without(doc, known - {code}) for code in sorted(known) if units is None or code in units}


def with_variants(doc: Document, *more: Variants, keep_all: bool = False) -> dict[str, Any]:
    """The document with these variants; ``keep_all`` leaves one of everything beside them."""
    variants: Variants = {EVERYTHING: None} if keep_all else {}
    for one in more:
        variants |= one
    return {**doc, "variants": variants}


def _units(doc: Document) -> set[str]:
    return {_unit_of(item) for item in doc["items"]} - {""}


def _unit_of(item: Mapping[str, Any]) -> str:
    if item["kind"] == ASPECT:
        return str(item["unit"])
    return str(item["key"]) if item["kind"] == UNIT else ""


def _without(doc: Document, units: Collection[str]) -> list[str]:
    return [item["key"] for item in doc["items"] if _unit_of(item) not in units or not _unit_of(item)]


def _known(doc: Document, units: Collection[str]) -> None:
    unknown = sorted(set(units) - _units(doc))
    if unknown:
        raise Problem("variant_units_unknown", units="、".join(unknown[:5]))
