"""Field work (现场): rehearsals and reminders of a campaign."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from api import round_tickets
from api.auth.guards import SetupActor
from api.deps import Db
from api.handover import Lock
from api.keys import key_of_hex
from api.problems import RESPONSES
from api.schemas.field_work import RehearsalRequest, ReminderRequest, ReminderView
from api.schemas.setups import CardsView
from survey_models.core import clock
from survey_models.fieldwork import rehearsals, reminders
from survey_models.fieldwork.gateways import FileGateway
from survey_models.rosters.sealing import Sealer

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["field work"], responses=RESPONSES)


@router.post("/rehearsals", operation_id="rehearse_campaign", status_code=status.HTTP_201_CREATED)
def rehearse_campaign(
    actor: SetupActor, campaign_id: str, wanted: RehearsalRequest, request: Request, db: Db
) -> CardsView:
    """Rehearse (演练): a smaller copy with codes and a ledger of its own, which enters no round.

    The codes are in the sealed file of this one answer. The copy is opened, closed and counted like the original.
    """
    lock = Lock.of(wanted.passphrase, wanted.public)
    key = key_of_hex(wanted.office_key) if wanted.office_key else None
    at = clock.now()
    campaign, orders = rehearsals.rehearse(db, campaign_id, wanted.sheets, by=actor.name, at=at)
    how = round_tickets.Work(lock, request.app.state.settings, actor.name, at, key)
    made = round_tickets.issue_one(db, campaign, orders, {}, how)
    return CardsView(
        campaign_id=made.campaign,
        cards=made.cards,
        ready=made.ready,
        name=made.name,
        sha256=made.digest,
        file=base64.b64encode(made.content).decode("ascii"),
    )


@router.post("/reminders", operation_id="remind_people", status_code=status.HTTP_201_CREATED)
def remind_people(
    actor: SetupActor,
    campaign_id: str,
    wanted: ReminderRequest,
    request: Request,
    response: Response,
    *,
    db: Db,
    dry_run: Annotated[bool, Query()] = False,
) -> ReminderView:
    """Remind (催办) everybody of a stratum alike; the messages are written into the outbox of the data folder.

    ``dry_run``: says what would be sent and to how many; nothing is written, and no roster is opened.
    """
    response.headers["Cache-Control"] = "no-store"
    if dry_run:
        return ReminderView.of(reminders.preview(db, campaign_id, wanted.way, stratum=wanted.stratum, text=wanted.text))
    made = reminders.remind(
        db,
        campaign_id,
        wanted.way,
        gateway=FileGateway(request.app.state.settings.data_dir / "outbox"),
        sealer=Sealer(request.app.state.pepper),
        stratum=wanted.stratum,
        text=wanted.text,
        by=actor.name,
        at=clock.now(),
    )
    return ReminderView.of(made)
