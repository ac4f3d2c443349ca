"""Setting sheets and window ratings aside (剔除、作废), dismissing flags (排除疑点): two people; nothing is deleted."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, status

from api import acts
from api.auth.guards import Asker, OfficeActor, second_person
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.rating_voids import RatingVoidRequest, RatingVoidView
from api.schemas.voids import DismissRequest, VoidRequest, VoidView
from survey_models.ballots import voids
from survey_models.core import clock
from survey_models.flags import service as flags
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ratings import voids as rating_voids

router = APIRouter(prefix="/api", tags=["flags"], responses=RESPONSES)


@router.post("/campaigns/{campaign_id}/voids", operation_id="ask_to_void_sheets", status_code=status.HTTP_202_ACCEPTED)
def ask_to_void_sheets(
    asker: Annotated[Asker, second_person(acts.VOID_SHEETS)], campaign_id: str, wanted: VoidRequest, db: Db
) -> ActView:
    """Ask to set sheets aside; another person confirms."""
    return ActView.of(asker.ask(db, campaign_id, wanted.params()), at=clock.now())


@router.get("/campaigns/{campaign_id}/voids", operation_id="list_voids")
def list_voids(_actor: OfficeActor, campaign_id: str, db: ReadDb) -> list[VoidView]:
    """What was set aside in a campaign, in its order, with the numbers of sheets."""
    return [VoidView.of(row) for row in voids.listed(db, campaign_id)]


@router.post("/flags/{flag_id}/dismiss", operation_id="ask_to_dismiss_flag", status_code=status.HTTP_202_ACCEPTED)
def ask_to_dismiss_flag(
    asker: Annotated[Asker, second_person(acts.DISMISS_FLAG)], flag_id: uuid.UUID, wanted: DismissRequest, db: Db
) -> ActView:
    """Ask to dismiss a flag with a reason; another person confirms."""
    log = flags.get(db, flag_id).campaign_id or SYSTEM_LOG
    return ActView.of(asker.ask(db, log, {"flag": str(flag_id), "reason": wanted.reason}), at=clock.now())


@router.post("/windows/{window_id}/voids", operation_id="ask_to_void_ratings", status_code=status.HTTP_202_ACCEPTED)
def ask_to_void_ratings(
    asker: Annotated[Asker, second_person(acts.VOID_RATINGS)], window_id: str, wanted: RatingVoidRequest, db: Db
) -> ActView:
    """Ask to set the ratings of a window in a span of time aside; another person confirms."""
    return ActView.of(asker.ask(db, SYSTEM_LOG, wanted.params(window_id)), at=clock.now())


@router.get("/windows/{window_id}/voids", operation_id="list_rating_voids")
def list_rating_voids(_actor: OfficeActor, window_id: str, db: ReadDb) -> list[RatingVoidView]:
    """What was set aside at a window, in its order, with the numbers of ratings."""
    return [RatingVoidView.of(row) for row in rating_voids.listed(db, window_id)]
