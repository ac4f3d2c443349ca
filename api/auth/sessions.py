"""Sign-in for both doors, browser and command line, and the cookie of the browser."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.auth import passwords
from api.auth.strangers import Strangers
from api.db import reading, unit_of_work
from api.keys import load_pepper
from api.settings import Settings
from survey_models.accounts import own, rules, service, totp
from survey_models.accounts.sealing import HalfSignIn, PassKeys, hash_digest
from survey_models.accounts.service import Started
from survey_models.accounts.tables import Account
from survey_models.core import clock
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    # The command line signs in here too and does not wait for the web framework.
    from fastapi import Request, Response

_strangers = Strangers()


@dataclass(frozen=True)
class Actor:
    """The person who acts: an account that has signed in, and the office, unit or area it acts for.

    ``sworn``: a clerk with the dates of training and undertaking. ``must_set_up``: the role needs an authenticator app
    (动态验证码), and the grace is over. ``must_choose``: the password is a first one (首个密码), good for another one.
    """

    id: uuid.UUID
    name: str
    roles: tuple[str, ...]
    csrf: str
    office: str | None = None
    unit_code: str | None = None
    area_code: str | None = None
    sworn: bool = False
    must_set_up: bool = False
    must_choose: bool = False


@dataclass(frozen=True)
class CodeAsked:
    """The password was right; ``ticket`` comes back with a code of the person's app, within five minutes."""

    ticket: str


def sign_in(
    engine: Engine, settings: Settings, *, name: str, password: str, door: str, replaces: str | None = None
) -> Started | CodeAsked:
    """Check name and password and begin a session, or ask for a code where the account has an authenticator app.

    Three steps: the attempt is booked and committed, the password is compared outside any transaction
    (it takes long on purpose), the session is begun. Raises ``sign_in_failed`` or ``sign_in_slowed``.
    """
    at = clock.now()
    name = rules.stored_name(name)
    with unit_of_work(engine) as session:
        attempt = service.count_attempt(session, name, at=at)
        block = own.block_of(session, name)
    if not attempt.known:
        _strangers.count_attempt(name, at=at)
    stored = attempt.password_hash
    if not passwords.matches(stored, password) or stored is None:
        raise Problem("sign_in_failed")
    with unit_of_work(engine) as session:
        if totp.is_on(session, service.get(session, name).id):
            # Earlier wrong codes still count: the password alone buys no new tries.
            own.take_back_attempt(session, name, blocked_until=block)
            half = HalfSignIn(name, hash_digest(stored), door, at)
            return CodeAsked(PassKeys(load_pepper(settings.data_dir)).ticket(half))
        started = service.start_session(
            session, name, password_hash=stored, at=at, lasts=settings.session_lasts, door=door, replaces=replaces
        )
        totp.note_asked(session, name, at=at, policy=settings.totp)
        return started


def must_set_up(
    session: Session, account_id: uuid.UUID, roles: Sequence[str], *, settings: Settings, at: datetime
) -> bool:
    """Whether the account may do nothing before it has an authenticator app."""
    policy = settings.totp
    if not policy.asks(roles, demo=False):
        return False
    return totp.standing(session, account_id, policy=policy).must(at)


def must_choose(account: Account, *, settings: Settings) -> bool:
    """Whether the account has a first password (首个密码) and may do nothing before its owner has chosen one."""
    return account.first_password and not (account.demo or settings.totp.demo)


def actor_of(engine: Engine, settings: Settings, token: str, *, idle: timedelta | None) -> Actor | None:
    """Who is signed in by ``token``; None: nobody. A read, and once a minute a short write."""
    at = clock.now()
    with reading(engine) as session:
        found = service.present(session, token, at=at, idle=idle)
        if found is None:
            return None
        must = must_set_up(session, found.account_id, found.roles, settings=settings, at=at)
        must = must and not totp.is_strong(session, token)
    if found.stale:
        with unit_of_work(engine) as session:
            service.touch(session, token, at=at)
    return Actor(
        found.account_id,
        found.name,
        found.roles,
        found.csrf,
        found.office,
        found.unit_code,
        found.area_code,
        found.sworn,
        must,
        found.must_choose and not settings.totp.demo,
    )


def sign_out(engine: Engine, token: str) -> None:
    """End the session on the server, whatever the client keeps."""
    with unit_of_work(engine) as session:
        service.end_session(session, token)


def cookie_name(settings: Settings) -> str:
    """``__Host-sid`` binds the cookie to this host and to https; browsers refuse that name over plain http."""
    return "__Host-sid" if settings.https else "sid"


def token_in(request: Request, settings: Settings) -> str | None:
    """The session token that the browser sent."""
    return request.cookies.get(cookie_name(settings)) or None


def give_cookie(response: Response, settings: Settings, token: str) -> None:
    """Hand the token to the browser. No lifetime: the server ends sessions, the browser forgets at closing."""
    response.set_cookie(cookie_name(settings), token, path="/", secure=settings.https, httponly=True, samesite="lax")


def take_cookie(response: Response, settings: Settings) -> None:
    """Let the browser forget the token."""
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.https, httponly=True, samesite="lax")
