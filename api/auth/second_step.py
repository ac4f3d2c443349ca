"""The second step of signing in (动态验证码), and proofs that a signed-in person gives again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from api.auth import passwords
from api.auth.sessions import Actor
from api.db import unit_of_work
from api.keys import load_pepper
from api.settings import Settings
from survey_models.accounts import linking, own, service, totp
from survey_models.accounts.sealing import PassKeys, hash_digest
from survey_models.accounts.service import Started
from survey_models.core import clock
from survey_models.core.errors import Problem


def pass_keys(settings: Settings) -> PassKeys:
    """The keys that seal secrets of apps, from the data folder."""
    return PassKeys(load_pepper(settings.data_dir))


def sign_in_with_code(
    engine: Engine, settings: Settings, *, ticket: str, code: str, replaces: str | None = None
) -> Started:
    """Check the code that a half sign-in asked for, and begin the session.

    The attempt is booked and committed beforehand, as that with a password is. Raises ``sign_in_step_ended``,
    ``sign_in_slowed``, ``totp_wrong``.
    """
    at, keys = clock.now(), pass_keys(settings)
    half = keys.opened_ticket(ticket, at=at)
    if half is None:
        raise Problem("sign_in_step_ended")
    with unit_of_work(engine) as session:
        account = service.known(session, half.name)
        if account is None or account.disabled or hash_digest(account.password_hash) != half.hash_digest:
            raise Problem("sign_in_step_ended")
        totp.count_attempt(session, half.name, at=at)
        stored, first = account.password_hash, account.first_password
    spare = nobodys_hash(half.name) if half.subject and first else stored
    with unit_of_work(engine) as session:
        totp.check(session, half.name, code, keys=keys, at=at)
        if half.subject:
            account = service.get(session, half.name)
            linking.bind(session, account, settings.oidc_issuer, half.subject, nobodys_hash=spare, at=at)
            stored = account.password_hash
        return service.start_session(
            session,
            half.name,
            password_hash=stored,
            at=at,
            lasts=settings.session_lasts,
            door=half.door,
            replaces=replaces,
        )


def prove_password(engine: Engine, name: str, password: str) -> str:
    """Compare the password of somebody who is signed in already; gives the hash it was compared with.

    Raises ``sign_in_slowed``, ``password_wrong``.
    """
    at = clock.now()
    with unit_of_work(engine) as session:
        stored = service.count_attempt(session, name, at=at).password_hash
        block = own.block_of(session, name)
    if not passwords.matches(stored, password) or stored is None:
        raise Problem("password_wrong")
    with unit_of_work(engine) as session:
        own.take_back_attempt(session, name, blocked_until=block)
    return stored


def change_password(engine: Engine, name: str, *, old: str, new: str, token: str | None) -> None:
    """Another password for somebody who is signed in and gives the old one; the other sessions end.

    Raises ``sign_in_slowed``, ``password_wrong``, ``password_unchanged``, ``password_weak``, ``sign_in_failed``.
    """
    compared = prove_password(engine, name, old)
    if new == old:
        raise Problem("password_unchanged")
    password_hash = passwords.new_hash(new, name=name)
    with unit_of_work(engine) as session:
        own.change_password(session, name, compared=compared, password_hash=password_hash, token=token, at=clock.now())


def nobodys_hash(name: str) -> str:
    """The hash of a password that nobody knows, for who signs in at a provider alone."""
    return passwords.new_hash(passwords.random_password(), name=name)


def set_up(engine: Engine, settings: Settings, actor: Actor, code: str, *, token: str | None) -> Sequence[str]:
    """Switch an app on with its first code; the other sessions end. Gives ten recovery codes, to be shown once.

    Raises ``sign_in_slowed``, ``totp_on``, ``totp_not_begun``, ``totp_wrong``.
    """
    at, keys = clock.now(), pass_keys(settings)
    with unit_of_work(engine) as session:
        totp.count_attempt(session, actor.name, at=at)
    with unit_of_work(engine) as session:
        codes = totp.prove(session, actor.name, code, keys=keys, at=at)
        own.end_others(session, actor.id, token=token)
    return codes


def prove_code(engine: Engine, settings: Settings, name: str, code: str) -> None:
    """Check a code of somebody who is signed in already. Raises ``sign_in_slowed``, ``totp_off``, ``totp_wrong``."""
    at, keys = clock.now(), pass_keys(settings)
    with unit_of_work(engine) as session:
        totp.count_attempt(session, name, at=at)
    with unit_of_work(engine) as session:
        totp.check(session, name, code, keys=keys, at=at)
