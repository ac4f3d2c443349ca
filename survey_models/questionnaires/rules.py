"""Questionnaire documents (问卷) as immutable objects: what may be answered, and with which codes.

Items of one choice have a place in ``answers``, one character each; items of several choices and of words live in
``more`` under their keys (`survey_models.questionnaires.more`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

BLANK = "-"
INVALID = "!"
UNIT = "unit"
ASPECT = "aspect"
SINGLE = "single"
AWARENESS = "awareness"
BACKGROUND = "background"
MULTIPLE = "multiple"
NOMINATION = "nomination"
TEXT = "text"

JUDGING = frozenset({UNIT, ASPECT})
COUNTING = JUDGING | {SINGLE, AWARENESS}
PLACED = COUNTING | {BACKGROUND}
CHOSEN = frozenset({MULTIPLE, NOMINATION})
KINDS = PLACED | CHOSEN | {TEXT}
LONGEST_TEXT = 500
# The variant (问卷类型) that carries every item, by custom.
EVERYTHING = "all"
_BYTES = 4  # of one character of UTF-8, at most
_AROUND = 8  # quotes, colon, brackets and comma around one item of ``more``


@dataclass(frozen=True)
class Option:
    """One option (选项) of a scale; ``score`` None: an answer that is not scored (不了解)."""

    code: str
    label: str
    label_en: str
    score: int | None
    satisfied: bool
    group: str = ""
    label_hant: str = ""

    def called(self, language: str) -> str:
        """The label in ``zh``, ``hant`` (繁體) or ``en``."""
        return _called(self, language)


@dataclass(frozen=True)
class Item:
    """One item (题目) of a kind.

    ``unit``: a unit to rate on the whole; ``aspect``: one unit in one respect (方面); ``single``, ``awareness``
    (知晓率), ``background``: one choice; ``multiple``, ``nomination`` (推荐重点评议对象): up to ``most`` of the options
    of ``scale``; ``text`` (征求意见建议): up to ``most`` characters, no scale. ``required`` None: as the kind has it.
    """

    key: str
    kind: str
    scale: str
    label: str
    label_en: str
    group: str
    unit: str = ""
    aspect: str = ""
    required: bool | None = None
    most: int = 0
    hint: str = ""
    hint_en: str = ""
    label_hant: str = ""

    def called(self, language: str) -> str:
        """The label in ``zh``, ``hant`` (繁體) or ``en``."""
        return _called(self, language)


def _called(named: Option | Item, language: str) -> str:
    if language == "en":
        return named.label_en
    return (named.label_hant if language == "hant" else "") or named.label


class _Patterns(dict[str, re.Pattern[str]]):
    """Patterns by variant, each made when it is first asked for: a hundred peers' variants need half a second."""

    def __init__(self, write: Callable[[str], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, variant: str) -> re.Pattern[str]:
        self[variant] = re.compile(self._write(variant), re.DOTALL)
        return self[variant]


@dataclass(frozen=True)
class Form:
    """A questionnaire version: items in order, scales, and which variants carry which items.

    ``items`` have a place in ``answers``, ``extras`` live in ``more``; ``listing`` is all of them as they are asked.
    """

    id: str
    version: int
    items: tuple[Item, ...]
    scales: Mapping[str, tuple[Option, ...]]
    variants: Mapping[str, frozenset[str] | None]
    blank_allowed: bool
    extras: tuple[Item, ...] = ()
    listing: tuple[Item, ...] = ()
    shuffle: bool = True

    @cached_property
    def place(self) -> dict[str, int]:
        """Item key → its place in ``answers``."""
        return {item.key: number for number, item in enumerate(self.items)}

    @cached_property
    def extra(self) -> dict[str, Item]:
        """Item key → item, of those that live in ``more``."""
        return {item.key: item for item in self.extras}

    @cached_property
    def units(self) -> tuple[int, ...]:
        """Places of the items that rate a unit."""
        return tuple(number for number, item in enumerate(self.items) if item.kind == UNIT)

    @cached_property
    def asked(self) -> tuple[Item, ...]:
        """Everything but the background."""
        return tuple(item for item in self.listing if item.kind != BACKGROUND)

    @cached_property
    def unit_scale(self) -> tuple[Option, ...]:
        """The options that units are rated on: of several scales each code once, as it means the same in all."""
        scales = dict.fromkeys(self.items[place].scale for place in self.units)
        return tuple({option.code: option for name in scales for option in self.scales[name]}.values())

    @cached_property
    def allowed(self) -> tuple[frozenset[str], ...]:
        """For each place the codes a person may send, blank included."""
        return tuple(frozenset({option.code for option in self.scales[item.scale]} | {BLANK}) for item in self.items)

    @cached_property
    def room(self) -> int:
        """Bytes that the fullest ``more`` can take: every sheet is made as long, so that its length tells nothing."""
        return sum(_room(item, self.scales.get(item.scale, ())) for item in self.extras)

    @cached_property
    def most_fields(self) -> int:
        """How many fields of a form a sheet can have at most."""
        return len(self.items) + sum(len(self.scales.get(item.scale, ())) or 1 for item in self.extras)

    def is_required(self, item: Item) -> bool:
        """Whether an item must be answered where a sheet carries it."""
        if item.required is not None:
            return item.required
        return item.kind in COUNTING and not self.blank_allowed

    def judged(self, variant: str) -> tuple[int, ...]:
        """Places of a variant of which one must be answered: its units and aspects, or else its other questions."""
        return self._judged([number for number, carried in enumerate(self.carried(variant)) if carried])

    @cached_property
    def judged_anywhere(self) -> tuple[int, ...]:
        """The same of the whole questionnaire."""
        return self._judged(range(len(self.items)))

    def _judged(self, places: Iterable[int]) -> tuple[int, ...]:
        here = [(number, self.items[number].kind) for number in places]
        judging = tuple(number for number, kind in here if kind in JUDGING)
        return judging or tuple(number for number, kind in here if kind in COUNTING)

    @cached_property
    def accepted(self) -> dict[str, re.Pattern[str]]:
        """For each variant what ``answers`` a person may send, as one pattern: quick, and without reasons.

        A sheet that has nothing but ``more`` fits none.
        """
        return _Patterns(self._pattern)

    def _pattern(self, variant: str) -> str:
        judged = frozenset(self.judged(variant))
        if not judged:
            return "(?!)"
        nothing_judged = "".join(BLANK if number in judged else "." for number in range(len(self.items)))
        places = []
        for item, carried, codes in zip(self.items, self.carried(variant), self.allowed, strict=True):
            fit = codes if carried else frozenset({BLANK})
            places.append(fit - {BLANK} if carried and self.is_required(item) else fit)
        classes = "".join(f"[{''.join(re.escape(code) for code in sorted(codes))}]" for codes in places)
        return f"(?!{nothing_judged}$){classes}"

    @cached_property
    def open_variant(self) -> str | None:
        """The variant that the open QR (开放扫码) shows: everything, or the only one; None: it has none to show."""
        if EVERYTHING in self.variants:
            return EVERYTHING
        return next(iter(self.variants)) if len(self.variants) == 1 else None

    def carries(self, variant: str, item: Item) -> bool:
        """Whether the variant carries the item."""
        keys = self.variants[variant]
        return keys is None or item.key in keys

    def carried(self, variant: str) -> tuple[bool, ...]:
        """For each place whether the variant carries the item."""
        return tuple(self.carries(variant, item) for item in self.items)


def _room(item: Item, scale: Sequence[Option]) -> int:
    if item.kind == TEXT:
        return len(item.key) + _AROUND + _BYTES * item.most
    longest = sorted((len(option.code.encode()) for option in scale), reverse=True)[: item.most]
    return len(item.key) + _AROUND + sum(length + len('"",') for length in longest)


def read_form(questionnaire_id: str, version: int, doc: Mapping[str, Any]) -> Form:
    """The form that a stored document describes."""
    scales = {name: tuple(_option(option) for option in scale["options"]) for name, scale in doc["scales"].items()}
    listing = tuple(_item(item, scales) for item in doc["items"])
    return Form(
        id=questionnaire_id,
        version=version,
        items=tuple(item for item in listing if item.kind in PLACED),
        scales=scales,
        variants={name: None if keys is None else frozenset(keys) for name, keys in doc["variants"].items()},
        blank_allowed=bool(doc["blank_allowed"]),
        extras=tuple(item for item in listing if item.kind not in PLACED),
        listing=listing,
        shuffle=bool(doc.get("shuffle", True)),
    )


def _item(item: Mapping[str, Any], scales: Mapping[str, Sequence[Option]]) -> Item:
    label, hint, kind = item["label"], item.get("hint") or {}, item["kind"]
    scale = item.get("scale") or ""
    most = item.get("max")
    if most is None:
        most = LONGEST_TEXT if kind == TEXT else len(scales[scale]) if kind in CHOSEN else 0
    return Item(
        item["key"],
        kind,
        scale,
        label["zh"],
        label.get("en") or label["zh"],
        item["group"],
        unit=item.get("unit") or "",
        aspect=item.get("aspect") or "",
        required=item.get("required"),
        most=int(most),
        hint=hint.get("zh") or "",
        hint_en=hint.get("en") or hint.get("zh") or "",
        label_hant=label.get("zh-Hant") or "",
    )


def _option(option: Mapping[str, Any]) -> Option:
    zh = option["label"]["zh"]
    en = option["label"].get("en") or zh
    return Option(
        option["code"],
        zh,
        en,
        option.get("score"),
        bool(option.get("satisfied")),
        group=option.get("group") or "",
        label_hant=option["label"].get("zh-Hant") or "",
    )


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
