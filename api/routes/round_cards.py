"""Cards of a round (周期的评议卡): every campaign's in one act, sealed for the printers."""

from __future__ import annotations

from fastapi import APIRouter, Request, status

from api import round_tickets
from api.auth.guards import OfficeActor, SetupActor
from api.deps import Db, ReadDb
from api.handover import Lock
from api.keys import key_of_hex
from api.problems import RESPONSES
from api.schemas.round_cards import ExpectedView, IssuedCardsView, IssueRequest, RoundCardsView
from api.settings import Settings
from survey_models.core import clock

router = APIRouter(prefix="/api/rounds/{round_id}/cards", tags=["rounds"], responses=RESPONSES)


@router.get("", operation_id="read_round_cards")
def read_round_cards(_actor: OfficeActor, round_id: str, request: Request, db: ReadDb) -> RoundCardsView:
    """The campaigns in draft, and how many cards each one gets. 409 as long as places are still to be drawn."""
    settings: Settings = request.app.state.settings
    there = round_tickets.expected(db, round_id)
    return RoundCardsView(keys_here=settings.sealing_key_on_server, campaigns=[ExpectedView.of(one) for one in there])


@router.post("", operation_id="issue_round_cards", status_code=status.HTTP_201_CREATED)
def issue_round_cards(
    actor: SetupActor, round_id: str, wanted: IssueRequest, request: Request, db: Db
) -> IssuedCardsView:
    """Issue the cards of every campaign in draft; the codes are in the sealed files of this one answer.

    A campaign whose sheets have a key is ready to be opened afterwards.
    """
    lock = Lock.of(wanted.passphrase, wanted.public)
    key = key_of_hex(wanted.office_key) if wanted.office_key else None
    settings: Settings = request.app.state.settings
    made = round_tickets.issue(
        db, round_id, lock=lock, settings=settings, by=actor.name, at=clock.now(), office_key=key
    )
    return IssuedCardsView.of(round_id, made)
