"""Inspection plans (检查计划): planned by one person, drawn by two through the draw of the same id, followed by all."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from api.auth.guards import InspectionActor, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.inspections import InspectionPlanView, InspectionSheet, PlanWish, SitesWish
from survey_models.core import clock
from survey_models.inspections import progress, service, sites

router = APIRouter(prefix="/api/inspections", tags=["inspections"], responses=RESPONSES)


@router.get("", operation_id="list_inspection_plans")
def list_inspection_plans(
    _actor: InspectionActor, round_id: Annotated[str, Query(alias="round", max_length=60)], db: ReadDb
) -> list[InspectionPlanView]:
    """The plans of a round, the newest first."""
    return [InspectionPlanView.of(plan, draw) for plan, draw in service.of_round(db, round_id)]


@router.post("", operation_id="plan_inspection", status_code=status.HTTP_201_CREATED)
def plan_inspection(actor: SetupActor, wanted: PlanWish, request: Request, db: Db) -> InspectionPlanView:
    """Fix must-check units, frame and numbers before the seed exists; then `POST /api/draws/{id}/run` by two people."""
    zone = request.app.state.settings.timezone
    made = service.plan(db, wanted.wish(), by=actor.name, at=clock.now(), zone=zone)
    return InspectionPlanView.of(*service.get(db, made.id))


@router.post("/sites", operation_id="plan_site_draw", status_code=status.HTTP_201_CREATED)
def plan_site_draw(actor: SetupActor, wanted: SitesWish, db: Db) -> InspectionPlanView:
    """Fix a draw of places in stages by the scheme's figures, where the round was planned without its places."""
    rows = [row.model_dump() for row in wanted.sites]
    made = sites.add(db, wanted.round, wanted.draw, rows, by=actor.name, at=clock.now())
    return InspectionPlanView.of(*service.get(db, made.id))


@router.get("/{plan_id}", operation_id="read_inspection_plan")
def read_inspection_plan(
    _actor: InspectionActor, plan_id: str, request: Request, response: Response, db: ReadDb
) -> InspectionSheet:
    """The list with the reason of each unit, and what was recorded there."""
    response.headers["Cache-Control"] = "no-store"
    zone = request.app.state.settings.timezone
    return InspectionSheet.whole(progress.sheet(db, plan_id, at=clock.now(), zone=zone))
