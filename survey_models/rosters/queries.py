"""Questions about rosters (名册)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.rosters.tables import Roster, RosterEntry
from survey_models.rounds.tables import Round


def entries(session: Session, roster_id: str) -> Sequence[RosterEntry]:
    """The people of a roster, in the order of their random ids: a list without names has no telling order."""
    return session.scalars(select(RosterEntry).where(RosterEntry.roster_id == roster_id).order_by(RosterEntry.id)).all()


def entry(session: Session, roster_id: str, entry_id: uuid.UUID) -> RosterEntry | None:
    """One person."""
    return session.get(RosterEntry, (roster_id, entry_id))


def hired_elsewhere(session: Session, roster: Roster, identities: Collection[str]) -> dict[str, str]:
    """Who hires the same people in other rosters of the round, by identity; those removed are hired by nobody."""
    query = (
        select(RosterEntry.identity, RosterEntry.hired_by)
        .join(Roster, Roster.id == RosterEntry.roster_id)
        .where(Roster.round_id == roster.round_id, Roster.id != roster.id, RosterEntry.removed_on.is_(None))
    )
    return {row.identity: row.hired_by for row in session.execute(query) if row.identity in identities}


def earlier(session: Session, roster: Roster, identities: Collection[str]) -> frozenset[str]:
    """Identities that a roster of the same kind had in an earlier round."""
    own = session.get_one(Round, roster.round_id)
    query = (
        select(RosterEntry.identity, Round.period_from, Round.made_at)
        .join(Roster, Roster.id == RosterEntry.roster_id)
        .join(Round, Round.id == Roster.round_id)
        .where(Roster.kind == roster.kind, Roster.round_id != roster.round_id)
    )
    found = set()
    for identity, begins, made_at in session.execute(query):
        before = begins < own.period_from if begins and own.period_from else made_at < own.made_at
        if before and identity in identities:
            found.add(identity)
    return frozenset(found)
