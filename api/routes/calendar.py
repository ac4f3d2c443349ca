"""The working-day calendar (工作日历)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth.guards import AnyActor, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.calendar import DayChange, DayView, YearChanges, YearView
from survey_models.calendar import service
from survey_models.core import clock

router = APIRouter(prefix="/api/calendar", tags=["calendar"], responses=RESPONSES)
FIRST, LAST = 1950, 2199


@router.get("", operation_id="read_calendar")
def read_calendar(_actor: AnyActor, db: ReadDb, year: Annotated[int, Query(ge=FIRST, le=LAST)]) -> YearView:
    """Every day of a year, and the bounds of the whole calendar."""
    first, last = service.bounds(db)
    return YearView(first=first, last=last, days=[DayView.model_validate(one) for one in service.of_year(db, year)])


@router.put("/days/{day}", operation_id="set_calendar_day")
def set_calendar_day(actor: SetupActor, day: date, change: DayChange, db: Db) -> DayView:
    """Correct one day."""
    planned = service.set_day(db, day, change.kind, source=change.source, by=actor.name, at=clock.now())
    return DayView.model_validate(planned)


@router.put("/years/{year}", operation_id="set_calendar_year", status_code=204)
def set_calendar_year(
    actor: SetupActor, year: Annotated[int, Path(ge=FIRST, le=LAST)], new: YearChanges, db: Db
) -> None:
    """Enter a year from its notice; days that are not named are worked from Monday to Friday."""
    service.set_year(db, year, new.changes, source=new.source, by=actor.name, at=clock.now())
