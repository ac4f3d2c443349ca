"""Sheets at the ballot door (评议票): JSON from the phone page's script and the simulator, forms from any browser.

Plain sheets are answered by `api.lane` in front of this; here is the ordinary way, complete by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status
from fastapi.routing import APIRoute

from api.auth.guards import TicketHolder
from api.casting import take_in
from api.problems import MEDIA_TYPE, RESPONSES, SCHEMA
from api.schemas.ballots import CastReceipt, CastRequest

FORM = "application/x-www-form-urlencoded"


class JsonOrForm(APIRoute):
    """A form is answered with a page: 303 to the receipt, or the form again with what was filled in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the endpoint, with forms turned aside to the pages."""
        answer_json = super().get_route_handler()

        async def answer(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
                response: Response = await request.app.state.answer_form(request, request.path_params["campaign_id"])
                return response
            return await answer_json(request)

        return answer


_FORMS: dict[str, Any] = {
    "requestBody": {
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "description": "The phone page's own form: code, ballot_id, variant, and q_<key> for each item.",
                    "additionalProperties": {"type": "string"},
                }
            }
        }
    }
}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {
        "model": CastReceipt,
        "description": "The same sheet had been stored before; or a form was only to be drawn again.",
        "content": {"text/html": {"schema": {"type": "string"}}},
    },
    303: {"description": "A form was stored; Location is its receipt."},
    "4XX": {
        "description": "What could not be done, why, and what to do next (RFC 9457); a form hears it on a page.",
        "content": {MEDIA_TYPE: {"schema": SCHEMA}, "text/html": {"schema": {"type": "string"}}},
    },
}

router = APIRouter(
    prefix="/api/campaigns/{campaign_id}/ballots", tags=["ballots"], responses=RESPONSES, route_class=JsonOrForm
)


@router.post(
    "", operation_id="cast_ballot", status_code=status.HTTP_201_CREATED, openapi_extra=_FORMS, responses=_PAGES
)
async def cast_ballot(
    _guard: Annotated[None, TicketHolder], campaign_id: str, sheet: CastRequest, request: Request, response: Response
) -> CastReceipt:
    """Cast a sheet. 201 when it is stored; 200 and the first receipt when it had been stored before."""
    return await take_in(campaign_id, sheet, request, response)
