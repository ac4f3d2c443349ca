"""Acts that need two people (两人事项)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from api import acts
from api.auth.guards import ConfirmingActor, OfficeActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from survey_models.acts import service
from survey_models.core import clock

router = APIRouter(prefix="/api/acts", tags=["acts"], responses=RESPONSES)


@router.get("", operation_id="list_acts")
def list_acts(_actor: OfficeActor, db: ReadDb) -> list[ActView]:
    """The newest acts first."""
    at = clock.now()
    return [ActView.of(act, at=at) for act in service.listed(db)]


@router.post("/{number}/confirm", operation_id="confirm_act")
def confirm_act(
    actor: ConfirmingActor, number: Annotated[int, Path(ge=1, le=2**31 - 1)], db: Db, request: Request
) -> ActView:
    """Confirm as the second person; the act is done in the same transaction."""
    at = clock.now()
    act = acts.confirm(db, number, by=actor.name, at=at, settings=request.app.state.settings)
    return ActView.of(act, at=at)
