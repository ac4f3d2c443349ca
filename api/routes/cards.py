"""Cards (评议卡): batches of tickets, withdrawn or replaced by the serial numbers on their backs."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, status

from api import acts, handover
from api.auth.guards import Asker, OfficeActor, SetupActor, second_person
from api.deps import Db, ReadDb
from api.handover import Lock
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.tickets import (
    BatchRequest,
    BatchView,
    CardRequest,
    ReissuedView,
    ReissueRequest,
    ReplacedView,
    VoidedView,
)
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.tickets import service

router = APIRouter(prefix="/api/campaigns/{campaign_id}/tickets", tags=["tickets"], responses=RESPONSES)


@router.get("/batches", operation_id="list_ticket_batches")
def list_ticket_batches(_actor: OfficeActor, campaign_id: str, db: ReadDb) -> list[BatchView]:
    """The batches of a campaign; how many cards, never which."""
    campaigns.get(db, campaign_id)
    return [BatchView(**asdict(batch)) for batch in service.batches_of(db, campaign_id)]


@router.post("/void", operation_id="void_ticket")
def void_ticket(actor: SetupActor, campaign_id: str, wanted: CardRequest, db: Db) -> VoidedView:
    """Withdraw one card by its serial number; a used one stays used."""
    service.void(db, campaign_id, wanted.serial, reason=wanted.reason, by=actor.name, at=clock.now())
    return VoidedView(serial=wanted.serial)


@router.post("/replace", operation_id="replace_ticket")
def replace_ticket(actor: SetupActor, campaign_id: str, wanted: CardRequest, db: Db) -> ReplacedView:
    """Replace a lost card: the answer names the sealed reserve card that is good from now on."""
    fresh = service.replace(db, campaign_id, wanted.serial, reason=wanted.reason, by=actor.name, at=clock.now())
    return ReplacedView(serial=wanted.serial, replacement=fresh)


@router.post("/batches/{number}/void", operation_id="ask_to_void_batch", status_code=status.HTTP_202_ACCEPTED)
def ask_to_void_batch(
    asker: Annotated[Asker, second_person(acts.VOID_BATCH)],
    campaign_id: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    wanted: BatchRequest,
    db: Db,
) -> ActView:
    """Ask to withdraw all unused cards of a batch; another person confirms."""
    params = {"batch": number, "reason": wanted.reason}
    return ActView.of(asker.ask(db, campaign_id, params), at=clock.now())


@router.post("/batches/{number}/reissue", operation_id="reissue_batch", status_code=status.HTTP_201_CREATED)
def reissue_batch(
    actor: SetupActor,
    campaign_id: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    wanted: ReissueRequest,
    *,
    request: Request,
    db: Db,
) -> ReissuedView:
    """Issue a voided batch anew; the codes are in the sealed file of this one answer and nowhere else."""
    lock = Lock.of(wanted.passphrase, wanted.public)
    pepper, at = request.app.state.pepper, clock.now()
    made, sealed = handover.reissue(db, campaign_id, number, lock=lock, pepper=pepper, by=actor.name, at=at)
    return ReissuedView(
        batch=made.batch,
        instead_of=made.instead_of,
        count=made.count,
        reserve=made.reserve,
        name=f"{campaign_id}-batch-{made.batch}.sealed",
        sha256=hashlib.sha256(sealed).hexdigest(),
        file=base64.b64encode(sealed).decode("ascii"),
    )
