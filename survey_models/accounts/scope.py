"""What of a campaign an account sees (范围): all of it, strata assigned to it, those of its area or test points."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.accounts import assignments, posts
from survey_models.accounts.rules import Role
from survey_models.campaigns.tables import Stratum
from survey_models.core.errors import Problem


@dataclass(frozen=True)
class Sees:
    """Who asks: account, roles, and the area of a district office."""

    account_id: uuid.UUID
    roles: Collection[str]
    area_code: str | None = None


def strata_seen(session: Session, who: Sees, campaign_id: str) -> frozenset[int] | None:
    """The numbers of the strata (层) somebody sees of a campaign; None: all of it, with what belongs to no stratum.

    Raises ``not_own_campaign`` for a contractor that is not assigned it, ``not_own_area`` for a district office
    (区县评议办) whose area has no stratum in it, ``not_own_point`` for a clerk without a post in it.
    """
    if Role.CONTRACTOR in who.roles:
        assignments.check(session, who.account_id, campaign_id)
        found = assignments.strata_of(session, who.account_id, campaign_id)
        return _all_strata(session, campaign_id) if found is None else found
    if Role.DISTRICT in who.roles:
        query = select(Stratum.no).where(Stratum.campaign_id == campaign_id, Stratum.area_code == who.area_code)
        own = frozenset(session.scalars(query))
        if not own:
            raise Problem("not_own_area")
        return own
    if Role.POINT in who.roles:
        return posts.strata_of(session, who.account_id, campaign_id)
    return None


def points_seen(session: Session, who: Sees, campaign_id: str) -> frozenset[int] | None:
    """The numbers of the test points whose counters and tablets somebody sees; None: all of them."""
    return posts.points_of(session, who.account_id, campaign_id) if Role.POINT in who.roles else None


def check_point(session: Session, who: Sees, campaign_id: str, point_no: int) -> None:
    """Raise ``not_own_point`` for a clerk (测评点工作人员) who does not work there."""
    if Role.POINT in who.roles:
        posts.check(session, who.account_id, campaign_id, point_no)


def campaigns_seen(session: Session, who: Sees) -> frozenset[str] | None:
    """The campaigns that somebody sees anything of; None: all of them."""
    if Role.CONTRACTOR in who.roles:
        return assignments.campaigns_of(session, who.account_id)
    if Role.DISTRICT in who.roles:
        return frozenset(session.scalars(select(Stratum.campaign_id).where(Stratum.area_code == who.area_code)))
    if Role.POINT in who.roles:
        return posts.campaigns_of(session, who.account_id)
    return None


def _all_strata(session: Session, campaign_id: str) -> frozenset[int]:
    return frozenset(session.scalars(select(Stratum.no).where(Stratum.campaign_id == campaign_id)))
