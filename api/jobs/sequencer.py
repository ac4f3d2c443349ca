"""The loop that lets the ledger's trees grow: a thread of every process, of which one at a time does it (排序线程)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.db import reading, unit_of_work
from api.settings import Settings
from survey_models.campaigns.tables import Campaign, State
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.core.ids import random_text
from survey_models.jobs import leases
from survey_models.ledger import queries
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ledger.rules import WINDOW_ENTRIES, Due, Growing, due
from survey_models.ledger.sequencer import SLICE, end_day, integrate
from survey_models.ledger.signing import Signer

LEASE = "sequencer"
PAUSE_SECONDS = 1.0
PAUSE_AFTER_ERROR_SECONDS = 5.0
MOST = 10_000_000
_TAKES_SHEETS = {State.OPEN.value, State.CLOSED.value}

log = structlog.get_logger("ledger")


@dataclass(frozen=True)
class _Task:
    log: str
    why: Due
    entries: int


class Sequencer:
    """Looks once a second; any number may share a database."""

    def __init__(self, engine: Engine, signer: Signer, settings: Settings) -> None:
        self.name = f"sequencer-{random_text(8)}"
        self._engine = engine
        self._signer = signer
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)

    def start(self) -> None:
        """Run in a thread beside whatever else the process does."""
        self._thread.start()

    def stop(self) -> None:
        """End after the slice under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        """Look until stopped."""
        while not self._stop.is_set():
            try:
                self.run_once()
            except Problem as problem:
                log.warning("ledger does not grow", code=problem.code)
                self._stop.wait(PAUSE_AFTER_ERROR_SECONDS)
            except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the loop
                log.warning("ledger not reachable", error=type(error).__name__)
                self._stop.wait(PAUSE_AFTER_ERROR_SECONDS)
            else:
                self._stop.wait(PAUSE_SECONDS)

    def run_once(self) -> int:
        """Let every log grow that is due; how many entries got their place."""
        at = clock.now()
        today = clock.local_day(at, self._settings.timezone)
        # Looking costs no write lock; on SQLite ballots would wait for one.
        with reading(self._engine) as session:
            tasks = list(self._tasks(session, at, today))
        return sum(self._do(task, today) for task in tasks)

    def _tasks(self, session: Session, at: datetime, today: date) -> Iterator[_Task]:
        known = {row.log: row for row in queries.logs(session)}
        columns = Campaign.id, Campaign.state, Campaign.opened_at, Campaign.closed_at
        rows = [(SYSTEM_LOG, "", None, None), *session.execute(select(*columns).order_by(Campaign.id))]
        for name, state, opened_at, closed_at in rows:
            opened = opened_at if state in _TAKES_SHEETS else None
            head = queries.head(session, log=name) if opened else None
            growing = Growing(
                waiting=queries.waiting(session, log=name, most=WINDOW_ENTRIES),
                opened_at=opened,
                closed_at=closed_at,
                last_head=head.at if head else None,
                day=known[name].day if name in known else None,
            )
            zone = self._settings.timezone
            why = due(growing, at=at, today=today, opened_on=clock.local_day(opened, zone) if opened else None)
            if why is not None:
                # What comes in while these are placed waits for the next window.
                yield _Task(name, why, queries.waiting(session, log=name, most=MOST))

    def _do(self, task: _Task, today: date) -> int:
        left = task.entries
        while True:
            begun = time.perf_counter()
            with unit_of_work(self._engine) as session:
                if not leases.hold(session, LEASE, holder=self.name, at=clock.now()):
                    return task.entries - left
                done = self._slice(session, task, left, today)
            left -= done
            if left <= 0 or done == 0 or self._stop.is_set():
                return task.entries - left
            # Whoever writes ballots beside us has the database in between.
            self._stop.wait((time.perf_counter() - begun) / 2)

    def _slice(self, session: Session, task: _Task, left: int, today: date) -> int:
        done = integrate(
            session,
            task.log,
            signer=self._signer,
            host=self._settings.host,
            at=clock.now(),
            today=today,
            limit=min(SLICE, left),
        )
        if task.why is Due.END_OF_DAY and done == left:
            end_day(session, task.log, today=today)
        return done
