"""Findings (问题处置): opened, moved step by step along their machine, and what they cost a round."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from survey_models.accounts.rules import Role, check_own_area, check_own_unit, check_role
from survey_models.calendar import service as calendar
from survey_models.core.canonical import digest
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.findings import effects, pricing, queries, rules
from survey_models.findings.machines import Kind, counts, machine_of
from survey_models.findings.moves import Clock, Move, Need
from survey_models.findings.rules import Given, NewFinding, Terms
from survey_models.findings.tables import Finding, FindingStep
from survey_models.inspections import doors
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units.tables import Unit

_LOOKS_BACK = timedelta(days=92)
REASONED = Move(("酌情扣分", "Discretionary points"), (), (), needs=(Need.NOTE,))
_OPENERS = {
    Kind.INSPECTION: (Role.INSPECTOR, Role.SETUP),
    Kind.SECRET_VISIT: (Role.INSPECTOR, Role.SETUP),
    Kind.SELF_CHECK: (Role.SETUP,),
    Kind.SUPERVISION: (Role.SETUP,),
    Kind.MERIT: (Role.SETUP,),
}
_TOLD_WITH = {Kind.RATING: Clock.RECTIFY, Kind.COMPLAINT: Clock.REPLY}
"""A unit hears of these once its own time limit begins; from then on it sees how they end, a granted appeal too."""


@dataclass(frozen=True)
class Who:
    """Who acts: account, roles, the unit that a unit's account speaks for, the area of a district office."""

    name: str
    roles: tuple[str, ...]
    unit_code: str | None = None
    area_code: str | None = None


@dataclass(frozen=True)
class Deduction:
    """One finding that counts, for the score run. ``points`` None: as the rule of the scheme says."""

    unit_code: str
    component: str
    rule: str
    matter: str
    period: str
    points: Decimal | None
    finding_id: uuid.UUID
    article: str
    kind: str


def open_(session: Session, new: NewFinding, *, who: Who, at: datetime, terms: Terms) -> Finding:
    """Open a finding of an inspection, an award or major incident, or a supervision notice, which needs a limit.

    Raises ``forbidden``, ``unit_unknown``, ``finding_needs``, ``finding_limit_unfit``, ``request_malformed`` for a
    kind that is opened elsewhere, ``calendar_ends``; for a stored inspection plan what ``inspections.doors`` raises.
    """
    if new.kind not in _OPENERS:
        raise Problem("request_malformed", where="kind")
    check_role(who.roles, *_OPENERS[new.kind])
    if session.get(Unit, new.unit_code) is None:
        raise Problem("unit_unknown")
    doors.check(session, new.plan, kind=new.kind.value, unit_code=new.unit_code, place=new.place)
    starts = machine_of(new.kind).starts
    needs = (Need.NOTE, Need.LIMIT) if Clock.LIMIT in starts else (Need.NOTE,)
    first = Move(("登记", "Open"), (), (), needs=needs, starts=starts)
    given = Given(note=rules.fit_note(new.text), limit=new.limit)
    today = local_day(at, terms.zone)
    rules.check_given(first, given, today=today)
    clocks = rules.started(
        first,
        {},
        limit=new.limit,
        today=today,
        calendar=calendar.load(session, since=today) if first.starts else calendar.load(session, until=date.min),
        limits=terms.limits,
    )
    return store(session, new, body=_body(new), clocks=clocks, by=who.name, at=at)


def store(
    session: Session, new: NewFinding, *, body: dict[str, Any], clocks: dict[str, Any], by: str, at: datetime
) -> Finding:
    """Store a new finding with its first step and its entry in the ledger; the caller has checked it."""
    machine = machine_of(new.kind)
    finding = Finding(
        id=new.id or new_id(),
        round_id=new.round_id,
        unit_code=new.unit_code or None,
        window_id=None,
        rating_id=None,
        kind=new.kind.value,
        article="",
        points="",
        state=machine.initial,
        due_on=rules.due_in(machine, machine.initial, clocks),
        body=body,
        made_by=by,
        made_at=at,
        matter=new.matter[:120],
        plan=new.plan[:60],
        clocks=clocks,
    )
    session.add(finding)
    session.flush()
    first = Given(note=str(body.get("text", "")))
    _write_step(session, finding, "open", first, "", by=by, at=at, more={"clocks": clocks})
    facts = {"finding": str(finding.id), "kind": finding.kind, "unit": finding.unit_code, "text": digest(first.note)}
    record(session, SYSTEM_LOG, Event.FINDING_OPENED, facts, at=at, by=by)
    return finding


def get(session: Session, finding_id: uuid.UUID, *, who: Who, lock: bool = False) -> Finding:
    """A finding as somebody may see it. Raises ``finding_unknown``, ``not_own_unit``, ``not_own_area``."""
    found = queries.by_id(session, finding_id, lock=lock)
    if found is None or not rules.sees(who.roles, found.kind):
        raise Problem("finding_unknown")
    check_own_unit(who.roles, who.unit_code, found.unit_code)
    if Role.DISTRICT in who.roles:
        unit = session.get(Unit, found.unit_code) if found.unit_code else None
        check_own_area(who.roles, who.area_code, unit.area_code if unit else None)
    if is_hidden(found, who):
        raise Problem("finding_unknown")
    return found


def own(session: Session, finding_id: uuid.UUID, *, who: Who) -> Finding | None:
    """The finding of an id that came with its form, where it was kept before. Raises ``finding_unknown``."""
    found = queries.by_id(session, finding_id, lock=True)
    if found is not None and found.made_by != who.name:
        raise Problem("finding_unknown")
    return found


def listed(
    session: Session,
    *,
    who: Who,
    kind: Kind | None = None,
    unit_code: str | None = None,
    state: str | None = None,
    limit: int | None = 400,
) -> list[Finding]:
    """The newest findings that somebody may see; a unit gets its own, a district office its area's.

    ``limit``: how many at most; None, all of them.
    """
    kinds = [one.value for one in Kind if rules.sees(who.roles, one) and kind in {None, one}]
    unit = who.unit_code if Role.UNIT in who.roles else unit_code
    if Role.UNIT in who.roles and unit is None:
        return []
    states = None if state is None else [state]
    found = queries.listed(session, kinds=kinds, unit_code=unit, states=states, area_code=area_of(who), limit=limit)
    return [one for one in found if not is_hidden(one, who)]


def steps_of(session: Session, finding: Finding) -> Sequence[FindingStep]:
    """Its steps in order."""
    return queries.steps_of(session, finding.id)


def moves_for(session: Session, finding: Finding, *, who: Who, at: datetime, terms: Terms) -> list[str]:
    """The moves that somebody may take now, by name."""
    taken = _taken(queries.steps_of(session, finding.id))
    today = local_day(at, terms.zone)
    found = []
    for name, move in machine_of(finding.kind).moves.items():
        if finding.state not in move.sources or set(who.roles).isdisjoint(move.roles):
            continue
        try:
            rules.check_history(name, move, taken)
            rules.check_in_time(move, finding.clocks, today=today)
        except Problem:
            continue
        found.append(name)
    return found


def move(
    session: Session,
    finding_id: uuid.UUID,
    name: str,
    given: Given,
    *,
    who: Who,
    at: datetime,
    terms: Terms,
    asked_by: str | None = None,
) -> Finding:
    """Take a named step. ``asked_by``: two people do it, and this one asked.

    Raises ``finding_unknown``, ``not_own_unit``, ``forbidden`` and what :mod:`rules` and :mod:`pricing` raise.
    """
    finding = get(session, finding_id, who=who, lock=True)
    step = check(session, finding, name, given, who=who, at=at, terms=terms, second=asked_by is not None)
    today = local_day(at, terms.zone)
    if given.price is not None:
        pricing.put_on(session, finding, given.price, second=asked_by is not None)
    before = finding.state
    days = calendar.load(session, since=today - _LOOKS_BACK)
    finding.clocks = rules.started(
        step, finding.clocks, limit=given.limit, today=today, calendar=days, limits=terms.limits
    )
    finding.state = step.target or finding.state
    finding.due_on = rules.due_in(machine_of(finding.kind), finding.state, finding.clocks)
    finding.outcome = step.outcome or finding.outcome
    more = {"clocks": finding.clocks, "price": _priced(finding) if given.price else None, "asked_by": asked_by}
    _write_step(session, finding, name, given, before, by=who.name, at=at, more=more)
    session.flush()
    follow = effects.AFTER.get(name)
    for new in follow(session, finding, given, today, terms.limits) if follow else ():
        store(session, new, body=_body(new), clocks={}, by=who.name, at=at)
    session.flush()
    return finding


def check(
    session: Session,
    finding: Finding,
    name: str,
    given: Given,
    *,
    who: Who,
    at: datetime,
    terms: Terms,
    second: bool = False,
) -> Move:
    """Refuse a step that cannot be taken now; the move."""
    step = rules.move_of(machine_of(finding.kind), name, state=finding.state)
    if not second:
        rules.check_roles(step, who.roles)
    today = local_day(at, terms.zone)
    rules.check_given(step, given, today=today)
    rules.fit_note(given.note)
    rules.check_in_time(step, finding.clocks, today=today)
    rules.check_history(name, step, _taken(queries.steps_of(session, finding.id)))
    known = {str(one.id) for one in queries.files_of(session, finding.id) if one.made_by == who.name}
    if not {str(one) for one in given.files} <= known:
        raise Problem("finding_file_unknown")
    if given.unit_code and session.get(Unit, given.unit_code) is None:
        raise Problem("unit_unknown")
    if given.price is not None:
        if Need.PRICE not in step.needs:
            raise Problem("request_malformed", where="price")
        pricing.check(session, given.price, unit=finding.unit_code, second=second)
    return step


def deductions_of(session: Session, round_id: str) -> list[Deduction]:
    """What the findings of a round cost: those in a state that counts, with the rule that prices them."""
    return [
        Deduction(
            unit_code=one.unit_code,
            component=one.component,
            rule=one.rule,
            matter=one.matter or str(one.id),
            period=one.period,
            points=Decimal(one.points) if one.points else None,
            finding_id=one.id,
            article=one.article,
            kind=one.kind,
        )
        for one in queries.of_round(session, round_id)
        if one.unit_code is not None and counts(one.kind, one.state)
    ]


def _body(new: NewFinding) -> dict[str, Any]:
    body = {"text": rules.fit_note(new.text), "place": new.place[:200], "person": new.person[:80]}
    return body if new.parent is None else {**body, "parent": str(new.parent)}


def area_of(who: Who) -> str | None:
    """The area whose units' findings a district office sees; None: those of all areas."""
    return (who.area_code or "") if Role.DISTRICT in who.roles else None


def is_hidden(finding: Finding, who: Who) -> bool:
    """What somebody is not told though they have to do with findings of its kind.

    A unit: bad ratings that were never to be rectified, complaints that were never forwarded to it, awards and
    incidents that nobody confirmed. Who hears appeals of bad ratings: all that are not appealed. Single bad ratings are
    otherwise the complaint desk's alone.
    """
    if Role.UNIT in who.roles:
        begun = _TOLD_WITH.get(Kind(finding.kind))
        return finding.state == "recorded" or (begun is not None and begun not in finding.clocks)
    return finding.kind == Kind.RATING and Role.DESK not in who.roles and finding.state != "appealed"


def _taken(steps: Sequence[FindingStep]) -> list[rules.Taken]:
    return [rules.Taken(one.move, one.state_from != one.state_to) for one in steps]


def _priced(finding: Finding) -> dict[str, Any]:
    names = ("round_id", "component", "rule", "period", "matter", "points", "article", "lost")
    return {name: getattr(finding, name) for name in names}


def _write_step(
    session: Session,
    finding: Finding,
    name: str,
    given: Given,
    before: str,
    *,
    by: str,
    at: datetime,
    more: dict[str, Any],
) -> None:
    no = len(queries.steps_of(session, finding.id)) + 1
    files = [str(one) for one in given.files]
    session.add(
        FindingStep(
            finding_id=finding.id,
            no=no,
            move=name,
            state_from=before,
            state_to=finding.state,
            by=by,
            at=at,
            note=rules.fit_note(given.note),
            body={**more, "files": files, "unit": finding.unit_code, "told": given.told},
        )
    )
    session.flush()
    if name != "open":
        facts = {
            "finding": str(finding.id),
            "no": no,
            "move": name,
            "from": before,
            "to": finding.state,
            "note": digest(rules.fit_note(given.note)),
            "files": files,
            "price": more.get("price"),
            "asked_by": more.get("asked_by"),
        }
        record(session, SYSTEM_LOG, Event.FINDING_MOVED, facts, at=at, by=by)
