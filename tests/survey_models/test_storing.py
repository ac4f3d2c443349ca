"""Batches that were decided ahead: what changes before they are stored is seen, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from survey_models.ballots import storing as storing_module
from survey_models.ballots.intake import Care, Cast, Outcome, Receipt, casting
from survey_models.ballots.steps import Steps
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from survey_models.tickets import codes
from tests.poll import Poll, open_poll

ZONE = "Asia/Shanghai"


@pytest.fixture
def poll(database_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(database_url, tmp_path) as made:
        yield made


def cast_of(poll: Poll, number: int, *, ballot_id: uuid.UUID | None = None) -> Cast:
    digest = codes.digest(poll.live[number].code, campaign_id="poll", pepper=poll.app.state.pepper)
    return Cast("poll", ballot_id or uuid.uuid4(), digest, "1111--", {}, "phone")


def at_once(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> list[Care]:
    """Let something happen between deciding ahead and storing; with which care batches were decided, in order."""
    decided: list[Care] = []
    written = storing_module.Storing.at_once

    def store(connection: Connection, casts: list[Cast], **more: Any) -> Steps[list[Outcome]]:
        decided.append(more["care"])
        return (yield from casting(connection, casts, **more))

    def late(storing: storing_module.Storing, ahead: storing_module.Ahead) -> None:
        meanwhile()
        written(storing, ahead)

    monkeypatch.setattr(storing_module, "casting", store)
    monkeypatch.setattr(storing_module.Storing, "at_once", late)
    return decided


def warmed_up(poll: Poll, number: int = 0) -> IntakeWriter:
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=10)
    writer.start()
    assert writer.submit(cast_of(poll, number)).result(timeout=60).code
    return writer


def test_a_ticket_spent_between_deciding_and_storing_is_decided_anew(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, other = warmed_up(poll), warmed_up(poll, 2)
    cast = cast_of(poll, 1)
    rival: list[str] = []

    def meanwhile() -> None:
        if not rival:
            rival.append("begun")
            rival.append(other.submit(cast_of(poll, 1)).result(timeout=60).code)

    decided = at_once(monkeypatch, meanwhile)
    with pytest.raises(Problem, match="ticket_used"):
        writer.submit(cast).result(timeout=60)
    for each in (writer, other):
        each.stop()
    assert decided == [Care.AHEAD, Care.AHEAD, Care.FULL]
    assert poll.stored() == poll.spent() == 3


def test_a_campaign_closed_between_deciding_and_storing_takes_no_sheet(
    poll: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = warmed_up(poll)

    def meanwhile() -> None:
        with poll.engine.begin() as connection:
            connection.execute(update(Campaign).values(state="closed"))

    decided = at_once(monkeypatch, meanwhile)
    with pytest.raises(Problem, match="campaign"):
        writer.submit(cast_of(poll, 1)).result(timeout=60)
    writer.stop()
    assert decided == [Care.AHEAD, Care.FULL]
    assert poll.stored() == poll.spent() == 1


async def test_in_a_loop_batches_in_trouble_go_one_by_one_and_nothing_is_lost(poll: Poll) -> None:
    writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)
    writer.start(asyncio.get_running_loop())
    assert (await writer.post(cast_of(poll, 0))).replay is False
    casts = [cast_of(poll, number) for number in range(1, 25)]
    # Each twice, and one of them with the id of another: seen too late by those that are decided side by side.
    rival = cast_of(poll, 25, ballot_id=casts[0].id)
    waits = [writer.post(cast) for cast in [*casts, rival, *casts]]
    found = await asyncio.wait_for(asyncio.gather(*waits, return_exceptions=True), 60)
    await asyncio.to_thread(writer.stop)
    # Of the two that share an id one is in, whichever came first; it is told so as often as it asks.
    shared = [found[0], found[24], found[25]]
    assert sum(isinstance(one, Receipt) for one in shared) == (2 if isinstance(found[0], Receipt) else 1)
    assert all(one.code == "ballot_id_taken" for one in shared if isinstance(one, Problem))
    pairs = list(zip(found[1:24], found[26:], strict=True))
    assert all(isinstance(one, Receipt) and isinstance(two, Receipt) and one.code == two.code for one, two in pairs)
    assert poll.stored() == poll.spent() == 25


async def test_a_writer_in_a_loop_waits_for_whoever_holds_the_file_and_the_loop_goes_on(
    sqlite_url: str, tmp_path: Path
) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        writer = IntakeWriter(poll.engine, zone=ZONE, capacity=10)
        writer.start(asyncio.get_running_loop())
        assert (await writer.post(cast_of(poll, 0))).replay is False
        with poll.engine.begin() as connection:
            connection.execute(update(Campaign).values(state="open"))
            wait = writer.post(cast_of(poll, 1))
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert not wait.done()
        assert (await asyncio.wait_for(wait, 60)).replay is False
        await asyncio.to_thread(writer.stop)
        assert poll.stored() == 2
