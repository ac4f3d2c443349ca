"""Batches that were decided ahead: what changes before they are stored is seen, and nothing is lost or doubled."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update

from api.db import Queued
from survey_models.ballots import storing as storing_module
from survey_models.ballots.intake import Care, Cast, Outcome, Receipt, casting
from survey_models.ballots.on_sqlite import SQLITE
from survey_models.ballots.replies import Waiting
from survey_models.ballots.statements import Found
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from tests.poll import Poll, open_poll
from tests.survey_models.test_writer_failures import ZONE, cast_of


@pytest.fixture
def poll(database_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def on_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(sqlite_url, tmp_path) as made:
        yield made


def at_once(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> list[Care]:
    """Let something happen between deciding ahead and storing; with which care batches were decided, in order."""
    decided: list[Care] = []
    begun = storing_module.Storing.set_down

    def store(connection: Connection, casts: list[Cast], **more: Any) -> list[Outcome]:
        decided.append(more["care"])
        return casting(connection, casts, **more)

    def late(storing: storing_module.Storing, ahead: storing_module.Ahead) -> None:
        meanwhile()
        begun(storing, ahead)

    monkeypatch.setattr(storing_module, "casting", store)
    monkeypatch.setattr(storing_module.Storing, "set_down", late)
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


def test_a_sheet_that_comes_in_between_two_looks_is_not_taken_for_somebody_elses(
    on_sqlite: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = on_sqlite
    writer, other = warmed_up(poll), warmed_up(poll, 2)
    cast, used, rival = cast_of(poll, 1), cast_of(poll, 2), list[str]()

    def glance(*asked: Any) -> Found:
        found = SQLITE.look(*asked)
        if not rival:
            rival.append("begun")
            rival.append(other.submit(cast).result(timeout=60).code)
        return found

    monkeypatch.setattr(type(SQLITE), "glance", staticmethod(glance))
    # One that is refused has the ids of all looked up, a moment after the tickets.
    ahead = writer._storing.look_ahead([Waiting(one, Future[Receipt]()) for one in (cast, used)])
    assert (ahead, rival[1:]) == (None, [writer.submit(cast).result(timeout=60).code])
    for each in (writer, other):
        each.stop()
    assert poll.stored() == poll.spent() == 3


def test_a_commit_that_leaves_its_transaction_open_holds_up_nobody(
    on_sqlite: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = warmed_up(on_sqlite)
    commit, failed = Queued.commit, list[Queued]()

    def busy(connection: Queued) -> None:
        if not failed and connection.turns is not None:
            failed.append(connection)
            raise sqlite3.OperationalError("made up")
        commit(connection)

    monkeypatch.setattr(Queued, "commit", busy)
    assert writer.submit(cast_of(on_sqlite, 1)).result(timeout=60).replay is False
    assert failed[0].turns is None
    writer.stop()
    assert on_sqlite.stored() == on_sqlite.spent() == 2


def test_a_begin_that_is_broken_off_holds_up_nobody(on_sqlite: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Connection.exec_driver_sql

    def broken_off(connection: Connection, statement: str) -> None:
        begin(connection, statement)
        raise KeyboardInterrupt

    with on_sqlite.engine.connect() as first, on_sqlite.engine.connect() as second:
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "exec_driver_sql", broken_off)
            with pytest.raises(KeyboardInterrupt):
                first.begin()
        second.begin()
        assert second.exec_driver_sql("SELECT 1").scalar_one() == 1
