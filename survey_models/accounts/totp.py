"""The second factor of an account (动态验证码): an authenticator app, and recovery codes that stand in for it once."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from survey_models.accounts import one_time, queries, rules, service
from survey_models.accounts.pass_tables import AccountTotp, RecoveryCode, StrongSession
from survey_models.accounts.rules import token_digest
from survey_models.accounts.sealing import PassKeys
from survey_models.accounts.second_factor import Policy, Standing
from survey_models.accounts.tables import Account
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record


def standing(session: Session, account_id: uuid.UUID, *, policy: Policy) -> Standing:
    """How the account stands. ``due`` is None where an app is set up, or none is asked for, or not yet."""
    row = session.execute(
        select(Account.roles, Account.demo, AccountTotp)
        .outerjoin(AccountTotp, AccountTotp.account_id == Account.id)
        .where(Account.id == account_id)
    ).one_or_none()
    if row is None:
        return Standing(on=False, since=None, due=None, recovery=0)
    roles, demo, stored = row
    on = stored is not None and stored.proven_at is not None
    asked = None if stored is None or on or not policy.asks(roles, demo=demo) else stored.asked_at
    due = None if asked is None else asked + policy.grace
    return Standing(on, stored.proven_at if on else None, due, _left(session, account_id) if on else 0)


def standing_of(session: Session, name: str, *, policy: Policy) -> Standing:
    """How the account of that name stands. Raises ``account_unknown``."""
    return standing(session, service.get(session, name).id, policy=policy)


def is_on(session: Session, account_id: uuid.UUID) -> bool:
    """Whether signing in asks for a code."""
    stored = session.get(AccountTotp, account_id)
    return stored is not None and stored.proven_at is not None


def note_strong(session: Session, token: str, *, at: datetime, ends_at: datetime) -> None:
    """A session began with a second factor of a sign-in provider: for as long as it lasts no app is asked for."""
    session.execute(delete(StrongSession).where(StrongSession.ends_at <= at))
    session.add(StrongSession(token_digest=token_digest(token), ends_at=ends_at))


def is_strong(session: Session, token: str) -> bool:
    """Whether the session began so."""
    return session.get(StrongSession, token_digest(token)) is not None


def note_asked(session: Session, name: str, *, at: datetime, policy: Policy) -> None:
    """Remember when an account that must have an app was first told so: the grace runs from here."""
    account = service.get(session, name)
    if not policy.asks(account.roles, demo=account.demo):
        return
    stored = _row(session, account)
    if stored.asked_at is None:
        stored.asked_at = at


def new_secret(session: Session, name: str, *, keys: PassKeys) -> bytes:
    """A new secret for the account, which counts once a code of it was right. Raises ``totp_on``."""
    account = _locked(session, name)
    stored = _row(session, account)
    if stored.proven_at is not None:
        raise Problem("totp_on")
    secret = secrets.token_bytes(one_time.SECRET_BYTES)
    stored.sealed = keys.seal(secret, account.id)
    stored.last_step = 0
    return secret


def prove(session: Session, name: str, typed: str, *, keys: PassKeys, at: datetime) -> Sequence[str]:
    """Switch the app on with its first right code; gives ten recovery codes, which are kept as digests alone.

    Raises ``totp_on``, ``totp_not_begun``, ``totp_wrong``.
    """
    account = _locked(session, name)
    stored = _row(session, account)
    if stored.proven_at is not None:
        raise Problem("totp_on")
    if stored.sealed is None:
        raise Problem("totp_not_begun")
    _take_step(account, stored, typed, keys=keys, at=at)
    stored.proven_at = at
    record(session, SYSTEM_LOG, Event.TOTP_SET, {"account": account.name}, at=at, by=account.name)
    return _new_codes(session, account, keys=keys)


def count_attempt(session: Session, name: str, *, at: datetime) -> None:
    """Book a code as wrong before it is looked at; a right one takes all of them back. Raises ``sign_in_slowed``.

    Only who has given the password, or was let in by the provider, comes this far: strangers who guess passwords bring
    no rest here, and a right password buys no new tries.
    """
    stored = _row(session, _locked(session, name))
    rules.check_not_resting(stored.blocked_until, at)
    stored.failures += 1
    rest = rules.wait_after(stored.failures)
    stored.blocked_until = None if rest is None else at + rest


def check(session: Session, name: str, typed: str, *, keys: PassKeys, at: datetime) -> None:
    """Take a code of the app, or a recovery code, which is used up by it. Raises ``totp_off``, ``totp_wrong``.

    The caller books the attempt beforehand (:func:`count_attempt`): wrong codes slow down as wrong passwords do.
    """
    account = _locked(session, name)
    stored = _row(session, account)
    if stored.proven_at is None:
        raise Problem("totp_off")
    if one_time.is_code(typed):
        _take_step(account, stored, typed, keys=keys, at=at)
        return
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.digest == keys.digest(typed, account.id),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.digest)
    ).all()
    if not used:
        raise Problem("totp_wrong")
    stored.failures, stored.blocked_until = 0, None
    body = {"account": account.name, "left": _left(session, account.id)}
    record(session, SYSTEM_LOG, Event.RECOVERY_CODE_USED, body, at=at, by=account.name)


def renew_codes(session: Session, name: str, *, keys: PassKeys, at: datetime) -> Sequence[str]:
    """Ten new recovery codes; the old ones are worth nothing from now on. Raises ``totp_off``."""
    account = _locked(session, name)
    if not is_on(session, account.id):
        raise Problem("totp_off")
    record(session, SYSTEM_LOG, Event.RECOVERY_CODES_MADE, {"account": account.name}, at=at, by=account.name)
    return _new_codes(session, account, keys=keys)


def remove(session: Session, name: str, *, at: datetime) -> None:
    """Switch the app off, for another telephone; the owner has just given a code. Raises ``totp_off``.

    Where the role needs an app, it is due again at once: the grace is not given twice.
    """
    account = _locked(session, name)
    _forget(session, account)
    record(session, SYSTEM_LOG, Event.TOTP_REMOVED, {"account": account.name}, at=at, by=account.name)


def reset(session: Session, name: str, *, by: str | None, at: datetime) -> None:
    """Another person takes the app away from an account whose telephone is lost, and ends its sessions.

    For 24 hours the account cannot confirm, as after a new password: it could be a second face of who resets it.
    Raises ``account_unknown``, ``totp_own_reset``, ``totp_off``.
    """
    account = _locked(session, name)
    if account.name == by:
        raise Problem("totp_own_reset")
    _forget(session, account)
    account.renewed_at = at
    queries.forget_sessions_of(session, account)
    record(session, SYSTEM_LOG, Event.TOTP_RESET, {"account": account.name}, at=at, by=by)


def names_with(session: Session) -> list[str]:
    """The names of the accounts that have an app, in order."""
    query = (
        select(Account.name)
        .join(AccountTotp, AccountTotp.account_id == Account.id)
        .where(AccountTotp.proven_at.is_not(None))
    )
    return list(session.scalars(query.order_by(Account.name)))


def _take_step(account: Account, stored: AccountTotp, typed: str, *, keys: PassKeys, at: datetime) -> None:
    secret = keys.opened(stored.sealed or b"", account.id)
    step = one_time.matching_step(secret, typed, at=at, after=stored.last_step)
    if step is None:
        raise Problem("totp_wrong")
    stored.last_step = step
    stored.failures, stored.blocked_until = 0, None


def _new_codes(session: Session, account: Account, *, keys: PassKeys) -> Sequence[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = one_time.new_recovery_codes()
    session.add_all(RecoveryCode(account_id=account.id, digest=keys.digest(code, account.id)) for code in codes)
    session.flush()
    return codes


def _forget(session: Session, account: Account) -> None:
    if not is_on(session, account.id):
        raise Problem("totp_off")
    stored = _row(session, account)
    stored.sealed, stored.proven_at = None, None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _left(session: Session, account_id: uuid.UUID) -> int:
    query = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.execute(query).scalar_one()


def _locked(session: Session, name: str) -> Account:
    """The account, held until the transaction ends: of two that hand in one code at once only one gets in."""
    account = queries.by_name(session, name, lock=True)
    if account is None:
        raise Problem("account_unknown")
    return account


def _row(session: Session, account: Account) -> AccountTotp:
    stored = session.get(AccountTotp, account.id)
    if stored is None:
        stored = AccountTotp(account_id=account.id, last_step=0, failures=0, blocked_until=None)
        session.add(stored)
    return stored
