"""Questionnaire documents (问卷) as immutable objects: what may be answered, and with which codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

BLANK = "-"
INVALID = "!"
UNIT = "unit"
BACKGROUND = "background"


@dataclass(frozen=True)
class Option:
    """One option (选项) of a scale; ``score`` None: an answer that is not scored (不了解)."""

    code: str
    label: str
    label_en: str
    score: int | None
    satisfied: bool


@dataclass(frozen=True)
class Item:
    """One item: a unit to rate, or a background question; its place is its place in ``answers``."""

    key: str
    kind: str
    scale: str
    label: str
    label_en: str
    group: str


@dataclass(frozen=True)
class Form:
    """A questionnaire version: items in order, scales, and which variants carry which items."""

    id: str
    version: int
    items: tuple[Item, ...]
    scales: Mapping[str, tuple[Option, ...]]
    variants: Mapping[str, frozenset[str] | None]
    blank_allowed: bool

    @cached_property
    def place(self) -> dict[str, int]:
        """Item key → its place in ``answers``."""
        return {item.key: number for number, item in enumerate(self.items)}

    @cached_property
    def units(self) -> tuple[int, ...]:
        """Places of the items that rate a unit."""
        return tuple(number for number, item in enumerate(self.items) if item.kind == UNIT)

    @cached_property
    def allowed(self) -> tuple[frozenset[str], ...]:
        """For each place the codes a person may send, blank included."""
        return tuple(frozenset({option.code for option in self.scales[item.scale]} | {BLANK}) for item in self.items)

    @cached_property
    def accepted(self) -> dict[str, re.Pattern[str]]:
        """For each variant what ``answers`` a person may send, as one pattern: quick, and without reasons."""
        return {variant: re.compile(self._pattern(variant), re.DOTALL) for variant in self.variants}

    def _pattern(self, variant: str) -> str:
        asked = [item.kind == UNIT and carried for item, carried in zip(self.items, self.carried(variant), strict=True)]
        nothing_judged = "".join(BLANK if unit else "." for unit in asked)
        places = []
        for unit, carried, codes in zip(asked, self.carried(variant), self.allowed, strict=True):
            fit = codes if carried else frozenset({BLANK})
            places.append(fit - {BLANK} if unit and not self.blank_allowed else fit)
        classes = "".join(f"[{''.join(re.escape(code) for code in sorted(codes))}]" for codes in places)
        return f"(?!{nothing_judged}$){classes}"

    def carried(self, variant: str) -> tuple[bool, ...]:
        """For each place whether the variant carries the item."""
        keys = self.variants[variant]
        return tuple(keys is None or item.key in keys for item in self.items)


def read_form(questionnaire_id: str, version: int, doc: Mapping[str, Any]) -> Form:
    """The form that a stored document describes."""
    return Form(
        id=questionnaire_id,
        version=version,
        items=tuple(_item(item) for item in doc["items"]),
        scales={name: tuple(_option(option) for option in scale["options"]) for name, scale in doc["scales"].items()},
        variants={name: None if keys is None else frozenset(keys) for name, keys in doc["variants"].items()},
        blank_allowed=bool(doc["blank_allowed"]),
    )


def _item(item: Mapping[str, Any]) -> Item:
    label = item["label"]
    return Item(item["key"], item["kind"], item["scale"], label["zh"], label.get("en") or label["zh"], item["group"])


def _option(option: Mapping[str, Any]) -> Option:
    zh = option["label"]["zh"]
    en = option["label"].get("en") or zh
    return Option(option["code"], zh, en, option["score"], bool(option["satisfied"]))


def _scale(*options: tuple[str, str, str, int | None, bool]) -> dict[str, Any]:
    return {
        "options": [
            {"code": code, "label": {"zh": zh, "en": en}, "score": score, "satisfied": satisfied}
            for code, zh, en, score, satisfied in options
        ]
    }


SCALES: dict[str, dict[str, Any]] = {
    # 满意 100, 基本满意 60, 不满意 0, 不了解 not scored: fixed before field work and printed beside every result.
    "satisfaction4": _scale(
        ("1", "满意", "Satisfied", 100, True),
        ("2", "基本满意", "Mostly satisfied", 60, True),
        ("3", "不满意", "Dissatisfied", 0, False),
        ("0", "不了解", "Don't know", None, False),
    ),
    "age": _scale(
        ("1", "18–29 岁", "18–29", None, False),
        ("2", "30–44 岁", "30–44", None, False),
        ("3", "45–59 岁", "45–59", None, False),
        ("4", "60 岁及以上", "60 and over", None, False),
    ),
    "sex": _scale(("1", "男", "Male", None, False), ("2", "女", "Female", None, False)),
}


def unit_questionnaire(
    *, title: Mapping[str, str], units: Sequence[Mapping[str, str]], blank_allowed: bool = True
) -> dict[str, Any]:
    """A document that rates ``units`` (code, name, category) on four options, with age band and sex, optional."""
    items = [
        {
            "key": unit["code"],
            "kind": UNIT,
            "scale": "satisfaction4",
            "label": {"zh": unit["name"], "en": ""},
            "group": unit["category"],
        }
        for unit in units
    ]
    background = [
        {"key": "age", "kind": BACKGROUND, "scale": "age", "label": {"zh": "年龄段", "en": "Age"}, "group": "背景"},
        {"key": "sex", "kind": BACKGROUND, "scale": "sex", "label": {"zh": "性别", "en": "Sex"}, "group": "背景"},
    ]
    return {
        "title": dict(title),
        "scales": SCALES,
        "items": items + background,
        "variants": {"all": None},
        "blank_allowed": blank_allowed,
    }
