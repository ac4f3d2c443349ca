"""What people do with their own account (我的账号): change the password, see and end their sessions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_models.accounts import queries, rules
from survey_models.accounts.tables import Account, AccountSession
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record


@dataclass(frozen=True)
class OwnSession:
    """A living session of the account; ``current``: the one that asks."""

    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    current: bool


def sessions_of(session: Session, account_id: uuid.UUID, *, token: str | None, at: datetime) -> Sequence[OwnSession]:
    """The sessions before their absolute end, the last used first.

    By which door one came is not stored: a command line's counts without use, too, and so all are shown.
    """
    query = select(AccountSession).where(AccountSession.account_id == account_id)
    own = None if token is None else rules.token_digest(token)
    return [
        OwnSession(one.made_at, one.seen_at, one.ends_at, current=one.token_digest == own)
        for one in session.scalars(query.order_by(AccountSession.seen_at.desc()))
        if rules.is_alive(seen_at=one.seen_at, ends_at=one.ends_at, at=at, idle=None)
    ]


def end_others(session: Session, account_id: uuid.UUID, *, token: str | None) -> int:
    """End every session of the account but the one of ``token``; gives how many."""
    own = "" if token is None else rules.token_digest(token)
    query = (
        delete(AccountSession)
        .where(AccountSession.account_id == account_id, AccountSession.token_digest != own)
        .returning(AccountSession.token_digest)
    )
    return len(session.execute(query).all())


def change_password(
    session: Session, name: str, *, compared: str, password_hash: str, token: str | None, at: datetime
) -> None:
    """Put a new password in the place of the one that was ``compared``, and end the other sessions.

    The owner has proved the old one, so that the account stays as seasoned as it was. Not so where that one was a first
    password, which somebody else knows: from now on the account is its owner's, and from now on its 24 hours run.
    Raises ``sign_in_failed`` when the password was changed meanwhile.
    """
    account = queries.by_name(session, name, lock=True)
    if account is None or account.password_hash != compared:
        raise Problem("sign_in_failed")
    first = account.first_password
    if first:
        account.renewed_at = at
    account.password_hash, account.first_password = password_hash, False
    end_others(session, account.id, token=token)
    body = {"account": account.name, "first": first}
    record(session, SYSTEM_LOG, Event.PASSWORD_CHANGED, body, at=at, by=account.name)


def take_back_attempt(session: Session, name: str, *, blocked_until: datetime | None) -> None:
    """A booked attempt was right, and yet no sign-in: it does not count, and earlier wrong ones still do.

    ``blocked_until`` is the rest that this very attempt had brought; one that another attempt brought stays.
    """
    account = queries.by_name(session, name, lock=True)
    if account is None:
        return
    account.failures = max(0, account.failures - 1)
    if account.blocked_until == blocked_until:
        account.blocked_until = None


def block_of(session: Session, name: str) -> datetime | None:
    """Until when the account rests after the attempt that was just booked in this transaction."""
    account: Account | None = queries.by_name(session, name)
    return None if account is None else account.blocked_until
