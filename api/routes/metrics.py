"""Numbers for a monitor (运行指标)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from api.auth.guards import Signed
from api.auth.sessions import Actor
from api.problems import RESPONSES
from survey_models.accounts.rules import Role

router = APIRouter(tags=["health"], responses=RESPONSES)

MonitorActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR))]


@router.get("/metrics", operation_id="read_metrics", response_class=Response)
def read_metrics(actor: MonitorActor, request: Request) -> Response:
    """The house's numbers in Prometheus' text format, for an access token with the scope ``metrics:read``.

    None of them tells when a sheet or a tap came.
    """
    del actor
    return Response(request.app.state.measures.text(request.app), media_type=CONTENT_TYPE_LATEST)
