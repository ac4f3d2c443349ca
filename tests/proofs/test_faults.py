"""The short form of the proof of full disks, restarts and clocks that jump."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from api import logs
from api.db import unit_of_work
from benchmarks import proofs_faults
from benchmarks.proofs_town import Town, furnish
from survey_models.accounts import rules
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.jobs import service as jobs
from tests.poll import PASSWORD, Poll, Shape, open_poll

FAR = datetime(2038, 1, 19, 3, 14, 9, tzinfo=UTC)


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Town:
    file = tmp_path / "town.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return furnish(f"sqlite:///{file}", tmp_path, tickets=4_000, units=4)


@pytest.mark.proof
def test_a_full_disk_acknowledges_nothing_and_loses_nothing(town: Town) -> None:
    found = proofs_faults.full_by_setting(town)
    assert found.faults == []
    assert found.crowd.counts["507 storage_full"] >= 40
    assert found.times == 1
    assert found.recovery > 0


@pytest.mark.proof
def test_a_restart_under_load_loses_nothing(town: Town) -> None:
    found = proofs_faults.restarted_server(town, times=1)
    assert found.faults == []
    assert found.times == 1


@pytest.mark.proof
def test_a_clock_that_jumps_refuses_and_loses_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    # A fast machine must not have sent everything before the last jump.
    monkeypatch.setattr(proofs_faults, "CONNECTIONS", 2)
    found = proofs_faults.clock_jumps(town)
    assert found.faults == []
    assert found.times == len(proofs_faults.jumps())


async def status_of(poll: Poll, number: int) -> tuple[int, str, str]:
    """Status, code and time to come back that a sheet gets."""
    answer = await poll.cast(poll.live[number], "1231")
    return answer.status_code, answer.json().get("code", ""), answer.headers.get("Retry-After", "")


@pytest.mark.proof
async def test_a_full_tablespace_is_said_to_be_one(postgres_url: str, tmp_path: Path) -> None:
    """What PostgreSQL raises when a file cannot be extended, raised by the server itself."""
    wall = (
        """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$""",
        "CREATE TRIGGER full_disk BEFORE INSERT ON intake_sheets EXECUTE FUNCTION full_disk()",
    )
    with open_poll(postgres_url, tmp_path) as poll:
        with unit_of_work(poll.engine) as session:
            for statement in wall:
                session.execute(text(statement))
        assert await status_of(poll, 0) == (507, "storage_full", "10")
        assert poll.stored() == poll.spent() == 0
        with unit_of_work(poll.engine) as session:
            session.execute(text("DROP TRIGGER full_disk ON intake_sheets"))
        assert await status_of(poll, 0) == (201, "", "")
        assert poll.stored() == poll.spent() == 1


@pytest.mark.proof
async def test_a_ticket_outlives_a_clock_that_ran_ahead(database_url: str, tmp_path: Path) -> None:
    shape = Shape(expires_at=clock.now() + timedelta(days=1))
    with open_poll(database_url, tmp_path, shape) as poll:
        with clock.frozen(FAR):
            assert (await status_of(poll, 0))[1] == "ticket_expired"
        assert poll.stored() == poll.spent() == 0
        assert (await status_of(poll, 0))[0] == 201


@pytest.mark.proof
async def test_what_a_wrong_clock_wrote_ends_with_it(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            with clock.frozen(FAR):
                answer = await client.post("/api/session", json={"name": "setup", "password": PASSWORD})
                assert answer.status_code == 200
                assert (await client.get("/api/session")).status_code == 200
                with poll.work() as session:
                    jobs.enqueue(session, "check", {}, lock_key="late", at=clock.now())
                    job = jobs.claim(session, worker="lost", at=clock.now())
            assert (await client.get("/api/session")).status_code == 401
        assert job is not None
        with poll.work() as session:
            again = jobs.claim(session, worker="present", at=clock.now())
            assert again is not None
            assert again.id == job.id


def test_a_rest_that_no_wait_reaches_is_over() -> None:
    at = clock.now()
    rules.check_not_resting(FAR, at)
    with pytest.raises(Problem, match="sign_in_slowed"):
        rules.check_not_resting(at + rules.LONGEST_WAIT, at)


class Full:
    """A file on a full disk."""

    def __init__(self) -> None:
        self.tried = 0

    def write(self, _text: str) -> int:
        self.tried += 1
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Full()
    logs.configure("info")
    monkeypatch.setattr("sys.stderr", full)
    structlog.get_logger("test").error("nobody reads this")
    assert full.tried == 1
