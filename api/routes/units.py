"""Rated units (被评议单位)."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth.guards import AnyActor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.design import UnitView
from survey_models.units import service

router = APIRouter(prefix="/api/units", tags=["units"], responses=RESPONSES)


@router.get("", operation_id="list_units")
def list_units(_actor: AnyActor, db: ReadDb) -> list[UnitView]:
    """Every unit in its order."""
    return [UnitView.model_validate(unit) for unit in service.all_units(db)]
