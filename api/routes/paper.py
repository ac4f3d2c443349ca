"""Paper entry (纸质问卷双人录入): clerks type sheets, a third person settles, the office sees numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, status

from api.auth.guards import OfficeActor, SetupActor, Signed
from api.auth.sessions import Actor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.paper import (
    BlankView,
    DifferenceView,
    EntryRequest,
    KeptView,
    PaperCampaignView,
    PaperStanding,
    SentView,
    SerialRequest,
    SetAsideRequest,
    SetAsideView,
    SettleRequest,
)
from survey_models.accounts.rules import Role
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.paper import service, standing
from survey_models.paper.sealing import EntrySealer

router = APIRouter(tags=["paper"], responses=RESPONSES)

ClerkActor = Annotated[Actor, Depends(Signed(Role.PAPER))]
# The third person: another clerk, or the office.
SettlingActor = Annotated[Actor, Depends(Signed(Role.PAPER, Role.SETUP))]
Serial = Annotated[int, Path(ge=1, le=2**31 - 1)]
After = Annotated[int, Query(ge=0, le=2**31 - 1)]
_CLERK = "/api/paper/campaigns"
_OFFICE = "/api/campaigns/{campaign_id}/paper"


def _sealer(request: Request) -> EntrySealer:
    return EntrySealer(request.app.state.pepper)


@router.get(_CLERK, operation_id="list_paper_campaigns")
def list_paper_campaigns(actor: SettlingActor, db: ReadDb) -> list[PaperCampaignView]:
    """Campaigns that take sheets of paper now, with this person's numbers."""
    return [
        PaperCampaignView(id=work.id, title=work.title, typed=work.typed, to_settle=work.to_settle)
        for work in standing.work_of(db, by=actor.name, at=clock.now())
    ]


@router.post(f"{_CLERK}/{{campaign_id}}/blank", operation_id="open_paper_sheet")
def open_paper_sheet(actor: ClerkActor, campaign_id: str, wanted: SerialRequest, db: ReadDb) -> BlankView:
    """The empty form of a sheet by the serial number of its card; nothing is stored."""
    return BlankView.of(service.blank_of(db, campaign_id, wanted.serial, by=actor.name, at=clock.now()))


@router.post(f"{_CLERK}/{{campaign_id}}/entries", operation_id="keep_paper_entry", status_code=status.HTTP_201_CREATED)
def keep_paper_entry(actor: ClerkActor, campaign_id: str, wanted: EntryRequest, request: Request, db: Db) -> KeptView:
    """Keep one clerk's entry, sealed. The same entry sent again while it waits is kept once."""
    form = campaigns.form_of(db, campaigns.get(db, campaign_id))
    sealer = _sealer(request)
    typed = wanted.typed(form)
    serial = service.keep(db, campaign_id, wanted.serial, typed, sealer=sealer, by=actor.name, at=clock.now())
    return KeptView(serial=serial, typed=standing.typed_by(db, campaign_id, actor.name))


@router.get(f"{_CLERK}/{{campaign_id}}/differences", operation_id="list_paper_differences")
def list_paper_differences(actor: SettlingActor, campaign_id: str, db: ReadDb, after: After = 0) -> list[int]:
    """Serial numbers beyond ``after`` of sheets whose entries differ and that this person did not type; up to 1,000."""
    return service.to_settle(db, campaign_id, by=actor.name, after=after)


@router.get(f"{_CLERK}/{{campaign_id}}/differences/{{serial}}", operation_id="read_paper_difference")
def read_paper_difference(
    actor: SettlingActor, campaign_id: str, serial: Serial, request: Request, db: ReadDb
) -> list[DifferenceView]:
    """The differing places of a sheet side by side, and nothing else of it."""
    _, form, found = service.differences(db, campaign_id, serial, sealer=_sealer(request), by=actor.name)
    return [DifferenceView.of(form, difference) for difference in found]


@router.post(
    f"{_CLERK}/{{campaign_id}}/differences/{{serial}}",
    operation_id="settle_paper_sheet",
    status_code=status.HTTP_204_NO_CONTENT,
)
def settle_paper_sheet(
    actor: SettlingActor, campaign_id: str, serial: Serial, wanted: SettleRequest, *, request: Request, db: Db
) -> None:
    """Settle the differing places; the sheet is entered in the background."""
    sealer = _sealer(request)
    service.settle(db, campaign_id, serial, wanted.values, sealer=sealer, by=actor.name, at=clock.now())


@router.get(_OFFICE, operation_id="read_paper_standing")
def read_paper_standing(_actor: OfficeActor, campaign_id: str, db: ReadDb, after: After = 0) -> PaperStanding:
    """Sheets by state and differences by pair of clerks; never what was typed. ``after``: the next 1,000 unfinished."""
    return PaperStanding.of(standing.standing(db, campaign_id, after=after))


@router.post(f"{_OFFICE}/set-aside", operation_id="set_paper_sheets_aside")
def set_paper_sheets_aside(actor: SetupActor, campaign_id: str, wanted: SetAsideRequest, db: Db) -> SetAsideView:
    """Take sheets out with a reason, entries erased; they may be typed anew."""
    done = service.set_aside(db, campaign_id, wanted.serials, reason=wanted.reason, by=actor.name, at=clock.now())
    return SetAsideView(serials=done)


@router.post(f"{_OFFICE}/send", operation_id="send_agreed_paper_sheets")
def send_agreed_paper_sheets(_actor: SetupActor, campaign_id: str, db: Db) -> SentView:
    """Have agreed sheets entered that wait without a job, say after a fault of the machine."""
    return SentView(agreed=service.send_agreed(db, campaign_id, at=clock.now()))
