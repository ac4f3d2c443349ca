"""Codes (评议码): looked at, never spent, by this address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.auth.guards import TicketHolder
from api.deps import Db
from api.problems import RESPONSES
from api.schemas.ballots import CheckRequest, CheckView
from api.watch import Asker, CodeWatch, look_up
from survey_models.campaigns import service as campaigns

router = APIRouter(prefix="/api/tickets", tags=["tickets"], responses=RESPONSES)


async def admitted(request: Request) -> Asker:
    """Who asks. Raises ``device_paused``."""
    watch: CodeWatch = request.app.state.watch
    return await watch.admit(request.scope)


@router.post("/check", operation_id="check_ticket")
def check_ticket(
    _guard: Annotated[None, TicketHolder],
    wanted: CheckRequest,
    asker: Annotated[Asker, Depends(admitted)],
    request: Request,
    db: Db,
) -> CheckView:
    """Say whether a code can still be used. It writes nothing but a counter."""
    campaigns.get(db, wanted.campaign)
    found = look_up(request.app.state, db, asker, wanted.campaign, wanted.code)
    return CheckView.model_validate({"state": found.state, "variant": found.variant})
