"""Windows (服务窗口), their terminals and their tallies."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, status

from api.auth.guards import HallActor, HallReader
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.windows import PairingView, PeriodView, WindowTallies, WindowView
from survey_models.core import clock
from survey_models.devices import service as devices
from survey_models.ratings import service as ratings
from survey_models.units import service as units

router = APIRouter(prefix="/api/windows", tags=["windows"], responses=RESPONSES)
NOTE = "评价总数实时更新；各等次次日起显示，不足 10 次的日子并入当月。"
NOTE_EN = "The number is live; levels appear the next day, days under 10 ratings within their month."


@router.get("", operation_id="list_windows")
def list_windows(_actor: HallReader, request: Request, db: ReadDb) -> list[WindowView]:
    """Every window with its live numbers."""
    numbers = ratings.totals(db, at=clock.now(), zone=request.app.state.settings.timezone)
    found = []
    for window in units.all_windows(db):
        total, today = numbers.get(window.id, (0, 0))
        found.append(WindowView.of(window, total=total, today=today))
    return found


@router.get("/{window_id}/tallies", operation_id="read_window_tallies")
def read_window_tallies(_actor: HallReader, window_id: str, request: Request, db: ReadDb) -> WindowTallies:
    """Ratings of one window."""
    window = units.get_window(db, window_id)
    found = ratings.tally(db, window.id, at=clock.now(), zone=request.app.state.settings.timezone)
    return WindowTallies(
        window_id=window.id,
        total=found.total,
        today=found.today,
        aside=found.aside,
        not_counted=found.not_counted,
        periods=[PeriodView(**asdict(row)) for row in found.periods],
        note=NOTE,
        note_en=NOTE_EN,
    )


@router.post("/{window_id}/pairing", operation_id="make_pairing", status_code=status.HTTP_201_CREATED)
def make_pairing(actor: HallActor, window_id: str, db: Db) -> PairingView:
    """A pairing code for a terminal of this window; the one before lapses."""
    code, until = devices.make_pairing(db, window_id, by=actor.name, at=clock.now())
    return PairingView(pairing_code=code, expires_at=until)
