"""What people do with accounts (账号): make, reset, sign in and out."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from survey_models.accounts import queries, rules
from survey_models.accounts.tables import Account, AccountSession
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id, new_secret
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units.tables import Unit


@dataclass(frozen=True)
class Started:
    """A session just begun. ``token`` goes to the client once and is kept nowhere."""

    name: str
    roles: tuple[str, ...]
    token: str
    csrf: str


@dataclass(frozen=True)
class Present:
    """Who stands behind a living session. ``stale`` says that its last use should be written down anew.

    ``must_choose``: the password is another person's choice still; nothing is done before an own one is chosen.
    """

    account_id: uuid.UUID
    name: str
    roles: tuple[str, ...]
    csrf: str
    stale: bool
    office: str | None
    unit_code: str | None
    area_code: str | None
    sworn: bool
    must_choose: bool


@dataclass(frozen=True)
class Place:
    """What an account may do and where: roles, the office, unit or area it acts for, a clerk's two dates."""

    roles: tuple[str, ...]
    office: str | None = None
    unit_code: str | None = None
    area_code: str | None = None
    trained_on: date | None = None
    undertaking_on: date | None = None

    def told(self) -> dict[str, Any]:
        """The fields of its ledger row."""
        return {
            "roles": list(self.roles),
            "office": self.office,
            "unit": self.unit_code,
            "area": self.area_code,
            "trained_on": None if self.trained_on is None else self.trained_on.isoformat(),
            "undertaking_on": None if self.undertaking_on is None else self.undertaking_on.isoformat(),
        }


@dataclass(frozen=True)
class Attempt:
    """A booked sign-in attempt. ``known``: there is such an account; ``password_hash`` None: nobody can sign in."""

    known: bool
    password_hash: str | None


# A console polls; its session is written at most this often, not at each request.
_TOUCH_EVERY = timedelta(seconds=60)
# The door of a sign-in provider (统一身份认证): it proves no local password.
PROVIDER = "provider"


def checked(session: Session, place: Place, *, today: date) -> Place:
    """The place as it is kept.

    Raises ``role_unknown``, ``unit_unknown``, ``account_role_apart`` and what :func:`rules.known_office`,
    :func:`rules.known_area`, :func:`rules.check_unit_named` and :func:`rules.check_sworn_dates` raise.
    """
    known = rules.known_roles(place.roles)
    office = rules.known_office(known, place.office)
    area = rules.known_area(known, place.area_code)
    rules.check_unit_named(known, place.unit_code)
    rules.check_apart(known)
    rules.check_sworn_dates(known, trained_on=place.trained_on, undertaking_on=place.undertaking_on, today=today)
    if place.unit_code and session.get(Unit, place.unit_code) is None:
        raise Problem("unit_unknown")
    return replace(place, roles=tuple(known), office=office, unit_code=place.unit_code or None, area_code=area)


def create(
    session: Session,
    name: str,
    *,
    password_hash: str,
    roles: Iterable[str],
    at: datetime,
    by: str | None = None,
    demo: bool = False,
    office: str | None = None,
    unit_code: str | None = None,
    area_code: str | None = None,
    trained_on: date | None = None,
    undertaking_on: date | None = None,
    zone: str = "UTC",
    first_password: bool = False,
) -> Account:
    """Make an account. ``demo`` ones may confirm at once; ``zone`` tells today, which no date of a clerk lies beyond.

    ``first_password``: the person has to choose an own one first (首次登录改密码), as for all that somebody else makes.

    Raises ``account_exists`` and what :func:`checked` raises.
    """
    name = rules.stored_name(name)
    place = Place(tuple(roles), office, unit_code, area_code, trained_on, undertaking_on)
    place = checked(session, place, today=clock.local_day(at, zone))
    if queries.by_name(session, name) is not None:
        raise Problem("account_exists")
    account = Account(
        id=new_id(),
        name=name,
        password_hash=password_hash,
        first_password=first_password,
        roles=list(place.roles),
        demo=demo,
        disabled=False,
        renewed_at=at,
        failures=0,
        blocked_until=None,
        office=place.office,
        unit_code=place.unit_code,
        area_code=place.area_code,
        trained_on=place.trained_on,
        undertaking_on=place.undertaking_on,
    )
    session.add(account)
    session.flush()
    record(session, SYSTEM_LOG, Event.ACCOUNT_MADE, {"account": name, **place.told()}, at=at, by=by)
    return account


def reset(session: Session, name: str, *, password_hash: str, at: datetime, by: str | None = None) -> Account:
    """Give an account a first password and end its sessions. It confirms 24 hours after its owner chose another one."""
    account = get(session, name)
    account.password_hash, account.first_password = password_hash, True
    account.renewed_at = at
    account.failures = 0
    account.blocked_until = None
    queries.forget_sessions_of(session, account)
    record(session, SYSTEM_LOG, Event.ACCOUNT_RESET, {"account": account.name}, at=at, by=by)
    return account


def known(session: Session, name: str) -> Account | None:
    """The account of that name, if there is one."""
    return queries.by_name(session, name)


def get(session: Session, name: str) -> Account:
    """The account of that name. Raises ``account_unknown``."""
    account = queries.by_name(session, name)
    if account is None:
        raise Problem("account_unknown")
    return account


def require(session: Session, name: str, *roles: rules.Role) -> Account:
    """The account of that name, which holds one of ``roles``. Raises ``forbidden``."""
    account = get(session, name)
    rules.check_role(account.roles, *roles)
    return account


def require_seasoned(account: Account, *, at: datetime, demo: bool) -> None:
    """Refuse an account that is younger than 24 hours; a demo account or installation may act at once.

    Raises ``own_password_first``, ``account_too_new``.
    """
    if not (demo or account.demo):
        if account.first_password:
            raise Problem("own_password_first")
        rules.check_seasoned(account.renewed_at, at)


def listed(session: Session) -> Sequence[Account]:
    """All accounts by name."""
    return queries.every(session)


def count_attempt(session: Session, name: str, *, at: datetime) -> Attempt:
    """Book a sign-in attempt as failed before the password is looked at; success takes it back.

    Booked first, many attempts at the same moment cannot share one free try. Raises ``sign_in_slowed``.
    """
    account = queries.by_name(session, name, lock=True)
    if account is None:
        return Attempt(known=False, password_hash=None)
    rules.check_not_resting(account.blocked_until, at)
    account.failures += 1
    rest = rules.wait_after(account.failures)
    account.blocked_until = None if rest is None else at + rest
    return Attempt(known=True, password_hash=None if account.disabled else account.password_hash)


def start_session(
    session: Session,
    name: str,
    *,
    password_hash: str,
    at: datetime,
    lasts: timedelta,
    door: str,
    replaces: str | None = None,
) -> Started:
    """Begin a session after the password was found right (``password_hash`` is the hash it was compared with).

    ``door`` is ``browser``, ``command_line`` or ``provider``; ``replaces`` is the token of a session that ends with
    this one. Raises ``sign_in_failed`` when the password was changed meanwhile.
    """
    account = queries.by_name(session, name, lock=True)
    if account is None or account.disabled or account.password_hash != password_hash:
        raise Problem("sign_in_failed")
    if door != PROVIDER:
        # Guesses at the local password are no business of the provider's.
        account.failures = 0
        account.blocked_until = None
    queries.forget_ended(session, at)
    if replaces is not None:
        queries.forget_session(session, rules.token_digest(replaces))
    token, csrf = new_secret(), new_secret()
    session.add(
        AccountSession(
            token_digest=rules.token_digest(token),
            account_id=account.id,
            csrf=csrf,
            made_at=at,
            seen_at=at,
            ends_at=at + lasts,
        )
    )
    session.flush()
    record(session, SYSTEM_LOG, Event.SIGNED_IN, {"account": account.name, "door": door}, at=at)
    return Started(account.name, tuple(account.roles), token, csrf)


def present(session: Session, token: str, *, at: datetime, idle: timedelta | None) -> Present | None:
    """Who is signed in by ``token``; None when nobody is, any more or ever. ``idle`` None: only the absolute end."""
    found = queries.session_by_digest(session, rules.token_digest(token))
    if found is None:
        return None
    stored, account = found
    alive = rules.is_alive(seen_at=stored.seen_at, ends_at=stored.ends_at, at=at, idle=idle)
    if not alive or account.disabled:
        return None
    stale = at - stored.seen_at >= _TOUCH_EVERY
    return Present(
        account.id,
        account.name,
        tuple(account.roles),
        stored.csrf,
        stale,
        account.office,
        account.unit_code,
        account.area_code,
        account.sworn,
        account.first_password and not account.demo,
    )


def touch(session: Session, token: str, *, at: datetime) -> None:
    """Write down that the session was used at ``at``."""
    found = queries.session_by_digest(session, rules.token_digest(token))
    if found is not None and found[0].seen_at < at:
        found[0].seen_at = at


def end_session(session: Session, token: str) -> None:
    """Sign out: the token means nothing from now on."""
    queries.forget_session(session, rules.token_digest(token))
