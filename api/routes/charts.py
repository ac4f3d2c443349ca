"""Pictures of a campaign as SVG (图), for the console and for reports."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.auth.guards import OfficeActor
from api.deps import ReadDb
from api.etag import with_etag
from api.problems import RESPONSES
from survey_models.reports.pictures import picture

router = APIRouter(prefix="/api/campaigns/{campaign_id}/charts", tags=["charts"], responses=RESPONSES)
SVG = "image/svg+xml"


@router.get(
    "/{name}.svg",
    operation_id="read_chart",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}},
)
def read_chart(
    _actor: OfficeActor,
    campaign_id: str,
    name: str,
    request: Request,
    db: ReadDb,
    *,
    category: Annotated[str, Query(max_length=60)] = "",
    lang: Literal["zh", "en"] = "zh",
) -> Response:
    """``places`` and ``scores`` (of a category), ``allocation``, ``weights``."""
    drawn = picture(db, campaign_id, name, category=category, lang=lang)
    return with_etag(request, drawn.encode(), media_type=SVG)
