"""Wire shapes of contractors' files (上传)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from survey_models.spreadsheets.read import Sheet
from survey_models.uploads.columns import How, Match
from survey_models.uploads.rules import SHOWN, Fault, Heading, column_letters
from survey_models.uploads.service import Verdict
from survey_models.uploads.tables import Upload, UploadState

# What the office sees before it signs for a file, and a contractor afterwards.
TESTS = frozenset({"flags", "interviewers"})


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

    ``checked``: how far the check has come, in hundredths.

    ``summary``: of a checked file ``rows``, ``cells`` (area, kind, point, rows), ``alike`` (rows with nearly one answer
    throughout), ``few`` (rows with few ratings), ``encoding``; of a rejected one ``rows`` and ``faults``. What the
    office's tests found (``flags``, ``interviewers``) its sender sees once the file is in: before, it would say what to
    change.
    """

    id: uuid.UUID
    campaign: str
    kind: str
    filename: str
    sha256: str
    state: UploadState
    rows: int
    entered: int
    checked: int
    summary: dict[str, Any]
    sent_by: str
    received_at: datetime
    reason: str | None

    @classmethod
    def fields_of(cls, upload: Upload, *, sender: bool) -> dict[str, Any]:
        """The columns of an upload under their names on the wire; ``sender``: for the contractor that sent it."""
        hidden = TESTS if sender and upload.state != UploadState.ACCEPTED else frozenset()
        return {
            "id": upload.id,
            "campaign": upload.campaign_id,
            "kind": upload.kind,
            "filename": upload.filename,
            "sha256": upload.sha256,
            "state": UploadState(upload.state),
            "rows": upload.rows,
            "entered": upload.entered,
            "checked": upload.checked,
            "summary": {name: value for name, value in upload.summary.items() if name not in hidden},
            "sent_by": upload.sent_by,
            "received_at": upload.received_at,
            "reason": upload.reason,
        }

    @classmethod
    def of(cls, upload: Upload, *, sender: bool) -> UploadView:
        """The upload without its faults."""
        return cls(**cls.fields_of(upload, sender=sender))


class UploadDetail(UploadView):
    """One file with its faults in the order of the file, at most 5,000; ``summary.faults`` tells how many there are."""

    faults: list[FaultView]

    @classmethod
    def with_faults(cls, upload: Upload, faults: Sequence[Fault], *, sender: bool) -> UploadDetail:
        """The upload and what a check found."""
        return cls(**cls.fields_of(upload, sender=sender), faults=[FaultView.of(fault) for fault in faults])


class ColumnView(BaseModel):
    """A column of a file: ``target``, the template's column it stands for (empty: none); ``how`` that is known.

    ``example``: a cell of it, none of a column that is passed over.
    """

    letters: str
    heading: str
    target: str
    how: How
    example: str


class TargetView(BaseModel):
    """A column of the template."""

    name: str
    required: bool


class ColumnsView(BaseModel):
    """The columns of a file beside those of the template."""

    columns: list[ColumnView]
    targets: list[TargetView]

    @classmethod
    def of(cls, sheet: Sheet, matches: Sequence[Match], headings: Sequence[Heading]) -> ColumnsView:
        """What ``columns.match`` found."""
        shown = [
            ColumnView(
                letters=column_letters(at),
                heading=one.heading,
                target=one.target,
                how=one.how,
                example="" if one.how == How.DROPPED else next((c[at] for _, c in sheet.rows if c[at]), "")[:SHOWN],
            )
            for at, one in enumerate(matches)
        ]
        return cls(columns=shown, targets=[TargetView(name=one.name, required=one.required) for one in headings])


class ColumnsWish(BaseModel):
    """What columns stand for: for each heading of a file a column of the template, empty for none, null if not said."""

    headings: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(min_length=1, max_length=300)]
    columns: Annotated[list[Annotated[str, Field(max_length=200)] | None], Field(min_length=1, max_length=300)]


class TriedView(BaseModel):
    """What a check found in a file of which nothing was stored; ``total`` faults, of which 5,000 are shown at most."""

    rows: int
    total: int
    faults: list[FaultView]
    summary: dict[str, Any]

    @classmethod
    def of(cls, verdict: Verdict) -> TriedView:
        """The outcome of a check."""
        faults = [FaultView.of(fault) for fault in verdict.faults]
        return cls(rows=verdict.rows, total=verdict.total, faults=faults, summary=verdict.summary)


class Withdrawal(BaseModel):
    """Why a file is withdrawn."""

    reason: Annotated[str, Field(min_length=1, max_length=400)]
