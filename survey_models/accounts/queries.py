"""Reading accounts and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_models.accounts.tables import Account, AccountSession


def by_name(session: Session, name: str, *, lock: bool = False) -> Account | None:
    """The account of that name; ``lock`` holds its row until the transaction ends."""
    query = select(Account).where(Account.name == name)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def every(session: Session) -> Sequence[Account]:
    """All accounts by name."""
    return session.scalars(select(Account).order_by(Account.name)).all()


def session_by_digest(session: Session, digest: str) -> tuple[AccountSession, Account] | None:
    """A stored session and the account it belongs to."""
    query = (
        select(AccountSession, Account)
        .join(Account, Account.id == AccountSession.account_id)
        .where(AccountSession.token_digest == digest)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def forget_session(session: Session, digest: str) -> None:
    """Remove one session."""
    session.execute(delete(AccountSession).where(AccountSession.token_digest == digest))


def forget_sessions_of(session: Session, account: Account) -> None:
    """Remove every session of an account."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account.id))


def forget_ended(session: Session, at: datetime) -> None:
    """Remove the sessions whose absolute end has passed."""
    session.execute(delete(AccountSession).where(AccountSession.ends_at <= at))
