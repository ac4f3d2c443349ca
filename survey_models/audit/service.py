"""Reading the ledger as an auditor does (审计视图): by campaign, round, kind of act, person and day, the newest first.

What may be read is what the ledger holds: acts, never an answer, a code, or a person of a roster. Sheets have no time
and are not listed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from survey_models.audit.kinds import Kind, events_of
from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import canonical_bytes
from survey_models.core.clock import day_ends
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.tables import LedgerEntry
from survey_models.rounds.tables import Round

A_PAGE = 40


@dataclass(frozen=True)
class Wish:
    """What to look for; what is empty is not looked at. Days are local, both included."""

    log: str = ""
    round_id: str = ""
    kind: Kind | None = None
    person: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Line:
    """One act. ``by`` did it, ``asked_by`` asked for it where two people did; ``seq``: its place in the tree."""

    log: str
    id: uuid.UUID
    event: str
    at: datetime
    body: dict[str, Any]
    digest: str
    seq: int | None
    by: str
    asked_by: str


_Found = Row[str, uuid.UUID, str, datetime | None, bytes, str, int | None]
_Chosen = Select[str, uuid.UUID, str, datetime | None, bytes, str, int | None]


def page(session: Session, wish: Wish, *, zone: str, number: int = 1, size: int = A_PAGE) -> tuple[int, list[Line]]:
    """How many acts fit, and one page of them, the newest first. Raises ``round_unknown``."""
    query = _query(session, wish, zone)
    if not wish.person and not wish.round_id:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        rows: Sequence[_Found] = session.execute(_ordered(query).limit(size).offset((number - 1) * size)).all()
        return total, [_line(row) for row in rows]
    # Who acted, and for which round, stands in the bodies: these are looked at one by one.
    fitting = every(session, wish, zone=zone)
    return len(fitting), fitting[(number - 1) * size : number * size]


def every(session: Session, wish: Wish, *, zone: str, most: int | None = None) -> list[Line]:
    """All acts that fit, the newest first. Raises ``round_unknown``; ``export_too_long`` for more than ``most``."""
    lines = [line for row in session.execute(_ordered(_query(session, wish, zone))) if (line := _fitting(row, wish))]
    if most is not None and len(lines) > most:
        raise Problem("export_too_long", rows=len(lines), most=most)
    return lines


def _query(session: Session, wish: Wish, zone: str) -> _Chosen:
    entry = LedgerEntry
    fits: list[ColumnElement[bool]] = [
        entry.log.in_(_logs(session, wish)),
        entry.at.is_not(None),
        entry.event != Event.BALLOT_CAST.value,
    ]
    if wish.kind is not None:
        fits.append(entry.event.in_(events_of(wish.kind)))
    if wish.since is not None:
        fits.append(entry.at >= day_ends(wish.since - timedelta(days=1), zone))
    if wish.until is not None:
        fits.append(entry.at < day_ends(wish.until, zone))
    return select(entry.log, entry.id, entry.event, entry.at, entry.body, entry.digest, entry.seq).where(and_(*fits))


def _ordered(query: _Chosen) -> _Chosen:
    return query.order_by(LedgerEntry.at.desc(), LedgerEntry.log, LedgerEntry.id)


def _logs(session: Session, wish: Wish) -> list[str]:
    """The logs to look into, by name: each is read along its index."""
    if wish.log:
        return [wish.log]
    campaigns = select(Campaign.id)
    if wish.round_id:
        if session.get(Round, wish.round_id) is None:
            raise Problem("round_unknown", round=wish.round_id)
        campaigns = campaigns.where(Campaign.round_id == wish.round_id)
    return [SYSTEM_LOG, *session.scalars(campaigns)]


def _fitting(row: _Found, wish: Wish) -> Line | None:
    """The act if it is the person's and the round's. Bytes are compared before they are read as JSON."""
    names = [wish.person, *([wish.round_id] if row.log == SYSTEM_LOG else [])]
    if not all(canonical_bytes(name) in row.body for name in names if name):
        return None
    line = _line(row)
    if wish.person and wish.person not in (line.by, line.asked_by, line.body.get("account")):
        return None
    return None if wish.round_id and row.log == SYSTEM_LOG and line.body.get("round") != wish.round_id else line


def _line(row: _Found) -> Line:
    if row.at is None:
        raise AssertionError("unreachable: what has no time is not chosen")
    body = json.loads(row.body)
    # A person who signs in acts in no other name.
    by = body.get("by") or (body.get("account") if row.event == Event.SIGNED_IN.value else None) or ""
    return Line(row.log, row.id, row.event, row.at, body, row.digest, row.seq, by, body.get("asked_by") or "")
