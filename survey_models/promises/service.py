"""Promised time limits (服务承诺) and notices of leave (离岗告示): made by the unit, ended, never changed in place."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.promises import rules
from survey_models.promises.tables import LeaveNotice, Promise
from survey_models.units.tables import Unit


@dataclass(frozen=True)
class PromiseDraft:
    """What a unit promises for one item, in working days; ``basis``: the rule that names the legal limit."""

    item: str
    promised_days: int
    legal_days: int | None = None
    basis: str = ""


@dataclass(frozen=True)
class LeaveDraft:
    """Who is away from which post, and how to be reached meanwhile; ``deputy`` stands in (B岗)."""

    post: str
    left_at: datetime
    back_at: datetime
    reason: str
    contact: str
    deputy: str = ""


def promise(session: Session, unit_code: str, draft: PromiseDraft, *, by: str, at: datetime) -> Promise:
    """Publish a promise; one of the same item ends. Raises ``unit_unknown``, ``promise_too_long``."""
    rules.check_limit(draft.item, draft.promised_days, draft.legal_days)
    _unit(session, unit_code)
    for old in promises(session, unit_code):
        if old.item == draft.item:
            old.ended_at = at
    made = Promise(
        id=new_id(),
        unit_code=unit_code,
        item=draft.item,
        promised_days=draft.promised_days,
        legal_days=draft.legal_days,
        basis=draft.basis,
        made_by=by,
        made_at=at,
        ended_at=None,
    )
    session.add(made)
    session.flush()
    body = {"unit": unit_code, "item": draft.item, "promised": draft.promised_days, "legal": draft.legal_days}
    record(session, SYSTEM_LOG, Event.PROMISE_MADE, body, at=at, by=by)
    return made


def promises(session: Session, unit_code: str) -> Sequence[Promise]:
    """The promises of a unit in force, by item."""
    query = select(Promise).where(Promise.unit_code == unit_code, Promise.ended_at.is_(None))
    return session.scalars(query.order_by(Promise.item)).all()


def leave(session: Session, unit_code: str, draft: LeaveDraft, *, by: str, at: datetime) -> LeaveNotice:
    """Put up a notice of leave. Raises ``unit_unknown``, ``leave_times_unfit``, ``leave_needs_deputy``."""
    rules.check_leave(draft.left_at, draft.back_at, draft.deputy)
    _unit(session, unit_code)
    notice = LeaveNotice(
        id=new_id(),
        unit_code=unit_code,
        post=draft.post,
        left_at=draft.left_at,
        back_at=draft.back_at,
        reason=draft.reason,
        contact=draft.contact,
        deputy=draft.deputy,
        made_by=by,
        made_at=at,
        returned_at=None,
    )
    session.add(notice)
    session.flush()
    return notice


def notice_of(session: Session, unit_code: str, notice_id: uuid.UUID) -> LeaveNotice:
    """One notice of a unit. Raises ``leave_unknown``."""
    found = session.get(LeaveNotice, notice_id)
    if found is None or found.unit_code != unit_code:
        raise Problem("leave_unknown")
    return found


def returned(notice: LeaveNotice, *, at: datetime) -> LeaveNotice:
    """Take a notice down: the person is back. A second time changes nothing."""
    if notice.returned_at is None:
        notice.returned_at = at
    return notice


def leaves(session: Session, unit_code: str, *, limit: int = 400) -> Sequence[LeaveNotice]:
    """Notices of a unit, the newest first."""
    query = select(LeaveNotice).where(LeaveNotice.unit_code == unit_code)
    return session.scalars(query.order_by(LeaveNotice.left_at.desc(), LeaveNotice.id).limit(limit)).all()


def _unit(session: Session, code: str) -> None:
    if session.get(Unit, code) is None:
        raise Problem("unit_unknown", unit=code)
