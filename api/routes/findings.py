"""Findings of bad ratings (差评), for the complaint desk (投诉受理) alone."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response

from api.auth.guards import DeskActor
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.findings import BadRatingView
from survey_models.findings import bad_ratings

router = APIRouter(prefix="/api/findings", tags=["findings"], responses=RESPONSES)


@router.get("/ratings", operation_id="list_bad_ratings")
def list_bad_ratings(_actor: DeskActor, request: Request, response: Response, db: ReadDb) -> list[BadRatingView]:
    """Bad ratings by day, at most 400: window, level and reasons, never the minute."""
    response.headers["Cache-Control"] = "no-store"
    found = bad_ratings.of_ratings(db, zone=request.app.state.settings.timezone)
    return [BadRatingView.of(one) for one in found]


@router.get("/ratings/{finding_id}", operation_id="read_bad_rating")
def read_bad_rating(
    _actor: DeskActor, finding_id: uuid.UUID, request: Request, response: Response, db: ReadDb
) -> BadRatingView:
    """One of them."""
    response.headers["Cache-Control"] = "no-store"
    return BadRatingView.of(bad_ratings.of_rating(db, finding_id, zone=request.app.state.settings.timezone))
