"""Exports (导出): tallies, scores and ballots of counted campaigns, windows and findings, in three formats.

A file is made whole before its first byte is sent: what cannot be finished is answered as an error, and what is cut off
on the way is shorter than was announced. The archive lies in a nameless file while it is sent.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.auth import csrf
from api.auth.guards import OfficeActor
from api.auth.sessions import Actor
from api.bodies import downloads
from api.db import unit_of_work
from api.deps import ReadDb
from api.problems import RESPONSES
from api.settings import Settings
from survey_models.core import clock
from survey_models.exports import ddi, packing, service
from survey_models.exports.kinds import Format, Listing, What
from survey_models.exports.packing import Part
from survey_models.findings.service import Who

ZIP = "application/zip"
XML = "application/xml"
_CHUNK = 1 << 18
router = APIRouter(tags=["exports"], responses=RESPONSES)


@router.get("/api/campaigns/{campaign_id}/exports/{what}", operation_id="export_campaign", responses=downloads(ZIP))
def export_campaign(
    actor: OfficeActor, campaign_id: str, what: What, request: Request, db: ReadDb, *, form: Format = Format.CSV
) -> StreamingResponse:
    """One table of a counted campaign with its code book and manifest; of the ballots an auditor gets more."""
    parts = service.of_campaign(db, campaign_id, what, form, roles=actor.roles)
    return _sent(request, parts, what.value, form, actor=actor, campaign=campaign_id)


@router.get(
    "/api/campaigns/{campaign_id}/codebook.xml",
    operation_id="export_codebook",
    response_class=Response,
    responses=downloads(XML),
)
def export_codebook(actor: OfficeActor, campaign_id: str, request: Request) -> Response:
    """A counted campaign as a codebook of DDI Codebook 2.5: questionnaire, variables, method, counts."""
    csrf.check_origin(request, request.app.state.settings)
    zone = request.app.state.settings.timezone
    with unit_of_work(request.app.state.engine) as session:
        content = ddi.take(session, campaign_id, by=actor.name, at=clock.now(), zone=zone)
    headers = {"Content-Disposition": f'attachment; filename="{campaign_id}-codebook.xml"', "Cache-Control": "no-store"}
    return Response(content, media_type=XML, headers=headers)


@router.get("/api/exports/{what}", operation_id="export_list", responses=downloads(ZIP))
def export_list(
    actor: OfficeActor, what: Listing, request: Request, db: ReadDb, *, form: Format = Format.CSV
) -> StreamingResponse:
    """Windows with their counted months, or findings, with code book and manifest."""
    settings: Settings = request.app.state.settings
    who = Who(actor.name, actor.roles, actor.unit_code, actor.area_code)
    at, zone = clock.now(), settings.timezone
    parts = service.of_house(db, what, form, who=who, counting=settings.counting, at=at, zone=zone)
    return _sent(request, parts, what.value, form, actor=actor, campaign="")


def _sent(
    request: Request, parts: list[Part], what: str, form: Format, *, actor: Actor, campaign: str
) -> StreamingResponse:
    # Looking it up writes into the ledger who took it: a link on another site must not do that in somebody's name.
    csrf.check_origin(request, request.app.state.settings)
    zone, at = request.app.state.settings.timezone, clock.now()
    out = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    try:
        told = service.about(what, form, campaign=campaign, by=actor.name, at=at, zone=zone)
        files = packing.to_archive(out, parts, told)
        size = out.tell()
        with unit_of_work(request.app.state.engine) as session:
            service.record_written(session, what, form, files, campaign_id=campaign, by=actor.name, at=at)
    except BaseException:
        out.close()
        raise
    name = f"{campaign or 'pingyi'}-{what}-{form.value}.zip"
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
        "X-Rows": str(files[0].rows),
        "X-SHA256": files[0].sha256,
    }
    return StreamingResponse(_chunks(out), media_type=ZIP, headers=headers)


def _chunks(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        out.seek(0)
        while chunk := out.read(_CHUNK):
            yield chunk
