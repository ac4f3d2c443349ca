"""Months of window ratings (好差评月度统计): rates of windows and people, as docs/windows.md defines them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.auth.guards import HallReader
from api.deps import ReadDb
from api.problems import RESPONSES
from api.schemas.rates import CountingView, MonthList, MonthView
from api.settings import Settings
from survey_models.core import clock
from survey_models.ratings import months

router = APIRouter(prefix="/api/ratings", tags=["ratings"], responses=RESPONSES)


@router.get("/months", operation_id="list_rating_months")
def list_rating_months(_actor: HallReader, request: Request, db: ReadDb) -> MonthList:
    """Months that are counted, and the rules by which they are."""
    settings: Settings = request.app.state.settings
    found = months.counted_months(db, counting=settings.counting, at=clock.now(), zone=settings.timezone)
    return MonthList(months=[f"{month:%Y-%m}" for month in found], rules=CountingView.of(settings.counting))


@router.get("/months/{month}", operation_id="read_rating_month")
def read_rating_month(
    _actor: HallReader,
    month: Annotated[str, Path(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")],
    request: Request,
    db: ReadDb,
) -> MonthView:
    """Windows and people of a counted month; 409 ``month_not_counted`` before."""
    settings: Settings = request.app.state.settings
    first = date.fromisoformat(f"{month}-01")
    return MonthView.of(
        months.month_table(db, first, counting=settings.counting, at=clock.now(), zone=settings.timezone)
    )
