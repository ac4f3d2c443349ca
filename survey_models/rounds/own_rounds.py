"""Rounds that a rated unit runs itself (评机关科室): the office's template, planned by the unit's organiser."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from survey_models.rounds import service
from survey_models.rounds.plans import Wish
from survey_models.rounds.tables import Round, RoundCampaign

# 宛办〔2014〕27号, appendix 2 three (two): each unit organises the rating of its own departments.
TEMPLATE = "nanyang-2014-27-departments"


def wish_for(unit_code: str | None, period: str) -> Wish:
    """The one round that the organiser of a unit may plan for a period. Raises ``not_own_unit`` without a unit."""
    if not unit_code:
        raise Problem("not_own_unit")
    return Wish(TEMPLATE, period, of=unit_code)


def of_unit(session: Session, unit_code: str | None) -> list[Round]:
    """The rounds that a unit runs itself, the newest period first."""
    found = session.scalars(select(Round).where(Round.scheme_id == TEMPLATE).order_by(Round.period_from.desc()))
    return [one for one in found if unit_code and (one.answers or {}).get("of") == unit_code]


def own(session: Session, round_id: str, unit_code: str | None) -> Round:
    """A round that the unit runs itself. Raises ``round_unknown``, ``not_own_unit``."""
    found = service.get(session, round_id)
    if found.scheme_id != TEMPLATE or not unit_code or (found.answers or {}).get("of") != unit_code:
        raise Problem("not_own_unit")
    return found


def campaigns_of(session: Session, round_id: str) -> Sequence[Campaign]:
    """Its campaigns, by id."""
    query = select(Campaign).join(RoundCampaign, RoundCampaign.campaign_id == Campaign.id)
    return session.scalars(query.where(RoundCampaign.round_id == round_id).order_by(Campaign.id)).all()
