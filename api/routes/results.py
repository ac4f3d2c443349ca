"""Results (得分): computed by setup from counted ballots, shown to the office, exported as a sheet."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response, status
from starlette.responses import HTMLResponse

from api.auth.guards import OfficeActor, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.results import ResultView, UnitStepsView
from api.security import content_security_policy
from survey_models.core import clock
from survey_models.reports import service as reports
from survey_models.reports.printed import results_html
from survey_models.reports.results_page import STYLE_HASH
from survey_models.results import service

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


@router.get("/results/{unit_code}/steps", operation_id="read_unit_steps")
def read_unit_steps(_actor: OfficeActor, campaign_id: str, unit_code: str, db: ReadDb) -> UnitStepsView:
    """How the score of one unit came about, from the counts to its place."""
    return UnitStepsView.of(service.unit_steps(db, campaign_id, unit_code))


@router.get("/results.xlsx", operation_id="export_results", response_class=Response)
def export_results(actor: OfficeActor, campaign_id: str, request: Request, db: Db) -> Response:
    """The newest result as an office prints it. What leaves the house is in the ledger."""
    content = reports.results_xlsx(db, campaign_id, zone=request.app.state.settings.timezone)
    reports.record_export(db, content, sheet=reports.RESULTS, campaign_id=campaign_id, by=actor.name, at=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{campaign_id}-results.xlsx"', "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)


@router.get("/results.html", operation_id="print_results", response_class=HTMLResponse)
def print_results(
    actor: OfficeActor, campaign_id: str, request: Request, db: Db, *, lang: Literal["zh", "en"] = "zh"
) -> HTMLResponse:
    """The newest result as a report to print. What leaves the house is in the ledger."""
    zone = request.app.state.settings.timezone
    content = results_html(db, campaign_id, zone=zone, lang=lang, linked=True)
    reports.record_export(
        db, content, sheet=reports.RESULTS_PAGE, campaign_id=campaign_id, by=actor.name, at=clock.now()
    )
    headers = {
        "Content-Security-Policy": content_security_policy([STYLE_HASH]),
        "Content-Language": "en" if lang == "en" else "zh-CN",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(content, headers=headers)
