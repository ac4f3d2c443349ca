"""The gate (质量关口): lots handed out, back-checks, tests on one page, the office's signature under a file."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response, status
from sqlalchemy.orm import Session

from api.auth.guards import OfficeActor, SetupActor, Signed, UploaderActor, own_campaign, own_strata
from api.auth.sessions import Actor
from api.bodies import XLSX, download, downloads
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.gate import (
    AcceptanceView,
    BackCheckRequest,
    BackCheckView,
    GateFileView,
    LotRequest,
    LotView,
    OutcomeRequest,
    QuotaRequest,
    QuotaView,
    ReportRequest,
    ReviewView,
    StatementRequest,
)
from survey_models.accounts.rules import Role
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.gate import back_checks, holds, lots, quotas, service
from survey_models.reports.interviewer_sheet import render as interviewer_sheet_of
from survey_models.uploads import service as uploads

router = APIRouter(tags=["gate"], responses=RESPONSES)

LotReader = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.CONTRACTOR))]
# Who signs for a file: somebody of the office who did not send it.
SigningActor = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE))]
ContractorActor = Annotated[Actor, Depends(Signed(Role.CONTRACTOR))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Part = Annotated[int, Query(ge=1, le=10_000, description="from 1")]
_QUOTAS = "/api/campaigns/{campaign_id}/quotas"
_LOTS = "/api/campaigns/{campaign_id}/lots"
_FILE = "/api/gate/files/{upload_id}"


def _own(actor: Actor) -> str | None:
    """Whose lots a person sees: a contractor its own."""
    return actor.name if Role.CONTRACTOR in actor.roles else None


@router.get(_LOTS, operation_id="list_lots")
def list_lots(actor: LotReader, campaign_id: str, db: ReadDb) -> list[LotView]:
    """The lots with their accounts; a contractor sees its own."""
    campaigns.get(db, campaign_id)
    own_campaign(db, actor, campaign_id)
    return [LotView.of(one) for one in lots.standing(db, campaign_id, contractor=_own(actor))]


@router.post(_LOTS, operation_id="hand_out_lot", status_code=status.HTTP_201_CREATED)
def hand_out_lot(actor: SetupActor, campaign_id: str, wanted: LotRequest, db: Db) -> LotView:
    """Write down what a contractor gets; more sheets for the same place add to the lot that is there."""
    lot = lots.hand_out(db, campaign_id, wanted.wish(), by=actor.name, at=clock.now())
    return LotView.of(next(one for one in lots.standing(db, campaign_id) if one.lot.no == lot.no))


@router.post(f"{_LOTS}/{{number}}/report", operation_id="report_lot")
def report_lot(actor: UploaderActor, campaign_id: str, number: Number, wanted: ReportRequest, db: Db) -> LotView:
    """What became of the sheets that do not come back filled in: counts, anew each time."""
    own_campaign(db, actor, campaign_id)
    found = lots.report(db, campaign_id, number, wanted.results, by=actor.name, at=clock.now(), contractor=_own(actor))
    return LotView.of(found)


@router.get(f"{_LOTS}/{{number}}/sheet.xlsx", operation_id="interviewer_sheet", responses=downloads(XLSX))
def interviewer_sheet(actor: LotReader, campaign_id: str, number: Number, db: ReadDb, part: Part = 1) -> Response:
    """The sheet that interviewers of a lot carry: numbered lines, results to tick, quotas; to be printed.

    A thousand numbers each; a larger lot has several parts.
    """
    own_campaign(db, actor, campaign_id)
    found = lots.one(db, campaign_id, number, contractor=_own(actor))
    form = campaigns.form_of(db, campaigns.get(db, campaign_id))
    content = interviewer_sheet_of(found, quotas.listed(db, campaign_id), form, part=part)
    name = f"{campaign_id}-lot-{number}" + (f"-{part}" if part > 1 else "")
    return download(content, media=XLSX, name=f"{name}.xlsx")


@router.get(_QUOTAS, operation_id="list_quotas")
def list_quotas(actor: LotReader, campaign_id: str, db: ReadDb) -> list[QuotaView]:
    """The quotas with their counters; a contractor sees those of its strata. Never answers of anybody."""
    own = own_strata(db, actor, campaign_id)
    found = quotas.standing(db, campaign_id, contractor=actor.name)
    return [QuotaView.of(one) for one in found if own is None or one.quota.stratum_no in own]


@router.post(_QUOTAS, operation_id="set_quota", status_code=status.HTTP_201_CREATED)
def set_quota(actor: SetupActor, campaign_id: str, wanted: QuotaRequest, db: Db) -> QuotaView:
    """Set the target of a cell, once more or for the first time; never below what is counted."""
    made = quotas.put(db, campaign_id, wanted.wish(), by=actor.name, at=clock.now())
    return _quota(db, campaign_id, made.no, actor)


@router.post(f"{_QUOTAS}/{{number}}/hold", operation_id="hold_place")
def hold_place(actor: ContractorActor, campaign_id: str, number: Number, db: Db) -> QuotaView:
    """Take a place before an interview; 409 where the quota is full. The next file's lines use the places up."""
    _own_quota(db, actor, campaign_id, number)
    holds.hold(db, campaign_id, number, contractor=actor.name)
    return _quota(db, campaign_id, number, actor)


@router.post(f"{_QUOTAS}/{{number}}/give-back", operation_id="give_place_back")
def give_place_back(actor: ContractorActor, campaign_id: str, number: Number, db: Db) -> QuotaView:
    """Give back one of the contractor's own places: the interview came to nothing."""
    _own_quota(db, actor, campaign_id, number)
    holds.give_back(db, campaign_id, number, contractor=actor.name)
    return _quota(db, campaign_id, number, actor)


@router.post(f"{_QUOTAS}/{{number}}/let-go", operation_id="let_places_go")
def let_places_go(actor: SetupActor, campaign_id: str, number: Number, db: Db) -> QuotaView:
    """Give back every place that is held of a quota, whoever holds it."""
    holds.let_go(db, campaign_id, number)
    return _quota(db, campaign_id, number, actor)


def _own_quota(db: Session, actor: Actor, campaign_id: str, number: int) -> None:
    """A quota of other strata is not there for a contractor."""
    own = own_strata(db, actor, campaign_id)
    if own is not None and holds.get(db, campaign_id, number).stratum_no not in own:
        raise Problem("quota_unknown", quota=number)


def _quota(db: Session, campaign_id: str, number: int, actor: Actor) -> QuotaView:
    # The counters were changed by statements of their own.
    db.expire_all()
    found = quotas.standing(db, campaign_id, contractor=actor.name)
    return QuotaView.of(next(one for one in found if one.quota.no == number))


@router.get("/api/campaigns/{campaign_id}/gate", operation_id="list_gate_files")
def list_gate_files(_actor: OfficeActor, campaign_id: str, db: ReadDb) -> list[GateFileView]:
    """The contractors' files of a campaign, newest first."""
    campaigns.get(db, campaign_id)
    return [GateFileView.of(upload) for upload in uploads.listed(db, campaign_id=campaign_id)]


@router.get(_FILE, operation_id="review_file")
def review_file(_actor: OfficeActor, upload_id: uuid.UUID, db: ReadDb) -> ReviewView:
    """Accounts, tests, interviewers and back-check of a file together, and what is in the way of signing."""
    return ReviewView.of(service.review(db, upload_id))


@router.post(f"{_FILE}/back-check", operation_id="plan_back_check", status_code=status.HTTP_201_CREATED)
def plan_back_check(actor: SetupActor, upload_id: uuid.UUID, wanted: BackCheckRequest, db: Db) -> BackCheckView:
    """Fix how many lines are checked back; two people run the draw with a public seed as any other."""
    return BackCheckView.of(back_checks.plan(db, upload_id, wanted.per_cent, by=actor.name, at=clock.now()))


@router.post(f"{_FILE}/back-check/{{number}}", operation_id="note_checked_line", status_code=status.HTTP_204_NO_CONTENT)
def note_checked_line(actor: SetupActor, upload_id: uuid.UUID, number: Number, wanted: OutcomeRequest, db: Db) -> None:
    """Write down what the back-check of the drawn line ``number`` found, once."""
    back_checks.note(db, upload_id, number, wanted.outcome, by=actor.name, at=clock.now())


@router.post(f"{_FILE}/accept", operation_id="sign_for_file", status_code=status.HTTP_202_ACCEPTED)
def sign_for_file(actor: SigningActor, upload_id: uuid.UUID, wanted: StatementRequest, db: Db) -> AcceptanceView:
    """Sign for a file with a statement; its rows are entered in the background."""
    made = service.accept(db, upload_id, statement=wanted.statement, by=actor.name, at=clock.now())
    return AcceptanceView.of(made)
