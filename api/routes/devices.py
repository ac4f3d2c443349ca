"""Terminals (评价器): pairing, and who am I."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, status

from api.auth.guards import DeviceActor, OfficeActor, Public, SetupActor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.ratings import fit_key
from api.schemas.staff import BadgeFields
from api.schemas.windows import DeviceView, PairedDeviceView, PairedView, PairRequest, WindowView
from survey_models.core import clock
from survey_models.devices import service
from survey_models.staff import service as staff

router = APIRouter(prefix="/api/devices", tags=["devices"], responses=RESPONSES)


@router.post("/pair", operation_id="pair_device", status_code=status.HTTP_201_CREATED)
def pair_device(_guard: Annotated[None, Public], wanted: PairRequest, db: Db) -> PairedView:
    """Turn a pairing code into a paired terminal. The token is shown this once."""
    key = fit_key(wanted.public_key) if wanted.public_key is not None else None
    device, token = service.pair(db, wanted.pairing_code, at=clock.now(), public_key=key)
    badge = staff.badge(db, device.window_id)
    shown = {"device_id": device.id, "token": token, "window": WindowView.of(badge.window)}
    return PairedView.model_validate({**BadgeFields.fields_of(badge), **shown})


@router.get("/me", operation_id="read_own_device")
def read_own_device(device: DeviceActor, db: ReadDb) -> DeviceView:
    """The window that this terminal stands at, who is on duty there, and what the unit promises."""
    badge = staff.badge(db, device.window_id)
    shown = {"device_id": device.id, "window": WindowView.of(badge.window)}
    return DeviceView.model_validate({**BadgeFields.fields_of(badge), **shown})


@router.get("", operation_id="list_devices")
def list_devices(_actor: OfficeActor, db: ReadDb) -> list[PairedDeviceView]:
    """Every paired device (评价器、测评点平板), newest first."""
    return [PairedDeviceView.of(device) for device in service.listed(db)]


@router.post("/{device_id}/resume", operation_id="resume_device", status_code=status.HTTP_204_NO_CONTENT)
def resume_device(actor: SetupActor, device_id: uuid.UUID, db: Db) -> None:
    """Let a device that was paused for wrong codes show codes again."""
    service.resume(db, device_id, by=actor.name, at=clock.now())
