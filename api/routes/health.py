"""Is it alive, is it ready."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api import migrate
from api.auth.guards import Public
from api.problems import RESPONSES
from survey_models.core.errors import Problem

router = APIRouter(tags=["health"], responses=RESPONSES)


class Alive(BaseModel):
    """The process answers."""

    status: str


class Ready(Alive):
    """The database answers and is at the newest revision."""

    database: str
    revision: str


@router.get("/healthz", operation_id="read_health")
async def read_health(_guard: Annotated[None, Public]) -> Alive:
    """The process answers."""
    return Alive(status="ok")


@router.get("/readyz", operation_id="read_readiness")
def read_readiness(_guard: Annotated[None, Public], request: Request) -> Ready:
    """The database answers and is at the revision this code expects; 503 otherwise."""
    engine = request.app.state.engine
    try:
        revision = migrate.current(engine)
    except SQLAlchemyError:
        raise Problem("not_ready") from None
    if revision is None or revision != migrate.head():
        raise Problem("not_ready")
    return Ready(status="ok", database=engine.dialect.name, revision=revision)
