"""What the office reads of reports of vote-buying (拉票举报), and how the daily probe (每日探测) went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.auth.guards import OfficeActor, Signed
from api.auth.sessions import Actor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.hotline import CanaryRunView, HotlineReportView
from survey_models.accounts.rules import Role
from survey_models.hotline import service
from survey_models.hotline.rules import ENDINGS
from survey_models.ratings import canary

router = APIRouter(prefix="/api", tags=["hotline"], responses=RESPONSES)
Reader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.AUDITOR))]


@router.get("/hotline", operation_id="list_hotline_reports")
def list_hotline_reports(_actor: Reader, db: ReadDb) -> list[HotlineReportView]:
    """The newest reports of vote-buying and canvassing, at most 400."""
    return [HotlineReportView.of(row) for row in service.listed(db)]


@router.get("/hotline/{number}/attachment", operation_id="read_hotline_attachment", response_class=Response)
def read_hotline_attachment(_actor: Reader, number: str, db: ReadDb) -> Response:
    """The attachment of a report: always to be saved, never shown inside our own pages."""
    report, content = service.attachment(db, number)
    media = report.media or ""
    headers = {
        "Content-Disposition": f'attachment; filename="{report.number}.{ENDINGS[media]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media, headers=headers)


@router.get("/canary", operation_id="list_canary_runs")
def list_canary_runs(_actor: OfficeActor, db: ReadDb) -> list[CanaryRunView]:
    """The newest daily probes of the window ratings first."""
    return [CanaryRunView.of(run) for run in canary.newest(db)]
