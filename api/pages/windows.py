"""The public page of window ratings (好差评): how the rates are worked out, and the months that are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from api.auth.guards import Public
from api.deps import ReadDb
from api.pages.render import page
from api.pages.routes import PageView
from api.schemas.rates import RatesView, WindowMonthView
from api.settings import Settings
from survey_models.core import clock
from survey_models.ratings import months
from survey_models.ratings.months import WindowMonth
from survey_models.ratings.rules import SMALLEST

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)
SHOWN = 24


@dataclass(frozen=True)
class Row:
    """One window in words: shares are percent with two decimals."""

    name: str
    place: str
    n: int
    rates: RatesView | None
    without: RatesView | None
    cases: int
    own: str | None
    kept: int


@router.get("/windows", operation_id="show_window_rates")
def show_window_rates(
    _guard: Annotated[None, Public],
    view: PageView,
    request: Request,
    db: ReadDb,
    month: Annotated[str, Query(max_length=7)] = "",
) -> HTMLResponse:
    """Definitions, rules in force, and the rates of every window in a counted month, the newest unless one is asked."""
    settings: Settings = request.app.state.settings
    counting, at, zone = settings.counting, clock.now(), settings.timezone
    counted = months.counted_months(db, counting=counting, at=at, zone=zone)[:SHOWN]
    names = {f"{one:%Y-%m}": one for one in counted}
    asked: date | None = names.get(month) or (counted[0] if counted else None)
    found = months.month_table(db, asked, counting=counting, at=at, zone=zone).windows if asked else []
    return page(
        "windows.html",
        view,
        title=view.words("windows.title"),
        rules=counting,
        smallest=SMALLEST,
        months=list(names),
        month=f"{asked:%Y-%m}" if asked else "",
        rows=[_row(one) for one in found if one.n],
    )


def _row(found: WindowMonth) -> Row:
    seen = WindowMonthView.of(found)
    return Row(
        name=seen.name,
        place=f"{seen.hall} {seen.number}",
        n=seen.n,
        rates=seen.rates,
        without=seen.without,
        cases=seen.cases,
        own=seen.own,
        kept=sum(seen.not_counted.values()),
    )
