"""The open QR (开放扫码) by JSON: a ticket for one visit, and the sheet that spends it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from starlette.concurrency import run_in_threadpool

from api import visits
from api.auth.guards import FromOurForms
from api.problems import RESPONSES
from api.schemas.ballots import CastReceipt, wire
from api.schemas.open_qr import OpenCastRequest, OpenTicketView
from survey_models.ballots.open_door import OpenDoor
from survey_models.core import clock

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["ballots"], responses=RESPONSES)


@router.post("/open-tickets", operation_id="begin_open_visit", status_code=status.HTTP_201_CREATED)
def begin_open_visit(
    _guard: Annotated[None, FromOurForms], campaign_id: str, request: Request, response: Response
) -> OpenTicketView:
    """A ticket for one visit, stored nowhere until it is spent; and a device cookie where there is none yet."""
    state = request.app.state
    visit = visits.arrive(state, campaign_id, visits.cookie_in(request))
    visits.keep_cookie(response, state.settings, visit.cookie)
    response.headers["Cache-Control"] = "no-store"
    return OpenTicketView(ticket=visit.ticket, expires_at=visit.expires_at, seconds=visit.seconds)


@router.post(
    "/open-ballots",
    operation_id="cast_open_ballot",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": CastReceipt, "description": "The same sheet had been stored before."}},
)
async def cast_open_ballot(
    _guard: Annotated[None, FromOurForms],
    campaign_id: str,
    sheet: OpenCastRequest,
    request: Request,
    response: Response,
) -> CastReceipt:
    """Cast a sheet of the open QR. 201 when it is stored; 200 and the first receipt when it had been stored before."""
    state = request.app.state
    door: OpenDoor = state.open_door
    campaign, form = await run_in_threadpool(visits.open_campaign_of, state, campaign_id)
    receipt = await door.post(
        campaign.id,
        form,
        ballot_id=sheet.id,
        ticket=sheet.ticket,
        answers=sheet.answers,
        cookie=visits.cookie_in(request),
        at=clock.now(),
    )
    response.headers["Cache-Control"] = "no-store"
    if receipt.replay:
        response.status_code = status.HTTP_200_OK
    return CastReceipt.model_validate(wire(receipt))
