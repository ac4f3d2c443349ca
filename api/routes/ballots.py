"""Sheets by JSON (评议票): the phone page's script and the simulator call this."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from api.auth.guards import TicketHolder
from api.problems import RESPONSES
from api.schemas.ballots import CastReceipt, CastRequest
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.tables import Channel

router = APIRouter(prefix="/api/campaigns/{campaign_id}/ballots", tags=["ballots"], responses=RESPONSES)


@router.post("", operation_id="cast_ballot", status_code=status.HTTP_201_CREATED)
async def cast_ballot(
    _guard: Annotated[None, TicketHolder], campaign_id: str, sheet: CastRequest, request: Request, response: Response
) -> CastReceipt:
    """Cast a sheet. 201 when it is stored; 200 and the first receipt when it had been stored before."""
    door: BallotDoor = request.app.state.door
    watch = request.app.state.watch
    asker = await watch.admit(request.scope)
    with watch.counting(asker, campaign_id):
        receipt = await asyncio.wrap_future(
            door.cast(
                campaign_id=campaign_id,
                ballot_id=sheet.id,
                code=sheet.code,
                answers=sheet.answers,
                more=sheet.more,
                channel=Channel(sheet.channel),
                version=sheet.version,
            )
        )
    response.headers["Cache-Control"] = "no-store"
    if receipt.replay:
        response.status_code = status.HTTP_200_OK
    return CastReceipt(receipt=receipt.code, ballot_id=receipt.ballot_id, replay=receipt.replay)
