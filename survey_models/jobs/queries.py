"""Finding the next piece of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from survey_models.jobs.tables import Job, JobState

# Farther ahead than this writes only a clock that is wrong: a lease lasts five minutes.
AHEAD = timedelta(minutes=10)


def _due(at: datetime) -> ColumnElement[bool]:
    """Ready, its time has come, nobody holds it, and no older job of the same lock key is unfinished.

    Because only the oldest job of a lock key can be taken, two workers that want the same key want the same row, and
    the row's own lock keeps them apart.
    """
    older = aliased(Job)
    before = or_(older.made_at < Job.made_at, and_(older.made_at == Job.made_at, older.id < Job.id))
    return and_(
        Job.state == JobState.READY,
        # A clock that ran ahead must not keep what it wrote until it is right.
        or_(Job.run_at <= at, Job.made_at > at + AHEAD),
        or_(Job.leased_until.is_(None), Job.leased_until <= at, Job.leased_until > at + AHEAD),
        ~exists().where(older.lock_key == Job.lock_key, older.state == JobState.READY, before),
    )


def next_due(session: Session, *, at: datetime) -> Job | None:
    """The job to take now, locked until the transaction ends; jobs that another worker is taking are passed over."""
    query = select(Job).where(_due(at)).order_by(Job.run_at, Job.made_at, Job.id).limit(1)
    return session.scalars(query.with_for_update(of=Job, skip_locked=True)).first()


def any_due(session: Session, *, at: datetime) -> bool:
    """Whether there is anything to take."""
    return session.scalar(select(Job.id).where(_due(at)).limit(1)) is not None


def unfinished(session: Session, *, lock_key: str) -> Sequence[Job]:
    """The jobs of a lock key that are not done and have not failed."""
    query = select(Job).where(Job.lock_key == lock_key, Job.state == JobState.READY).order_by(Job.made_at, Job.id)
    return session.scalars(query).all()
