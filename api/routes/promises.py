"""Promised time limits of a unit (服务承诺), open to everybody, and its notices of leave (离岗告示)."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.guards import Signed, Unchecked, own_unit
from api.auth.sessions import Actor
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.promises import LeaveView, NewLeave, NewPromise, PromiseView
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.promises import service
from survey_models.promises.service import LeaveDraft, PromiseDraft

router = APIRouter(prefix="/api/units/{unit_code}", tags=["promises"], responses=RESPONSES)
Writer = Annotated[Actor, Depends(Signed(Role.SETUP, Role.UNIT))]
Reader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.INSPECTOR, Role.UNIT))]
Public = Annotated[None, Depends(Unchecked("a promise is made in public"))]


@router.get("/promises", operation_id="list_promises")
def list_promises(_public: Public, unit_code: str, db: ReadDb) -> list[PromiseView]:
    """What a unit promises, by item."""
    return [PromiseView.model_validate(row) for row in service.promises(db, unit_code)]


@router.post("/promises", operation_id="make_promise", status_code=201)
def make_promise(actor: Writer, unit_code: str, new: NewPromise, db: Db) -> PromiseView:
    """Promise a limit; it must be shorter than the legal one. An earlier promise for the same item ends."""
    own_unit(actor, unit_code)
    draft = PromiseDraft(**new.model_dump())
    return PromiseView.model_validate(service.promise(db, unit_code, draft, by=actor.name, at=clock.now()))


@router.get("/leaves", operation_id="list_leaves")
def list_leaves(actor: Reader, unit_code: str, db: ReadDb) -> list[LeaveView]:
    """Notices of leave of a unit, the newest first."""
    own_unit(actor, unit_code)
    now = clock.now()
    return [LeaveView.of(row, now) for row in service.leaves(db, unit_code)]


@router.post("/leaves", operation_id="post_leave", status_code=201)
def post_leave(actor: Writer, unit_code: str, new: NewLeave, db: Db) -> LeaveView:
    """Put up a notice; away for a day or more, it names who stands in."""
    own_unit(actor, unit_code)
    now = clock.now()
    return LeaveView.of(service.leave(db, unit_code, LeaveDraft(**new.model_dump()), by=actor.name, at=now), now)


@router.post("/leaves/{notice_id}/returned", operation_id="end_leave")
def end_leave(actor: Writer, unit_code: str, notice_id: uuid.UUID, db: Db) -> LeaveView:
    """The person is back."""
    own_unit(actor, unit_code)
    now = clock.now()
    return LeaveView.of(service.returned(service.notice_of(db, unit_code, notice_id), at=now), now)
