"""The queue: who may take which job, and what becomes of one that fails."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from api.db import make_engine, reading, unit_of_work
from survey_models.jobs import service as jobs
from survey_models.jobs.tables import Job
from tests.survey_models.uploads.paper import START


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url, allow_unsafe=True)
    yield made
    made.dispose()


def put(engine: Engine, *keys: str, seconds: int = 0) -> list[Job]:
    made = []
    for number, key in enumerate(keys):
        at = START + timedelta(seconds=seconds + number)
        with unit_of_work(engine) as session:
            made.append(jobs.enqueue(session, "k", {"n": number}, lock_key=key, at=at))
    return made


def take(engine: Engine, worker: str = "w", *, seconds: int = 60) -> Job | None:
    with unit_of_work(engine) as session:
        return jobs.claim(session, worker=worker, at=START + timedelta(seconds=seconds))


def look(engine: Engine, job: Job) -> Job:
    with reading(engine) as session:
        found = session.scalars(select(Job).where(Job.id == job.id)).one()
        session.expunge(found)
    return found


def test_jobs_are_taken_in_their_order_and_once(engine: Engine) -> None:
    first, second = put(engine, "a", "b")
    assert [job.id for job in (take(engine), take(engine)) if job] == [first.id, second.id]
    assert take(engine) is None


def test_a_job_is_not_taken_before_its_time(engine: Engine) -> None:
    put(engine, "a", seconds=61)
    assert take(engine, seconds=60) is None
    assert take(engine, seconds=61) is not None


def test_one_job_of_a_lock_key_at_a_time(engine: Engine) -> None:
    first, second, other = put(engine, "a", "a", "b")
    taken = [take(engine), take(engine), take(engine)]
    assert [job.id if job else None for job in taken] == [first.id, other.id, None]
    with unit_of_work(engine) as session:
        jobs.finish(session, first.id, worker="w", at=START)
    found = take(engine)
    assert found is not None
    assert found.id == second.id
    assert look(engine, first).state == "done"


def test_an_enqueued_job_stands_or_falls_with_its_act(engine: Engine) -> None:
    def act() -> None:
        with unit_of_work(engine) as session:
            jobs.enqueue(session, "k", {}, lock_key="a", at=START)
            raise KeyError

    with pytest.raises(KeyError):
        act()
    assert take(engine) is None


def test_a_job_whose_worker_died_is_taken_when_the_lease_ends(engine: Engine) -> None:
    (job,) = put(engine, "a")
    assert take(engine, "dead", seconds=60) is not None
    assert take(engine, "next", seconds=60 + 299) is None
    again = take(engine, "next", seconds=60 + 300)
    assert again is not None
    assert (again.id, again.attempts, again.worker) == (job.id, 2, "next")
    for act in (jobs.finish, jobs.renew, jobs.release):
        with pytest.raises(jobs.LeaseLostError), unit_of_work(engine) as session:
            act(session, job.id, worker="dead", at=START)


def test_a_lease_can_be_renewed(engine: Engine) -> None:
    (job,) = put(engine, "a")
    take(engine, seconds=60)
    with unit_of_work(engine) as session:
        jobs.renew(session, job.id, worker="w", at=START + timedelta(seconds=200))
    assert take(engine, "next", seconds=60 + 300) is None
    assert take(engine, "next", seconds=200 + 300) is not None


def test_a_job_is_tried_three_times_with_growing_pauses(engine: Engine) -> None:
    (job,) = put(engine, "a")
    second = 60
    for pause in (5, 25):
        assert take(engine, seconds=second) is not None
        with unit_of_work(engine) as session:
            jobs.fail(session, job.id, worker="w", error="E", final=False, at=START + timedelta(seconds=second))
        assert take(engine, seconds=second + pause - 1) is None
        second += pause
    assert take(engine, seconds=second) is not None
    with unit_of_work(engine) as session:
        jobs.fail(session, job.id, worker="w", error="E" * 500, final=False, at=START)
    found = look(engine, job)
    assert (found.state, found.attempts, found.last_error) == ("failed", 3, "E" * 400)
    assert take(engine, seconds=10_000) is None


def test_a_job_that_kills_its_workers_fails_in_the_end(engine: Engine) -> None:
    (job, after) = put(engine, "a", "a")
    for number in range(3):
        assert take(engine, seconds=60 + 300 * number) is not None
    found = take(engine, seconds=60 + 900)
    assert found is not None
    assert found.id == after.id
    assert look(engine, job).state == "failed"


def test_a_final_failure_is_not_tried_again_and_lets_the_next_in(engine: Engine) -> None:
    first, second = put(engine, "a", "a")
    take(engine)
    with unit_of_work(engine) as session:
        jobs.fail(session, first.id, worker="w", error="no", final=True, at=START)
    found = take(engine)
    assert found is not None
    assert found.id == second.id


def test_a_released_job_has_not_been_tried(engine: Engine) -> None:
    (job,) = put(engine, "a")
    take(engine)
    with unit_of_work(engine) as session:
        jobs.release(session, job.id, worker="w", at=START)
    assert look(engine, job).attempts == 0
    assert take(engine, "next") is not None


def test_looking_for_work_takes_nothing(engine: Engine) -> None:
    with reading(engine) as session:
        assert not jobs.any_due(session, at=START)
    put(engine, "a")
    with reading(engine) as session:
        assert jobs.any_due(session, at=START)
        assert jobs.waiting(session, lock_key="a")
        assert not jobs.waiting(session, lock_key="b")


def test_many_workers_never_share_a_job_or_a_lock_key(engine: Engine) -> None:
    put(engine, *[f"key-{number % 4}" for number in range(24)])
    running: dict[str, int] = {}
    done: list[object] = []
    faults: list[str] = []
    guard = threading.Lock()

    def work(name: str) -> None:
        while len(done) < 24:
            job = take(engine, name)
            if job is None:
                continue
            with guard:
                running[job.lock_key] = running.get(job.lock_key, 0) + 1
                if running[job.lock_key] > 1:
                    faults.append(job.lock_key)
            with unit_of_work(engine) as session:
                jobs.finish(session, job.id, worker=name, at=START)
                # Counted before the commit: afterwards another worker may rightly take the next of this key.
                with guard:
                    running[job.lock_key] -= 1
                    done.append(job.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert len(set(done)) == len(done) == 24
