"""Finished cases (办件): posted by business systems, asked for by terminals; the credentials of both sides' doors."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response, status

from api.auth.guards import DeviceActor, MachineActor, OfficeActor, SetupActor
from api.db import reading
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.cases import CaseIn, CaseView, MachineIn, MachineMade, MachineView, NextCase
from api.settings import Settings
from survey_models.cases import service
from survey_models.cases.service import CaseRules
from survey_models.core import clock
from survey_models.core.errors import Problem

router = APIRouter(prefix="/api", tags=["cases"], responses=RESPONSES)


def _rules(settings: Settings) -> CaseRules:
    return CaseRules(days=settings.case_days, minutes=settings.case_minutes)


@router.post(
    "/windows/{window_id}/cases",
    operation_id="post_case",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": CaseView}},
)
def post_case(
    machine: MachineActor, window_id: str, wanted: CaseIn, request: Request, db: Db, *, response: Response
) -> CaseView:
    """A case is finished and may be rated once. 201: it is new; 200: this number came before and waits.

    409 ``case_rated``: it was rated (该办件已评价). 410 ``case_expired``: its time is over.
    """
    settings: Settings = request.app.state.settings
    posted = service.post(
        db,
        machine,
        window_id,
        wanted.case_no,
        service=wanted.service,
        pepper=request.app.state.pepper,
        rules_=_rules(settings),
        at=clock.now(),
        zone=settings.timezone,
    )
    if not posted.made:
        response.status_code = status.HTTP_200_OK
    return CaseView.of(posted.case)


@router.get("/windows/{window_id}/cases/next", operation_id="read_next_case")
def read_next_case(device: DeviceActor, window_id: str, request: Request, response: Response) -> NextCase:
    """The case that the terminal of this window asks about now; its number is not told."""
    if device.window_id != window_id:
        raise Problem("window_unknown")
    response.headers["Cache-Control"] = "no-store"
    state = request.app.state
    # Every terminal of a hall asks every few seconds: no connection is held while the answer waits for a thread.
    with reading(state.engine) as session:
        found = service.offered(session, window_id, rules_=_rules(state.settings), at=clock.now())
        if found is None:
            return NextCase()
        return NextCase(case=found.token, service=found.service, until=found.expires_at)


@router.get("/machines", operation_id="list_machines")
def list_machines(_actor: OfficeActor, db: ReadDb) -> list[MachineView]:
    """Business systems that may post cases, withdrawn ones too."""
    return [MachineView.of(one) for one in service.machines(db)]


@router.post("/machines", operation_id="make_machine", status_code=status.HTTP_201_CREATED)
def make_machine(actor: SetupActor, wanted: MachineIn, db: Db) -> MachineMade:
    """A credential for a business system, of one hall or one window. The token is shown this once."""
    place = {"hall": wanted.hall, "window_id": wanted.window}
    made, token = service.make_machine(
        db, wanted.name, **place, personal=wanted.personal, by=actor.name, at=clock.now()
    )
    return MachineMade.made(made, token)


@router.delete("/machines/{machine_id}", operation_id="revoke_machine")
def revoke_machine(actor: SetupActor, machine_id: uuid.UUID, db: Db) -> MachineView:
    """Withdraw a credential: it posts nothing any more."""
    return MachineView.of(service.revoke_machine(db, machine_id, by=actor.name, at=clock.now()))
