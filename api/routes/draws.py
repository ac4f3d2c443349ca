"""Draws (抽样): plan and seed to read, and the replay that anybody of the office can ask for."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth.guards import OfficeActor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.design import DrawView, ReplayView
from survey_models.draws import service

router = APIRouter(prefix="/api/draws", tags=["draws"], responses=RESPONSES)


@router.get("", operation_id="list_draws")
def list_draws(_actor: OfficeActor, db: ReadDb) -> list[DrawView]:
    """Every draw, newest first."""
    return [DrawView.model_validate(draw) for draw in service.all_draws(db)]


@router.get("/{draw_id}", operation_id="read_draw")
def read_draw(_actor: OfficeActor, draw_id: str, db: ReadDb) -> DrawView:
    """One draw."""
    return DrawView.model_validate(service.get(db, draw_id))


@router.get("/{draw_id}/replay", operation_id="replay_draw")
def replay_draw(_actor: OfficeActor, draw_id: str, db: ReadDb) -> ReplayView:
    """Draw again from the stored frame, plan and seed, and compare."""
    found = service.replay(db, draw_id)
    return ReplayView(equal=found.equal, drawn=found.drawn, difference=found.difference)
