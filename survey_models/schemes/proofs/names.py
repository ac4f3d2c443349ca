"""Names (引用): what one line says of another exists, each name stands once, and nothing leads back to itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from survey_models.schemes.language import FLAGS
from survey_models.schemes.proofs.outline import (
    Document,
    Node,
    adjustments,
    conditions,
    groups,
    items,
    parts,
    rule_lists,
    sources,
    stated,
    table,
    words,
)
from survey_models.schemes.reading import Path


def prove(doc: Document) -> None:
    """Duplicate names, unknown names, cycles."""
    _duplicates(doc)
    for _, rules in rule_lists(doc.data):
        for path, rule in rules:
            _known((*path, "after"), rule.get("after"), {one.get("id") for _, one in rules}, "rule_unknown", doc)
        cycles(rules, lambda rule: [rule.get("after")], "after", doc)
    for path, source, _ in sources(doc.data):
        _source(path, source, doc)
    for path, when in conditions(doc.data):
        _condition(path, when, doc)
    _campaigns(doc)
    _duties(doc)
    _draws(doc)


def _duplicates(doc: Document) -> None:
    data = doc.data
    for key in ("grades", "consequences", "campaigns", "duties", "draws"):
        _once([(path, one.get("id")) for path, one in items(data, key, ())], "id", doc)
    _once([(path, one.get("unit")) for path, one in items(data, "organisers", ())], "unit", doc)
    for _, rules in rule_lists(data):
        _once([(path, rule.get("id")) for path, rule in rules], "id", doc)
    lines: dict[str, Path] = {}
    _lines(("total",), table(data.get("total")), lines, doc)
    outside = [(path, one.get("id")) for path, one in adjustments(data)]
    _once([*((path, name) for name, path in lines.items()), *outside], "id", doc)


def _lines(path: Path, part: dict[str, Any], seen: dict[str, Path], doc: Document) -> None:
    """Lines of one unit's tree: two cases of one choice may have the same line, since a unit has but one case."""
    name = part.get("id")
    if isinstance(name, str):
        if name in seen:
            doc.faults.add((*path, "id"), "duplicate", name=name)
        seen.setdefault(name, path)
    before = dict(seen)
    for _, at, children in groups(part, path):
        here = dict(before) if "choose" in at[len(path) :] else seen
        for child_path, child in children:
            _lines(child_path, child, here, doc)
        seen.update({name: where for name, where in here.items() if name not in seen})


def _once(named: Iterable[tuple[Path, Any]], key: str, doc: Document) -> None:
    seen: set[str] = set()
    for path, name in named:
        if isinstance(name, str) and name in seen:
            doc.faults.add((*path, key), "duplicate", name=name)
        elif isinstance(name, str):
            seen.add(name)


def _known(path: Path, name: Any, known: Iterable[Any], code: str, doc: Document) -> None:
    if isinstance(name, str) and name not in set(known):
        doc.faults.add(path, code, name=name)


def cycles(nodes: list[Node], leads: Any, key: str, doc: Document) -> None:
    """Note every node from which ``leads`` comes back to itself."""
    onward: Mapping[Any, list[Any]] = {one.get("id"): leads(one) for _, one in nodes}
    for path, one in nodes:
        seen: set[Any] = set()
        ahead = list(leads(one))
        while ahead:
            name = ahead.pop()
            if name is not None and name not in seen:
                seen.add(name)
                ahead += onward.get(name, [])
        if one.get("id") in seen:
            doc.faults.add((*path, key), "cyclic_after", name=one.get("id"))


def _source(path: Path, source: dict[str, Any], doc: Document) -> None:
    maps = table(doc.data.get("maps"))
    _known((*path, "map"), source.get("map"), maps, "map_unknown", doc)
    if source.get("kind") == "survey":
        known = {one.get("id") for _, one in items(doc.data, "campaigns", ())}
        shares = items(source, "campaigns", path)
        for at, one in shares:
            _known((*at, "campaign"), one.get("campaign"), known, "campaign_unknown", doc)
        _once([(at, one.get("campaign")) for at, one in shares], "campaign", doc)
        aspects = words(source.get("aspects"))
        if len(set(aspects)) < len(aspects):
            doc.faults.add((*path, "aspects"), "duplicate", name=", ".join(aspects))
    if source.get("kind") == "reference" and source.get("scheme") == doc.data.get("scheme"):
        doc.faults.add((*path, "scheme"), "reference_self")


def _draws(doc: Document) -> None:
    """Draws of places: their categories, flags, and the campaigns whose people are met there."""
    known = {one.get("id") for _, one in items(doc.data, "campaigns", ())}
    for path, one in items(doc.data, "draws", ()):
        _flag((*path, "flag"), one.get("flag"), doc)
        for key in ("areas", "fewer_in"):
            for at, category in enumerate(words(one.get(key))):
                _known((*path, key, at), category, stated(doc.data), "category_unknown", doc)
        kinds = items(one, "kinds", path)
        _once([(place, kind.get("id")) for place, kind in kinds], "id", doc)
        for place, kind in kinds:
            for no, name in enumerate(words(kind.get("visits"))):
                _known((*place, "visits", no), name, known, "campaign_unknown", doc)


def _condition(path: Path, when: dict[str, Any], doc: Document) -> None:
    for key in ("flags", "without"):
        for at, flag in enumerate(words(when.get(key))):
            _flag((*path, key, at), flag, doc)
    for at, category in enumerate(words(when.get("categories"))):
        _known((*path, "categories", at), category, stated(doc.data), "category_unknown", doc)


def _flag(path: Path, flag: Any, doc: Document) -> None:
    _known(path, flag, {*FLAGS, *table(doc.data.get("flags"))}, "flag_unknown", doc)


def _campaigns(doc: Document) -> None:
    for path, one in items(doc.data, "campaigns", ()):
        _known((*path, "map"), one.get("map"), table(doc.data.get("maps")), "map_unknown", doc)
        _flag((*path, "flag"), one.get("flag"), doc)
        if one.get("variant") == "flagged" and not one.get("flag"):
            doc.faults.add((*path, "variant"), "flag_missing")
        key_raters = items(one, "key_raters", path)
        for at, raters in key_raters:
            _flag((*at, "flag"), raters.get("flag"), doc)
        _once([(at, raters.get("id")) for at, raters in key_raters], "id", doc)
    for path, one in items(doc.data, "consequences", ()):
        _flag((*path, "listed"), one.get("listed"), doc)


def _duties(doc: Document) -> None:
    rules: dict[Any, set[Any]] = {}
    for path, part in parts(doc.data):
        rules.setdefault(part.get("id"), set()).update(
            rule.get("id") for _, rule in items(part.get("source"), "rules", path)
        )
    for path, one in adjustments(doc.data):
        found = [*items(one, "bonuses", path), *items(one, "penalties", path)]
        rules.setdefault(one.get("id"), set()).update(rule.get("id") for _, rule in found)
    for path, duty in items(doc.data, "duties", ()):
        feeds = words(duty.get("feeds"))
        if len(feeds) != 2:
            continue
        if feeds[0] not in rules:
            doc.faults.add((*path, "feeds"), "part_unknown", name=feeds[0])
        elif feeds[1] not in rules[feeds[0]]:
            doc.faults.add((*path, "feeds"), "rule_unknown", name=feeds[1])
