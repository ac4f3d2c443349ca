"""What a monitor may know (运行指标): how the house works, and nothing from which it could learn when a sheet came.

Numbers of Prometheus (its text format). Requests are counted by route and answer, never by address, path or person.
What people, windows and tablets send is not counted: a monitor keeps times, and this program keeps none of ballots.
For the same reason what waits is told in tenths and thousands: a number that rises by one would tell of one sheet.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import generate_latest
from sqlalchemy import func, select

from api import migrate
from api.db import reading
from survey_models.core import clock
from survey_models.jobs.tables import Job, JobState
from survey_models.ledger.tables import LedgerEntry
from survey_models.ratings import canary

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy.orm import Session
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.settings import Settings

_BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_MOST_WAITING = 100_000
# Tags of the doors whose moments are kept nowhere, and so by no monitor either.
_UNCOUNTED = frozenset(
    {"ballots", "tickets", "ratings", "devices", "tablets", "complaints", "hotline", "pages", "paper"}
)
_PROBES = {"ok": 1.0, "failed": 0.0, "never": float("nan")}


class Measures:
    """The numbers of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        names = ("method", "route", "status")
        self._requests = Counter("pingyi_requests", "Answered requests.", names, registry=self.registry)
        self._seconds = Histogram(
            "pingyi_request_seconds", "Time to the answer.", ("route",), buckets=_BUCKETS, registry=self.registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request by the route's template."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, app: FastAPI) -> bytes:
        """All of them now, in Prometheus' text format."""
        once = CollectorRegistry()
        once.register(_State(app))
        return generate_latest(self.registry) + generate_latest(once)


class Measured:
    """ASGI middleware that counts what the routes answered."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = scope.get("route")  # without one the path is a stranger's own words
            path, tags = getattr(route, "path", ""), getattr(route, "tags", ())
            if status and tags and _UNCOUNTED.isdisjoint(tags):
                self._measures.count(scope["method"], path, status, time.perf_counter() - begun)


class _State:
    """Reads the application once, when it is asked."""

    def __init__(self, app: FastAPI) -> None:
        self._state = app.state

    def collect(self) -> Iterator[Any]:
        """Every number that is not counted request by request."""
        settings: Settings = self._state.settings
        yield InfoMetricFamily(
            "pingyi", "The program.", {"revision": migrate.head(), "database": self._state.engine.dialect.name}
        )
        intake = self._state.intake
        yield _gauge("pingyi_intake_writing", "1 while ballots can be stored.", float(intake.is_writing))
        tenths = intake.waiting * 10 // settings.intake_queue
        yield _gauge("pingyi_intake_tenths", "Of what may wait for the writer, how many tenths wait.", tenths)
        yield _gauge("pingyi_disk_free_bytes", "Room in the data folder.", shutil.disk_usage(settings.data_dir).free)
        with reading(self._state.engine) as session:
            yield from _stored(session, clock.now())


def _stored(session: Session, at: datetime) -> Iterator[Any]:
    """What the database tells."""
    counted = select(Job.state, func.count()).group_by(Job.state)
    jobs: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    family = GaugeMetricFamily("pingyi_jobs", "Background jobs.", labels=["state"])
    for state in JobState:
        family.add_metric([state.value], jobs.get(state.value, 0))
    yield family
    oldest = session.scalar(select(func.min(Job.run_at)).where(Job.state == JobState.READY, Job.run_at <= at))
    since = max((at - oldest).total_seconds(), 0.0) if oldest else 0.0
    yield _gauge("pingyi_jobs_oldest_seconds", "How long the oldest due job has waited.", since)
    some = select(LedgerEntry.digest).where(LedgerEntry.seq.is_(None)).limit(_MOST_WAITING)
    waiting = session.scalar(select(func.count()).select_from(some.subquery())) or 0
    yield _gauge("pingyi_ledger_waiting", "Thousands of entries without a place in a tree.", waiting // 1000)
    went, day = canary.told(next(iter(canary.newest(session, limit=1)), None))
    yield _gauge("pingyi_canary_ok", "1: the last daily probe of the window ratings arrived.", _PROBES[went])
    if day is not None:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        yield _gauge("pingyi_canary_day_seconds", "The day of that probe.", midnight.timestamp())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
