"""Inspection plans (检查计划): who must be checked, how many more are drawn, the drawn list, and how far it is.

The draw is one of :mod:`survey_models.draws`: planned with its frame before the seed exists, run by two people with a
public seed, replayable. Must-check units are certain in it; the others of a stratum share one probability.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sampling.selection import FrameEntry
from survey_models.core.errors import Problem
from survey_models.draws import designs
from survey_models.draws import service as draws
from survey_models.draws.designs import Method
from survey_models.draws.designs import Plan as DrawPlan
from survey_models.draws.tables import Draw
from survey_models.findings import lists
from survey_models.frames import service as frames
from survey_models.frames.service import FrameTitle
from survey_models.inspections import queries, rules
from survey_models.inspections.rules import Reason, Share
from survey_models.inspections.tables import InspectionPlan, PlanKind
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import history, running
from survey_models.rounds import service as rounds
from survey_models.rounds.periods import Period, read_period
from survey_models.rounds.running import Member
from survey_models.rounds.tables import Round

WORDS = {
    PlanKind.INSPECTION: ("明查", "open"),
    PlanKind.SECRET_VISIT: ("暗访", "secret"),
    PlanKind.SITE_CHECK: ("实地考评", "sites"),
}
SOURCE = "本轮被评议单位"
LONGEST_ID = 40


@dataclass(frozen=True)
class Wish:
    """What is to be planned.

    ``more``: how many besides the must-check units, one number or by stratum; None: as the coverage of the year asks
    (open inspections alone). ``by``: the rules that make units must-check, None: all of them; a secret visit has none.
    ``previous``: the plan whose problems count, None: the newest one drawn. ``periods_left``: None: as the period says.
    """

    round_id: str
    kind: PlanKind
    period: str
    id: str = ""
    title: str = ""
    more: int | Mapping[str, int] | None = None
    by: Sequence[Reason] | None = None
    previous: str | None = None
    periods_left: int | None = None


def get(session: Session, plan_id: str) -> tuple[InspectionPlan, Draw]:
    """A plan and its draw. Raises ``inspection_unknown``."""
    found = session.get(InspectionPlan, plan_id)
    if found is None:
        raise Problem("inspection_unknown", plan=plan_id)
    return found, draws.get(session, plan_id)


def of_round(session: Session, round_id: str) -> list[tuple[InspectionPlan, Draw]]:
    """The plans of a round with their draws, the newest first. Raises ``round_unknown``."""
    rounds.get(session, round_id)
    return [(one, draws.get(session, one.id)) for one in queries.of_round(session, round_id)]


def plan(session: Session, wish: Wish, *, by: str, at: datetime, zone: str) -> InspectionPlan:
    """Fix a plan of units before its seed exists: must-check units with their reasons, frame, numbers.

    Raises:
        Problem: ``round_unknown``, ``round_of_year``, ``period_unknown``, ``inspection_period_unfit``,
            ``inspection_unknown`` for ``previous``, ``inspection_nothing`` where nobody is left to draw,
            ``request_malformed`` for a secret visit without a number, and what ``rules.shares`` and ``store`` raise.
    """
    found, period = _round_of(session, wish)
    members = running.members_of(session, found.id)
    before = _previous(session, found, wish)
    reasons = _reasons(session, found, members, wish, before=before)
    done = _done(session, members, period, wish, zone=zone)
    left = wish.periods_left or rules.periods_left(period)
    strata: dict[str, list[str]] = {}
    for one in members:
        strata.setdefault(rules.stratum_of(one.category), []).append(one.code)
    parts = rules.shares(strata, must=reasons, done=done, more=wish.more, left=left)
    if not parts:
        raise Problem("inspection_nothing", round=found.id)
    entries = [FrameEntry(code, name, 1) for name, part in parts.items() for code in part.frame]
    made = new_plan(found, wish.kind, period.name, plan_id=wish.id, title=wish.title, by=by, at=at)
    made.id = made.id if wish.id or wish.kind is PlanKind.INSPECTION else _free(session, made)
    made.previous = before.id if before else None
    made.rules = _facts(wish, reasons, parts, left=left)
    takes = {name: [part.must + part.more] for name, part in parts.items()}
    store(session, made, entries, takes, must=sorted(reasons), made_up=found.purpose == "demo")
    return made


def new_plan(
    found: Round, kind: PlanKind, period: str, *, plan_id: str = "", title: str = "", by: str, at: datetime
) -> InspectionPlan:
    """A plan that is not stored yet; without an id of its own it has that of its round, kind and period."""
    zh, short = WORDS[kind]
    called = read_period(period).called
    return InspectionPlan(
        id=plan_id or name_of(found.id, f"{short}-{period.lower()}"),
        round_id=found.id,
        kind=kind.value,
        title=(title or f"{found.title} {called}{zh}")[:160],
        period=period,
        previous=None,
        rules={},
        sites=None,
        made_by=by,
        made_at=at,
    )


def name_of(round_id: str, rest: str) -> str:
    """``xuancheng-2019-48-2019-open-2019q3``; a long name of a round is cut, and told apart by its digest."""
    whole = f"{round_id}-{rest}".lower()
    if len(whole) <= LONGEST_ID:
        return whole
    mark = hashlib.sha256(round_id.encode()).hexdigest()[:6]
    return f"{whole[: LONGEST_ID - len(rest) - len(mark) - 2]}-{mark}-{rest}".lower()


def _free(session: Session, made: InspectionPlan) -> str:
    """Secret visits are made from time to time: the second of a period is numbered."""
    number, free = 1, made.id
    while session.get(Draw, free) is not None:
        number += 1
        free = f"{made.id[: LONGEST_ID - 4]}-{number}"
    return free


def store(
    session: Session,
    made: InspectionPlan,
    entries: Sequence[FrameEntry],
    takes: Mapping[str, Sequence[int]],
    *,
    must: Sequence[str] = (),
    made_up: bool,
) -> None:
    """Freeze the frame, fix the draw, keep the plan, write it to the ledger.

    Raises ``draw_id_malformed``, ``draw_exists`` and what ``designs.document`` refuses.
    """
    designs.check_id(made.id)
    if session.get(Draw, made.id) is not None:
        raise Problem("draw_exists")
    title = FrameTitle(made.id, made.title[:120], SOURCE, made_up)
    frames.freeze_list(session, title, entries=entries, by=made.made_by, at=made.made_at)
    wanted = DrawPlan(made.id, SYSTEM_LOG, made.id, "rows", method=Method.STAGES, takes=takes, must=must)
    draws.plan(session, wanted, by=made.made_by, at=made.made_at)
    session.add(made)
    session.flush()
    body = {"plan": made.id, "round": made.round_id, "kind": made.kind, "period": made.period, "rules": made.rules}
    record(session, SYSTEM_LOG, Event.INSPECTION_PLANNED, body, at=made.made_at, by=made.made_by)


def _round_of(session: Session, wish: Wish) -> tuple[Round, Period]:
    found, period = rounds.get(session, wish.round_id), read_period(wish.period)
    if running.is_year(found):
        raise Problem("round_of_year")
    if wish.kind is PlanKind.SITE_CHECK:
        raise Problem("request_malformed", where="kind")
    if found.period is not None and found.period != period.name and not rounds.period_of(found).holds(period):
        raise Problem("inspection_period_unfit", period=period.name, round=found.id)
    if wish.kind is PlanKind.SECRET_VISIT and (wish.more is None or wish.by):
        # A secret visit has no coverage rule and no must-check units: a plain random draw.
        raise Problem("request_malformed", where="by" if wish.by else "more")
    return found, period


def _previous(session: Session, found: Round, wish: Wish) -> InspectionPlan | None:
    if wish.previous is not None:
        return get(session, wish.previous)[0]
    return queries.newest_run(session, found.scheme_id, wish.kind.value)


def _reasons(
    session: Session, found: Round, members: Sequence[Member], wish: Wish, *, before: InspectionPlan | None
) -> dict[str, list[str]]:
    """Why each must-check unit is one; a unit that was renamed or merged since is its successor."""
    if wish.kind is not PlanKind.INSPECTION:
        return {}
    asked = tuple(Reason) if wish.by is None else wish.by
    codes = [one.code for one in members]
    after = history.successors(session, codes, found.period_to)
    named: dict[Reason, Iterable[str]] = {
        Reason.FOUND: lists.must_check(session, before.id) if before else (),
        Reason.COMPLAINT: lists.complained(session, since=before.made_at if before else found.made_at),
        Reason.LAST: _last_places(session, found),
    }
    reasons: dict[str, list[str]] = {}
    for reason in Reason:
        for code in sorted({after.get(one, one) for one in named[reason]} & {*codes}) if reason in asked else ():
            reasons.setdefault(code, []).append(reason.value)
    return reasons


def _last_places(session: Session, found: Round) -> set[str]:
    """The last of each category in the round before."""
    earlier = history.before(session, found)
    last: dict[str, int] = {}
    ranked = [card for card in earlier[0][1].cards if card.rank is not None] if earlier else []
    for card in ranked:
        last[card.unit.category] = max(last.get(card.unit.category, 0), card.rank or 0)
    return {card.unit.code for card in ranked if card.rank == last[card.unit.category]}


def _done(session: Session, members: Sequence[Member], period: Period, wish: Wish, *, zone: str) -> set[str]:
    """Whom an open inspection reached already in the year of the plan; a secret visit may meet anybody again."""
    if wish.kind is not PlanKind.INSPECTION or period.first is None:
        return set()
    codes = {one.code for one in members}
    return codes - {*lists.not_inspected(session, codes, year=period.first.year, zone=zone)}


def _facts(wish: Wish, reasons: Mapping[str, list[str]], parts: Mapping[str, Share], *, left: int) -> dict[str, object]:
    asked = wish.by if wish.by is not None else tuple(Reason)
    facts: dict[str, object] = {"must": dict(reasons), "more": {name: part.more for name, part in parts.items()}}
    facts["waiting"] = {name: len(part.frame) - part.must for name, part in parts.items()}
    if wish.kind is PlanKind.INSPECTION:
        facts["by"] = [one.value for one in asked]
        facts["periods_left"] = left if wish.more is None else None
    return facts
