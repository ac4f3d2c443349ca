"""What a terminal (评价器) asks for beside its badge: the server's key for files, on-site codes; and call-backs."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response, status

from api import qr
from api.auth.guards import DeskActor, DeviceActor
from api.db import reading
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.ratings import CallbackIn, CallbackView, OnsiteView, TerminalView
from survey_models.core import clock
from survey_models.ratings import callbacks, files, onsite
from survey_models.units import service as units
from survey_models.units.tables import Mode

router = APIRouter(prefix="/api", tags=["devices"], responses=RESPONSES)
# As many minutes as a terminal may be without the server and still show a code.
_CODES = 15


@router.get("/terminal", operation_id="read_terminal")
def read_terminal(device: DeviceActor, request: Request, response: Response) -> TerminalView:
    """The key that files are sealed to, the server's clock, and the on-site codes of the next minutes.

    A window whose ratings belong to cases (一事一评) shows none.
    """
    state, at = request.app.state, clock.now()
    response.headers["Cache-Control"] = "no-store"
    # A hall asks all at once: no connection is held while codes are drawn.
    with reading(state.engine) as session:
        window_id, mode = device.window_id, units.get_window(session, device.window_id).mode
    shown = [] if mode == Mode.CASE else onsite.codes(_id(device.id), pepper=state.pepper, at=at, count=_CODES)
    views = []
    for one in shown:
        side, path = qr.outline(f"{state.settings.public_url.rstrip('/')}/w/{window_id}#{one.code}")
        views.append(OnsiteView(code=one.code, begins=one.begins, side=side, path=path))
    return TerminalView(server_time=at, files_key=files.public_text(state.pepper), codes=views)


@router.post("/terminal/callbacks", operation_id="leave_callback", status_code=status.HTTP_204_NO_CONTENT)
def leave_callback(device: DeviceActor, wanted: CallbackIn, request: Request, db: Db) -> None:
    """Keep the number of somebody who wants to be called back; it stands beside no rating."""
    state = request.app.state
    kept = {"pepper": state.pepper, "at": clock.now(), "zone": state.settings.timezone}
    callbacks.leave(db, device.window_id, wanted.id, wanted.phone, **kept)


@router.get("/callbacks", operation_id="list_callbacks")
def list_callbacks(_actor: DeskActor, request: Request, response: Response, db: ReadDb) -> list[CallbackView]:
    """The numbers that wait for a call."""
    state = request.app.state
    response.headers["Cache-Control"] = "no-store"
    days, zone = state.settings.callback_days, state.settings.timezone
    found = callbacks.waiting(db, pepper=state.pepper, at=clock.now(), zone=zone, days=days)
    return [CallbackView(id=one.id, window_id=one.window_id, day=one.day, phone=one.phone) for one in found]


@router.post("/callbacks/{callback_id}/done", operation_id="finish_callback", status_code=status.HTTP_204_NO_CONTENT)
def finish_callback(actor: DeskActor, callback_id: uuid.UUID, db: Db) -> None:
    """Somebody was called: the number is erased."""
    callbacks.done(db, callback_id, by=actor.name, at=clock.now())


def _id(text: str) -> uuid.UUID:
    return uuid.UUID(text)
