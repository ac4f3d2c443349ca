"""The intake finds tickets and ballots by their keys: its cost must not grow with what is stored already."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from api.db import make_engine
from survey_models.ballots import on_sqlite, statements
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.writer import IntakeWriter
from tests.api.poll import PEPPER, make_poll


def statements_of(
    engine: Engine, casts: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, Any]]:
    """Every statement, with its values, by which the writer stores one sheet for each campaign and code."""
    seen: list[tuple[str, Any]] = []
    run = statements.execute

    def noted(connection: Connection, statement: str, values: Any) -> Any:
        seen.append((statement, values))
        return run(connection, statement, values)

    monkeypatch.setattr(on_sqlite, "execute", noted)
    writer = IntakeWriter(engine, zone="Asia/Shanghai", capacity=10)
    door = BallotDoor(writer, pepper=PEPPER)
    sheets = [(campaign, uuid.uuid4(), code) for campaign, code in casts]
    waiting = [
        door.cast(campaign_id=campaign, ballot_id=ballot_id, code=code, answers="11111--")
        for campaign, ballot_id, code in sheets
    ]
    writer.start()
    assert waiting[-1].result(timeout=60).code
    # Looked up by their ids are sheets whose tickets are spent.
    waiting += [
        door.cast(campaign_id=campaign, ballot_id=ballot_id, code=code, answers="11111--")
        for campaign, ballot_id, code in sheets
    ]
    writer.stop()
    assert all(future.result().code for future in waiting)
    return seen


def plan(engine: Engine, statement: str, values: Any) -> list[str]:
    """How SQLite goes about a statement."""
    with engine.connect() as connection:
        return [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]


def test_no_statement_of_the_intake_reads_a_whole_table(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(sqlite_url)
    polls = [make_poll(engine, campaign) for campaign in ("north", "south")]
    seen = statements_of(engine, [(poll.id, code) for poll in polls for code in poll.codes[:3]], monkeypatch)
    looked = [(text, values) for text, values in seen if text.startswith(("SELECT", "UPDATE"))]
    assert any("FROM tickets" in text for text, _ in looked)
    assert any("FROM intake_sheets" in text for text, _ in looked)
    for text, values in looked:
        for step in plan(engine, text, values):
            assert not step.startswith(("SCAN tickets", "SCAN intake_sheets")), (step, text)
    pairs = (
        "SELECT campaign_id, id FROM intake_sheets WHERE (campaign_id, id) IN (VALUES ('north', '0'), ('south', '1'))"
    )
    assert any(step.startswith("SCAN intake_sheets") for step in plan(engine, pairs, ()))
    engine.dispose()
