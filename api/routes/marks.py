"""Marks of other offices (部门评分): template, entering by list or file, approval, what is missing."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, status

from api.auth.guards import AssessorActor, Signed
from api.auth.sessions import Actor
from api.bodies import XLSX, SentFile, described, download, downloads, files_in
from api.deps import Db, ReadDb
from api.marked import marked
from api.problems import RESPONSES
from api.schemas.marks import Approval, ApprovalView, MarkList, PartMarks, SentView, StandingView
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.core.clock import local_day
from survey_models.hotline.rules import media_of
from survey_models.marks import rules, service, sheets, standing
from survey_models.marks.service import Papers
from survey_models.rounds import running
from survey_models.spreadsheets.read import Sheet, read
from survey_models.uploads import blobs

BYTES = "application/octet-stream"
Round = Annotated[str, Query(alias="round", max_length=60)]
PartId = Annotated[str, Query(max_length=40)]
# Who sees whether marks are there, and who sees the marks themselves.
Watching = Annotated[Actor, Depends(Signed(Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.ASSESSOR))]
Reading = Annotated[Actor, Depends(Signed(Role.RELEASE, Role.AUDITOR, Role.ASSESSOR))]
Approving = Annotated[Actor, Depends(Signed(Role.RELEASE, Role.ASSESSOR))]

router = APIRouter(prefix="/api/marks", tags=["marks"], responses=RESPONSES)


def _watches_all(actor: Actor) -> bool:
    return bool({Role.SETUP, Role.RELEASE, Role.AUDITOR}.intersection(actor.roles))


def _check_seen(actor: Actor, db: ReadDb, round_id: str, part: str) -> None:
    """Values are seen by the office that sends them, who approves and who audits. Raises ``mark_not_your_office``."""
    found = rules.markable(running.scheme_of(db, round_id)[1], part)
    if not {Role.RELEASE, Role.AUDITOR}.intersection(actor.roles):
        rules.check_office(found, actor.office)


@router.get("/standing", operation_id="list_mark_standing")
def list_mark_standing(actor: Watching, round_id: Round, request: Request, db: ReadDb) -> list[StandingView]:
    """Every mark that the round needs: counted, waiting, too few, missing; late or not. An assessor sees its own."""
    zone = request.app.state.settings.timezone
    rows = standing.of_round(db, round_id, zone=zone)
    today = local_day(clock.now(), zone)
    return [StandingView.of(row, today) for row in rows if _watches_all(actor) or row.office == actor.office]


@router.get("", operation_id="list_marks")
def list_marks(actor: Reading, round_id: Round, part: PartId, response: Response, db: ReadDb) -> PartMarks:
    """Every version of every mark of a part, for its office and for those who approve."""
    _check_seen(actor, db, round_id, part)
    response.headers["Cache-Control"] = "no-store"
    return PartMarks.of(service.versions_of(db, round_id, part), service.sendings_of(db, round_id, part))


@router.post("", operation_id="enter_marks", status_code=status.HTTP_201_CREATED)
def enter_marks(actor: AssessorActor, round_id: Round, part: PartId, body: MarkList, db: Db) -> SentView:
    """Enter or correct marks of a part, of one unit or of a list: all of them, or none where one has a fault."""
    entries = [one.entry(row) for row, one in enumerate(body.marks, start=1)]
    sent = service.enter(db, round_id, part, entries, office=actor.office, by=actor.name, at=clock.now())
    return SentView.of(sent)


@router.get("/template.xlsx", operation_id="marks_template_xlsx", responses=downloads(XLSX))
def marks_template_xlsx(actor: AssessorActor, round_id: Round, part: PartId, db: ReadDb) -> Response:
    """The workbook to fill in: a row for each unit that has this part, with the marks known so far."""
    of = service.field_of(db, round_id, part)
    rules.check_office(of.part, actor.office)
    title = running.scheme_of(db, round_id)[0].title
    return download(sheets.template(of, round_title=title), media=XLSX, name=f"{round_id}-{part}.xlsx")


async def sent_workbook(
    _actor: AssessorActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> tuple[SentFile, SentFile]:
    """The workbook, and in a form the signed paper beside it as the field ``attachment``."""
    return await files_in(request, filename, beside="attachment")


@router.post(
    "/files",
    operation_id="send_marks_file",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=described("attachment"),
)
def send_marks_file(
    actor: AssessorActor,
    round_id: Round,
    part: PartId,
    files: Annotated[tuple[SentFile, SentFile], Depends(sent_workbook)],
    db: Db,
    *,
    dry_run: Annotated[bool, Query()] = False,
) -> SentView:
    """Enter the marks of a filled workbook; ``file_faulty`` names every fault with row, column and remedy.

    ``dry_run``: the same checks and counts, and nothing is kept.
    """
    (name, content), (paper_name, paper) = files
    if paper:
        media_of(paper)
    # Reading comes before the first look at the database: ballots do not wait for it.
    sheet = read(content, name)
    of = service.field_of(db, round_id, part)
    rules.check_office(of.part, actor.office)
    filled = sheets.filled(sheet, of)
    sent = service.enter(
        db,
        round_id,
        part,
        filled.entries,
        office=actor.office,
        by=actor.name,
        at=clock.now(),
        papers=Papers(name, content, paper_name, paper),
        columns=filled.columns,
    )
    if dry_run:
        db.rollback()
        sent = replace(sent, sending=None)
    return SentView.of(sent)


@router.post(
    "/files/marked", operation_id="mark_marks_file", responses=downloads(XLSX), openapi_extra=described("attachment")
)
def mark_marks_file(
    actor: AssessorActor,
    round_id: Round,
    part: PartId,
    files: Annotated[tuple[SentFile, SentFile], Depends(sent_workbook)],
    db: Db,
) -> Response:
    """The workbook given back with its faulty cells marked and what to do; nothing of it is kept."""
    of = service.field_of(db, round_id, part)
    rules.check_office(of.part, actor.office)

    def check(sheet: Sheet) -> None:
        filled = sheets.filled(sheet, of)
        at, columns = clock.now(), filled.columns
        service.enter(db, round_id, part, filled.entries, office=actor.office, by=actor.name, at=at, columns=columns)

    made = marked(files[0], check)
    db.rollback()
    return made


@router.post("/approve", operation_id="approve_marks")
def approve_marks(actor: Approving, round_id: Round, part: PartId, body: Approval, db: Db) -> ApprovalView:
    """Approve marks that another person sent: an account of the same office, or one with the role release."""
    number = service.approve(
        db,
        round_id,
        part,
        units=body.units,
        office=actor.office,
        release=Role.RELEASE in actor.roles,
        by=actor.name,
        at=clock.now(),
    )
    return ApprovalView(approved=number)


@router.get("/sendings/{sending_id}/{what}", operation_id="read_marks_file", responses=downloads(BYTES))
def read_marks_file(
    actor: Reading, sending_id: uuid.UUID, what: Literal["workbook", "attachment"], db: ReadDb
) -> Response:
    """A workbook or its attachment as it came, for the office and for those who approve."""
    row = service.sending(db, sending_id)
    _check_seen(actor, db, row.round_id, row.component)
    sha256, name = (row.sha256, row.filename) if what == "workbook" else (row.attachment, row.attachment_name)
    if sha256 is None:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    ending = name.rpartition(".")[2] if name.isascii() and "." in name else "bin"
    ending = ending if ending.isalnum() else "bin"
    return download(blobs.content_of(db, sha256), media=BYTES, name=f"{sending_id}.{ending}")
