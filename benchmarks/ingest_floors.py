"""What the ingest is measured against: a bare echo, the writer without sealing and ledger, one transaction a request.

Each is an application for uvicorn; the last two are the product with one step taken out or put back to the usual way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool

from api import app as product
from api.auth.guards import TicketHolder
from api.schemas.ballots import CastReceipt, CastRequest, wire
from api.settings import Settings
from survey_models.ballots import intake
from survey_models.ballots.intake import Cast, Receipt
from survey_models.ballots.rules import Known, check_sheet, check_version, decide
from survey_models.ballots.statements import SPENT, SheetRow
from survey_models.ballots.storing import Storing
from survey_models.campaigns.rules import Act, after
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.tickets import codes

Message = MutableMapping[str, Any]


async def echo(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer every request with its own body: what HTTP costs when nobody does anything."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Bare(intake._Batch):  # noqa: SLF001 - the same steps but three
    """The same decisions and statements, without sealing, ledger entry, receipt and promise."""

    def take(self, cast: Cast) -> Receipt:
        """Check the sheet and keep it as it is."""
        ticket = self.tickets.get(cast.ticket)
        if self.campaign is None or ticket is None:
            raise Problem("ticket_unknown")
        after(self.campaign.state, Act.CAST)
        decide(Known(ticket=ticket.state, expired=ticket.expired, ballot_id_known=cast.id in self.known))
        form = self.kept.forms[self.campaign.questionnaire_id, self.campaign.questionnaire_version]
        check_version(form, cast.version)
        check_sheet(form, cast.answers, ticket.variant)
        ticket.state = SPENT
        self.casts.append((cast, ticket))
        self.sheets.append(SheetRow(cast.id, ticket.batch_no, cast.channel, form.version, cast.answers.encode()))
        return Receipt("", cast.id, replay=False, entry="")


def bare() -> FastAPI:
    """The product with the same writer, without sealing, ledger entry, receipt and promise."""
    intake._Batch = _Bare  # type: ignore[misc]  # noqa: SLF001 - as above
    storing = product.storing

    def without_promises(settings: Settings) -> Storing:
        made = storing(settings)
        made._signer = None  # noqa: SLF001 - as above
        return made

    product.storing = without_promises
    return product.create_app(Settings(), writes_apart=True)


router = APIRouter()


@router.post("/api/campaigns/{campaign_id}/ballots", status_code=201)
async def cast_alone(
    _guard: Annotated[None, TicketHolder], campaign_id: str, sheet: CastRequest, request: Request
) -> CastReceipt:
    """The same sheet in a transaction of its own, in a thread of its own: the usual design."""
    return CastReceipt.model_validate(wire(await run_in_threadpool(_store_alone, request.app, campaign_id, sheet)))


def _store_alone(app: FastAPI, campaign_id: str, sheet: CastRequest) -> Receipt:
    digest = codes.digest(codes.normalise(sheet.code), campaign_id=campaign_id, pepper=app.state.pepper)
    cast = Cast(campaign_id, sheet.id, digest, sheet.answers, sheet.more, sheet.channel, sheet.version)
    zone = app.state.settings.timezone
    with app.state.engine.begin() as connection:
        outcome = intake.store_casts(connection, [cast], kept=app.state.kept, at=clock.now(), zone=zone)[0]
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def single() -> FastAPI:
    """The product with one SQLAlchemy transaction for every request, by the ordinary way of the framework."""
    app = product.create_app(Settings())
    app.state.kept = intake.Kept()
    app.lane = None
    app.router.routes[:0] = router.routes
    return app
