"""What each kind of background job does. A handler opens its own transactions and can be run again from the start."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from api.db import reading, unit_of_work
from api.jobs.canary import probe
from api.keys import load_pepper
from survey_models.ballots.intake import UploadRow
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns import service as campaigns
from survey_models.cases import service as cases
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.flags import service as flags
from survey_models.flags.rules import RUN
from survey_models.gate import interviewing
from survey_models.paper import service as paper
from survey_models.paper.sealing import EntrySealer
from survey_models.publications import service as publications
from survey_models.publications import sheets
from survey_models.ratings import callbacks, canary
from survey_models.rounds import outcomes
from survey_models.uploads import service as uploads
from survey_models.uploads.tables import UploadState

SLICE_SECONDS = 120


@dataclass(frozen=True)
class Work:
    """One claimed job. ``keep`` renews its lease; it raises when the job has to be let go. ``zone``: of the city.

    ``callback_days``: after how many days a number to call back is erased; ``font``: for PDFs, None: a known one;
    ``data_dir``: where the installation's keys lie.
    """

    engine: Engine
    writer: IntakeWriter
    payload: Mapping[str, Any]
    keep: Callable[[], None]
    zone: str
    callback_days: int = callbacks.KEPT_DAYS
    font: Path | None = None
    data_dir: Path = Path("var")


def check_upload(work: Work) -> None:
    """Check a contractor's file: the cells are read outside the transaction that writes the outcome down.

    Before anybody confirms it, the file is looked at for stuffing; its sender sees rules and numbers, never options.
    """
    upload_id = uuid.UUID(work.payload["upload"])

    def progress(hundredths: int) -> None:
        with unit_of_work(work.engine) as session:
            uploads.note_checked(session, upload_id, hundredths)

    with reading(work.engine) as session:
        verdict = uploads.judge(session, upload_id, progress=progress)
        if verdict is None:
            return
        campaign_id = uploads.get(session, upload_id).campaign_id
        layout = uploads.layout_of(session, campaigns.get(session, campaign_id))
    progress(uploads.CELLS)
    found = flags.look_at_upload(campaign_id, upload_id, verdict.entries, layout)
    if verdict.entries:
        interviewers = interviewing.compared(verdict.entries, layout)
        seen = {"flags": flags.numbers_by_rule(found), "interviewers": interviewers}
        verdict = replace(verdict, summary={**verdict.summary, **seen})
    with unit_of_work(work.engine) as session:
        upload = uploads.conclude(session, upload_id, verdict, at=clock.now())
        if upload.state == UploadState.CHECKED and found:
            flags.record_campaign(session, campaign_id, found, at=clock.now())


def look_for_flags(work: Work) -> None:
    """Run the detectors over one campaign; what they read is read outside the transaction that writes."""
    _look_at_campaign(work, work.payload["campaign"])


def look_daily(work: Work) -> None:
    """Run the detectors over every campaign under way and over the windows, each in a transaction of its own."""
    with reading(work.engine) as session:
        under_way = [campaign.id for campaign in flags.running(session)]
    for campaign_id in under_way:
        _look_at_campaign(work, campaign_id)
        work.keep()
    with reading(work.engine) as session:
        found = flags.look_at_windows(session, at=clock.now(), zone=work.zone, keep=work.keep)
    with unit_of_work(work.engine) as session:
        flags.record_windows(session, found, at=clock.now())
    _forget(work)


def _forget(work: Work) -> None:
    """Erase what was kept for a time: numbers to call back, and the minute at which expired cases were posted."""
    with unit_of_work(work.engine) as session:
        callbacks.erase_old(session, days=work.callback_days, at=clock.now(), zone=work.zone)
        cases.forget_instants(session, at=clock.now())


def _look_at_campaign(work: Work, campaign_id: str) -> None:
    with reading(work.engine) as session:
        found = flags.look_at_campaign(session, campaign_id, at=clock.now(), zone=work.zone)
    with unit_of_work(work.engine) as session:
        flags.record_campaign(session, campaign_id, found, at=clock.now())


def probe_ratings(work: Work) -> None:
    """Send every level of the window ratings as a terminal does, and say how that went."""
    probe(work.engine, work.writer, zone=work.zone)


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


def slices_entered(writer: IntakeWriter, rows: Sequence[UploadRow]) -> Iterator[int]:
    """Hand rows to the writer in slices; how many are in, after each. The next slice is on its way meanwhile."""
    ahead: deque[tuple[int, Future[int]]] = deque()
    for start in range(0, len(rows), uploads.SLICE):
        part = rows[start : start + uploads.SLICE]
        ahead.append((start + len(part), writer.submit_rows(part)))
        if len(ahead) > 1:
            yield _in(ahead)
    while ahead:
        yield _in(ahead)


def _in(ahead: deque[tuple[int, Future[int]]]) -> int:
    done, future = ahead.popleft()
    future.result(timeout=SLICE_SECONDS)
    return done


def _enter(work: Work, upload_id: uuid.UUID) -> None:
    with reading(work.engine) as session:
        rows = uploads.rows_to_enter(session, upload_id)
        entered = uploads.get(session, upload_id).entered
    for done in slices_entered(work.writer, rows[entered:]):
        with unit_of_work(work.engine) as session:
            state = uploads.note_entered(session, upload_id, entered=entered + done)
        if state is not UploadState.ENTERING:
            return
        work.keep()
    if rows:
        with unit_of_work(work.engine) as session:
            uploads.finish(session, upload_id, by=work.payload["by"], at=clock.now())


def enter_paper(work: Work) -> None:
    """Hand an agreed sheet of paper to the writer, once: what is in, or set aside, is not handed in again."""
    campaign_id, serial = work.payload["campaign"], work.payload["serial"]
    sealer = EntrySealer(load_pepper(work.data_dir))
    with reading(work.engine) as session:
        cast = paper.cast_of(session, campaign_id, serial, sealer=sealer)
    if cast is None:
        return
    try:
        work.writer.submit(cast).result(timeout=SLICE_SECONDS)
    except Problem as problem:
        if problem.code not in paper.FINAL:
            raise
        with unit_of_work(work.engine) as session:
            paper.give_up(session, campaign_id, serial, problem)


def make_documents(work: Work) -> None:
    """Make all documents of a round's result; they are read outside the transactions that keep them.

    Without a Chinese font it ends with ``font_missing`` and the remedy before anything is kept.
    """
    round_id, no, by = work.payload["round"], work.payload["no"], work.payload["by"]
    with reading(work.engine) as session:
        row = outcomes.latest(session, round_id, no)
        documents = sheets.documents_of(session, row, zone=work.zone, font=work.font)
    for file in documents.files():
        with unit_of_work(work.engine) as session:
            publications.keep(session, round_id, no, file, by=by, at=clock.now())
        work.keep()
    with unit_of_work(work.engine) as session:
        publications.finish(session, round_id, no, by=by, at=clock.now())


Handler = Callable[[Work], None]

HANDLERS: Mapping[str, Handler] = {
    uploads.CHECK: check_upload,
    uploads.ENTER: enter_upload,
    RUN: look_for_flags,
    flags.DAILY: look_daily,
    canary.JOB: probe_ratings,
    publications.MAKE: make_documents,
    paper.ENTER: enter_paper,
}
