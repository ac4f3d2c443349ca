"""Wire forms of a round's documents (评议文书)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from api.schemas.instants import Instant
from survey_models.jobs.tables import Job, JobState
from survey_models.publications.service import Progress
from survey_models.publications.tables import RoundDocument


class DocumentView(BaseModel):
    """One file."""

    name: str
    size: int
    sha256: str
    made_by: str
    made_at: Instant

    @classmethod
    def of(cls, found: RoundDocument) -> DocumentView:
        """From its row."""
        return cls(name=found.name, size=found.size, sha256=found.sha256, made_by=found.made_by, made_at=found.made_at)


class DocumentsView(BaseModel):
    """How far the documents are: of which result, what is there, and what stopped the newest job (``error``)."""

    result_no: int
    state: Literal["none", "making", "done", "failed"]
    error: str | None
    files: list[DocumentView]

    @classmethod
    def of(cls, found: Progress) -> DocumentsView:
        """From the service's answer."""
        return cls(
            result_no=found.result_no,
            state=_state(found.job),
            error=found.job.last_error if found.job else None,
            files=[DocumentView.of(one) for one in found.files],
        )


def _state(job: Job | None) -> Literal["none", "making", "done", "failed"]:
    if job is None:
        return "none"
    if job.state == JobState.DONE.value:
        return "done"
    return "failed" if job.state == JobState.FAILED.value else "making"
