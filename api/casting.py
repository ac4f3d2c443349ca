"""A sheet on its way to the door (交票): in clear, or sealed while it waited in a tablet of a test point."""

from __future__ import annotations

from fastapi import Request, Response, status

from api.schemas.ballots import CastReceipt, CastRequest, wire
from api.watch import CodeWatch, hand_in
from survey_models.ballots.tables import Channel


async def take_in(campaign_id: str, sheet: CastRequest, request: Request, response: Response) -> CastReceipt:
    """Bring a sheet to the door for whoever asks; ``response`` is marked as the answer of a ballot."""
    watch: CodeWatch = request.app.state.watch
    asker = await watch.admit(request.scope)
    receipt = await hand_in(
        request.app.state,
        asker,
        campaign_id,
        code=sheet.code,
        ballot_id=sheet.id,
        answers=sheet.answers,
        more=sheet.more,
        # Which way a sheet came is known of paired devices; anybody could say it of himself.
        channel=Channel(sheet.channel) if asker.stands_for(campaign_id) else Channel.PHONE,
        version=sheet.version,
    )
    response.headers["Cache-Control"] = "no-store"
    if receipt.replay:
        response.status_code = status.HTTP_200_OK
    return CastReceipt.model_validate(wire(receipt))
