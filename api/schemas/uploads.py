"""Wire shapes of contractors' files (上传)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from survey_models.uploads.rules import Fault
from survey_models.uploads.tables import Upload, UploadState


class FaultView(BaseModel):
    """One fault. ``row`` as the spreadsheet program numbers it, ``column`` the heading, ``cell`` its address."""

    row: int | None
    column: str | None
    cell: str | None
    code: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str

    @classmethod
    def of(cls, fault: Fault) -> FaultView:
        """The fault with its sentences."""
        problem = fault.problem()
        return cls(
            row=fault.row,
            column=fault.column,
            cell=fault.params.get("cell"),
            code=fault.code,
            message=problem.sentence("zh"),
            message_en=problem.sentence("en"),
            remedy=problem.remedy("zh"),
            remedy_en=problem.remedy("en"),
        )


class UploadView(BaseModel):
    """One file. ``entered`` of ``rows`` are stored; they count from the state ``accepted`` on.

    ``summary``: of a checked file ``rows``, ``cells`` (area, kind, point, rows), ``alike`` (rows with nearly one answer
    throughout), ``few`` (rows with few ratings), ``encoding``; of a rejected one ``rows`` and ``faults``.
    """

    id: uuid.UUID
    campaign: str
    kind: str
    filename: str
    sha256: str
    state: UploadState
    rows: int
    entered: int
    summary: dict[str, Any]
    sent_by: str
    received_at: datetime
    reason: str | None

    @classmethod
    def fields_of(cls, upload: Upload) -> dict[str, Any]:
        """The columns of an upload under their names on the wire."""
        return {
            "id": upload.id,
            "campaign": upload.campaign_id,
            "kind": upload.kind,
            "filename": upload.filename,
            "sha256": upload.sha256,
            "state": UploadState(upload.state),
            "rows": upload.rows,
            "entered": upload.entered,
            "summary": upload.summary,
            "sent_by": upload.sent_by,
            "received_at": upload.received_at,
            "reason": upload.reason,
        }

    @classmethod
    def of(cls, upload: Upload) -> UploadView:
        """The upload without its faults."""
        return cls(**cls.fields_of(upload))


class UploadDetail(UploadView):
    """One file with its faults in the order of the file, at most 5,000; ``summary.faults`` tells how many there are."""

    faults: list[FaultView]

    @classmethod
    def with_faults(cls, upload: Upload, faults: Sequence[Fault]) -> UploadDetail:
        """The upload and what a check found."""
        return cls(**cls.fields_of(upload), faults=[FaultView.of(fault) for fault in faults])


class Withdrawal(BaseModel):
    """Why a file is withdrawn."""

    reason: Annotated[str, Field(min_length=1, max_length=400)]
