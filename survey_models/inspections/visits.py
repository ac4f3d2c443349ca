"""Who is asked on visits (走访抽取): people of the drawn places alone, which become the test points of a campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from sampling.allocation import largest_remainder
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign, Point, State
from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.inspections import queries
from survey_models.inspections.tables import InspectionPlan
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import running
from survey_models.rounds import service as rounds
from survey_models.schemes.language import Scheme
from survey_models.tickets.service import CellOrder

Areas = Mapping[int, str]


def settle(session: Session, plan_id: str, *, by: str, at: datetime) -> dict[str, int]:
    """After the draw: its places become test points of the campaigns whose people are met there; how many of each.

    A draw that is none of places settles nothing. A campaign that is ready or open already keeps its points: its
    tickets were not issued by ``shared`` then, which waits for the draw. Raises ``draw_unknown``.
    """
    plan = session.get(InspectionPlan, plan_id)
    if plan is None or plan.sites is None:
        return {}
    _, scheme = running.scheme_of(session, plan.round_id)
    drawn = {row.entry for row in draws.drawn_rows(session, plan_id)}
    found: dict[str, int] = {}
    for kind, campaign in rounds.campaigns_of(session, plan.round_id).items():
        named = [site for site in plan.sites if site["id"] in drawn and kind in _visits(scheme, plan, site["kind"])]
        if named and campaign.state == State.DRAFT:
            last = max((one.no for one in campaigns.points_of(session, campaign.id)), default=0)
            for no, site in enumerate(named, start=last + 1):
                session.add(Point(campaign_id=campaign.id, no=no, area_code=site["unit"], name=site["name"]))
            found[campaign.id] = len(named)
    session.flush()
    if found:
        record(session, SYSTEM_LOG, Event.PLACES_SETTLED, {"plan": plan_id, "campaigns": found}, at=at, by=by)
    return found


def check(session: Session, campaign: Campaign, scheme: Scheme, kind: str) -> bool:
    """Whether people of a kind are met in drawn places alone. Raises ``draw_not_run`` while a draw is to be made.

    Places that were given after a campaign's cards change nothing in it.
    """
    plans = [
        plan
        for plan in queries.of_round(session, campaign.round_id)
        if plan.sites is not None and any(kind in _visits(scheme, plan, site["kind"]) for site in plan.sites)
    ]
    if campaign.state != State.DRAFT:
        return bool(plans and campaigns.points_of(session, campaign.id))
    if any(draws.get(session, plan.id).run_at is None for plan in plans):
        raise Problem("draw_not_run")
    return bool(plans)


def shared(session: Session, campaign: Campaign, orders: Sequence[CellOrder], areas: Areas) -> list[CellOrder]:
    """Tickets of each stratum in equal shares over the drawn places of its area. Raises ``inspection_no_place``.

    ``areas``: the area of each stratum by its number, the code of a rated unit.
    """
    points: dict[str, list[int]] = {}
    for point in campaigns.points_of(session, campaign.id):
        points.setdefault(point.area_code, []).append(point.no)
    found = []
    for one in orders:
        own = points.get(areas[one.stratum_no], [])
        if not own:
            raise Problem("inspection_no_place", campaign=campaign.id, area=areas[one.stratum_no])
        counts, spare = (largest_remainder(total, [1] * len(own)) for total in (one.count, one.reserve))
        for no, count, kept in zip(own, counts, spare, strict=True):
            if count:
                found.append(CellOrder(one.stratum_no, no, count, kept, one.variant))
    return found


def _visits(scheme: Scheme, plan: InspectionPlan, kind: str) -> tuple[str, ...]:
    """The campaigns whose people are met at places of a kind."""
    draw = next(one for one in scheme.draws if one.id == plan.rules["draw"])
    return next(one.visits for one in draw.kinds if one.id == kind)
