"""Where things stand in a document (文档结构): parts, rules, sources and lines with a citation, with their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from survey_models.schemes.faults import Faults
from survey_models.schemes.reading import Path
from survey_models.schemes.words import exact

Node = tuple[Path, dict[str, Any]]
OFFICE_SOURCES = frozenset({"marks", "decay", "tiers"})


# What names something: a list or a mapping in its place is a fault of shape, and no name.
_NAMES = frozenset(
    {"after", "at", "campaign", "each", "file", "flag", "grade", "id", "kind", "listed", "lost", "map", "of", "office"}
    | {"per", "rounding", "scheme", "text", "ties", "unit", "variant", "year"}
)


def named(value: Any) -> Any:
    """A copy in which every name is a single value, so that names can be compared."""
    if isinstance(value, dict):
        held = {key: None if key in _NAMES and isinstance(one, dict | list) else one for key, one in value.items()}
        return {key: named(one) for key, one in held.items()}
    return [named(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Document:
    """A document under proof: resolved data, the settings that were used, and where faults go."""

    data: dict[str, Any]
    used: frozenset[str]
    faults: Faults


def items(holder: Any, key: str, path: Path) -> list[Node]:
    """The mappings of a list, with their paths; what is no mapping is left to the shape."""
    found = table(holder).get(key)
    listed = found if isinstance(found, list) else []
    return [((*path, key, at), one) for at, one in enumerate(listed) if isinstance(one, dict)]


def table(value: Any) -> dict[str, Any]:
    """``value`` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> list[str]:
    """The texts of a list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def number(value: Any) -> Decimal | None:
    """An exact number, or None: its shape is a fault already."""
    try:
        return Decimal(exact(value))
    except ValueError:
        return None


def groups(part: dict[str, Any], path: Path) -> list[tuple[str, Path, list[Node]]]:
    """The ways in which a part is made up of others: (``parts`` or ``mean``, where, children); one for each case."""
    found = [(kind, (*path, kind), items(part, kind, path)) for kind in ("parts", "mean")]
    found += [("parts", (*at, "parts"), items(case, "parts", at)) for at, case in items(part, "choose", path)]
    return [one for one in found if one[2]]


def parts(data: dict[str, Any]) -> list[Node]:
    """Every part from the total down."""
    total = data.get("total")
    return list(_below(total, ("total",))) if isinstance(total, dict) else []


def _below(part: dict[str, Any], path: Path) -> Iterator[Node]:
    yield path, part
    for _, _, children in groups(part, path):
        for at, child in children:
            yield from _below(child, at)


def sources(data: dict[str, Any]) -> list[tuple[Path, dict[str, Any], dict[str, Any]]]:
    """Every source: its path, itself, its part."""
    found = [((*path, "source"), part.get("source"), part) for path, part in parts(data)]
    return [(path, source, part) for path, source, part in found if isinstance(source, dict)]


def adjustments(data: dict[str, Any]) -> list[Node]:
    """Every adjustment, those inside a part as well."""
    inside = [((*path, "adjust"), table(part.get("adjust"))) for path, part in parts(data) if part.get("adjust")]
    return [*items(data, "adjustments", ()), *inside]


def rule_lists(data: dict[str, Any]) -> list[tuple[Path, list[Node]]]:
    """Every list of rules, of sources and of adjustments."""
    lists = [(path, items(source, "rules", path)) for path, source, _ in sources(data)]
    for path, one in adjustments(data):
        lists.append((path, [*items(one, "bonuses", path), *items(one, "penalties", path)]))
    return [one for one in lists if one[1]]


def conditions(data: dict[str, Any]) -> list[Node]:
    """Every ``when``."""
    holders: list[Node] = [*parts(data)]
    for path, part in parts(data):
        holders += items(part, "choose", path)
    for key in ("grades", "consequences", "duties"):
        holders += items(data, key, ())
    holders += [((key,), table(data.get(key))) for key in ("ranking", "passes")]
    return [((*path, "when"), one["when"]) for path, one in holders if isinstance(one.get("when"), dict)]


def cited(data: dict[str, Any]) -> Iterator[Node]:
    """Every line that must rest on a quotation or on a marked silence."""
    yield from parts(data)
    for _, rules in rule_lists(data):
        yield from rules
    yield from adjustments(data)
    for key in ("grades", "consequences", "campaigns", "duties", "organisers", "methods", "draws"):
        yield from items(data, key, ())
    for path, campaign in items(data, "campaigns", ()):
        yield from items(campaign, "key_raters", path)
    for key in ("maps", "settings"):
        yield from (((key, name), one) for name, one in table(data.get(key)).items() if isinstance(one, dict))
    for key in ("units", "cadence", "ranking", "passes", "cap"):
        if isinstance(data.get(key), dict):
            yield (key,), data[key]
    for key, one in table(table(data.get("units")).get("added")).items():
        if isinstance(one, dict):
            yield ("units", "added", key), one


def highest(data: dict[str, Any]) -> Decimal | None:
    """The most that a unit can reach: the total, every bonus, and no more than the cap."""
    most = number(table(data.get("total")).get("points"))
    if most is None:
        return None
    most += sum((number(one.get("high")) or Decimal(0) for _, one in items(data, "adjustments", ())), Decimal(0))
    cap = number(table(data.get("cap")).get("high")) if data.get("cap") else None
    return most if cap is None else min(most, cap)


def stated(data: dict[str, Any]) -> dict[str, int]:
    """The stated number of units by category; 0 where the policy states none."""
    found = table(table(data.get("units")).get("stated"))
    return {name: int(n) for name, n in found.items() if isinstance(n, int | Decimal) and not isinstance(n, bool)}
