"""Which campaigns and strata a contractor (承办单位) works on (分配)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_models.accounts import service
from survey_models.accounts.rules import Role
from survey_models.accounts.tables import EVERY_STRATUM, Account, Assignment
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Stratum
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record


def campaigns_of(session: Session, account_id: uuid.UUID) -> frozenset[str]:
    """The campaigns that an account is assigned, whole or in part."""
    return frozenset(session.scalars(select(Assignment.campaign_id).where(Assignment.account_id == account_id)))


def strata_of(session: Session, account_id: uuid.UUID, campaign_id: str) -> frozenset[int] | None:
    """The numbers of the strata (层) an account works on in a campaign; None: all of them, empty: nothing."""
    query = select(Assignment.stratum_no).where(
        Assignment.account_id == account_id, Assignment.campaign_id == campaign_id
    )
    found = frozenset(session.scalars(query))
    return None if EVERY_STRATUM in found else found


def may(session: Session, account_id: uuid.UUID, campaign_id: str, stratum_no: int | None = None) -> bool:
    """Whether an account works on the campaign at all, or on that stratum of it."""
    strata = strata_of(session, account_id, campaign_id)
    return strata is None or (bool(strata) if stratum_no is None else stratum_no in strata)


def check(session: Session, account_id: uuid.UUID, campaign_id: str, stratum_no: int | None = None) -> None:
    """Raise ``not_own_campaign`` unless :func:`may`."""
    if not may(session, account_id, campaign_id, stratum_no):
        raise Problem("not_own_campaign")


def of_everybody(session: Session) -> Sequence[tuple[str, str, int]]:
    """Every assignment: account name, campaign, stratum number (0: all of them), in that order."""
    query = (
        select(Account.name, Assignment.campaign_id, Assignment.stratum_no)
        .join(Account, Account.id == Assignment.account_id)
        .order_by(Account.name, Assignment.campaign_id, Assignment.stratum_no)
    )
    return [(name, campaign, number) for name, campaign, number in session.execute(query)]


def assign(
    session: Session,
    name: str,
    campaign_id: str,
    *,
    strata: Collection[int] | None = None,
    by: str,
    at: datetime,
) -> None:
    """Let a contractor work on a campaign: on all of it (``strata`` None), or on these strata and no others.

    What was assigned of that campaign before is replaced. Raises ``account_unknown``, ``assignment_unwanted``,
    ``campaign_unknown``, ``assignment_stratum_unknown``.
    """
    account = service.get(session, name)
    if Role.CONTRACTOR not in account.roles:
        raise Problem("assignment_unwanted")
    campaigns.get(session, campaign_id)
    known = set(session.scalars(select(Stratum.no).where(Stratum.campaign_id == campaign_id)))
    numbers = [EVERY_STRATUM] if strata is None else sorted(set(strata))
    for number in numbers:
        if strata is not None and number not in known:
            raise Problem("assignment_stratum_unknown", stratum=number)
    _forget(session, account.id, campaign_id)
    session.add_all(
        Assignment(account_id=account.id, campaign_id=campaign_id, stratum_no=number, made_by=by, made_at=at)
        for number in numbers
    )
    session.flush()
    _told(session, account.name, campaign_id, None if strata is None else numbers, by=by, at=at)


def withdraw(session: Session, name: str, campaign_id: str, *, by: str, at: datetime) -> None:
    """Take a campaign from a contractor: what it sent stays, it sees and sends no more. Raises ``account_unknown``."""
    account = service.get(session, name)
    _forget(session, account.id, campaign_id)
    _told(session, account.name, campaign_id, [], by=by, at=at)


def _forget(session: Session, account_id: uuid.UUID, campaign_id: str) -> None:
    session.execute(
        delete(Assignment).where(Assignment.account_id == account_id, Assignment.campaign_id == campaign_id)
    )


def _told(session: Session, name: str, campaign_id: str, strata: list[int] | None, *, by: str, at: datetime) -> None:
    body = {"account": name, "campaign": campaign_id, "strata": strata}
    record(session, SYSTEM_LOG, Event.ACCOUNT_ASSIGNED, body, at=at, by=by)
