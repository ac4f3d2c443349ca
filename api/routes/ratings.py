"""Window ratings (窗口评价): a batch of taps in, an answer for each out; and what is kept aside for the office."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Request, status
from starlette.concurrency import run_in_threadpool

from api import acts
from api.auth.guards import Asker, DeviceActor, HallActor, HallReader, PairedDevice, second_person
from api.db import reading
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.ratings import AsideDecision, AsideView, OutboxAnswer, OutboxPart, SignedBatch, batch_in
from api.schemas.windows import RatingAnswers, RatingBatch
from api.taps import take, take_signed
from survey_models.core import clock
from survey_models.devices import service as devices
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ratings import aside, files

router = APIRouter(prefix="/api/ratings", tags=["ratings"], responses=RESPONSES)


@router.post("", operation_id="store_ratings")
async def store_ratings(device: DeviceActor, batch: RatingBatch | SignedBatch, request: Request) -> RatingAnswers:
    """Store taps; what was stored before is a duplicate, and counts once."""
    writer = request.app.state.intake
    if isinstance(batch, SignedBatch):
        return await take_signed(device, batch, writer)
    return await take(device, batch, writer)


@router.post("/import", operation_id="import_ratings")
async def import_ratings(_actor: HallActor, part: OutboxPart, request: Request) -> OutboxAnswer:
    """Take in one part of a terminal's file; again it changes nothing. Of a withdrawn device it is kept aside."""
    state = request.app.state
    batch = batch_in(files.open_part(part.sealed, pepper=state.pepper))

    def known() -> PairedDevice:
        with reading(state.engine) as session:
            found = devices.known(session, batch.device)
            return PairedDevice(str(found.id), found.window_id, found.public_key, found.unsigned)

    device = await run_in_threadpool(known)
    answers = await take_signed(device, batch, state.intake, by_file=True)
    counts = Counter[str](answer.status for answer in answers.results)
    return OutboxAnswer.model_validate({name: counts[name] for name in OutboxAnswer.model_fields})


@router.get("/aside", operation_id="list_aside_ratings")
def list_aside_ratings(_actor: HallReader, db: ReadDb) -> list[AsideView]:
    """What waits for a decision, by device; how people rated is not shown."""
    return [AsideView.of(lot) for lot in aside.lots(db)]


@router.post("/aside/{device_id}", operation_id="ask_to_decide_aside", status_code=status.HTTP_202_ACCEPTED)
def ask_to_decide_aside(
    asker: Annotated[Asker, second_person(acts.DECIDE_ASIDE)], device_id: uuid.UUID, wanted: AsideDecision, db: Db
) -> ActView:
    """Ask to count what is kept aside of a device, or to leave it out; another person confirms."""
    params = {"device": str(device_id), "decision": wanted.decision, "reason": wanted.reason}
    return ActView.of(asker.ask(db, SYSTEM_LOG, params), at=clock.now())
