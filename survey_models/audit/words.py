"""What the ledger names, in words of both languages (台账用语), read from words.toml beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from survey_models.core.clock import local_text

Pair = tuple[str, str]
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:")
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
# What every body repeats stands in columns of its own; the blinding value tells nobody anything.
_ELSEWHERE = frozenset({"event", "log", "blind", "by", "asked_by"})
_LONGEST = 200
_FAMILY = {"kind": "act", "roles": "role", "purpose": "purpose", "state": "state", "door": "door"}


def _load() -> dict[str, dict[str, Pair]]:
    text = files("survey_models.audit").joinpath("words.toml").read_text(encoding="utf-8")
    return {
        family: {name: (zh, en) for name, (zh, en) in words.items()} for family, words in tomllib.loads(text).items()
    }


WORDS = _load()


@dataclass(frozen=True)
class Fact:
    """One field of an entry: its name and value in both languages; ``digest``: a SHA-256 or a key, for no eye."""

    name: str
    words: Pair
    value: Pair
    digest: bool


def word(family: str, name: str) -> Pair:
    """The words of a name; one that has none stands for itself."""
    return WORDS[family].get(name, (name, name))


def _fact(name: str, value: Any, zone: str) -> Fact:
    shown = _told(name, value, zone)
    if isinstance(value, list | dict) and len(shown[0]) > _LONGEST:
        # Whole lists of ids and digests stand in the entry, which is a press of a button away.
        shown = f"{len(value)} 项", f"{len(value)} items"
    return Fact(name, word("fields", name), shown, isinstance(value, str) and bool(_DIGEST.match(value)))


def facts(body: Mapping[str, Any], *, zone: str) -> list[Fact]:
    """The fields of a ledger body as people read them, digests last. Instants are local."""
    kept = {name: value for name, value in body.items() if name not in _ELSEWHERE and value not in (None, "", [], {})}
    found = [_fact(name, value, zone) for name, value in kept.items()]
    return sorted(found, key=lambda fact: fact.digest)


def _told(name: str, value: Any, zone: str) -> Pair:
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, list):
        parts = [_told(name, one, zone) for one in value]
        return "、".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)
    if isinstance(value, dict):
        family = "channel" if name == "channels" else "fields"
        pairs = [(word(family, key), _told(key, one, zone)) for key, one in value.items()]
        return "、".join(f"{key[0]} {one[0]}" for key, one in pairs), ", ".join(
            f"{key[1]} {one[1]}" for key, one in pairs
        )
    if isinstance(value, str) and _INSTANT.match(value):
        shown = local_text(datetime.fromisoformat(value), zone)
        return shown, shown
    text = "—" if value is None else str(value)
    return word(_FAMILY[name], text) if name in _FAMILY else (text, text)
