"""A unit's rating of its own departments (评机关科室): planned, issued and opened by the unit's organiser (单位组织员).

The organiser plans the office's template for the own unit and nothing else. Opening needs a second person of the
office, as every opening does; counting, scoring and publishing stay with the office.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from sqlalchemy.orm import Session

from api import acts, round_tickets
from api.auth.guards import OrganiserActor
from api.deps import Db, ReadDb
from api.handover import Lock
from api.keys import key_of_hex
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.departments import OwnCampaign, OwnPlan, OwnRound
from api.schemas.round_acts import AskedView
from api.schemas.round_cards import IssuedCardsView, IssueRequest
from api.settings import Settings
from survey_models.campaigns import queries
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.rounds import own_rounds, plans, publishing
from survey_models.rounds.tables import Round

router = APIRouter(prefix="/api/departments", tags=["departments"], responses=RESPONSES)


def _view(db: Session, found: Round, settings: Settings) -> OwnRound:
    campaigns = []
    for campaign in own_rounds.campaigns_of(db, found.id):
        issued, done = queries.ticket_totals(db, campaign.id)
        campaigns.append(OwnCampaign.of(campaign, issued=issued, done=done))
    published, keys_here = publishing.is_published(db, found.id), settings.sealing_key_on_server
    return OwnRound.whole(found, campaigns, published=published, keys_here=keys_here)


@router.get("", operation_id="list_own_rounds")
def list_own_rounds(actor: OrganiserActor, request: Request, db: ReadDb) -> list[OwnRound]:
    """The rounds that the unit runs itself, the newest period first, with what came in so far."""
    settings: Settings = request.app.state.settings
    return [_view(db, found, settings) for found in own_rounds.of_unit(db, actor.unit_code)]


@router.get("/plan", operation_id="read_own_plan")
def read_own_plan(actor: OrganiserActor, db: ReadDb, period: Annotated[str, Query(max_length=20)]) -> list[AskedView]:
    """What the template asks before the round can be made, with what is known as default."""
    return [AskedView.of(one) for one in plans.ask(db, own_rounds.wish_for(actor.unit_code, period))]


@router.post("", operation_id="plan_own_round", status_code=status.HTTP_201_CREATED)
def plan_own_round(actor: OrganiserActor, body: OwnPlan, request: Request, db: Db) -> OwnRound:
    """Make the unit's round of a period from the template, campaigns in draft. The same again gives it back."""
    wish = own_rounds.wish_for(actor.unit_code, body.period)
    planned = plans.plan(db, wish, body.answers, by=actor.name, at=clock.now())
    return _view(db, planned.round, request.app.state.settings)


@router.post("/{round_id}/cards", operation_id="issue_own_cards", status_code=status.HTTP_201_CREATED)
def issue_own_cards(
    actor: OrganiserActor, round_id: str, wanted: IssueRequest, request: Request, db: Db
) -> IssuedCardsView:
    """Issue the cards of the unit's campaigns in draft; the codes are in the sealed files of this one answer."""
    own_rounds.own(db, round_id, actor.unit_code)
    lock = Lock.of(wanted.passphrase, wanted.public)
    key = key_of_hex(wanted.office_key) if wanted.office_key else None
    settings: Settings = request.app.state.settings
    made = round_tickets.issue(
        db, round_id, lock=lock, settings=settings, by=actor.name, at=clock.now(), office_key=key
    )
    return IssuedCardsView.of(round_id, made)


@router.post(
    "/{round_id}/campaigns/{campaign_id}/open", operation_id="ask_to_open_own", status_code=status.HTTP_202_ACCEPTED
)
def ask_to_open_own(actor: OrganiserActor, round_id: str, campaign_id: str, request: Request, db: Db) -> ActView:
    """Ask to open a campaign of the unit's own round; a person of the office with the role release confirms."""
    own_rounds.own(db, round_id, actor.unit_code)
    if campaign_id not in {one.id for one in own_rounds.campaigns_of(db, round_id)}:
        raise Problem("campaign_unknown")
    settings: Settings = request.app.state.settings
    at = clock.now()
    return ActView.of(acts.ask(db, acts.OPEN, target=campaign_id, by=actor.name, at=at, settings=settings), at=at)
