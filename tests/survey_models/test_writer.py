"""The intake writer: durable before it answers, one batch's poison stays alone, nothing lost at the end."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from survey_models.ballots import storing as storing_module
from survey_models.ballots.intake import Cast, Outcome, casting
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.errors import Problem
from survey_models.tickets import codes
from tests.poll import Poll, open_poll


def cast_of(poll: Poll, number: int, answers: str = "1111--") -> Cast:
    digest = codes.digest(poll.live[number].code, campaign_id="poll", pepper=poll.app.state.pepper)
    return Cast("poll", uuid.uuid4(), digest, answers, {}, "phone")


@pytest.fixture
def poll(database_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(database_url, tmp_path) as made:
        yield made


def test_what_fails_a_batch_does_not_fail_its_neighbours(poll: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    poison = cast_of(poll, 3)
    batches: list[int] = []

    def store(connection: Connection, casts: list[Cast], **more: Any) -> list[Outcome]:
        batches.append(len(casts))
        if poison in casts:
            raise RuntimeError("poison")
        return casting(connection, casts, **more)

    monkeypatch.setattr(storing_module, "casting", store)
    writer = IntakeWriter(poll.engine, zone="Asia/Shanghai", capacity=100)
    casts = [cast_of(poll, 0), cast_of(poll, 1), poison, cast_of(poll, 4)]
    futures = [writer.submit(cast) for cast in casts]
    writer.start()
    with pytest.raises(RuntimeError, match="poison"):
        futures[2].result(timeout=60)
    receipts = [futures[number].result(timeout=60) for number in (0, 1, 3)]
    writer.stop()
    assert batches[0] == len(casts)
    assert poll.stored() == poll.spent() == len(receipts) == 3


def test_sheets_handed_in_before_the_end_are_written(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone="Asia/Shanghai", capacity=100)
    futures = [writer.submit(cast_of(poll, number)) for number in range(20)]
    writer.start()
    writer.stop()
    assert all(future.done() for future in futures)
    assert poll.stored() == 20
    with pytest.raises(Problem) as refused:
        writer.submit(cast_of(poll, 21))
    assert refused.value.code == "intake_busy"


def test_a_cancelled_sheet_is_not_written(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone="Asia/Shanghai", capacity=100)
    kept, dropped = writer.submit(cast_of(poll, 0)), writer.submit(cast_of(poll, 1))
    assert dropped.cancel()
    writer.start()
    assert kept.result(timeout=60).replay is False
    writer.stop()
    assert poll.stored() == poll.spent() == 1


def test_nothing_is_acknowledged_before_the_commit(poll: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()
    commit = Connection.commit

    def slow(connection: Connection) -> None:
        if threading.current_thread().name == "intake-writer":
            reached.set()
            go_on.wait(20)
        commit(connection)

    monkeypatch.setattr(Connection, "commit", slow)
    future = poll.app.state.intake.submit(cast_of(poll, 0))
    assert reached.wait(20)
    assert not future.done()
    go_on.set()
    assert future.result(timeout=60).replay is False


def test_duplicates_inside_one_batch_meet_the_same_rules(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone="Asia/Shanghai", capacity=100)
    first = cast_of(poll, 0)
    retry, thief = first, Cast("poll", first.id, cast_of(poll, 1).ticket, "3333--", {}, "phone")
    futures = [writer.submit(cast) for cast in (first, retry, thief)]
    writer.start()
    outcomes = []
    for future in futures:
        try:
            outcomes.append("replay" if future.result(timeout=60).replay else "stored")
        except Problem as problem:
            outcomes.append(problem.code)
    writer.stop()
    # A batch is taken in the order of the tickets: whichever of the two people comes first has the id.
    assert sorted(outcomes) in (["ballot_id_taken", "replay", "stored"], ["ballot_id_taken"] * 2 + ["stored"])
    assert poll.stored() == poll.spent() == 1
