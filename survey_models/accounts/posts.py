"""At which test points (测评点) of which campaigns a clerk works (岗位): what a clerk sees and does is cut to them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_models.accounts import service
from survey_models.accounts.rules import Role
from survey_models.accounts.tables import EVERY_POINT, Account, ClerkPoint
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Point
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record


def campaigns_of(session: Session, account_id: uuid.UUID) -> frozenset[str]:
    """The campaigns in which the clerk has a post."""
    return frozenset(session.scalars(select(ClerkPoint.campaign_id).where(ClerkPoint.account_id == account_id)))


def points_of(session: Session, account_id: uuid.UUID, campaign_id: str) -> frozenset[int] | None:
    """The numbers of the clerk's test points in a campaign; None: all of them, empty: none."""
    query = select(ClerkPoint.point_no).where(
        ClerkPoint.account_id == account_id, ClerkPoint.campaign_id == campaign_id
    )
    found = frozenset(session.scalars(query))
    return None if EVERY_POINT in found else found


def check(session: Session, account_id: uuid.UUID, campaign_id: str, point_no: int) -> None:
    """Raise ``not_own_point`` unless the clerk works at that test point; 0, none kept, is for who works at all."""
    found = points_of(session, account_id, campaign_id)
    if found is not None and point_no not in found:
        raise Problem("not_own_point")


def strata_of(session: Session, account_id: uuid.UUID, campaign_id: str) -> frozenset[int]:
    """The strata (层) of the areas in which the clerk's points lie. Raises ``not_own_point`` without a post."""
    own = points_of(session, account_id, campaign_id)
    strata = campaigns.strata_of(session, campaign_id)
    if own is None:
        return frozenset(row.no for row in strata)
    areas = {row.area_code for row in campaigns.points_of(session, campaign_id) if row.no in own}
    if not areas:
        raise Problem("not_own_point")
    return frozenset(row.no for row in strata if row.area_code in areas)


def of_everybody(session: Session) -> Sequence[tuple[str, str, int]]:
    """Every post: account name, campaign, number of the point (0: all of them), in that order."""
    query = (
        select(Account.name, ClerkPoint.campaign_id, ClerkPoint.point_no)
        .join(Account, Account.id == ClerkPoint.account_id)
        .order_by(Account.name, ClerkPoint.campaign_id, ClerkPoint.point_no)
    )
    return [(name, campaign, number) for name, campaign, number in session.execute(query)]


def assign(
    session: Session,
    name: str,
    campaign_id: str,
    *,
    points: Collection[int] | None = None,
    by: str,
    at: datetime,
) -> None:
    """Let a clerk work at all test points of a campaign (``points`` None), or at these and no others.

    What was assigned of that campaign before is replaced. Raises ``account_unknown``, ``assignment_unwanted``,
    ``campaign_unknown``, ``tablet_point_unknown``.
    """
    account = service.get(session, name)
    if Role.POINT not in account.roles:
        raise Problem("assignment_unwanted")
    campaigns.get(session, campaign_id)
    known = set(session.scalars(select(Point.no).where(Point.campaign_id == campaign_id)))
    numbers = [EVERY_POINT] if points is None else sorted(set(points))
    for number in numbers:
        if points is not None and number not in known:
            raise Problem("tablet_point_unknown", campaign=campaign_id, point=number)
    _forget(session, account.id, campaign_id)
    session.add_all(
        ClerkPoint(account_id=account.id, campaign_id=campaign_id, point_no=number, made_by=by, made_at=at)
        for number in numbers
    )
    session.flush()
    body = {"account": account.name, "campaign": campaign_id, "points": None if points is None else numbers}
    record(session, SYSTEM_LOG, Event.ACCOUNT_POSTED, body, at=at, by=by)


def withdraw(session: Session, name: str, campaign_id: str, *, by: str, at: datetime) -> None:
    """Take the posts in a campaign away. Raises ``account_unknown``."""
    account = service.get(session, name)
    if _forget(session, account.id, campaign_id):
        body = {"account": account.name, "campaign": campaign_id, "points": []}
        record(session, SYSTEM_LOG, Event.ACCOUNT_POSTED, body, at=at, by=by)


def _forget(session: Session, account_id: uuid.UUID, campaign_id: str) -> bool:
    gone = session.execute(
        delete(ClerkPoint)
        .where(ClerkPoint.account_id == account_id, ClerkPoint.campaign_id == campaign_id)
        .returning(ClerkPoint.point_no)
    ).all()
    return bool(gone)
