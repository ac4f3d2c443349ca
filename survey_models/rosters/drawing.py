"""Drawing representatives from a roster (从名册抽取评议代表): by stratum, one third new, nobody twice.

The draw is one of :mod:`survey_models.draws`, a stratified simple random sample of random ids: the frame holds no
name. It is planned before its seed exists, run by two people, replayed by anybody who holds the frame, and extended
lot by lot when somebody drawn leaves the roster.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sampling.selection import FrameEntry
from survey_models.core.errors import Problem
from survey_models.draws import designs
from survey_models.draws import service as draws
from survey_models.draws.designs import Plan
from survey_models.draws.tables import Draw, DrawRow
from survey_models.frames import service as frames
from survey_models.frames.service import FrameTitle
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rosters import queries, service, shares
from survey_models.rosters.sealing import Person, Sealer
from survey_models.rosters.tables import Roster, RosterDraw, RosterEntry
from survey_models.rounds import service as rounds


@dataclass(frozen=True)
class Wish:
    """How many people to draw; ``by_hirer``: each hirer is a stratum of its own (按聘用单位分层)."""

    people: int
    by_hirer: bool = False
    id: str = ""


@dataclass(frozen=True)
class Drawn:
    """One lot. ``entry`` None: the person is on the roster no more; removed ones are still there, with their day."""

    row: DrawRow
    entry: RosterEntry | None


def get(session: Session, roster_id: str, draw_id: str) -> tuple[RosterDraw, Draw]:
    """A draw from a roster. Raises ``roster_draw_unknown``."""
    found = session.get(RosterDraw, draw_id)
    if found is None or found.roster_id != roster_id:
        raise Problem("roster_draw_unknown")
    return found, draws.get(session, draw_id)


def of_roster(session: Session, roster_id: str) -> list[tuple[RosterDraw, Draw]]:
    """The draws from a roster, the oldest first. Raises ``roster_unknown``."""
    service.get(session, roster_id)
    query = select(RosterDraw).where(RosterDraw.roster_id == roster_id).order_by(RosterDraw.made_at, RosterDraw.id)
    return [(one, draws.get(session, one.id)) for one in session.scalars(query)]


def plan(session: Session, roster_id: str, wish: Wish, *, by: str, at: datetime) -> RosterDraw:
    """Fix who may be drawn, and how many of each stratum, before the seed exists.

    Out are those removed, those whom another roster of the round has for another hirer without a waiver (不得重复聘用),
    and those drawn from this roster before. Raises ``roster_unknown``, ``draw_id_malformed``, ``draw_exists``,
    ``sample_too_large``, ``roster_draw_too_few_new``.
    """
    roster = service.get(session, roster_id)
    asked = service.rules_of(session, roster)
    eligible, excluded = _eligible(session, roster, one_hirer=bool(asked and asked.one_hirer))
    one_in = asked.new_one_in if asked else None
    named = {
        str(entry.id): shares.stratum_of(entry.hired_by if wish.by_hirer else "", new=entry.new_this_round)
        for entry in eligible
    }
    strata = {name: list(named.values()).count(name) for name in sorted(set(named.values()))}
    sizes = shares.sizes(strata, wish.people, one_in)
    facts = {
        "people": wish.people,
        "new_least": shares.new_least(wish.people, one_in),
        "eligible": len(eligible),
        "excluded": excluded,
    }
    made = RosterDraw(id=_name(session, roster, wish), roster_id=roster.id, rules=facts, made_by=by, made_at=at)
    designs.check_id(made.id)
    if session.get(Draw, made.id) is not None:
        raise Problem("draw_exists")
    made_up = rounds.get(session, roster.round_id).purpose == "demo"
    entries = [FrameEntry(entry, stratum, 1) for entry, stratum in named.items()]
    title = FrameTitle(made.id, f"{roster.title} 可抽取人员"[:120], "名册", made_up)
    frames.freeze_list(session, title, entries=entries, by=by, at=at)
    draws.plan(session, Plan(made.id, SYSTEM_LOG, made.id, "rows", sizes=sizes), by=by, at=at)
    session.add(made)
    session.flush()
    record(
        session, SYSTEM_LOG, Event.ROSTER_DRAW_PLANNED, {"roster": roster.id, "draw": made.id, **facts}, at=at, by=by
    )
    return made


def drawn(session: Session, roster_id: str, draw_id: str) -> list[Drawn]:
    """Who was drawn, by stratum and lot, without names; empty before the draw. Raises ``roster_draw_unknown``."""
    get(session, roster_id, draw_id)
    rows = draws.drawn_rows(session, draw_id)
    return [Drawn(row, queries.entry(session, roster_id, uuid.UUID(row.entry))) for row in rows]


def people(
    session: Session, roster_id: str, draw_id: str, *, sealer: Sealer, by: str, at: datetime
) -> list[tuple[Drawn, Person | None]]:
    """The same by name; that somebody looked stands in the ledger. None: no name is kept. Raises as ``drawn``."""
    found = [
        (one, sealer.opened(one.entry.sealed, roster_id, one.entry.id) if one.entry and one.entry.sealed else None)
        for one in drawn(session, roster_id, draw_id)
    ]
    read = sum(person is not None for _, person in found)
    record(session, SYSTEM_LOG, Event.ROSTER_READ, {"roster": roster_id, "entries": read}, at=at, by=by)
    return found


def _eligible(session: Session, roster: Roster, *, one_hirer: bool) -> tuple[Sequence[RosterEntry], dict[str, int]]:
    """Who may be drawn, and how many may not, by reason."""
    here = queries.entries(session, roster.id)
    elsewhere = queries.hired_elsewhere(session, roster, {entry.identity for entry in here}) if one_hirer else {}
    before = {row.entry for one, _ in of_roster(session, roster.id) for row in draws.drawn_rows(session, one.id)}
    found, excluded = [], {"removed": 0, "hired_twice": 0, "drawn_before": 0}
    for entry in here:
        other = elsewhere.get(entry.identity)
        if entry.removed_on is not None:
            excluded["removed"] += 1
        elif other is not None and other != entry.hired_by and not entry.waiver:
            excluded["hired_twice"] += 1
        elif str(entry.id) in before:
            excluded["drawn_before"] += 1
        else:
            found.append(entry)
    return found, excluded


def _name(session: Session, roster: Roster, wish: Wish) -> str:
    """``roster-1f0a9c-2``: ids of rosters may be too long, or in Chinese, for the salt of a draw."""
    mark = hashlib.sha256(roster.id.encode()).hexdigest()[:6]
    return wish.id or f"roster-{mark}-{len(of_roster(session, roster.id)) + 1}"
