"""Points (分值): they add up on every level, nothing is negative, every option counts as it must."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

from survey_models.schemes.proofs.outline import (
    OFFICE_SOURCES,
    Document,
    Node,
    adjustments,
    groups,
    highest,
    items,
    number,
    parts,
    rule_lists,
    sources,
    stated,
    table,
)
from survey_models.schemes.reading import Path

_HUNDRED = Decimal(100)
_WAYS = ("parts", "mean", "choose", "source")
_COMMA = re.compile(r"-?\d+[,，]\d+")
_PROSE = frozenset({"zh", "en", "policy"})
# Options from the best to the worst, as the scales of questionnaires have them.
_SCALES = (("非常满意", "满意", "基本满意", "不满意", "非常不满意"), ("满意", "基本满意", "不满意"), ("知道", "不知道"))
_NOT_JUDGING = frozenset({"不了解", "不清楚", "说不清", "弃权"})


def prove(doc: Document) -> None:
    """Parts, sources, rules, adjustments, maps, the cap and the pass."""
    _commas((), doc.data, doc)
    for node in parts(doc.data):
        _part(node, doc)
    for path, source, part in sources(doc.data):
        _source(path, source, part, doc)
    for _, rules in rule_lists(doc.data):
        for path, rule in rules:
            _rule(path, rule, doc)
    for path, one in adjustments(doc.data):
        _adjustment(path, one, doc)
    for name, body in table(doc.data.get("maps")).items():
        _map(("maps", name, "options"), table(table(body).get("options")), doc)
    _ends(doc)


def _commas(path: Path, value: Any, doc: Document) -> None:
    """A decimal comma anywhere, even where the shape around it is so broken that nobody looks inside."""
    if isinstance(value, str):
        if _COMMA.fullmatch(value) and path[-1] not in _PROSE:
            doc.faults.add(path, "decimal_comma", text=value)
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in pairs:
        _commas((*path, step), inner, doc)


def _least(path: Path, value: Any, doc: Document, least: Decimal = Decimal(0), *, above: bool = False) -> None:
    """Note a number below ``least``, or not above it."""
    found = number(value)
    if found is not None and (found < least or (above and found == least)):
        doc.faults.add(path, "negative", value=found)


def _percent(path: Path, value: Any, doc: Document) -> None:
    found = number(value)
    if found is not None and not 0 <= found <= _HUNDRED:
        doc.faults.add(path, "percent", value=found)


def _hundred(path: Path, nodes: list[Node], code: str, doc: Document) -> None:
    shares = [number(one.get("share")) for _, one in nodes]
    for at, one in nodes:
        _percent((*at, "share"), one.get("share"), doc)
    known = [share for share in shares if share is not None]
    if nodes and len(known) == len(shares) and sum(known) != _HUNDRED:
        doc.faults.add(path, code, found=sum(known))


def _part(node: Node, doc: Document) -> None:
    path, part = node
    if sum(bool(part.get(way)) for way in _WAYS) != 1:
        doc.faults.add(path, "ways")
    _least((*path, "points"), part.get("points"), doc, above=path == ("total",))
    _least((*path, "factor"), part.get("factor", 1), doc, above=True)
    _choice(items(part, "choose", path), doc)
    most = number(part.get("points"))
    for kind, at, children in groups(part, path):
        reached = [_reached(child) for _, child in children]
        known = [one for one in reached if one is not None]
        if most is None or len(known) != len(reached):
            continue
        if kind == "parts" and sum(known) != most:
            doc.faults.add(at, "points_sum", found=sum(known), most=most)
        if kind == "mean":
            for (child_at, _), one in zip(children, known, strict=True):
                if one != most:
                    doc.faults.add((*child_at, "points"), "points_mean", found=one, most=most)


def _choice(cases: list[Node], doc: Document) -> None:
    """The last case takes all units that are left, and no case stands behind it."""
    for at, (path, case) in enumerate(cases):
        if at + 1 < len(cases) and case.get("when") is None:
            doc.faults.add(cases[at + 1][0], "choose_order")
        if at + 1 == len(cases) and case.get("when") is not None:
            doc.faults.add((*path, "when"), "choose_open")


def _reached(child: dict[str, Any]) -> Decimal | None:
    points, factor = number(child.get("points")), number(child.get("factor", 1))
    return None if points is None or factor is None else points * factor


def _source(path: Path, source: dict[str, Any], part: dict[str, Any], doc: Document) -> None:
    kind, most = source.get("kind"), number(part.get("points"))
    if kind in OFFICE_SOURCES and isinstance(source.get("office"), str) and not source["office"].strip():
        doc.faults.add((*path, "office"), "office_missing")
    if kind == "survey":
        _hundred((*path, "campaigns"), items(source, "campaigns", path), "shares_sum", doc)
    elif kind == "marks":
        _least((*path, "scale"), source.get("scale"), doc, above=most != 0)
    elif kind == "cases":
        _cases(path, source, most, doc)
    elif kind == "decay":
        _percent((*path, "step"), source.get("step"), doc)
        _floor(path, source, most, doc)
    elif kind == "tiers":
        _tiers(path, items(source, "tiers", path), source, most, doc)


def _cases(path: Path, source: dict[str, Any], most: Decimal | None, doc: Document) -> None:
    start = number(source["start"]) if source.get("start") is not None else most
    if source.get("start") is not None:
        _least((*path, "start"), source["start"], doc, above=True)
    _floor(path, source, start, doc)


def _floor(path: Path, source: dict[str, Any], start: Decimal | None, doc: Document) -> None:
    floor = number(source.get("floor", 0))
    _least((*path, "floor"), source.get("floor", 0), doc)
    if floor is not None and start is not None and floor > start:
        doc.faults.add((*path, "floor"), "floor_above", floor=floor, start=start)


def _tiers(path: Path, tiers: list[Node], source: dict[str, Any], most: Decimal | None, doc: Document) -> None:
    _hundred((*path, "tiers"), tiers, "tiers_sum", doc)
    units = sum(stated(doc.data).values())
    for at, tier in tiers:
        _least((*at, "points"), tier.get("points"), doc)
        share, points = number(tier.get("share")), number(tier.get("points"))
        floored = bool(units) and source.get("rounding") == "floor" and share is not None and share * units < _HUNDRED
        if share == 0 or floored:
            doc.faults.add((*at, "share"), "tier_unreachable")
        if points is not None and most is not None and points > most:
            doc.faults.add((*at, "points"), "tier_above", points=points, most=most)
    for (_, better), (at, worse) in pairwise(tiers):
        first, second = number(better.get("points")), number(worse.get("points"))
        if first is not None and second is not None and second >= first:
            doc.faults.add((*at, "points"), "tiers_order")


def _rule(path: Path, rule: dict[str, Any], doc: Document) -> None:
    points = rule.get("points")
    if isinstance(points, dict):
        low, high = number(points.get("low")), number(points.get("high"))
        _least((*path, "points"), points.get("low"), doc)
        if low is not None and high is not None and low > high:
            doc.faults.add((*path, "points"), "limits_crossed", low=low, high=high)
    for one in points if isinstance(points, list) else [points]:
        _least((*path, "points"), one, doc)
    if points is None and not rule.get("zero") and not rule.get("lost"):
        doc.faults.add(path, "rule_idle")


def _adjustment(path: Path, one: dict[str, Any], doc: Document) -> None:
    low, high = number(one.get("low")), number(one.get("high"))
    if low is not None and high is not None and low > high:
        doc.faults.add((*path, "low"), "limits_crossed", low=low, high=high)
    elif (low is not None and low > 0) or (high is not None and high < 0):
        doc.faults.add((*path, "low"), "clamp", low=low, high=high)
    if not (isinstance(one.get("office"), str) and one["office"].strip()):
        doc.faults.add(path, "office_missing")


def _map(path: Path, options: dict[str, Any], doc: Document) -> None:
    for name, value in options.items():
        if name in _NOT_JUDGING and value is not None:
            doc.faults.add((*path, name), "option_not_judging", option=name)
        found = number(value)
        if found is not None and not 0 <= found <= _HUNDRED:
            doc.faults.add((*path, name), "option_out", option=name, value=found)
    scale = next((scale for scale in _SCALES if scale[0] in options), ())
    for option in scale:
        if option not in options:
            doc.faults.add(path, "option_missing", option=option)
        elif options[option] is None:
            doc.faults.add((*path, option), "option_missing", option=option)
    scored = [(name, number(options[name])) for name in scale if name in options]
    for (_, better), (name, worse) in pairwise(scored):
        if better is not None and worse is not None and worse > better:
            doc.faults.add((*path, name), "option_order", option=name)


def _ends(doc: Document) -> None:
    cap = table(doc.data.get("cap"))
    low, high = number(cap.get("low")), number(cap.get("high"))
    if low is not None and high is not None and low > high:
        doc.faults.add(("cap", "low"), "limits_crossed", low=low, high=high)
    least, most = number(table(doc.data.get("passes")).get("least")), highest(doc.data)
    if least is not None and least < 0:
        doc.faults.add(("passes", "least"), "negative", value=least)
    if least is not None and most is not None and least > most:
        doc.faults.add(("passes", "least"), "pass_above", least=least, most=most)
