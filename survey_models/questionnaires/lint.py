"""The linter of questionnaires (问卷检查): what is wrong with a document, every fault at once and each in words.

A fault keeps a questionnaire from being stored; a warning is for whoever makes it. What each rule asks, and why, is in
docs/questionnaires.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from survey_models.core.errors import Problem
from survey_models.questionnaires import scale_lint, shape_lint
from survey_models.questionnaires.findings import FAULTS, WARNINGS, Finding
from survey_models.questionnaires.nearness import shared_ends
from survey_models.questionnaires.rules import (
    ASPECT,
    AWARENESS,
    BACKGROUND,
    CHOSEN,
    JUDGING,
    LONGEST_TEXT,
    TEXT,
    UNIT,
    Form,
    Item,
    read_form,
)
from survey_models.questionnaires.wording import bare, leading_word

MOST_BACKGROUND, MOST_VALUES = 3, 6


@dataclass(frozen=True)
class Report:
    """What was found: faults, and warnings."""

    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def lint(doc: Mapping[str, Any]) -> Report:
    """Look at a whole document. One that cannot be read as a questionnaire at all is told only why not."""
    found = list(shape_lint.look(doc))
    if not found:
        form = read_form("", 0, doc)
        found = [*_items(form), *scale_lint.look(form), *_words(form, doc), *_variants(form), *_near_names(form)]
    return Report(
        tuple(one for one in found if one.rule in FAULTS), tuple(one for one in found if one.rule in WARNINGS)
    )


def refuse_faulty(doc: Mapping[str, Any]) -> None:
    """Raise ``questionnaire_faulty`` with all faults."""
    faults = lint(doc).faults
    if faults:
        listed = [one.as_dict() for one in faults]
        raise Problem("questionnaire_faulty", count=len(faults), first=faults[0].where, faults=listed)


def _items(form: Form) -> Iterator[Finding]:
    keys: set[str] = set()
    units: dict[str, str] = {}
    sections: list[str] = []
    for item in form.listing:
        if item.key in keys:
            yield Finding("key_repeated", item.key)
        keys.add(item.key)
        if item.kind == UNIT and units.setdefault(bare(item.label), item.key) != item.key:
            yield Finding("name_repeated", item.key, label=item.label)
        if item.group in sections and sections[-1] != item.group:
            yield Finding("section_split", item.key, group=item.group)
        if not sections or sections[-1] != item.group:
            sections.append(item.group)
        yield from _one(form, item)
    if not form.asked:
        yield Finding("nothing_asked", "items")
    background = [item for item in form.listing if item.kind == BACKGROUND]
    if len(background) > MOST_BACKGROUND:
        yield Finding("background_many", "items", most=MOST_BACKGROUND)


def _one(form: Form, item: Item) -> Iterator[Finding]:
    scale = form.scales.get(item.scale, ())
    if item.kind == ASPECT and not (item.unit and item.aspect):
        yield Finding("aspect_of_nothing", item.key)
    if item.kind == TEXT and item.required:
        yield Finding("text_required", item.key)
    if item.kind == TEXT and not 1 <= item.most <= LONGEST_TEXT:
        yield Finding("max_unfit", item.key, most=LONGEST_TEXT)
    if item.kind in CHOSEN and not 1 <= item.most <= len(scale):
        yield Finding("max_unfit", item.key, most=len(scale))
    if item.kind == BACKGROUND and len(scale) > MOST_VALUES:
        yield Finding("background_fine", item.key, most=MOST_VALUES)
    if item.kind == BACKGROUND and item.required:
        yield Finding("background_required", item.key)
    if item.kind in JUDGING and not form.blank_allowed and all(option.score is not None for option in scale):
        yield Finding("no_way_out", item.key)
    if item.kind == AWARENESS and len({option.satisfied for option in scale}) < len((True, False)):
        yield Finding("awareness_one_sided", item.key)


def _words(form: Form, doc: Mapping[str, Any]) -> Iterator[Finding]:
    said = [("title", doc["title"]["zh"])]
    for item in form.listing:
        if item.kind != UNIT:
            said += [(item.key, item.label), (item.key, item.hint)]
    for where, text in said:
        if word := leading_word(text):
            yield Finding("leading_word", where, word=word)
    for item in form.extras:
        if item.kind == TEXT and not item.hint:
            yield Finding("text_without_hint", item.key)


def _variants(form: Form) -> Iterator[Finding]:
    known = {item.key for item in form.listing}
    asked = {item.key for item in form.asked}
    if not form.variants:
        yield Finding("variant_empty", "variants")
    for name, keys in form.variants.items():
        if keys is None:
            continue
        if unknown := sorted(keys - known):
            yield Finding("variant_unknown", name, items="、".join(unknown[:3]))
        if not keys & asked:
            yield Finding("variant_empty", name)


def _near_names(form: Form) -> Iterator[Finding]:
    """Near names that do not stand together: people tell them apart only side by side."""
    units = [form.items[place] for place in form.units]
    near = {(a, b) for a, b in combinations(range(len(units)), 2) if shared_ends(units[a].label, units[b].label)}
    for left, right in sorted(near):
        between = range(left + 1, right)
        together = all((left, one) in near or (one, right) in near for one in between)
        if units[left].group != units[right].group or not together:
            yield Finding("near_names_apart", units[right].key, left=units[left].label, right=units[right].label)
