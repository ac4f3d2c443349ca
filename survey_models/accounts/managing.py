"""What setup does with other people's accounts (账号管理): roles and places, disabling, enabling."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from survey_models.accounts import assignments, posts, queries, rules, service
from survey_models.accounts.rules import Role
from survey_models.accounts.service import Place
from survey_models.accounts.tables import Account
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record

LONGEST_REASON = 200


def place_of(account: Account) -> Place:
    """What the account may do and where, as it stands."""
    return Place(
        tuple(account.roles),
        account.office,
        account.unit_code,
        account.area_code,
        account.trained_on,
        account.undertaking_on,
    )


def change(session: Session, name: str, place: Place, *, by: str, at: datetime, zone: str) -> Account:
    """Give an account other roles, another office, unit, area or other dates; what it had not said is gone.

    With a role that it did not have it cannot confirm for 24 hours, as a new account; a contractor or clerk that is
    none any more loses its campaigns. Raises ``account_unknown``, ``account_last_setup`` and what
    :func:`service.checked` does.
    """
    account = _locked(session, name)
    place = service.checked(session, place, today=clock.local_day(at, zone))
    if place == place_of(account):
        return account
    if Role.SETUP not in place.roles:
        _keep_one_setup(session, account)
    if set(place.roles) - set(account.roles):
        account.renewed_at = at
    account.roles = list(place.roles)
    account.office, account.unit_code, account.area_code = place.office, place.unit_code, place.area_code
    account.trained_on, account.undertaking_on = place.trained_on, place.undertaking_on
    if Role.CONTRACTOR not in place.roles:
        for campaign_id in sorted(assignments.campaigns_of(session, account.id)):
            assignments.withdraw(session, name, campaign_id, by=by, at=at)
    if Role.POINT not in place.roles:
        for campaign_id in sorted(posts.campaigns_of(session, account.id)):
            posts.withdraw(session, name, campaign_id, by=by, at=at)
    session.flush()
    record(session, SYSTEM_LOG, Event.ACCOUNT_CHANGED, {"account": account.name, **place.told()}, at=at, by=by)
    return account


def disable(session: Session, name: str, *, reason: str, by: str, at: datetime) -> Account:
    """Close an account: its sessions end at once, and nobody signs in with it. What it did stays as it is.

    Raises ``account_unknown``, ``account_reason_missing``, ``account_is_own``, ``account_last_setup``.
    """
    account, reason = _locked(session, name), reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Problem("account_reason_missing")
    if account.name == by:
        raise Problem("account_is_own")
    if account.disabled:
        return account
    _keep_one_setup(session, account)
    account.disabled = True
    queries.forget_sessions_of(session, account)
    session.flush()
    record(session, SYSTEM_LOG, Event.ACCOUNT_DISABLED, {"account": account.name, "reason": reason}, at=at, by=by)
    return account


def enable(session: Session, name: str, *, by: str, at: datetime) -> Account:
    """Open a disabled account again, with the password it had; it cannot confirm for 24 hours."""
    account = _locked(session, name)
    if not account.disabled:
        return account
    account.disabled = False
    account.renewed_at = at
    account.failures = 0
    account.blocked_until = None
    session.flush()
    record(session, SYSTEM_LOG, Event.ACCOUNT_ENABLED, {"account": account.name}, at=at, by=by)
    return account


def _locked(session: Session, name: str) -> Account:
    account = queries.by_name(session, rules.stored_name(name), lock=True)
    if account is None:
        raise Problem("account_unknown")
    return account


def _keep_one_setup(session: Session, account: Account) -> None:
    """Refuse to take away the last account that could give rights back. Raises ``account_last_setup``."""
    if Role.SETUP not in account.roles or account.disabled:
        return
    others = [one for one in queries.every(session) if one.id != account.id and not one.disabled]
    if not any(Role.SETUP in one.roles for one in others):
        raise Problem("account_last_setup")
