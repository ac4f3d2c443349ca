"""The queue of background jobs (后台任务): put in with the act that causes it, taken by lease, tried three times."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_models.core.ids import new_id
from survey_models.jobs import queries
from survey_models.jobs.tables import Job, JobState

ATTEMPTS = 3
LEASE = timedelta(minutes=5)
BACKOFF = timedelta(seconds=5)
ERROR_LENGTH = 400
# Jobs whose row is erased once they end, well or not: number of a card and time beside each other join it to a ballot.
TRACELESS = frozenset({"paper:enter"})


class LeaseLostError(Exception):
    """Another worker has taken this job over."""


def enqueue(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    lock_key: str,
    at: datetime,
    run_at: datetime | None = None,
) -> Job:
    """Put a job into the queue, in the transaction of the act that causes it; ``run_at``: not to be taken before."""
    job = Job(
        id=new_id(),
        kind=kind,
        payload=dict(payload),
        lock_key=lock_key,
        state=JobState.READY.value,
        attempts=0,
        run_at=run_at or at,
        leased_until=None,
        worker=None,
        last_error=None,
        made_at=at,
        done_at=None,
    )
    session.add(job)
    session.flush()
    return job


def waiting(session: Session, *, lock_key: str) -> bool:
    """Whether a job of this lock key is waiting or under way."""
    return bool(queries.unfinished(session, lock_key=lock_key))


def any_due(session: Session, *, at: datetime) -> bool:
    """Whether a worker would find something to take; only reads."""
    return queries.any_due(session, at=at)


def claim(session: Session, *, worker: str, at: datetime) -> Job | None:
    """Take the next job for ``worker``; it is his until the lease runs out. Counts as an attempt.

    A job that was taken and never came back (its worker was killed) fails when its attempts are used up.
    """
    while (job := queries.next_due(session, at=at)) is not None:
        if job.attempts >= ATTEMPTS:
            _close(session, job, JobState.FAILED, at=at, error=job.last_error or "worker lost")
            continue
        job.attempts += 1
        job.worker = worker
        job.leased_until = at + LEASE
        session.flush()
        return job
    return None


def renew(session: Session, job_id: uuid.UUID, *, worker: str, at: datetime) -> None:
    """Hold on to a job that takes longer than a lease. Raises LeaseLostError when it is somebody else's by now."""
    _held(session, job_id, worker).leased_until = at + LEASE
    session.flush()


def finish(session: Session, job_id: uuid.UUID, *, worker: str, at: datetime) -> None:
    """The job is done. Of one that would tell when the sheet of a card came in, nothing stays."""
    _close(session, _held(session, job_id, worker), JobState.DONE, at=at)


def fail(session: Session, job_id: uuid.UUID, *, worker: str, error: str, final: bool, at: datetime) -> Job:
    """The attempt failed. It is tried again after 5, 25, … seconds, unless ``final`` or tried three times."""
    job = _held(session, job_id, worker)
    if final or job.attempts >= ATTEMPTS:
        _close(session, job, JobState.FAILED, at=at, error=error)
    else:
        job.last_error = error[:ERROR_LENGTH]
        job.leased_until = None
        job.worker = None
        job.run_at = at + BACKOFF * 5 ** (job.attempts - 1)
        session.flush()
    return job


def release(session: Session, job_id: uuid.UUID, *, worker: str, at: datetime) -> None:
    """Give a job back untried: its worker is being stopped."""
    job = _held(session, job_id, worker)
    job.attempts -= 1
    job.worker = None
    job.leased_until = None
    job.run_at = at
    session.flush()


def _held(session: Session, job_id: uuid.UUID, worker: str) -> Job:
    job = session.get_one(Job, job_id, with_for_update=True)
    if job.worker != worker or job.state != JobState.READY:
        raise LeaseLostError(str(job_id))
    return job


def _close(session: Session, job: Job, state: JobState, *, at: datetime, error: str | None = None) -> None:
    job.state = state.value
    job.leased_until = None
    job.done_at = at
    if error is not None:
        job.last_error = error[:ERROR_LENGTH]
    session.flush()
    if job.kind in TRACELESS:
        session.execute(delete(Job).where(Job.id == job.id), execution_options={"synchronize_session": False})
        session.expunge(job)
