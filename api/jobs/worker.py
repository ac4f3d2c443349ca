"""The loop that takes jobs from the queue: a thread inside the server, or a process of its own (后台任务)."""

from __future__ import annotations

import threading
import traceback
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from api.db import reading, unit_of_work
from api.jobs.handlers import HANDLERS, Handler, Work
from api.settings import Settings
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.core.ids import random_text
from survey_models.flags import service as flags
from survey_models.jobs import service as jobs
from survey_models.ratings import canary

PAUSE_SECONDS = 0.5
PAUSE_AFTER_ERROR_SECONDS = 5.0
SCHEDULE_EVERY = timedelta(minutes=10)

log = structlog.get_logger("jobs")


class StoppingError(Exception):
    """The worker is being stopped; the job under way is given back."""


class Worker:
    """Takes one job at a time. Any number of workers may share a database."""

    def __init__(
        self,
        engine: Engine,
        writer: IntakeWriter,
        settings: Settings,
        *,
        handlers: Mapping[str, Handler] = HANDLERS,
    ) -> None:
        self.name = f"worker-{random_text(8)}"
        self._engine = engine
        self._writer = writer
        self._settings = settings
        self._handlers = handlers
        self._scheduled: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)

    def start(self) -> None:
        """Run in a thread of the serving process, unless the settings leave jobs to processes of their own."""
        if self._settings.inline_worker:
            self._thread.start()

    def stop(self) -> None:
        """Let go of the job under way at its next safe point and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Take jobs until stopped."""
        while not self._stop.is_set():
            try:
                self._schedule()
                busy = self.run_once()
            except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the loop
                log.warning("queue not reachable", error=type(error).__name__)
                self._stop.wait(PAUSE_AFTER_ERROR_SECONDS)
            else:
                if not busy:
                    self._stop.wait(PAUSE_SECONDS)

    def _schedule(self) -> None:
        """Now and then see that the nightly look for stuffing and the daily probe wait, if this worker can do them."""
        at = clock.now()
        if not {flags.DAILY, canary.JOB} <= set(self._handlers):
            return
        if self._scheduled is not None and timedelta() <= at - self._scheduled < SCHEDULE_EVERY:
            return
        with unit_of_work(self._engine) as session:
            flags.schedule(session, at=at, zone=self._settings.timezone)
            canary.schedule(session, at=at, zone=self._settings.timezone)
        self._scheduled = at

    def run_once(self) -> bool:
        """Take and do one job. False when there was none."""
        at = clock.now()
        # Looking costs no write lock; on SQLite ballots would wait for one.
        with reading(self._engine) as session:
            if not jobs.any_due(session, at=at):
                return False
        with unit_of_work(self._engine) as session:
            job = jobs.claim(session, worker=self.name, at=at)
        if job is None:
            return False
        self._do(job.id, job.kind, job.payload)
        return True

    def _do(self, job_id: uuid.UUID, kind: str, payload: Mapping[str, Any]) -> None:
        try:
            self._handlers[kind](self._work(job_id, payload))
            with unit_of_work(self._engine) as session:
                jobs.finish(session, job_id, worker=self.name, at=clock.now())
            log.info("job done", job=str(job_id), kind=kind)
        except jobs.LeaseLostError:
            log.warning("job taken over by another worker", job=str(job_id), kind=kind)
        except StoppingError:
            with unit_of_work(self._engine) as session:
                jobs.release(session, job_id, worker=self.name, at=clock.now())
        except Problem as problem:
            # A refusal will be the same next time; a service that is busy will not.
            self._fail(job_id, kind, error=str(problem), final=problem.entry.status < 500)
        except Exception as error:  # noqa: BLE001 - whatever a job does, the queue goes on
            # Messages of database errors quote their parameters, and these may be answers.
            log.warning("job broke off", where=traceback.format_tb(error.__traceback__)[-3:])
            self._fail(job_id, kind, error=type(error).__name__, final=False)

    def _work(self, job_id: uuid.UUID, payload: Mapping[str, Any]) -> Work:
        settings = self._settings
        return Work(
            engine=self._engine,
            writer=self._writer,
            payload=payload,
            keep=lambda: self._keep(job_id),
            zone=settings.timezone,
            callback_days=settings.callback_days,
            font=settings.font,
            data_dir=settings.data_dir,
        )

    def _keep(self, job_id: uuid.UUID) -> None:
        if self._stop.is_set():
            raise StoppingError
        with unit_of_work(self._engine) as session:
            jobs.renew(session, job_id, worker=self.name, at=clock.now())

    def _fail(self, job_id: uuid.UUID, kind: str, *, error: str, final: bool) -> None:
        try:
            with unit_of_work(self._engine) as session:
                job = jobs.fail(session, job_id, worker=self.name, error=error, final=final, at=clock.now())
        except jobs.LeaseLostError:
            return
        log.warning("job failed", job=str(job_id), kind=kind, error=error, attempts=job.attempts, state=job.state)
