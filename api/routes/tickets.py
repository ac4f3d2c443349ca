"""Codes (评议码): looked at, never spent, by this address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from api.auth.guards import TicketHolder
from api.deps import Db
from api.limits import CheckLimit
from api.problems import RESPONSES
from api.schemas.ballots import CheckRequest, CheckView
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.tickets import codes, service

router = APIRouter(prefix="/api/tickets", tags=["tickets"], responses=RESPONSES)


@router.post("/check", operation_id="check_ticket")
def check_ticket(_guard: Annotated[None, TicketHolder], wanted: CheckRequest, request: Request, db: Db) -> CheckView:
    """Say whether a code can still be used. It writes nothing but a counter."""
    state = request.app.state
    limit: CheckLimit = state.check_limit
    limit.count(wanted.campaign, codes.normalise(wanted.code))
    campaigns.get(db, wanted.campaign)
    found = service.check(
        db,
        wanted.campaign,
        wanted.code,
        pepper=state.pepper,
        at=clock.now(),
        zone=state.settings.timezone,
    )
    return CheckView.model_validate({"state": found.state, "variant": found.variant})
