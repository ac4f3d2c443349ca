"""A YAML document as plain data with the line of every value (行号), so that each fault can be found by its author.

Only what a policy document needs is understood: text, whole numbers, numbers with a point (exact, never a float),
``true`` and ``false``, lists, mappings, anchors and merges. ``on``, ``no`` and dates stay the words that they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

Path = tuple[str | int, ...]
_WHOLE = re.compile(r"-?\d{1,18}")
_POINT = re.compile(r"-?\d{1,18}\.\d{1,18}")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
LONGEST = 400_000
MOST_VALUES = 60_000
# Deeper than any policy document; far deeper ones would break the parser, and the program with it.
DEEPEST = 40
# Each merge looks at every line that was noted before it.
MOST_MERGES = 200


@dataclass
class Read:
    """A document: ``data``, the line (from 1) of each path, and what was wrong: (line, path, code, params)."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    wrong: list[tuple[int, Path, str, dict[str, object]]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> Read:
    """Read a document. Never raises: what is wrong stands in ``wrong``."""
    found = Read()
    if len(text) > LONGEST:
        found.wrong.append((1, (), "too_large", {"limit": LONGEST}))
        return found
    try:
        if line := _too_deep(text):
            found.wrong.append((line, (), "too_deep", {"limit": DEEPEST}))
            return found
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or str(error)
        found.wrong.append((mark.line + 1 if mark else 1, (), "yaml", {"said": said}))
        return found
    found.data = _Reading(found).value(node, ()) if node is not None else None
    if not isinstance(found.data, dict) and not found.wrong:
        found.wrong.append((1, (), "not_a_document", {}))
    return found


def _too_deep(text: str) -> int | None:
    """The line on which nesting goes too deep; None where it does not. Read event by event, without recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return int(event.start_mark.line) + 1
    return None


class _Reading:
    """Nodes to values, noting lines; a node inside itself (循环引用) ends there."""

    def __init__(self, found: Read) -> None:
        self.found = found
        self.inside: set[int] = set()
        self.values = 0
        self.merges = 0

    def value(self, node: Any, path: Path) -> Any:
        self.found.lines.setdefault(path, node.start_mark.line + 1)
        self.values += 1
        if id(node) in self.inside:
            return self.wrong(node, path, "cyclic")
        if self.values > MOST_VALUES:
            return self.wrong(node, (), "too_large", limit=MOST_VALUES) if self.values == MOST_VALUES + 1 else None
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if len(self.inside) >= DEEPEST:
            # By anchors: each inside the next.
            return self.wrong(node, path, "too_deep", limit=DEEPEST)
        self.inside.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self.mapping(node, path)
        finally:
            self.inside.discard(id(node))

    def wrong(self, node: Any, path: Path, code: str, **params: object) -> None:
        self.found.wrong.append((node.start_mark.line + 1, path, code, params))

    def scalar(self, node: Any, path: Path) -> Any:
        if node.tag and not node.tag.endswith(":str"):
            return self.wrong(node, path, "tag", tag=node.tag)
        text = node.value
        if node.style:
            return text
        if _WHOLE.fullmatch(text):
            return int(text)
        return Decimal(text) if _POINT.fullmatch(text) else _WORDS.get(text, text)

    def mapping(self, node: Any, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        pairs = [pair for pair in node.value if pair[0].value != "<<" or pair[0].style]
        for key, value in pairs:
            self.entry(own, key, value, path)
        for key, value in node.value:
            if key.value == "<<" and not key.style:
                self.merge(merged, own, value, path)
        return {**merged, **own}

    def entry(self, own: dict[str, Any], key: Any, value: Any, path: Path) -> None:
        if not isinstance(key, yaml.ScalarNode):
            self.wrong(key, path, "key")
        elif key.value in own:
            self.wrong(key, (*path, key.value), "duplicate_key", key=key.value)
        elif not key.style and key.value.isdigit() and isinstance(value, yaml.ScalarNode) and not value.value:
            self.wrong(key, path, "decimal_comma", text=f"…,{key.value}")  # { share: 0,07 }
        else:
            self.found.lines[(*path, key.value)] = key.start_mark.line + 1
            own[key.value] = self.value(value, (*path, key.value))

    def merge(self, merged: dict[str, Any], own: dict[str, Any], value: Any, path: Path) -> None:
        for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(one, yaml.MappingNode):
                self.wrong(one, path, "merge")
                continue
            if id(one) in self.inside:
                self.wrong(one, path, "cyclic")
                continue
            self.merges += 1
            if self.merges > MOST_MERGES:
                if self.merges == MOST_MERGES + 1:
                    self.wrong(one, path, "too_large", limit=MOST_MERGES)
                return
            kept = dict(self.found.lines)
            taken = self.value(one, path)
            if taken is None:
                return
            self.found.lines.update({at: line for at, line in kept.items() if at == path or _under(at, path, own)})
            merged.update({name: item for name, item in taken.items() if name not in merged})


def _under(at: Path, path: Path, own: dict[str, Any]) -> bool:
    return len(at) > len(path) and at[: len(path)] == path and at[len(path)] in own


def steps(data: Any, path: Path) -> str:
    """A path as its author would say it: list items by their id, else by number from 1."""
    words: list[str] = []
    for step in path:
        data = inside(data, step)
        if isinstance(step, int):
            name = data.get("id", data.get("campaign", data.get("unit"))) if isinstance(data, dict) else None
            words.append(str(name) if isinstance(name, str) else str(step + 1))
        else:
            words.append(step)
    return ".".join(words)


def inside(data: Any, step: str | int) -> Any:
    """What stands at one step of a path; None where there is nothing."""
    if isinstance(data, dict):
        return data.get(step)
    return data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
