"""Terminals (评价器): pairing, and who am I."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import TypeAdapter

from api.auth.guards import DeviceActor, HallActor, HallReader, Public
from api.db import reading, unit_of_work
from api.deps import Db, ReadDb
from api.etag import with_etag
from api.problems import RESPONSES
from api.schemas.fleet import HeartbeatIn, TerminalRow
from api.schemas.ratings import fit_key
from api.schemas.staff import BadgeFields
from api.schemas.windows import WINDOW_SCALES, DeviceView, PairedDeviceView, PairedView, PairRequest, WindowView
from survey_models.core import clock
from survey_models.devices import fleet, service
from survey_models.ratings import service as ratings
from survey_models.staff import service as staff

router = APIRouter(prefix="/api/devices", tags=["devices"], responses=RESPONSES)


@router.post("/pair", operation_id="pair_device", status_code=status.HTTP_201_CREATED)
def pair_device(_guard: Annotated[None, Public], wanted: PairRequest, request: Request, db: Db) -> PairedView:
    """Turn a pairing code into a paired terminal. The token is shown this once."""
    key = fit_key(wanted.public_key) if wanted.public_key is not None else None
    device, token = service.pair(db, wanted.pairing_code, at=clock.now(), public_key=key)
    badge = staff.badge(db, device.window_id)
    scale = WINDOW_SCALES[request.app.state.settings.window_scale]
    shown = {"device_id": device.id, "token": token, "window": WindowView.of(badge.window), "scale": scale}
    return PairedView.model_validate({**BadgeFields.fields_of(badge), **shown})


@router.get("/me", operation_id="read_own_device")
def read_own_device(device: DeviceActor, request: Request) -> DeviceView:
    """The window that this terminal stands at, who is on duty there, and what the unit promises."""
    # A hall asks all at once: no connection is held while the answer waits for a thread to be written.
    with reading(request.app.state.engine) as session:
        badge = staff.badge(session, device.window_id)
        scale = WINDOW_SCALES[request.app.state.settings.window_scale]
        shown = {"device_id": device.id, "window": WindowView.of(badge.window), "scale": scale}
        return DeviceView.model_validate({**BadgeFields.fields_of(badge), **shown})


@router.post("/heartbeat", operation_id="send_heartbeat", status_code=status.HTTP_204_NO_CONTENT)
def send_heartbeat(device: DeviceActor, beat: HeartbeatIn, request: Request) -> None:
    """What a terminal says of itself, about once a minute: program, ratings that wait, clock."""
    with unit_of_work(request.app.state.engine) as session:
        fleet.note(session, uuid.UUID(device.id), beat.said(), at=clock.now())


@router.get("/fleet", operation_id="read_fleet", response_model=list[TerminalRow])
def read_fleet(_actor: HallReader, request: Request, db: ReadDb) -> Response:
    """Every terminal with its last words and its state; 304 while nothing changed."""
    hours = ratings.last_hours(db)
    rows = [TerminalRow.of(one, hours.get(one.device.id)) for one in fleet.fleet(db, at=clock.now())]
    return with_etag(request, TypeAdapter(list[TerminalRow]).dump_json(rows))


@router.post("/{device_id}/revoke", operation_id="revoke_device", status_code=status.HTTP_204_NO_CONTENT)
def revoke_device(actor: HallActor, device_id: uuid.UUID, db: Db) -> None:
    """Withdraw a device: a lost or stolen one, or one to pair anew. What comes of it afterwards is kept aside."""
    fleet.revoke(db, device_id, by=actor.name, at=clock.now())


@router.get("", operation_id="list_devices")
def list_devices(_actor: HallReader, db: ReadDb) -> list[PairedDeviceView]:
    """Every paired device (评价器、测评点平板), newest first."""
    return [PairedDeviceView.of(device) for device in service.listed(db)]


@router.post("/{device_id}/resume", operation_id="resume_device", status_code=status.HTTP_204_NO_CONTENT)
def resume_device(actor: HallActor, device_id: uuid.UUID, db: Db) -> None:
    """Let a device that was paused for wrong codes show codes again."""
    service.resume(db, device_id, by=actor.name, at=clock.now())
