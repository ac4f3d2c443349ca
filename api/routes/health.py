"""Is it alive, is it ready."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api import migrate
from api.auth.guards import Public
from api.db import reading
from api.problems import RESPONSES
from survey_models.core.errors import Problem
from survey_models.ratings import canary

router = APIRouter(tags=["health"], responses=RESPONSES)


class Alive(BaseModel):
    """The process answers."""

    status: str


class Probed(BaseModel):
    """The daily probe of the window ratings: ``ok`` or ``failed`` and its day, ``never`` before the first."""

    status: Literal["ok", "failed", "never"]
    day: date | None


class Ready(Alive):
    """The database answers and is at the newest revision; ``canary``: how the last daily probe went."""

    database: str
    revision: str
    canary: Probed


@router.get("/healthz", operation_id="read_health")
async def read_health(_guard: Annotated[None, Public]) -> Alive:
    """The process answers."""
    return Alive(status="ok")


@router.get("/readyz", operation_id="read_readiness")
def read_readiness(_guard: Annotated[None, Public], request: Request) -> Ready:
    """The database answers and is at the revision this code expects; 503 otherwise."""
    engine = request.app.state.engine
    if not request.app.state.intake.is_writing:  # it broke down: another process is to be asked
        raise Problem("not_ready")
    try:
        revision = migrate.current(engine)
    except SQLAlchemyError:
        raise Problem("not_ready") from None
    if revision is None or revision != migrate.head():
        raise Problem("not_ready")
    with reading(engine) as session:
        state, day = canary.told(next(iter(canary.newest(session, limit=1)), None))
    probed = Probed(status=state, day=day)
    return Ready(status="ok", database=engine.dialect.name, revision=revision, canary=probed)
