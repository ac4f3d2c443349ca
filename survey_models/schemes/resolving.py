"""``{setting: name}`` (办公室自定的数值): the value that the office set stands in its place."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Rational, Real
from typing import Any

from survey_models.schemes.faults import Faults
from survey_models.schemes.reading import Path
from survey_models.schemes.words import plain

_KEY = "setting"


def in_force(data: Any, given: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    """The value of each setting: as given, else as the document has it. Notes names that the document lacks."""
    settings = data.get("settings") if isinstance(data, dict) else None
    found: dict[str, Any] = {}
    for name, body in (settings if isinstance(settings, dict) else {}).items():
        value = given.get(name, body.get("value") if isinstance(body, dict) else None)
        if isinstance(value, Real) and not isinstance(value, Rational):
            faults.add(("settings", name), "float", text=value)
        found[name] = plain(value)
    for name in given:
        if name not in found:
            faults.add(("settings",), "setting_unknown", name=name)
    return found


def resolved(data: Any, values: Mapping[str, Any], faults: Faults) -> tuple[Any, set[str]]:
    """The document with every setting in its place, and the names that were used."""
    used: set[str] = set()

    def walk(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            if set(value) == {_KEY} and isinstance(value[_KEY], str):
                return take(value[_KEY], path)
            return {key: walk(item, (*path, key)) for key, item in value.items()}
        return [walk(item, (*path, index)) for index, item in enumerate(value)] if isinstance(value, list) else value

    def take(name: str, path: Path) -> Any:
        used.add(name)
        if name not in values:
            faults.add(path, "setting_unknown", name=name)
        return values.get(name)

    if not isinstance(data, dict):
        return data, used
    whole = {key: value if key == "settings" else walk(value, (key,)) for key, value in data.items()}
    if isinstance(data.get("settings"), dict):
        whole["settings"] = {
            name: {**body, "value": values.get(name)} if isinstance(body, dict) else body
            for name, body in data["settings"].items()
        }
    return whole, used
