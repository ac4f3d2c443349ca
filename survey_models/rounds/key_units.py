"""Key units named after the planning (重点评议单位): an opinion wave finds them, the test of rectification follows.

漯河 asks people first which units are to be the key ones (征求意见建议和推荐重点评议对象); representatives and citizens
then rate how these rectified (整改落实情况满意率测评).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import asking, campaigning, running, service
from survey_models.rounds.tables import Round
from survey_models.schemes.added import area_of
from survey_models.schemes.language import CampaignKind, Scheme


@dataclass(frozen=True)
class Naming:
    """Which units are the key ones. ``flag`` empty: the first that the scheme leaves open.

    ``campaigns``: answers about the campaigns that follow, by kind, over those of the plan: ``people``, ``tickets``.
    """

    units: Sequence[str]
    flag: str = ""
    campaigns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """A flag that can be named in a round, and how far it is. ``scored``: it no longer can.

    ``units``: code and name of every unit that can be named; ``named``: codes of those that have it; ``campaigns``:
    ids of those that are made about them.
    """

    flag: str
    title: tuple[str, str]
    kinds: tuple[CampaignKind, ...]
    units: tuple[tuple[str, str], ...]
    named: tuple[str, ...]
    campaigns: tuple[str, ...]
    scored: bool


def standing(session: Session, round_id: str) -> list[Standing]:
    """What can be named in a round; nothing for a poll, a year, and a scheme that leaves none open.

    Raises ``round_unknown``.
    """
    if service.get(session, round_id).scheme_id is None:
        return []
    found, scheme = running.scheme_of(session, round_id)
    if running.is_year(found):
        return []
    scored = service.latest(session, round_id) is not None
    return [_standing(session, found, scheme, flag, scored=scored) for flag in asking.late_flags(scheme)]


def _standing(session: Session, found: Round, scheme: Scheme, flag: str, *, scored: bool) -> Standing:
    there = service.campaigns_of(session, found.id)
    kinds = tuple(kind for kind in scheme.campaigns if kind.flag == flag)
    units = service.units_of(session, found.id)
    return Standing(
        flag,
        asking.flag_words(scheme, flag),
        kinds,
        tuple((link.unit_code, called) for link, called in units if area_of(link.flags or ()) is None),
        tuple(link.unit_code for link, _ in units if flag in (link.flags or ())),
        tuple(there[kind.id].id for kind in kinds if kind.id in there),
        scored=scored,
    )


def name(session: Session, round_id: str, wanted: Naming, *, by: str, at: datetime) -> Standing:
    """Name the key units: their flag, and the campaigns about them in draft, in the caller's transaction.

    The same units again change nothing. Raises ``round_unknown``, ``round_without_scheme``, ``round_key_units_none``,
    ``round_unit_unknown``, ``round_planned_otherwise`` where others are named, ``round_key_units_late`` once the round
    is scored, ``plan_answers_faulty``.
    """
    found, scheme = running.scheme_of(session, round_id, lock=True)
    before = _open(session, found, scheme, wanted)
    links = {link.unit_code: link for link, _ in service.units_of(session, round_id)}
    codes = [code for code in links if code in set(wanted.units)]
    for code in wanted.units:
        # A county's own unit is asked about on its county's sheets alone: the test of the key units is the city's.
        if code not in links or area_of(links[code].flags or ()) is not None:
            raise Problem("round_unit_unknown", round=round_id, unit=code)
    if before.named == tuple(codes) and not wanted.campaigns:
        return before
    if before.named:
        raise Problem("round_planned_otherwise", round=round_id, differs=f"flags.{before.flag}")
    if before.scored:
        raise Problem("round_key_units_late", round=round_id)
    for code in codes:
        links[code].flags = sorted({*(links[code].flags or ()), before.flag})
    found.answers = _answers(found, before, codes, wanted)
    session.flush()
    stated = scheme, found.answers
    made = [campaigning.make(session, found, kind, stated, by=by, at=at) for kind in before.kinds]
    body = {
        "round": round_id,
        "flag": before.flag,
        "units": codes,
        "campaigns": made,
        "answers": digest(found.answers),
    }
    record(session, SYSTEM_LOG, Event.ROUND_KEY_UNITS_NAMED, body, at=at, by=by)
    return _standing(session, found, scheme, before.flag, scored=False)


def _open(session: Session, found: Round, scheme: Scheme, wanted: Naming) -> Standing:
    """The flag that is meant, where the round has it."""
    flags = () if running.is_year(found) else asking.late_flags(scheme)
    flag = wanted.flag or next(iter(flags), "")
    if flag not in flags or not wanted.units:
        raise Problem("round_key_units_none", round=found.id)
    return _standing(session, found, scheme, flag, scored=service.latest(session, found.id) is not None)


def _answers(found: Round, before: Standing, codes: Sequence[str], wanted: Naming) -> dict[str, Any]:
    """The answers to the plan with the units and what was said about their campaigns; cards are issued by them."""
    kept = found.answers or {}
    asked = [one for kind in before.kinds for one in asking.of_kind(kind)]
    plan = {kind.id: (kept.get("campaigns") or {}).get(kind.id) or {} for kind in before.kinds}
    own = asking.layered(plan, asking.exact(wanted.campaigns))
    whole = asking.resolve(asked, {"campaigns": own})
    return asking.layered(kept, {"flags": {before.flag: list(codes)}}, whole)
