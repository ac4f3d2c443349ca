"""Window staff (窗口工作人员): badges, photos, who is on duty, and units' boards (亮承诺)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status

from api.auth.guards import HallActor, HallReader, Public
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.staff import Board, DutyIn, StaffIn, StaffView, WindowIn, WindowSetup
from survey_models.core import clock
from survey_models.staff import service
from survey_models.staff.photos import JPEG, PNG

router = APIRouter(prefix="/api", tags=["staff"], responses=RESPONSES)
_PICTURE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {JPEG: _PICTURE, PNG: _PICTURE}}}
_PHOTO: dict[int | str, dict[str, Any]] = {200: {"content": {JPEG: _PICTURE, PNG: _PICTURE}}}


async def _sent(_actor: HallActor, request: Request) -> bytes:
    """The bytes of the body, which the limit of bodies has bounded."""
    return await request.body()


@router.get("/staff", operation_id="list_staff")
def list_staff(_actor: HallReader, db: ReadDb) -> list[StaffView]:
    """Everybody who has not left, and where they are on duty."""
    at = {number: window for window, number in service.duties(db).items()}
    return [StaffView.seen(person, at.get(person.number)) for person in service.listed(db)]


@router.get("/staff/photos/{sha256}", operation_id="read_staff_photo", response_class=Response, responses=_PHOTO)
def read_staff_photo(_guard: Annotated[None, Public], sha256: str, db: ReadDb) -> Response:
    """A badge photo. It hangs in the hall for everybody; its address is the digest of its bytes."""
    found = service.photo(db, sha256)
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    return Response(found.content, media_type=found.media, headers=headers)


@router.put("/staff/{number}", operation_id="put_staff")
def put_staff(actor: HallActor, number: str, wanted: StaffIn, db: Db) -> StaffView:
    """Enter a person by staff number, or change what the badge says."""
    person = service.put(db, wanted.person(number), by=actor.name, at=clock.now())
    at = {held: window for window, held in service.duties(db).items()}
    return StaffView.seen(person, at.get(person.number))


@router.delete("/staff/{number}", operation_id="remove_staff", status_code=status.HTTP_204_NO_CONTENT)
def remove_staff(actor: HallActor, number: str, db: Db) -> None:
    """A person leaves: mobile and photo are forgotten, past months stay."""
    service.leave(db, number, by=actor.name, at=clock.now())


@router.put("/staff/{number}/photo", operation_id="put_staff_photo", openapi_extra=_BODY)
def put_staff_photo(actor: HallActor, number: str, content: Annotated[bytes, Depends(_sent)], db: Db) -> StaffView:
    """Set the badge photo: the bytes of a JPEG or PNG. Only the picture is kept of them."""
    service.set_photo(db, number, content, by=actor.name, at=clock.now())
    return StaffView.seen(service.get(db, number), None)


@router.get("/windows/{window_id}/setup", operation_id="read_window_setup")
def read_window_setup(_actor: HallReader, window_id: str, db: ReadDb) -> WindowSetup:
    """What is set of a window, who is on duty, and the board of its unit."""
    return WindowSetup.of(service.badge(db, window_id))


@router.put("/windows/{window_id}", operation_id="put_window")
def put_window(actor: HallActor, window_id: str, wanted: WindowIn, db: Db) -> WindowSetup:
    """Make a window, or change what is shown of it."""
    service.set_window(db, window_id, wanted.plan(), by=actor.name, at=clock.now())
    return WindowSetup.of(service.badge(db, window_id))


@router.put("/windows/{window_id}/duty", operation_id="put_duty")
def put_duty(actor: HallActor, window_id: str, wanted: DutyIn, db: Db) -> WindowSetup:
    """Who is on duty from now on. What is over is never changed."""
    if wanted.staff is None:
        service.end_duty(db, window_id, by=actor.name, at=clock.now())
    else:
        service.start_duty(db, window_id, wanted.staff, by=actor.name, at=clock.now())
    return WindowSetup.of(service.badge(db, window_id))


@router.get("/units/{unit_code}/board", operation_id="read_board")
def read_board(_actor: HallReader, unit_code: str, db: ReadDb) -> Board:
    """承诺 and 便民服务指南 of a unit; empty where none were set."""
    promise, guide = service.board(db, unit_code)
    return Board(promise=promise, guide=guide)


@router.put("/units/{unit_code}/board", operation_id="put_board")
def put_board(actor: HallActor, unit_code: str, wanted: Board, db: Db) -> Board:
    """Set what a unit promises and its guide; terminals show it at their next look."""
    made = service.set_board(db, unit_code, promise=wanted.promise, guide=wanted.guide, by=actor.name, at=clock.now())
    return Board(promise=made.promise, guide=made.guide)
