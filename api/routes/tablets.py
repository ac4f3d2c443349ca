"""Tablets of test points (测评点平板): pairing, who am I, and what the office does with them."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import ValidationError

from api.auth.guards import PointActor, PointReader, Public, TabletActor, TicketHolder, sees_of
from api.casting import take_in
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.ballots import CastReceipt, SealedSheet, Unsealed
from api.schemas.tablets import (
    OwnTablet,
    PairedTablet,
    TabletPairingRequest,
    TabletPairingView,
    TabletPairRequest,
    TabletView,
)
from survey_models.accounts import scope
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ratings import files
from survey_models.tablets import service

router = APIRouter(prefix="/api/tablets", tags=["tablets"], responses=RESPONSES)


@router.post("/pairings", operation_id="make_tablet_pairing", status_code=status.HTTP_201_CREATED)
def make_tablet_pairing(actor: PointActor, wanted: TabletPairingRequest, db: Db) -> TabletPairingView:
    """A pairing code for a tablet of one campaign and test point, good once, for ten minutes; a clerk's own point."""
    scope.check_point(db, sees_of(actor), wanted.campaign, wanted.point)
    code, until = service.make_pairing(db, wanted.campaign, wanted.point, by=actor.name, at=clock.now())
    return TabletPairingView(pairing_code=code, expires_at=until)


@router.post("/pair", operation_id="pair_tablet", status_code=status.HTTP_201_CREATED)
def pair_tablet(_guard: Annotated[None, Public], wanted: TabletPairRequest, request: Request, db: Db) -> PairedTablet:
    """Turn a pairing code into a paired tablet."""
    tablet, token = service.pair(db, wanted.pairing_code, at=clock.now())
    name = service.point_name(db, tablet.campaign_id, tablet.point_no)
    key = files.public_text(request.app.state.pepper)
    return PairedTablet(token=token, campaign=tablet.campaign_id, point=name, sheets_key=key)


@router.get("/me", operation_id="read_own_tablet")
def read_own_tablet(tablet: TabletActor, request: Request, db: ReadDb) -> OwnTablet:
    """The campaign and point that this tablet is for, and what it seals waiting sheets to."""
    name = service.point_name(db, tablet.campaign_id, tablet.point_no)
    key = files.public_text(request.app.state.pepper)
    return OwnTablet(campaign=tablet.campaign_id, point=name, paused=tablet.paused, sheets_key=key)


@router.post("/sheets", operation_id="cast_sealed_sheet", status_code=status.HTTP_201_CREATED)
async def cast_sealed_sheet(
    _guard: Annotated[None, TicketHolder], waited: SealedSheet, request: Request, response: Response
) -> CastReceipt:
    """Cast a sheet that waited in a tablet through an outage, maybe through a power cut: as if it came in clear now."""
    try:
        inside = Unsealed.model_validate_json(
            files.open_part(waited.sealed, pepper=request.app.state.pepper, purpose=files.SHEET)
        )
    except (Problem, ValidationError):
        raise Problem("request_malformed", where="sealed") from None
    return await take_in(inside.campaign, inside.sheet, request, response)


@router.get("", operation_id="list_tablets")
def list_tablets(actor: PointReader, db: ReadDb) -> list[TabletView]:
    """Every paired tablet, newest first; a clerk sees those of its own test points."""
    found = service.listed(db)
    seen = {
        campaign: scope.points_seen(db, sees_of(actor), campaign) for campaign in {one.campaign_id for one in found}
    }
    return [TabletView.of(one) for one in found if (own := seen[one.campaign_id]) is None or one.point_no in own]


@router.post("/{tablet_id}/resume", operation_id="resume_tablet", status_code=status.HTTP_204_NO_CONTENT)
def resume_tablet(actor: PointActor, tablet_id: uuid.UUID, db: Db) -> None:
    """Let a tablet that was paused for wrong codes show codes again; a clerk one of its own test points."""
    scope.check_point(db, sees_of(actor), *service.place_of(db, tablet_id))
    service.resume(db, tablet_id, by=actor.name, at=clock.now())


@router.post("/{tablet_id}/withdraw", operation_id="withdraw_tablet", status_code=status.HTTP_204_NO_CONTENT)
def withdraw_tablet(actor: PointActor, tablet_id: uuid.UUID, db: Db) -> None:
    """End a tablet's right to stand as a test point; a clerk that of one of its own test points."""
    scope.check_point(db, sees_of(actor), *service.place_of(db, tablet_id))
    service.withdraw(db, tablet_id, by=actor.name, at=clock.now())
