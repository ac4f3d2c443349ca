"""Estimation (评估方法): what a campaign states before it opens, shown and set as one document."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.orm import Session

from api.auth.guards import OfficeActor, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.estimation import EstimationDocument, EstimationView
from survey_models.campaigns import statements
from survey_models.core import clock

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["estimation"], responses=RESPONSES)


@router.get("/estimation", operation_id="read_estimation")
def read_estimation(_actor: OfficeActor, campaign_id: str, db: ReadDb) -> EstimationView:
    """The statement as it stands, and what can be chosen from."""
    return _view(db, campaign_id)


@router.put("/estimation", operation_id="set_estimation")
def set_estimation(actor: SetupActor, campaign_id: str, document: EstimationDocument, db: Db) -> EstimationView:
    """Replace the statement. 409 ``act_not_allowed`` once the campaign has opened."""
    statements.state(db, campaign_id, document.statement(), by=actor.name, at=clock.now())
    return _view(db, campaign_id)


def _view(db: Session, campaign_id: str) -> EstimationView:
    return EstimationView.whole(statements.read(db, campaign_id), statements.choices(db, campaign_id))
