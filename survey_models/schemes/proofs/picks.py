"""Who gets what (等次与奖惩): bands in order, quotas within the units, consequences that can happen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from survey_models.schemes.proofs.names import cycles
from survey_models.schemes.proofs.outline import (
    Document,
    Node,
    highest,
    items,
    number,
    parts,
    rule_lists,
    stated,
    table,
    words,
)
from survey_models.schemes.reading import Path

_WAYS = ("first", "last", "first_percent", "grade", "lost", "consecutive", "listed")
_GRADE_WAYS = ("first", "share", "least")
_BY_PLACE = ("first", "last", "first_percent")
_CHAIN = frozenset({"satisfied", "draw"})
_HUNDRED = Decimal(100)


def prove(doc: Document) -> None:
    """Ranking, grades, consequences."""
    _ranking(doc)
    _grades(doc)
    nodes = items(doc.data, "consequences", ())
    for path, one in nodes:
        _consequence(path, one, doc)
    cycles(nodes, lambda one: [one.get("after")], "after", doc)
    cycles(nodes, lambda one: [table(one.get("consecutive")).get("of")], "consecutive", doc)
    cycles(nodes, lambda one: words(one.get("bars")), "bars", doc)
    _after_sums(nodes, doc)
    _rights(nodes, doc)


def _ranking(doc: Document) -> None:
    ranking = table(doc.data.get("ranking"))
    chain = words(ranking.get("chain")) or ["satisfied", "draw"]
    known = {part.get("id") for _, part in parts(doc.data)} | _CHAIN
    for at, name in enumerate(chain):
        path: Path = ("ranking", "chain", at)
        if name not in known:
            doc.faults.add(path, "chain_unknown", name=name)
        if name in chain[:at]:
            doc.faults.add(path, "duplicate", name=name)
        if "draw" in chain[:at]:
            doc.faults.add(path, "chain_after_draw", name=name)
    if ranking.get("ties") == "no_tie" and "draw" not in chain:
        doc.faults.add(("ranking", "chain"), "chain_no_draw")


def _grades(doc: Document) -> None:
    nodes = items(doc.data, "grades", ())
    for path, grade in nodes:
        ways = [way for way in _GRADE_WAYS if grade.get(way) is not None]
        if len(ways) != 1:
            doc.faults.add(path, "grade_ways")
        if (grade.get("first") is not None or grade.get("share") is not None) and not doc.data.get("ranking"):
            doc.faults.add(path, "ranking_missing")
        _first((*path, "first"), grade.get("first"), doc)
        _share((*path, "share"), grade.get("share"), doc)
    for some in _by_condition(nodes):
        _bands(some, doc)
        shares = [number(grade["share"]) for _, grade in some if grade.get("share") is not None]
        if sum((share for share in shares if share is not None), Decimal(0)) > _HUNDRED:
            doc.faults.add((*some[-1][0],), "grades_sum")
        _grade_sums(some, doc)


def _by_condition(nodes: list[Node]) -> list[list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in nodes:
        found.setdefault(str(node[1].get("when")), []).append(node)
    return list(found.values())


def _bands(nodes: list[Node], doc: Document) -> None:
    """Lower limits fall from grade to grade, the highest can be reached, the last takes everybody."""
    above: Decimal | None = None
    most = highest(doc.data)
    for path, grade in nodes:
        least = number(grade["least"]) if grade.get("least") is not None else None
        if above is not None and above <= 0:
            doc.faults.add(path, "grade_unreachable", name=grade.get("id"))
        elif least is not None and above is not None and least == above:
            doc.faults.add((*path, "least"), "bands_overlap", least=least)
        elif least is not None and above is not None and least > above:
            doc.faults.add((*path, "least"), "bands_order", least=least, above=above)
        if least is not None and most is not None and least > most:
            doc.faults.add((*path, "least"), "grade_unreachable", name=grade.get("id"))
        above = least if least is not None else above
    if above is not None and above > 0:
        doc.faults.add((*nodes[-1][0], "least"), "bands_gap", least=above)


def _grade_sums(nodes: list[Node], doc: Document) -> None:
    for category, units in stated(doc.data).items():
        wanted = 0
        for path, grade in nodes:
            wanted += _places(grade.get("first"), category)
            if (
                units
                and grade.get("first") is not None
                and wanted > units >= wanted - _places(grade["first"], category)
            ):
                doc.faults.add((*path, "first"), "quota_sum", category=category, wanted=wanted, units=units)


def _places(first: Any, category: str) -> int:
    value = first.get(category, 0) if isinstance(first, dict) else first
    found = number(value) if value is not None else None
    return int(found) if found is not None else 0


def _first(path: Path, first: Any, doc: Document) -> None:
    """A number of places: at least one, no more than there are units, in categories that there are."""
    units = stated(doc.data)
    for category, places in first.items() if isinstance(first, dict) else [("", first)]:
        at = (*path, category) if category else path
        if category and category not in units:
            doc.faults.add(at, "category_unknown", name=category)
            continue
        found = number(places) if places is not None else None
        most = units.get(category, 0) if category else sum(units.values())
        if found is not None and found <= 0:
            doc.faults.add(at, "negative", value=found)
        elif found is not None and most and all(units.values()) and found > most:
            doc.faults.add(at, "quota_above", wanted=found, units=most, category=category or "—")


def _share(path: Path, share: Any, doc: Document) -> None:
    found = number(share) if share is not None else None
    if found is not None and not 0 < found <= _HUNDRED:
        doc.faults.add(path, "percent", value=found)


def _consequence(path: Path, one: dict[str, Any], doc: Document) -> None:
    ways = [way for way in _WAYS if one.get(way) is not None] + (["failed"] if one.get("failed") else [])
    if len(ways) != 1:
        doc.faults.add(path, "consequence_ways")
    if any(way in _BY_PLACE for way in ways) and not doc.data.get("ranking"):
        doc.faults.add(path, "ranking_missing")
    if one.get("failed") and not doc.data.get("passes"):
        doc.faults.add((*path, "failed"), "pass_missing")
    _first((*path, "first"), one.get("first"), doc)
    _first((*path, "last"), one.get("last"), doc)
    _share((*path, "first_percent"), one.get("first_percent"), doc)
    cadence = table(doc.data.get("cadence"))
    if one.get("at") == "year" and cadence.get("year", "none") == "none" and cadence.get("each") != "year":
        doc.faults.add((*path, "at"), "year_never")
    _references(path, one, doc)


def _references(path: Path, one: dict[str, Any], doc: Document) -> None:
    consequences = {other.get("id"): other for _, other in items(doc.data, "consequences", ())}
    named = [("after", one.get("after"), path)]
    named += [("consecutive", table(one.get("consecutive")).get("of"), (*path, "consecutive"))]
    named += [("bars", name, path) for name in words(one.get("bars"))]
    for key, name, at in named:
        if isinstance(name, str) and name not in consequences:
            doc.faults.add((*at, "of" if key == "consecutive" else key), "consequence_unknown", name=name)
    before = consequences.get(table(one.get("consecutive")).get("of"))
    if before is not None and before.get("at", "round") != one.get("at", "round"):
        doc.faults.add((*path, "consecutive"), "consecutive_at", name=before.get("id"))
    grades = {grade.get("id") for _, grade in items(doc.data, "grades", ())}
    if isinstance(one.get("grade"), str) and one["grade"] not in grades:
        doc.faults.add((*path, "grade"), "grade_unknown", name=one["grade"])


def _after_sums(nodes: list[Node], doc: Document) -> None:
    """A first and a second prize together take no more than all units, in numbers and in percent."""
    by_id = {one.get("id"): one for _, one in nodes}
    for path, one in nodes:
        chain, at = [one], by_id.get(one.get("after"))
        while at is not None and at not in chain:
            chain.append(at)
            at = by_id.get(at.get("after"))
        if len(chain) == 1:
            continue
        percents = [number(link["first_percent"]) for link in chain if link.get("first_percent") is not None]
        if sum((share for share in percents if share is not None), Decimal(0)) > _HUNDRED:
            doc.faults.add((*path, "first_percent"), "grades_sum")
        for category, units in stated(doc.data).items():
            wanted = sum(_places(link.get("first"), category) for link in chain)
            own = _places(one.get("first"), category)
            if units and wanted > units >= own:
                doc.faults.add((*path, "first"), "quota_sum", category=category, wanted=wanted, units=units)


def _rights(nodes: list[Node], doc: Document) -> None:
    """A right that a case costs is taken by a consequence, and a consequence waits for a case that can happen."""
    rules = [(path, rule) for _, some in rule_lists(doc.data) for path, rule in some if rule.get("lost")]
    taken = {one.get("lost") for _, one in nodes if one.get("lost")}
    lost = {rule["lost"] for _, rule in rules}
    for path, rule in rules:
        if rule["lost"] not in taken:
            doc.faults.add((*path, "lost"), "right_unused", name=rule["lost"])
    for path, one in nodes:
        if one.get("lost") and one["lost"] not in lost:
            doc.faults.add((*path, "lost"), "right_unknown", name=one["lost"])
