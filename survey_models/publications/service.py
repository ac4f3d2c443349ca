"""Making, keeping and handing out the documents of a round (评议文书): by a job, one file after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, defer

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.jobs import service as jobs
from survey_models.jobs.tables import Job
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.publications.tables import RoundDocument
from survey_models.reports.round_documents import PUBLIC
from survey_models.rounds import outcomes, service
from survey_models.rounds.tables import RoundResult

MAKE = "round_documents"


@dataclass(frozen=True)
class Progress:
    """How far the documents of a round are: of which result, the newest job, what is there."""

    result_no: int
    job: Job | None
    files: Sequence[RoundDocument]


def ask(session: Session, round_id: str, *, by: str, at: datetime) -> Job:
    """Have the documents of the newest result made. While that is under way, the same job.

    Raises ``round_unknown``, ``round_result_missing``.
    """
    row = outcomes.latest(session, round_id)
    key = _key(round_id)
    if jobs.waiting(session, lock_key=key):
        return _jobs(session, round_id)[0]
    return jobs.enqueue(session, MAKE, {"round": round_id, "no": row.no, "by": by}, lock_key=key, at=at)


def keep(session: Session, round_id: str, no: int, file: tuple[str, bytes], *, by: str, at: datetime) -> RoundDocument:
    """Keep one file, by name and bytes; one of that name made before is replaced."""
    name, content = file
    key = (RoundDocument.round_id == round_id, RoundDocument.result_no == no, RoundDocument.name == name)
    session.execute(delete(RoundDocument).where(*key))
    kept = RoundDocument(
        round_id=round_id,
        result_no=no,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        made_by=by,
        made_at=at,
    )
    session.add(kept)
    session.flush()
    return kept


def finish(session: Session, round_id: str, no: int, *, by: str, at: datetime) -> None:
    """The last file is kept: write that into the ledger."""
    record_made(session, round_id, no, {one.name: one.sha256 for one in _files(session, round_id, no)}, by=by, at=at)


def record_made(session: Session, round_id: str, no: int, files: Mapping[str, str], *, by: str, at: datetime) -> None:
    """Write into the ledger that the documents of a result were made. ``files``: SHA-256 of each, by name."""
    body = {"round": round_id, "no": no, "count": len(files), "files": digest(dict(files))}
    record(session, SYSTEM_LOG, Event.ROUND_DOCUMENTS_MADE, body, at=at, by=by)


def progress(session: Session, round_id: str) -> Progress:
    """The newest job and what is there of the newest result. Raises ``round_unknown``, ``round_result_missing``."""
    row = outcomes.latest(session, round_id)
    asked = _jobs(session, round_id)
    return Progress(row.no, asked[0] if asked else None, _files(session, round_id, row.no))


def fetch(session: Session, round_id: str, name: str) -> RoundDocument:
    """One file of the newest result. Raises ``document_unknown``."""
    row = outcomes.latest(session, round_id)
    found = session.get(RoundDocument, (round_id, row.no, name))
    if found is None:
        raise Problem("document_unknown", name=name)
    return found


def published_row(session: Session, round_id: str) -> RoundResult:
    """The result that is public. Raises ``round_unknown``, ``round_not_published``."""
    service.get(session, round_id)
    found = service.published(session, round_id)
    if found is None:
        raise Problem("round_not_published", round=round_id)
    return found[0]


def public_files(session: Session, round_id: str) -> Sequence[RoundDocument]:
    """What anybody may fetch: of the published result, made since it was published. None before."""
    return [one for one in _since_published(session, round_id) if one.name in PUBLIC]


def public_file(session: Session, round_id: str, name: str) -> RoundDocument:
    """One of ``public_files``. Raises ``document_unknown``, whether it is not there or not public."""
    for one in public_files(session, round_id):
        if one.name == name:
            return one
    raise Problem("document_unknown", name=name)


def own_feedback(session: Session, round_id: str, unit_code: str, ending: str) -> RoundDocument:
    """The feedback to one unit of the published result. Raises ``document_unknown``."""
    name = f"feedback-{unit_code}.{ending}"
    for one in _since_published(session, round_id):
        if one.name == name:
            return one
    raise Problem("document_unknown", name=name)


def _since_published(session: Session, round_id: str) -> Sequence[RoundDocument]:
    """Files of the published result that were made since: only these name the day."""
    published = service.published(session, round_id)
    if published is None:
        return []
    row, publication = published
    return [one for one in _files(session, round_id, row.no) if one.made_at >= publication.made_at]


def _files(session: Session, round_id: str, no: int) -> Sequence[RoundDocument]:
    query = select(RoundDocument).where(RoundDocument.round_id == round_id, RoundDocument.result_no == no)
    return session.scalars(query.options(defer(RoundDocument.content)).order_by(RoundDocument.name)).all()


def _jobs(session: Session, round_id: str) -> Sequence[Job]:
    query = select(Job).where(Job.kind == MAKE, Job.lock_key == _key(round_id))
    return session.scalars(query.order_by(Job.made_at.desc(), Job.id.desc())).all()


def _key(round_id: str) -> str:
    return f"{MAKE}:{round_id}"
