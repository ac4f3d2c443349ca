"""Made-up answers for demos and rehearsals (演示用的编造答案): every one of them is marked where it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from survey_models.rounds import plans
from survey_models.rounds.asking import Path, Question, layered, put, refuse
from survey_models.rounds.plans import Wish
from survey_models.schemes import loading
from survey_models.schemes.language import CampaignKind, Scheme

AREAS = (("A1", "演示一区", 600_000), ("A2", "演示二区", 400_000))
KINDS = (("town", "城镇"), ("rural", "农村"))
LIST, ROSTER, TICKETS, PER_UNIT = 1_000, 300, 600, 30
MEMBERS = 12


def complete(session: Session, wish: Wish, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, and made-up answers to the rest.

    Raises ``plan_answers_faulty`` for a list of units, and for a real round: nothing of that is made up.
    """
    if given.get("purpose") == "real":
        refuse([{"key": "purpose", "zh": "编造的数据不能用于正式评议", "en": "made-up data are not for a real round"}])
    text = plans.text_of(session, wish.preset)
    scheme, asked = loading.read(text).scheme, plans.ask(session, wish, given)
    listed = [row["code"] for row in loading.units_of(scheme)]
    own = given.get("units")
    stated = [str(row["code"]) for row in own if isinstance(row, Mapping)] if isinstance(own, list) else []
    return layered(answers_of(scheme, asked, listed or stated), given)


def answers_of(scheme: Scheme, asked: Sequence[Question], codes: Sequence[str]) -> dict[str, Any]:
    """An answer to every question that has no default; ``codes``: the units in order, by which flags are spread.

    A list of units is nobody's to make up but a person's: that question stays open.
    """
    kinds = {kind.id: kind for kind in scheme.campaigns}
    found: dict[str, Any] = {"purpose": "demo"}
    for one in asked:
        if one.default is None and one.path[0] in {"flags", "campaigns"}:
            put(found, one.path, _answer(one.path, kinds, codes))
    return found


def _answer(path: Path, kinds: dict[str, CampaignKind], codes: Sequence[str]) -> Any:
    if path[0] == "flags":
        # Every fourth unit: enough of both sorts in each category.
        return list(codes[1::4])
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
