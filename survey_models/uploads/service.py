"""What people and jobs do with contractors' files (上传): receive, check, accept, enter, withdraw.

The slow parts (reading bytes, checking cells) are functions of their own that touch no transaction or only read, so
that ballots are never kept waiting behind a file.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_models.ballots.intake import UploadRow
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.rules import Act, after, check_accepts_files
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.gate import quotas
from survey_models.jobs import service as jobs
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.spreadsheets.read import Sheet, read
from survey_models.uploads import arrivals, blobs, queries, rules
from survey_models.uploads.arrivals import Arrival
from survey_models.uploads.columns import Given
from survey_models.uploads.kinds import ballots as kind
from survey_models.uploads.kinds import ballots_template
from survey_models.uploads.kinds.ballots_check import check
from survey_models.uploads.kinds.ballots_summary import summary
from survey_models.uploads.tables import Upload, UploadFault, UploadState

BALLOTS = "ballots"
CHECK, ENTER = "uploads:check", "uploads:enter"
SLICE = 1_000
# How far a check has come, in hundredths: about half of it is reading the file.
BEGUN, READ, CELLS, DONE = 5, 50, 75, 100
_REASON_LENGTH = 400


examine, layout_of = arrivals.examine, arrivals.layout_of


class Received(NamedTuple):
    """An upload, and whether these bytes had come before."""

    upload: Upload
    repeated: bool


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check, to be written by ``conclude``: ``total`` faults, of which ``faults`` are the first.

    ``entries``: the rows of a file without faults, for those who look at them before they are entered.
    """

    rows: int
    faults: Sequence[rules.Fault]
    total: int
    summary: dict[str, Any]
    entries: Sequence[kind.Entry] = ()


def receive(session: Session, arrival: Arrival, *, campaign_id: str, by: str, at: datetime) -> Received:
    """Store a file and have it checked. The same bytes for the same campaign are the same upload.

    Raises:
        Problem: ``campaign_unknown``, or ``act_not_allowed`` when the campaign takes no files now.
    """
    campaign = campaigns.get(session, campaign_id)
    arrival = arrivals.prepared(session, campaign_id, arrival, by=by)
    known = queries.by_bytes(session, campaign_id, arrival.sha256)
    if known is None:
        check_accepts_files(campaign, at)
        known, repeated = _stored(session, arrival, campaign_id=campaign_id, by=by, at=at)
    else:
        repeated = True
    if not repeated:
        body = {"upload": str(known.id), "sha256": arrival.sha256, "bytes": len(arrival.content), "kind": BALLOTS}
        record(session, campaign_id, Event.UPLOAD_RECEIVED, body, at=at, by=by)
    if known.state == UploadState.RECEIVED:
        _enqueue(session, CHECK, known, by=by, at=at)
    return Received(known, repeated)


def _stored(session: Session, arrival: Arrival, *, campaign_id: str, by: str, at: datetime) -> tuple[Upload, bool]:
    """The new upload, or the one that somebody else stored at the same moment."""
    blobs.keep(session, arrival.content)
    upload = Upload(
        id=new_id(),
        campaign_id=campaign_id,
        kind=BALLOTS,
        filename=arrival.filename,
        sha256=arrival.sha256,
        state=UploadState.RECEIVED.value,
        rows=0,
        entered=0,
        checked=0,
        columns=None if arrival.columns is None else list(arrival.columns),
        summary={},
        sent_by=by,
        received_at=at,
        reason=None,
    )
    try:
        with session.begin_nested():
            session.add(upload)
    except IntegrityError:
        other = queries.by_bytes(session, campaign_id, arrival.sha256)
        if other is None:
            raise
        return other, True
    return upload, False


def _enqueue(session: Session, job: str, upload: Upload, *, by: str, at: datetime) -> None:
    """One job at a time for an upload; a second wish while one waits is the same wish."""
    lock_key = f"upload:{upload.id}"
    if not jobs.waiting(session, lock_key=lock_key):
        jobs.enqueue(session, job, {"upload": str(upload.id), "by": by}, lock_key=lock_key, at=at)


def get(session: Session, upload_id: uuid.UUID, *, sent_by: str | None = None, lock: bool = False) -> Upload:
    """An upload; with ``sent_by`` only if that person sent it. Raises ``upload_unknown``."""
    found = queries.by_id(session, upload_id, lock=lock)
    if found is None or (sent_by is not None and found.sent_by != sent_by):
        raise Problem("upload_unknown")
    return found


def listed(session: Session, *, campaign_id: str | None = None, sent_by: str | None = None) -> Sequence[Upload]:
    """Uploads, newest first."""
    return queries.newest(session, campaign_id=campaign_id, sent_by=sent_by)


def sent_sheet(session: Session, upload_id: uuid.UUID) -> Sheet:
    """The cells of an upload as it is stored. Raises ``upload_unknown``, and what ``read`` raises."""
    return _sheet_of(session, get(session, upload_id))


def faults_of(session: Session, upload_id: uuid.UUID) -> list[rules.Fault]:
    """The faults that a check found, in the order of the file; at most 5,000 are kept."""
    return [rules.Fault(row.row, row.column, row.code, row.params) for row in queries.faults(session, upload_id)]


def template(session: Session, campaign_id: str, *, ending: str) -> bytes:
    """The template of a campaign; ``ending`` ``.csv``: the headings as CSV, any other: a workbook."""
    campaign = campaigns.get(session, campaign_id)
    layout = layout_of(session, campaign)
    if ending == ".csv":
        return ballots_template.as_csv(layout)
    return ballots_template.as_xlsx(layout, title=campaign.title)


def try_out(
    session: Session, campaign_id: str, arrival: Arrival, *, by: str, said: Mapping[str, str] | None = None
) -> Verdict:
    """Check a file without storing anything (试检); ``said`` of its columns as in ``arrivals.columns_of``."""
    arrival = arrivals.prepared(session, campaign_id, arrival, by=by, said=said)
    layout = arrivals.layout_for(session, campaigns.get(session, campaign_id), by=by)
    return _verdict(arrival.sheet, layout, arrival.columns)


def _verdict(sheet: Sheet, layout: kind.Layout, given: Given | None) -> Verdict:
    checked = check(sheet, layout, given)
    if checked.faults:
        counts = {"rows": len(sheet.rows), "faults": checked.total}
        return Verdict(len(sheet.rows), checked.faults, checked.total, counts)
    calm = {**summary(checked.entries, layout), "encoding": sheet.encoding}
    return Verdict(len(sheet.rows), [], 0, calm, checked.entries)


def _sheet_of(session: Session, upload: Upload) -> Sheet:
    return read(queries.content(session, upload.sha256), upload.filename)


def judge(session: Session, upload_id: uuid.UUID, *, progress: Callable[[int], None]) -> Verdict | None:
    """Check a received file; only reads. None if it is not waiting for its check (any more).

    ``progress`` hears how far the check has come, in hundredths.
    """
    upload = get(session, upload_id)
    if upload.state != UploadState.RECEIVED:
        return None
    layout = arrivals.layout_for(session, campaigns.get(session, upload.campaign_id), by=upload.sent_by)
    progress(BEGUN)
    try:
        sheet = _sheet_of(session, upload)
    except Problem as problem:
        return Verdict(0, [rules.Fault(None, None, problem.code, problem.params)], 1, {"rows": 0, "faults": 1})
    progress(READ)
    return _verdict(sheet, layout, upload.columns)


def note_checked(session: Session, upload_id: uuid.UUID, hundredths: int) -> None:
    """Write down how far the check of a received file has come."""
    upload = get(session, upload_id, lock=True)
    if upload.state == UploadState.RECEIVED:
        upload.checked = hundredths
    session.flush()


def conclude(session: Session, upload_id: uuid.UUID, verdict: Verdict, *, at: datetime) -> Upload:
    """Write down what a check found: received → rejected with the faults, or → checked with the summary."""
    upload = get(session, upload_id, lock=True)
    if upload.state != UploadState.RECEIVED:
        return upload
    upload.rows, upload.checked = verdict.rows, DONE
    upload.summary = verdict.summary
    upload.state = (UploadState.REJECTED if verdict.faults else UploadState.CHECKED).value
    session.add_all(
        UploadFault(
            upload_id=upload.id,
            no=no,
            row=fault.row,
            column=None if fault.column is None else fault.column[:80],
            code=fault.code,
            params=dict(fault.params),
        )
        for no, fault in enumerate(verdict.faults, start=1)
    )
    event = Event.UPLOAD_REJECTED if verdict.faults else Event.UPLOAD_CHECKED
    body = {"upload": str(upload.id), "rows": verdict.rows, "faults": verdict.total}
    record(session, upload.campaign_id, event, body, at=at)
    return upload


def accept(
    session: Session, upload_id: uuid.UUID, *, by: str, at: datetime, sent_by: str | None = None, signed: bool = False
) -> Upload:
    """Confirm a checked file: checked → entering, its rows are entered by a job. Asked again, it is entered on.

    ``signed``: by the office at the gate; where sheets were handed out in lots nobody else confirms a file.

    Raises:
        Problem: ``upload_unknown``, ``upload_state_wrong``, ``act_not_allowed``, ``gate_first``.
    """
    upload = get(session, upload_id, sent_by=sent_by, lock=True)
    state = rules.after_accepting(upload.state)
    if not signed and upload.state != state and queries.handed_out(session, upload.campaign_id):
        raise Problem("gate_first")
    check_accepts_files(campaigns.get(session, upload.campaign_id, lock=True), at)
    if upload.state != state:
        upload.state = state.value
        record(session, upload.campaign_id, Event.UPLOAD_ENTERING, {"upload": str(upload.id)}, at=at, by=by)
    _enqueue(session, ENTER, upload, by=by, at=at)
    session.flush()
    return upload


def rows_to_enter(session: Session, upload_id: uuid.UUID) -> list[UploadRow]:
    """The rows of a file being entered, as the ballot writer takes them; only reads. Empty in any other state.

    The id of a row follows from upload and row number, so that a row handed in twice is stored once.
    """
    upload = get(session, upload_id)
    if upload.state != UploadState.ENTERING:
        return []
    layout = layout_of(session, campaigns.get(session, upload.campaign_id))
    checked = check(_sheet_of(session, upload), layout, upload.columns)
    if checked.faults:
        # Strata, points and questionnaire are frozen while files are taken.
        raise RuntimeError("a checked file has faults now")
    return [
        UploadRow(
            campaign_id=upload.campaign_id,
            id=uuid.uuid5(upload.id, str(entry.line)),
            stratum_no=entry.stratum_no,
            point_no=entry.point_no,
            questionnaire_version=layout.form.version,
            answers=entry.answers,
            more=None,
            upload_id=upload.id,
            line=entry.line,
        )
        for entry in checked.entries
    ]


def note_entered(session: Session, upload_id: uuid.UUID, *, entered: int) -> UploadState:
    """Write down the progress of entering; gives the state, by which a job sees that the file was withdrawn."""
    upload = get(session, upload_id, lock=True)
    if upload.state == UploadState.ENTERING:
        upload.entered = entered
    session.flush()
    return UploadState(upload.state)


def finish(session: Session, upload_id: uuid.UUID, *, by: str, at: datetime) -> Upload:
    """The last row is in: entering → accepted; from now on the file counts."""
    upload = get(session, upload_id, lock=True)
    if upload.state != UploadState.ENTERING:
        return upload
    campaign = campaigns.get(session, upload.campaign_id, lock=True)
    after(campaign.state, Act.ACCEPT_FILES)
    stored = queries.stored_rows(session, upload)
    if stored != upload.rows:
        raise RuntimeError(f"{stored} of {upload.rows} rows are stored")
    upload.state = UploadState.ACCEPTED.value
    upload.entered = upload.rows
    body = {"upload": str(upload.id), "rows": upload.rows, "sha256": upload.sha256}
    record(session, upload.campaign_id, Event.UPLOAD_ACCEPTED, body, at=at, by=by)
    session.flush()
    return upload


def withdraw(
    session: Session, upload_id: uuid.UUID, *, reason: str, by: str, at: datetime, sent_by: str | None = None
) -> Upload:
    """Withdraw a file until counting begins: its rows do not count, whether entered or not.

    Raises:
        Problem: ``upload_unknown``, ``upload_state_wrong``, ``act_not_allowed``.
    """
    upload = get(session, upload_id, sent_by=sent_by, lock=True)
    campaign = campaigns.get(session, upload.campaign_id, lock=True)
    after(campaign.state, Act.ACCEPT_FILES)
    upload.state = rules.after_withdrawing(upload.state).value
    upload.reason = reason.strip()[:_REASON_LENGTH]
    quotas.release(session, upload.campaign_id, upload.id)
    body = {"upload": str(upload.id), "reason": upload.reason}
    record(session, upload.campaign_id, Event.UPLOAD_WITHDRAWN, body, at=at, by=by)
    session.flush()
    return upload


def give_up(session: Session, upload_id: uuid.UUID, problem: Problem, *, at: datetime) -> Upload:
    """The rows cannot be entered, for instance because ``accept_until`` has passed: the file is withdrawn."""
    upload = get(session, upload_id, lock=True)
    # Waits for a slice that the writer stores at this moment, as withdrawing does: what it claims is given back.
    campaigns.get(session, upload.campaign_id, lock=True)
    if upload.state == UploadState.ENTERING:
        upload.state = UploadState.WITHDRAWN.value
        upload.reason = problem.sentence()[:_REASON_LENGTH]
        quotas.release(session, upload.campaign_id, upload.id)
        body = {"upload": str(upload.id), "reason": problem.code}
        record(session, upload.campaign_id, Event.UPLOAD_WITHDRAWN, body, at=at)
        session.flush()
    return upload
