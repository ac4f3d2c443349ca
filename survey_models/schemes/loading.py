"""Reading a scheme (读取评分办法): YAML in, a proved document with its digest out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.schemes.added import Additions, AreaAdded
from survey_models.schemes.language import Scheme
from survey_models.schemes.proving import examine
from survey_models.schemes.shelf import policy_text, preset, presets, unit_list


@dataclass(frozen=True)
class Loaded:
    """A proved scheme. ``digest``: hex SHA-256 of its canonical form, the settings in force included.

    ``added``: who may add units by the document, whether or not the scheme as it is in force says so.
    """

    scheme: Scheme
    digest: str
    settings: Mapping[str, Any]
    added: Additions | None = None


def read(text: str, *, settings: Mapping[str, Any] | None = None, lacking: str | None = None) -> Loaded:
    """The scheme of a YAML text with the settings in force. Raises ``scheme_faulty`` with all its faults.

    ``lacking``: units are added to those of the document (增加的评议对象), with this rule for lines that a county's
    unit has no data on; None: none are, and what the document says of them is not in force: the scheme is the same as
    if it did not speak of them.
    """
    return _read(text, tuple(sorted((settings or {}).items())), lacking)


@lru_cache(maxsize=64)
def _read(text: str, settings: tuple[tuple[str, Any], ...], lacking: str | None) -> Loaded:
    scheme, faults = examine(text, settings=dict(settings))
    if scheme is None or faults:
        first = f"{faults[0].line} {faults[0].where}".strip() if faults else "1"
        raise Problem("scheme_faulty", count=len(faults), first=first, faults=[one.as_dict() for one in faults])
    added = scheme.units.added
    scheme = scheme.model_copy(update={"units": scheme.units.model_copy(update={"added": _in_force(added, lacking)})})
    return Loaded(scheme, digest_of(scheme), {name: one.value for name, one in scheme.settings.items()}, added)


def _in_force(added: Additions | None, lacking: str | None) -> Additions | None:
    if added is None or lacking is None:
        return None
    areas = AreaAdded.model_validate({**added.areas.model_dump(), "lacking": lacking})
    return added.model_copy(update={"areas": areas})


def document(scheme: Scheme) -> dict[str, Any]:
    """The canonical form (规范形式): what the document says, without defaults, amounts as text without idle zeros.

    It is JSON; `scheme_of` makes the same scheme of it.
    """
    found: dict[str, Any] = _canonical(scheme.model_dump(exclude_defaults=True))
    return found


def digest_of(scheme: Scheme) -> str:
    """The hex SHA-256 that is printed on every result."""
    return digest(document(scheme))


def scheme_of(doc: Mapping[str, Any]) -> Scheme:
    """The scheme of a canonical form."""
    return Scheme.model_validate(dict(doc))


def units_of(scheme: Scheme) -> list[dict[str, str]]:
    """The rows of the list that comes with a preset; none where the office brings its own."""
    return [dict(row) for row in unit_list(scheme.units.file)] if scheme.units.file else []


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    return [_canonical(item) for item in value] if isinstance(value, list | tuple) else value


__all__ = [
    "Loaded",
    "digest_of",
    "document",
    "policy_text",
    "preset",
    "presets",
    "read",
    "scheme_of",
    "unit_list",
    "units_of",
]
