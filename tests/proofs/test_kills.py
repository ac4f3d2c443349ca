"""The short form of the proof against kill -9, and that it can fail."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest
from sqlalchemy import text

from api.db import make_engine, unit_of_work
from benchmarks import proofs_kill
from benchmarks.proofs_cluster import cluster
from benchmarks.proofs_crowd import Answer, Crowd, crowd_of
from benchmarks.proofs_town import Sheet, Town, audit, furnish
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.base import Base
from survey_models.core.walls import take_down


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Town:
    file = tmp_path / "town.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return furnish(f"sqlite:///{file}", tmp_path, tickets=proofs_kill.tickets_for(5), units=4)


@pytest.mark.proof
def test_a_killed_server_loses_nothing_on_sqlite(town: Town) -> None:
    deaths = proofs_kill.sqlite_kills(town, kills=5)
    assert deaths.faults == []
    assert deaths.kills == {"both": 2, "server": 2, "writer": 1}
    assert deaths.acked > 50
    assert deaths.counts["broken connections"] >= 5
    assert deaths.counts["replays"] > 0
    assert deaths.counts["cheats: ticket_used"] > 0


@pytest.mark.proof
def test_a_killed_database_loses_nothing_on_postgresql(tmp_path: Path) -> None:
    with cluster(in_memory=True) as database:
        engine = make_engine(database.url)
        Base.metadata.create_all(engine)
        engine.dispose()
        made = furnish(database.url, tmp_path, tickets=proofs_kill.tickets_for(2), units=4)
        deaths = proofs_kill.postgres_kills(made, database, kinds=["postmaster"])
    assert deaths.faults == []
    assert deaths.kills["postmaster"] == 1
    assert deaths.acked > 50
    assert deaths.slowest > 0


def hand_in_all(town: Town) -> dict[uuid.UUID, str]:
    """Store sheets without any accident."""
    engine = town.engine()
    writer = IntakeWriter(engine, zone="Asia/Shanghai", capacity=1000)
    writer.start()
    futures = [writer.submit(sheet.cast(town.pepper)) for sheet in town.sheets[:20]]
    receipts = {future.result(timeout=60).ballot_id: future.result().code for future in futures}
    writer.stop()
    engine.dispose()
    return receipts


TAMPERING = {
    "DELETE FROM intake_sheets WHERE id = (SELECT min(id) FROM intake_sheets)": "acknowledged and lost: 1 of 20",
    "UPDATE tickets SET state = 'live' WHERE state = 'spent'": "the books differ",
    "UPDATE ledger_entries SET digest = upper(digest) WHERE event = 'ballots:cast'": "receipts of other entries: 20",
    "UPDATE ticket_counters SET done = done + 1": "the books differ",
    "UPDATE intake_sheets SET sealed = x'01' WHERE id = (SELECT max(id) FROM intake_sheets)": "names other sheets",
    "UPDATE ledger_heads SET root = lower(hex(randomblob(32)))": "the root is",
}


def test_the_audit_sees_what_is_wrong(town: Town) -> None:
    receipts = hand_in_all(town)
    assert audit(town, receipts, receipts.keys()) == []
    assert audit(town, receipts, receipts.keys() - {min(receipts)}) == ["stored and never sent: 1"]
    file = Path(town.url.removeprefix("sqlite:///"))
    whole = file.read_bytes()
    for statement, expected in TAMPERING.items():
        engine = town.engine()
        with unit_of_work(engine) as session:
            take_down(session.connection())
            session.execute(text(statement))
        engine.dispose()
        assert any(expected in fault for fault in audit(town, receipts, receipts.keys())), statement
        file.write_bytes(whole)


def test_the_crowd_sees_what_is_wrong() -> None:
    crowd: Crowd = crowd_of([])
    sheet = Sheet(uuid.uuid4(), "CODE", "1111--")
    stored = {"receipt": "AAAA", "ballot_id": str(sheet.id)}
    crowd.sent.add(sheet.id)
    assert crowd.all_told() == ["never acknowledged: 1"]
    crowd.heard(sheet, Answer(201, stored))
    crowd.heard(sheet, Answer(200, stored))
    assert crowd.all_told() == []
    crowd.heard(sheet, Answer(201, stored))
    crowd.heard(sheet, Answer(200, {**stored, "receipt": "BBBB"}))
    crowd.heard(sheet, Answer(500, {"code": "internal"}))
    crowd.heard(sheet, Answer(503, {"code": "intake_busy"}))
    assert len(crowd.faults) == 4
