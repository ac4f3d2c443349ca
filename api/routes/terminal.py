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
# The minute that runs, and two more, while somebody looks at the screen with the code.
_CODES = 3


@router.get("/terminal", operation_id="read_terminal")
def read_terminal(_device: DeviceActor, request: Request, response: Response) -> TerminalView:
    """The key that files are sealed to, and the server's clock."""
    response.headers["Cache-Control"] = "no-store"
    return TerminalView(server_time=clock.now(), files_key=files.public_text(request.app.state.pepper))


@router.get("/terminal/codes", operation_id="read_onsite_codes")
def read_onsite_codes(device: DeviceActor, request: Request, response: Response) -> list[OnsiteView]:
    """The on-site codes of this minute and the next; asked for when somebody wants one, for drawing them takes a while.

    A window whose ratings belong to cases (一事一评) has none.
    """
    state = request.app.state
    response.headers["Cache-Control"] = "no-store"
    # No connection is held while codes are drawn.
    with reading(state.engine) as session:
        mode = units.get_window(session, device.window_id).mode
    if mode == Mode.CASE:
        return []
    views = []
    for one in onsite.codes(uuid.UUID(device.id), pepper=state.pepper, at=clock.now(), count=_CODES):
        side, path = qr.outline(f"{state.settings.public_url.rstrip('/')}/w/{device.window_id}#{one.code}")
        views.append(OnsiteView(code=one.code, begins=one.begins, side=side, path=path))
    return views


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
