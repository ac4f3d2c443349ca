"""Results (得分): computed by setup from counted ballots, shown to the office, exported as a sheet."""

from __future__ import annotations

from fastapi import APIRouter, status

from api.auth.guards import OfficeActor, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.results import ResultView
from survey_models.core import clock
from survey_models.results import service

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["results"], responses=RESPONSES)


@router.post("/results", operation_id="run_results", status_code=status.HTTP_201_CREATED)
def run_results(actor: SetupActor, campaign_id: str, db: Db) -> ResultView:
    """Compute the scores of a counted campaign."""
    result = service.run(db, campaign_id, by=actor.name, at=clock.now())
    return ResultView.of(result, service.rows(db, result))


@router.get("/results", operation_id="read_results")
def read_results(_actor: OfficeActor, campaign_id: str, db: ReadDb) -> ResultView:
    """The newest result. 409 with the progress of returns before counting, for everybody."""
    result = service.latest(db, campaign_id)
    return ResultView.of(result, service.rows(db, result))
