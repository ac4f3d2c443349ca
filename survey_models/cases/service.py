"""Finished cases (办件): posted by business systems, offered to the terminal of the window, rated once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_models.cases import queries, rules
from survey_models.cases.tables import Case, Machine
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id, new_secret
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units import service as units
from survey_models.units.tables import Mode, Window


@dataclass(frozen=True)
class Posted:
    """A case as the business system hears of it; ``made``: it was not there before."""

    case: Case
    made: bool


@dataclass(frozen=True)
class CaseRules:
    """For how long a case can be rated, and for how long a terminal offers it."""

    days: int
    minutes: int


def post(
    session: Session,
    machine: Machine,
    window_id: str,
    number: str,
    *,
    service: str,
    pepper: bytes,
    rules_: CaseRules,
    at: datetime,
    zone: str,
) -> Posted:
    """Take a finished case; the same number again is the same case.

    Raises:
        Problem: ``window_unknown``, ``machine_out_of_scope``, ``window_counts_visits``, ``request_malformed``,
            ``case_rated``, ``case_expired``.
    """
    window = _in_scope(session, machine, window_id)
    number = rules.fit_number(number)
    digest = rules.digest(pepper, window.id, number)
    known = session.get(Case, (window.id, digest))
    if known is not None:
        return Posted(_still_open(known, at), made=False)
    made = Case(
        window_id=window.id,
        number_digest=digest,
        finished_on=local_day(at, zone),
        number=None if machine.personal else number,
        service=rules.fit_service(service),
        token=str(new_id()),
        opened_at=at,
        expires_at=at + timedelta(days=rules_.days),
        rated_on=None,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        return Posted(_still_open(session.get_one(Case, (window.id, digest)), at), made=False)
    return Posted(made, made=True)


def _in_scope(session: Session, machine: Machine, window_id: str) -> Window:
    window = units.get_window(session, window_id)
    if machine.window_id not in {None, window.id} or machine.hall not in {None, window.hall}:
        raise Problem("machine_out_of_scope")
    if window.mode != Mode.CASE:
        raise Problem("window_counts_visits")
    return window


def _still_open(case: Case, at: datetime) -> Case:
    why = rules.refusal(rated=case.rated_on is not None, expires_at=case.expires_at, given_at=at)
    if why is not None:
        raise Problem(why)
    return case


def offered(session: Session, window_id: str, *, rules_: CaseRules, at: datetime) -> Case | None:
    """The case that the terminal of a window asks about: the newest one, for some minutes, unless it is rated.

    An older one is never offered again: the next person in line would rate somebody else's case.
    """
    found = queries.newest(session, window_id)
    if found is None or found.opened_at is None or found.rated_on is not None:
        return None
    return found if at < found.opened_at + timedelta(minutes=rules_.minutes) else None


def finished(session: Session, *, since: date, until: date, rated_until: date) -> dict[str, tuple[int, int]]:
    """By window, cases finished in a time: all, and those that were rated before a day."""
    rows = queries.finished(session, since=since, until=until, rated_until=rated_until)
    return {window_id: (int(cases), int(rated)) for window_id, cases, rated in rows}


def forget_instants(session: Session, *, at: datetime) -> int:
    """Forget when expired cases were posted: only the day stays. How many there were."""
    found = session.execute(
        update(Case).where(Case.opened_at.is_not(None), Case.expires_at <= at).values(opened_at=None)
    )
    return int(found.rowcount)  # type: ignore[attr-defined]


def make_machine(
    session: Session,
    name: str,
    *,
    hall: str | None,
    window_id: str | None,
    personal: bool,
    by: str,
    at: datetime,
) -> tuple[Machine, str]:
    """A credential for a business system; its token is given once. It covers one hall or one window.

    Raises ``request_malformed``, ``window_unknown``.
    """
    if not name.strip() or (hall is None) == (window_id is None):
        raise Problem("request_malformed", where="hall, window")
    if window_id is not None:
        units.get_window(session, window_id)
    elif hall not in {window.hall for window in units.all_windows(session)}:
        raise Problem("window_unknown")
    token = new_secret()
    made = Machine(
        id=new_id(),
        name=name.strip()[:80],
        token_digest=_digest(token),
        hall=hall,
        window_id=window_id,
        personal=personal,
        made_by=by,
        made_at=at,
        revoked_at=None,
    )
    session.add(made)
    session.flush()
    body = {"machine": str(made.id), "name": made.name, "hall": hall, "window": window_id, "personal": personal}
    record(session, SYSTEM_LOG, Event.MACHINE_MADE, body, at=at, by=by)
    return made, token


def revoke_machine(session: Session, machine_id: uuid.UUID, *, by: str, at: datetime) -> Machine:
    """Withdraw a credential. Raises ``machine_unknown_id``."""
    found = session.get(Machine, machine_id)
    if found is None or found.revoked_at is not None:
        raise Problem("machine_unknown_id")
    found.revoked_at = at
    record(session, SYSTEM_LOG, Event.MACHINE_REVOKED, {"machine": str(found.id)}, at=at, by=by)
    return found


def machine_of(session: Session, token: str) -> Machine:
    """The business system of a token. Raises ``machine_unknown``."""
    found = queries.machine_by_digest(session, _digest(token))
    if found is None:
        raise Problem("machine_unknown")
    return found


def machines(session: Session) -> Sequence[Machine]:
    """Every business system, withdrawn ones too, the newest first."""
    return queries.machines(session)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
