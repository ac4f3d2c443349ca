"""The worker: which failures are information, which are tried again, and that it can be stopped."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from api.db import make_engine, reading, unit_of_work
from api.jobs.handlers import Work
from api.jobs.worker import Worker
from api.settings import Settings
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.jobs import service as jobs
from survey_models.jobs.tables import Job
from tests.survey_models.uploads.paper import START


class Bench:
    """A database with one job, and workers whose handler the test gives."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.writer = IntakeWriter(engine, zone=settings.timezone, capacity=100)
        with unit_of_work(engine) as session:
            self.id = jobs.enqueue(session, "k", {"x": 1}, lock_key="a", at=START).id

    def worker(self, handler: object) -> Worker:
        return Worker(self.engine, self.writer, self.settings, handlers={"k": handler})  # type: ignore[dict-item]

    def job(self) -> Job:
        with reading(self.engine) as session:
            found = session.scalars(select(Job)).one()
            session.expunge(found)
        return found


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    structlog.reset_defaults()
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path)
    engine = make_engine(settings.database)
    with clock.frozen(START):
        yield Bench(engine, settings)
    engine.dispose()


def test_a_job_is_done(bench: Bench) -> None:
    seen: list[object] = []
    worker = bench.worker(lambda work: seen.append(work.payload))
    assert worker.run_once()
    assert not worker.run_once()
    assert seen == [{"x": 1}]
    assert bench.job().state == "done"


def test_a_refusal_is_information(bench: Bench) -> None:
    def refuse(_work: Work) -> None:
        raise Problem("upload_unknown")

    assert bench.worker(refuse).run_once()
    job = bench.job()
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.last_error is not None
    assert job.last_error.startswith("upload_unknown: 没有这次上传")


@pytest.mark.parametrize("error", [Problem("intake_busy"), ValueError("answers 1230")])
def test_other_failures_are_tried_again(bench: Bench, error: Exception) -> None:
    def fail(_work: Work) -> None:
        raise error

    worker = bench.worker(fail)
    with capture_logs() as logs:
        assert worker.run_once()
    job = bench.job()
    assert (job.state, job.attempts, job.leased_until) == ("ready", 1, None)
    assert not worker.run_once()
    for attempt, pause in ((2, 5), (3, 30)):
        with clock.frozen(START + timedelta(seconds=pause)):
            assert worker.run_once()
        assert bench.job().attempts == attempt
    assert bench.job().state == "failed"
    # What an error quotes may be an answer.
    assert not re.search(r"(?<![\w.-])1230(?![\w-])", repr(logs) + str(bench.job().last_error))
    assert logs


def test_a_job_that_was_taken_over_is_left_alone(bench: Bench) -> None:
    def slow(work: Work) -> None:
        with clock.frozen(START + timedelta(hours=1)), unit_of_work(work.engine) as session:
            assert jobs.claim(session, worker="other", at=clock.now()) is not None
        work.keep()
        raise AssertionError("the lease was lost")

    assert bench.worker(slow).run_once()
    job = bench.job()
    assert (job.state, job.worker, job.attempts) == ("ready", "other", 2)


def test_a_stopped_worker_gives_its_job_back(bench: Bench) -> None:
    begun = threading.Event()
    worker: list[Worker] = []

    def endless(work: Work) -> None:
        begun.set()
        while True:
            work.keep()

    worker.append(bench.worker(endless))
    worker[0].start()
    assert begun.wait(10)
    worker[0].stop()
    job = bench.job()
    assert (job.state, job.attempts, job.worker) == ("ready", 0, None)


def test_a_thread_works_by_itself_unless_told_otherwise(bench: Bench) -> None:
    done = threading.Event()
    worker = bench.worker(lambda _work: done.set())
    worker.start()
    assert done.wait(10)
    worker.stop()
    idle = Worker(bench.engine, bench.writer, bench.settings.model_copy(update={"inline_worker": False}))
    idle.start()
    assert not idle._thread.is_alive()
    idle.stop()
