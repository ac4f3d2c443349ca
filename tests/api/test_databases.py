"""Which databases the service starts on: durable ones, and an SQLite file that nobody else serves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.pool import QueuePool
from typer.testing import CliRunner

from api import db
from api.cli import app
from api.db import make_engine, reading, serving_alone, unit_of_work
from survey_models.core.errors import Problem
from tests.postgres import free_port

PINGYI = str(Path(sys.executable).with_name("pingyi"))


def refused(url: str) -> tuple[str, object]:
    """Setting and answer for which a database is refused."""
    with pytest.raises(Problem) as refusal:
        make_engine(url).connect()
    assert refusal.value.code == "database_unsafe"
    return str(refusal.value.params["setting"]), refusal.value.params["value"]


def test_sqlite_must_answer_that_it_is_durable(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
    engine.dispose()
    # A file system without shared memory has no WAL, whatever one asks of it.
    assert refused(f"sqlite:///file:{tmp_path}/none.sqlite3?vfs=unix-none&uri=true") == ("journal_mode", "delete")
    monkeypatch.setattr(db, "_PRAGMAS", ("journal_mode=WAL", "synchronous=NORMAL"))
    assert refused(sqlite_url) == ("synchronous", 1)


def test_one_file_has_one_serving_process(sqlite_url: str, postgres_url: str) -> None:
    with serving_alone(sqlite_url):
        with pytest.raises(Problem) as refusal, serving_alone(sqlite_url):
            pass
        assert (refusal.value.code, refusal.value.params) == ("already_served", {"process": str(os.getpid())})
    with serving_alone(sqlite_url), serving_alone(postgres_url), serving_alone(postgres_url):
        pass


def test_a_second_server_is_refused_and_commands_go_on(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.server.resource.setrlimit", lambda *_: None)
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PINGYI_DATA_DIR": str(tmp_path)}
    port = free_port()
    first = subprocess.Popen(
        [PINGYI, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _await_ready(port, first)
        # The lock is one of the system's: that this process is refused shows that any other is.
        second = CliRunner().invoke(app, ["serve", "--port", str(free_port())], env=environment)
        said = second.output
        assert second.exit_code == 1
        assert f"进程号 {first.pid}" in said
        assert f"Process {first.pid} already serves" in said
        assert "Traceback" not in said
        engine = make_engine(sqlite_url)
        with unit_of_work(engine) as session:
            session.execute(text("UPDATE accounts SET name = name"))
        engine.dispose()
    finally:
        first.kill()
        first.communicate()
    refused = CliRunner().invoke(app, ["serve", "--port", str(free_port()), "--processes", "2"], env=environment)
    assert refused.exit_code == 1
    assert "one process only" in refused.output
    # A process that dies leaves its place free.
    with serving_alone(sqlite_url):
        pass


def _await_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    with closing(httpx.Client(trust_env=False)) as client:
        while time.monotonic() < end:
            assert process.poll() is None
            try:
                if client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
    raise AssertionError("the server did not come up")


def test_who_reads_takes_a_connection_with_the_first_question_and_waits_for_no_writer(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    with reading(engine) as session:
        assert pool.checkedout() == 0
        with unit_of_work(engine) as writer:
            writer.execute(text("SELECT 1"))  # holds the place of the one who writes
            begun = time.monotonic()
            assert session.execute(text("SELECT count(*) FROM campaigns")).scalar_one() == 0
            assert time.monotonic() - begun < db.BUSY_MILLISECONDS / 2000
        assert pool.checkedout() == 1
    assert pool.checkedout() == 0
    engine.dispose()
