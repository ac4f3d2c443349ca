"""Access tokens (访问令牌): a program acts for an account, within few scopes, for a year at most."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.accounts import rules, service
from survey_models.accounts.pass_tables import AccessToken
from survey_models.accounts.rules import Role
from survey_models.accounts.tables import Account
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id, new_secret
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record

PREFIX = "pingyi_"
LONGEST_DAYS = 366
LONGEST_LABEL = 60
# A program needs one; whoever has more than this has lost sight of them.
MOST_ALIVE = 20


class Scope(StrEnum):
    """What a program may be let do (权限范围). Which endpoints each opens stands in ``api/auth/scopes.py``."""

    PROGRESS_READ = "progress:read"
    UPLOADS_WRITE = "uploads:write"
    MARKS_WRITE = "marks:write"
    RESULTS_READ = "results:read"
    WINDOWS_READ = "windows:read"
    LEDGER_READ = "ledger:read"
    METRICS_READ = "metrics:read"


_OFFICE = frozenset({Role.SETUP, Role.RELEASE, Role.AUDITOR})
# Whose accounts a scope is of any use to; the endpoint's own guard decides again at every request.
SCOPE_ROLES: dict[Scope, frozenset[Role]] = {
    Scope.PROGRESS_READ: _OFFICE | {Role.CONTRACTOR, Role.DISTRICT},
    Scope.UPLOADS_WRITE: frozenset({Role.SETUP, Role.CONTRACTOR}),
    Scope.MARKS_WRITE: frozenset({Role.ASSESSOR}),
    Scope.RESULTS_READ: _OFFICE,
    Scope.WINDOWS_READ: _OFFICE,
    Scope.LEDGER_READ: _OFFICE,
    Scope.METRICS_READ: _OFFICE,
}


@dataclass(frozen=True)
class Made:
    """A token just made. ``text`` goes to the owner once and is kept nowhere."""

    token: AccessToken
    text: str


@dataclass(frozen=True)
class Bearer:
    """Whom a token speaks for. ``stale``: today's use is not written down yet."""

    token_id: uuid.UUID
    account: Account
    scopes: frozenset[str]
    stale: bool


def scopes_for(roles: Iterable[str]) -> list[Scope]:
    """The scopes that holders of these roles may give to a program."""
    held = set(roles)
    return [scope for scope in Scope if not SCOPE_ROLES[scope].isdisjoint(held)]


def make(session: Session, name: str, *, label: str, scopes: Iterable[str], days: int, at: datetime) -> Made:
    """A token of the account, for ``days`` days, 1 to 366.

    Raises ``token_days_wrong``, ``token_scope_unknown``, ``token_scope_not_yours``, ``token_too_many``.
    """
    account = service.get(session, name)
    label, known = label.strip(), _known(scopes, account.roles)
    if not 0 < len(label) <= LONGEST_LABEL:
        raise Problem("request_malformed", where="label")
    if not 1 <= days <= LONGEST_DAYS:
        raise Problem("token_days_wrong", most=LONGEST_DAYS)
    if sum(_is_alive(one, account, at) for one in listed(session, account.id)) >= MOST_ALIVE:
        raise Problem("token_too_many", most=MOST_ALIVE)
    text = PREFIX + new_secret()
    token = AccessToken(
        id=new_id(),
        account_id=account.id,
        label=label,
        token_digest=rules.token_digest(text),
        scopes=[scope.value for scope in known],
        made_at=at,
        ends_at=at + timedelta(days=days),
        used_on=None,
        revoked_at=None,
    )
    session.add(token)
    session.flush()
    body = {"account": account.name, "token": str(token.id), "scopes": token.scopes, "days": days}
    record(session, SYSTEM_LOG, Event.TOKEN_MADE, body, at=at, by=account.name)
    return Made(token, text)


def listed(session: Session, account_id: uuid.UUID) -> Sequence[AccessToken]:
    """Every token the account ever had, the newest first."""
    query = select(AccessToken).where(AccessToken.account_id == account_id)
    return session.scalars(query.order_by(AccessToken.made_at.desc(), AccessToken.id)).all()


def every(session: Session, account_id: uuid.UUID | None) -> Sequence[tuple[str, AccessToken]]:
    """Owner's name and token: of one account, or (None) of all, the newest first."""
    query = select(Account.name, AccessToken).join(Account, Account.id == AccessToken.account_id)
    if account_id is not None:
        query = query.where(AccessToken.account_id == account_id)
    return [(name, one) for name, one in session.execute(query.order_by(AccessToken.made_at.desc(), AccessToken.id))]


def is_alive(session: Session, token: AccessToken, *, at: datetime) -> bool:
    """Whether the token still opens anything."""
    account = session.get_one(Account, token.account_id)
    return _is_alive(token, account, at)


def revoke(session: Session, token_id: uuid.UUID, *, account_id: uuid.UUID | None, by: str, at: datetime) -> None:
    """Revoke a token: of the account alone, or (``account_id`` None: the office) of anybody.

    One that is revoked stays so. Raises ``token_not_there``.
    """
    token = session.get(AccessToken, token_id, with_for_update=True)
    if token is None or account_id not in {None, token.account_id}:
        raise Problem("token_not_there")
    if token.revoked_at is not None:
        return
    token.revoked_at = at
    owner = session.get_one(Account, token.account_id)
    body = {"account": owner.name, "token": str(token.id)}
    record(session, SYSTEM_LOG, Event.TOKEN_REVOKED, body, at=at, by=by)


def bearer(session: Session, text: str, *, at: datetime, today: date) -> Bearer | None:
    """Whom the token speaks for now; None for one unknown, ended or revoked, or of a disabled or reset account."""
    query = (
        select(AccessToken, Account)
        .join(Account, Account.id == AccessToken.account_id)
        .where(AccessToken.token_digest == rules.token_digest(text))
    )
    found = session.execute(query).one_or_none()
    if found is None or not _is_alive(found[0], found[1], at):
        return None
    token, account = found
    return Bearer(token.id, account, frozenset(token.scopes), stale=token.used_on != today)


def note_use(session: Session, token_id: uuid.UUID, *, today: date) -> None:
    """Write down that the token was used today; the hour is nobody's business."""
    token = session.get(AccessToken, token_id)
    if token is not None:
        token.used_on = today


def _is_alive(token: AccessToken, account: Account, at: datetime) -> bool:
    """A token made before its account was reset is worth nothing: the reset may have been made because of it."""
    fresh = account.renewed_at <= token.made_at and token.made_at - at <= rules.CLOCKS_DIFFER
    return fresh and at < token.ends_at and token.revoked_at is None and not account.disabled


def _known(scopes: Iterable[str], roles: Iterable[str]) -> list[Scope]:
    asked = set(scopes)
    known = [scope for scope in Scope if scope.value in asked]
    for scope in sorted(asked - {one.value for one in known}) or ([""] if not known else []):
        raise Problem("token_scope_unknown", scope=scope, scopes=", ".join(Scope))
    allowed = scopes_for(roles)
    for scope in known:
        if scope not in allowed:
            raise Problem("token_scope_not_yours", scope=scope.value)
    return known
