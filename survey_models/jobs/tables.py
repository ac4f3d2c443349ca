"""Table of background jobs (后台任务)."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import one_of


class JobState(StrEnum):
    """A failed job has used up its attempts and waits for a person."""

    READY = "ready"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of work, claimed by a lease; ``lock_key`` lets one job for a target run at a time."""

    __tablename__ = "jobs"
    __table_args__ = (
        one_of("state", JobState),
        Index("ix_jobs_state_run_at", "state", "run_at"),
        {"info": reference()},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    lock_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(String(40))
    last_error: Mapped[str | None] = mapped_column(String(400))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Lease(Base):
    """Who of several processes does a task that only one may do, and until when unless he renews it (租约)."""

    __tablename__ = "leases"
    __table_args__ = ({"info": reference()},)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
