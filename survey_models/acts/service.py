"""Acts that need two people (两人事项): one asks, another confirms within 24 hours, both stand in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role
from survey_models.acts import queries, rules
from survey_models.acts.tables import Act, ActState
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import record

Executor = Callable[[Session, Act, str, datetime], None]
_TRIES = 5
# What a unit's organiser may ask for, and nothing besides: counting, voiding, publishing stay with the office.
_OF_ORGANISERS = frozenset({"campaigns:open"})


def ask(session: Session, kind: str, *, target: str, params: Mapping[str, Any], by: str, at: datetime) -> Act:
    """Ask for an act. ``target`` is the campaign in whose log it stands; the asker holds ``setup``.

    A unit's organiser (单位组织员) asks for campaigns of its own unit, which the caller has checked.

    Asked again by the same person while it waits, the first asking is given back.
    """
    accounts.require(session, by, Role.SETUP, *((Role.ORGANISER,) if kind in _OF_ORGANISERS else ()))
    for act in queries.waiting(session, kind=kind, target=target, asked_by=by, since=at - rules.GOOD_FOR):
        if act.params == dict(params):
            return act
    act = _stored(session, kind=kind, target=target, params=dict(params), by=by, at=at)
    body = {"number": act.number, "kind": kind, "params": act.params}
    record(session, target, Event.ACT_ASKED, body, at=at, by=by)
    return act


def confirm(
    session: Session, number: int, *, by: str, at: datetime, demo: bool, execute: Mapping[str, Executor]
) -> Act:
    """Confirm an act as the second person, who holds ``release``, and do it in the same transaction.

    ``demo`` says that the installation is a demo, in which a new account may confirm.
    Raises ``act_unknown``, ``act_done``, ``act_expired``, ``act_same_person``, ``forbidden``, ``account_too_new``.
    """
    act = queries.by_number(session, number)
    if act is None:
        raise Problem("act_unknown")
    rules.check_confirmable(act, by=by, at=at)
    accounts.require_seasoned(accounts.require(session, by, Role.RELEASE), at=at, demo=demo)
    act.state = ActState.CONFIRMED.value
    act.confirmed_by = by
    act.confirmed_at = at
    session.flush()
    body = {"number": act.number, "kind": act.kind, "asked_by": act.asked_by}
    record(session, act.target, Event.ACT_CONFIRMED, body, at=at, by=by)
    execute[act.kind](session, act, by, at)
    return act


def listed(session: Session, *, limit: int = 200) -> Sequence[Act]:
    """The newest acts first; their state at an instant is ``rules.state_of``."""
    return queries.newest(session, limit=limit)


def _stored(session: Session, *, kind: str, target: str, params: dict[str, Any], by: str, at: datetime) -> Act:
    """Store the act under the next number; two people may ask at the same moment and want the same one."""
    for left in range(_TRIES, 0, -1):
        act = Act(
            number=queries.highest_number(session) + 1,
            kind=kind,
            target=target,
            params=params,
            state=ActState.ASKED.value,
            asked_by=by,
            asked_at=at,
            confirmed_by=None,
            confirmed_at=None,
        )
        try:
            with session.begin_nested():
                session.add(act)
        except IntegrityError:
            if left == 1:
                raise
        else:
            return act
    raise AssertionError("unreachable")
