"""Frames (抽样框): what is frozen, templates, files."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, status

from api.auth.guards import OfficeActor, SetupActor
from api.bodies import XLSX, SentFile, described, download, downloads, files_in
from api.deps import Db, ReadDb
from api.marked import marked
from api.problems import RESPONSES
from api.schemas.design import FrameView, ImportedFrameView
from survey_models.core import clock
from survey_models.frames import importing, reading, service
from survey_models.frames.service import FrameTitle
from survey_models.spreadsheets.read import read

router = APIRouter(prefix="/api/frames", tags=["frames"], responses=RESPONSES)

Kind = Annotated[Literal["counts", "list"], Query(description="populations by area and kind, or one row an entry")]
What = Annotated[Literal["counts", "points", "list"], Query(description="populations, candidate points, entries")]


@router.get("", operation_id="list_frames")
def list_frames(_actor: OfficeActor, db: ReadDb) -> list[FrameView]:
    """Every frozen frame."""
    return [FrameView.model_validate(frame) for frame in service.all_frames(db)]


@router.get("/template.xlsx", operation_id="frame_template_xlsx", responses=downloads(XLSX))
def frame_template_xlsx(_actor: SetupActor, what: What) -> Response:
    """The workbook to fill in, with examples, drop-down lists and an explanation of every column."""
    return download(reading.blank(what), media=XLSX, name=f"frame-{what}.xlsx")


async def sent_frame(
    _actor: SetupActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> tuple[SentFile, SentFile]:
    """The file, and in a form candidate test points beside it as the field ``points``."""
    return await files_in(request, filename, beside="points")


Sent = Annotated[tuple[SentFile, SentFile], Depends(sent_frame)]


@router.post(
    "/files", operation_id="import_frame", status_code=status.HTTP_201_CREATED, openapi_extra=described("points")
)
def import_frame(
    actor: SetupActor,
    frame: Annotated[str, Query(alias="id", max_length=60)],
    title: Annotated[str, Query(max_length=120)],
    files: Sent,
    db: Db,
    *,
    response: Response,
    kind: Kind = "counts",
    source: Annotated[str, Query(max_length=400)] = "",
    made_up: Annotated[bool, Query()] = False,
    dry_run: Annotated[bool, Query()] = False,
) -> ImportedFrameView:
    """Freeze a frame from a file, whole or not at all; ``file_faulty`` names every fault with row, column and remedy.

    201: frozen, or with ``dry_run`` checked and not kept; 200: a frame with this id and the same content is there.
    """
    file, points = files
    # Reading comes before the first look at the database: ballots do not wait for it.
    sheet = read(file.content, file.name)
    beside = read(points.content, points.name) if points.content else None
    made = importing.import_frame(
        db,
        FrameTitle(frame, title.strip(), source.strip(), made_up),
        kind,
        sheet,
        points=beside,
        by=actor.name,
        at=clock.now(),
        dry_run=dry_run,
    )
    if made.repeated:
        response.status_code = status.HTTP_200_OK
    return ImportedFrameView.of(made)


@router.post(
    "/files/marked", operation_id="mark_frame_file", responses=downloads(XLSX), openapi_extra=described("points")
)
def mark_frame_file(_actor: SetupActor, files: Sent, what: What = "counts") -> Response:
    """The file given back as a workbook, faulty cells marked with what to do; nothing is kept."""
    return marked(files[0], lambda sheet: importing.checked(what, sheet))
