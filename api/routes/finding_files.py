"""Evidence of findings (佐证材料): handed in with the digest of the device, opened, erased by two people."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import acts
from api.auth.guards import Asker, FindingActor, FindingReader, second_person
from api.bodies import SentFile, described, download, downloads, files_in
from api.deps import Db
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.findings import FileView
from api.settings import Settings
from survey_models.core import clock
from survey_models.findings import files
from survey_models.findings.files import Handed
from survey_models.findings.service import Who
from survey_models.ledger.events import SYSTEM_LOG

router = APIRouter(prefix="/api/findings/files", tags=["findings"], responses=RESPONSES)


async def evidence(
    _actor: FindingActor, request: Request, filename: Annotated[str, Query(max_length=200)] = ""
) -> SentFile:
    """Name and bytes of the file in the body, raw or as the form field ``file``."""
    file, _ = await files_in(request, filename)
    return file


@router.post("", operation_id="send_finding_file", status_code=201, openapi_extra=described())
def send_finding_file(
    actor: FindingActor,
    finding: uuid.UUID,
    file: Annotated[SentFile, Depends(evidence)],
    request: Request,
    db: Db,
    *,
    sha256: Annotated[str, Query(pattern=r"^([0-9a-fA-F]{64})?$")] = "",
    taken_on: date | None = None,
) -> FileView:
    """Hand in a photo, video or paper; ``sha256`` as the device worked it out must be that of what arrived."""
    settings: Settings = request.app.state.settings
    who = Who(actor.name, actor.roles, actor.unit_code, actor.area_code)
    handed = Handed(file.content, file.name, sha256, taken_on)
    limit, zone = settings.max_upload_bytes, settings.timezone
    kept = files.attach(db, finding, handed, who=who, at=clock.now(), zone=zone, limit=limit)
    return FileView.of(kept, years=settings.evidence_years, zone=zone)


@router.post("/erase", operation_id="ask_erase_finding_files", status_code=202)
def ask_erase_finding_files(asker: Annotated[Asker, second_person(acts.ERASE_FINDING_FILES)], db: Db) -> ActView:
    """Ask to erase the evidence whose time is over; another person confirms."""
    return ActView.of(asker.ask(db, SYSTEM_LOG), at=clock.now())


@router.get("/{file_id}", operation_id="read_finding_file", responses=downloads("application/octet-stream"))
def read_finding_file(actor: FindingReader, file_id: uuid.UUID, db: Db) -> Response:
    """A file, to be saved and never shown inside our own pages; that it was opened stands in the ledger."""
    who = Who(actor.name, actor.roles, actor.unit_code, actor.area_code)
    kept, content = files.opened(db, file_id, who=who, at=clock.now())
    return download(content, media=kept.media, name=f"{kept.sha256[:16]}.{files.ENDINGS[kept.media]}")
