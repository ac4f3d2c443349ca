"""Made-up answers for demos and rehearsals (演示用的编造答案): every one of them is marked where it is stored. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survey_models.rounds.asking import Path, Question, put, read
from survey_models.schemes.language import CampaignKind, Scheme

AREAS = (("A1", "演示一区", 600_000), ("A2", "演示二区", 400_000))
KINDS = (("town", "城镇"), ("rural", "农村"))
LIST, ROSTER, TICKETS, PER_UNIT = 1_000, 300, 600, 30
MEMBERS = 12


def answers_of(scheme: Scheme, asked: Sequence[Question], codes: Sequence[str]) -> dict[str, Any]:
    """An answer to every question that has no default; ``codes``: the units in order, by which flags are spread.

    Raises KeyError where the office has to bring a list of units: names are made up by nobody but a person.
    """
    kinds = {kind.id: kind for kind in scheme.campaigns}
    found: dict[str, Any] = {"purpose": "demo"}
    for one in asked:
        if one.default is None and read(found, one.path) is None:
            put(found, one.path, _answer(one.path, kinds, codes))
    return found


def _answer(path: Path, kinds: dict[str, CampaignKind], codes: Sequence[str]) -> Any:
    if path[0] == "flags":
        # Every fourth unit: enough of both sorts in each category.
        return list(codes[1::4])
    if path[0] != "campaigns":
        raise KeyError(".".join(path))
    kind, name = kinds[path[1]], path[2]
    if name == "strata":
        return [
            {"area": area, "area_name": called, "kind": code, "kind_name": word, "people": people // len(KINDS)}
            for area, called, people in AREAS
            for code, word in KINDS
        ]
    if name == "people":
        return (
            LIST if kind.variant == "own_unit" else dict.fromkeys(kind.raters, MEMBERS if kind.small_group else ROSTER)
        )
    if name == "tickets":
        return PER_UNIT if kind.variant == "own_unit" else None if kind.small_group else TICKETS
    return PER_UNIT
