"""The intake writer when the database is in the way: tried again once, answered in any case, nothing twice."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from survey_models.ballots import storing as storing_module
from survey_models.ballots.failures import Failure, kind_of
from survey_models.ballots.intake import Care, Cast, Kept, NotAhead, Outcome, casting, store_casts
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns.tables import Campaign
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.tickets import codes
from tests.poll import Poll, Shape, add_campaign, open_poll

ZONE = "Asia/Shanghai"


@pytest.fixture
def poll(database_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def on_postgres(postgres_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(postgres_url, tmp_path) as made:
        yield made


def cast_of(poll: Poll, number: int, *, ballot_id: uuid.UUID | None = None) -> Cast:
    digest = codes.digest(poll.live[number].code, campaign_id="poll", pepper=poll.app.state.pepper)
    return Cast("poll", ballot_id or uuid.uuid4(), digest, "1111--", {}, "phone")


def conflict() -> OperationalError:
    return OperationalError("SELECT 1", None, psycopg.errors.SerializationFailure("made up"))


def lost() -> OperationalError:
    return OperationalError("COMMIT", None, psycopg.OperationalError("made up"), connection_invalidated=True)


def failing(monkeypatch: pytest.MonkeyPatch, errors: list[Exception]) -> list[int]:
    """Let storing fail with these errors first; the sizes of all batches tried."""
    tried: list[int] = []

    def store(connection: Connection, casts: list[Cast], **more: Any) -> list[Outcome]:
        if more["care"] is Care.AHEAD:
            raise NotAhead
        tried.append(len(casts))
        if errors:
            raise errors.pop(0)
        return casting(connection, casts, **more)

    monkeypatch.setattr(storing_module, "casting", store)
    return tried


@pytest.mark.parametrize("error", [conflict(), lost()])
def test_a_batch_that_somebody_else_was_in_the_way_of_is_tried_again(
    error: OperationalError, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(monkeypatch, [error])
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)
    futures = [writer.submit(cast_of(poll, number)) for number in range(5)]
    writer.start()
    assert all(not future.result(timeout=60).replay for future in futures)
    writer.stop()
    assert tried == [5, 5]
    assert poll.stored() == poll.spent() == 5


@pytest.mark.parametrize(("error", "code"), [(conflict(), "intake_busy"), (lost(), "intake_unconfirmed")])
def test_after_the_second_time_everybody_is_told_to_come_back(
    error: OperationalError, code: str, poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(monkeypatch, [error, error])
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)
    casts = [cast_of(poll, number) for number in range(3)]
    futures = [writer.submit(cast) for cast in casts]
    writer.start()
    for future in futures:
        with pytest.raises(Problem) as refused:
            future.result(timeout=60)
        assert refused.value.code == code
    assert tried == [3, 3]
    # The connection is a fresh one: the next sheets go in.
    assert [writer.submit(cast).result(timeout=60).replay for cast in casts] == [False] * 3
    writer.stop()
    assert poll.stored() == poll.spent() == 3


def test_a_commit_whose_answer_is_lost_gives_the_first_receipt(poll: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    commit = Connection.commit

    def cut_off(connection: Connection) -> None:
        commit(connection)
        if threading.current_thread().name == "intake-writer" and not times:
            times.append(1)
            raise lost()

    monkeypatch.setattr(Connection, "commit", cut_off)
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)
    writer.start()
    cast = cast_of(poll, 0)
    first = writer.submit(cast).result(timeout=60)
    again = writer.submit(cast).result(timeout=60)
    writer.stop()
    assert times == [1]
    assert (first.replay, first.code) == (True, again.code)
    assert poll.stored() == poll.spent() == 1


def test_a_connection_that_the_server_ends_is_made_anew(on_postgres: Poll) -> None:
    poll = on_postgres
    writer = poll.app.state.intake
    assert not writer.submit(cast_of(poll, 0)).result(timeout=60).replay
    for number in range(1, 4):
        with poll.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database()"
                )
            )
        assert not writer.submit(cast_of(poll, number)).result(timeout=60).replay
    assert poll.stored() == poll.spent() == 4


async def test_nobody_waits_without_end(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100, wait_seconds=0.3)
    cast = cast_of(poll, 0)
    async with asyncio.timeout(60):
        with pytest.raises(Problem, match="intake_unconfirmed"):
            await writer.post(cast)
    # It was given up before it was taken: it is not written behind anybody's back.
    writer.start()
    assert not (await writer.post(cast)).replay
    assert (await writer.post(cast)).replay
    writer.stop()
    assert poll.stored() == poll.spent() == 1


async def test_what_was_under_way_when_the_wait_ended_is_found_by_the_retry(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, commit = threading.Event(), threading.Event(), Connection.commit

    def slow(connection: Connection) -> None:
        if threading.current_thread().name == "intake-writer":
            reached.set()
            go_on.wait(60)
        commit(connection)

    monkeypatch.setattr(Connection, "commit", slow)
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100, wait_seconds=0.5)
    writer.start()
    cast = cast_of(poll, 0)
    with pytest.raises(Problem, match="intake_unconfirmed"):
        await writer.post(cast)
    assert reached.is_set()
    go_on.set()
    assert (await writer.post(cast)).replay
    writer.stop()
    assert poll.stored() == poll.spent() == 1


async def test_a_cancelled_request_leaves_a_retry_its_ticket(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)
    given_up, kept = writer.post(cast_of(poll, 0)), writer.post(cast_of(poll, 1))
    given_up.cancel()
    writer.start()
    assert not (await kept).replay
    assert not (await writer.post(cast_of(poll, 0))).replay
    writer.stop()
    assert poll.stored() == poll.spent() == 2


def test_a_campaign_that_is_being_changed_does_not_hold_up_the_others(on_postgres: Poll) -> None:
    poll = on_postgres
    with poll.work() as session:
        other = add_campaign(session, Shape(id="other"), poll.app.state.pepper, poll.settings.data_dir)
    code = next(code for code in other if not code.reserve)
    digest = codes.digest(code.code, campaign_id="other", pepper=poll.app.state.pepper)
    writer = poll.app.state.intake
    with poll.work() as session:
        session.execute(select(Campaign.id).where(Campaign.id == "poll").with_for_update())
        busy = writer.submit(cast_of(poll, 0))
        taken = writer.submit(Cast("other", uuid.uuid4(), digest, "1111--", {}, "phone"))
        assert not taken.result(timeout=60).replay
        with pytest.raises(Problem, match="intake_busy"):
            busy.result(timeout=60)
    assert not writer.submit(cast_of(poll, 0)).result(timeout=60).replay


def test_two_writers_with_the_same_tickets_store_each_once(on_postgres: Poll) -> None:
    poll = on_postgres
    writers = [IntakeWriter(poll.engine, zone=ZONE, capacity=1000) for _ in range(2)]
    sheets = [cast_of(poll, number) for number in range(40)]
    futures = [writer.submit(cast) for writer in writers for cast in (sheets if writer is writers[0] else sheets[::-1])]
    for writer in writers:
        writer.start()
    receipts = [future.result(timeout=60) for future in futures]
    for writer in writers:
        writer.stop()
    assert sorted(receipt.replay for receipt in receipts) == [False] * 40 + [True] * 40
    assert len({receipt.code for receipt in receipts}) == poll.stored() == poll.spent() == 40


def waiting_for_a_row(poll: Poll) -> bool:
    with poll.engine.connect() as connection:
        return bool(connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one())


def test_two_people_with_one_ballot_id_at_two_processes(on_postgres: Poll) -> None:
    poll = on_postgres
    first = cast_of(poll, 0)
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=10)
    with poll.engine.begin() as connection:
        store_casts(connection, [first], kept=Kept(), at=clock.now(), zone=ZONE)
        thief = writer.submit(cast_of(poll, 1, ballot_id=first.id))
        writer.start()
        # It looks, finds nothing, and waits for a row that is not committed yet.
        end = time.monotonic() + 60
        while not waiting_for_a_row(poll) and time.monotonic() < end:
            time.sleep(0.01)
    with pytest.raises(Problem, match="ballot_id_taken"):
        thief.result(timeout=60)
    writer.stop()
    assert poll.stored() == poll.spent() == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.DeadlockDetected("x"), Failure.CONFLICT),
        (psycopg.errors.DiskFull("x"), Failure.FULL),
        (psycopg.errors.AdminShutdown("x"), Failure.AWAY),
        (psycopg.errors.ReadOnlySqlTransaction("x"), Failure.AWAY),
        (psycopg.OperationalError("connection refused"), Failure.AWAY),
        (psycopg.errors.UniqueViolation("x"), Failure.POISON),
    ],
)
def test_failures_are_told_apart(error: psycopg.Error, kind: Failure) -> None:
    assert kind_of(OperationalError("x", None, error)) is kind
    assert kind_of(ValueError("x")) is Failure.POISON
    assert kind_of(NoConnection("x")) is Failure.AWAY


async def test_one_call_of_the_loop_answers_a_whole_batch(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)
    waiting = [writer.post(cast_of(poll, number)) for number in range(8)]
    writer.start()
    first, *_ = await asyncio.gather(*waiting)
    assert all(future.done() for future in waiting)
    assert not first.replay
    writer.stop()


def test_a_proxy_that_forgets_what_was_prepared_costs_one_try_and_no_sheet(on_postgres: Poll) -> None:
    writer = IntakeWriter(on_postgres.engine, zone=ZONE, capacity=10)
    writer.start()
    # One that is stored step by step, for everything is read the first time, and one that is stored at once.
    assert all(writer.submit(cast_of(on_postgres, number)).result(timeout=60).code for number in (0, 1))
    connection = writer._storing._connection
    assert connection is not None
    connection.exec_driver_sql("DEALLOCATE ALL")
    connection.rollback()
    assert [writer.submit(cast_of(on_postgres, number)).result(timeout=60).replay for number in (2, 3)] == [False] * 2
    assert connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one() == 0
    connection.rollback()
    writer.stop()
    assert on_postgres.stored() == 4


class Breakdown(BaseException):
    """What no code here catches, as a panic of a library written in another language is."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_writer_that_breaks_down_says_so_and_leaves_nobody_waiting(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> list[Outcome]:
        raise Breakdown

    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=10)
    writer.start()
    before = writer.is_writing
    assert (await writer.post(cast_of(poll, 0))).replay is False
    monkeypatch.setattr(storing_module, "casting", broken)
    with pytest.raises(Problem, match="intake_unconfirmed"):
        await asyncio.wait_for(writer.post(cast_of(poll, 1)), 60)
    assert (before, writer.is_writing) == (True, False)
    with pytest.raises(Problem, match="intake_busy"):
        writer.post(cast_of(poll, 3))
    writer.stop()
    assert poll.stored() == 1
