"""What each kind of background job does. A handler opens its own transactions and can be run again from the start."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from api.db import reading, unit_of_work
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.uploads import service as uploads
from survey_models.uploads.tables import UploadState

SLICE_SECONDS = 120


@dataclass(frozen=True)
class Work:
    """One claimed job. ``keep`` renews its lease; it raises when the job has to be let go."""

    engine: Engine
    writer: IntakeWriter
    payload: Mapping[str, Any]
    keep: Callable[[], None]


def check_upload(work: Work) -> None:
    """Check a contractor's file: the cells are read outside the transaction that writes the outcome down."""
    upload_id = uuid.UUID(work.payload["upload"])
    with reading(work.engine) as session:
        verdict = uploads.judge(session, upload_id)
    if verdict is not None:
        with unit_of_work(work.engine) as session:
            uploads.conclude(session, upload_id, verdict, at=clock.now())


def enter_upload(work: Work) -> None:
    """Enter the rows of an accepted file in slices; the file counts when the last is in."""
    upload_id = uuid.UUID(work.payload["upload"])
    try:
        _enter(work, upload_id)
    except Problem as problem:
        if problem.entry.status < 500:
            with unit_of_work(work.engine) as session:
                uploads.give_up(session, upload_id, problem, at=clock.now())
        raise


def _enter(work: Work, upload_id: uuid.UUID) -> None:
    with reading(work.engine) as session:
        rows = uploads.rows_to_enter(session, upload_id)
        entered = uploads.get(session, upload_id).entered
    for start in range(entered, len(rows), uploads.SLICE):
        part = rows[start : start + uploads.SLICE]
        work.writer.submit_rows(part).result(timeout=SLICE_SECONDS)
        with unit_of_work(work.engine) as session:
            state = uploads.note_entered(session, upload_id, entered=start + len(part))
        if state is not UploadState.ENTERING:
            return
        work.keep()
    if rows:
        with unit_of_work(work.engine) as session:
            uploads.finish(session, upload_id, by=work.payload["by"], at=clock.now())


Handler = Callable[[Work], None]

HANDLERS: Mapping[str, Handler] = {uploads.CHECK: check_upload, uploads.ENTER: enter_upload}
