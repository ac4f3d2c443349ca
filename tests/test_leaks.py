"""What an end-to-end run leaves behind holds no code: not the logs, not the database, not an address or a cookie."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from survey_models.tickets.codes import printed
from tests.poll import PASSWORD, Shape, open_poll

PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(database_url: str, folder: Path, log: Path) -> Iterator[str]:
    """``pingyi serve`` as a process of its own, ended as an operator ends it."""
    port = free_port()
    environment = {
        **os.environ,
        "PINGYI_DATABASE_URL": database_url,
        "PINGYI_DATA_DIR": str(folder),
        "PINGYI_LOG_LEVEL": "debug",
        "PINGYI_DEMO": "1",
        "PINGYI_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [str(Path(sys.executable).with_name("pingyi")), "serve", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(base, process, log)
            yield base
        finally:
            process.send_signal(signal.SIGTERM)
            # The server ends in order and then by the signal it was sent.
            assert process.wait(PATIENCE) in {0, -signal.SIGTERM}, log.read_text()
            assert "Application shutdown complete" in log.read_text()


def wait_for(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{base}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer")


def test_codes_are_nowhere_behind_a_run(database_url: str, tmp_path: Path) -> None:
    folder, log = tmp_path / "data", tmp_path / "server.log"
    with open_poll(database_url, folder, Shape(n_units=3)) as poll:
        codes = [code.code for code in poll.codes]
        used = [code.code for code in poll.live[:8]]
    answers = "12-" + "--"
    with served(database_url, folder, log) as base, httpx.Client(base_url=base) as client:
        for number, code in enumerate(used):
            body = {"id": str(uuid.uuid4()), "code": printed(code), "answers": answers}
            client.post("/api/tickets/check", json={"campaign": "poll", "code": code})
            if number % 2:
                fields = {"code": printed(code).lower(), "ballot_id": body["id"], "q_U-001": "1"}
                answer = client.post("/b/poll", data=fields)
                assert answer.status_code == 303, answer.text
                assert not any(name in answer.headers["location"] for name in (code, printed(code)))
            else:
                assert client.post("/api/campaigns/poll/ballots", json=body).status_code == 201
            client.post("/api/campaigns/poll/ballots", json=body)  # a second try, refused or replayed
            client.post("/api/campaigns/poll/ballots", json={**body, "code": code[:-1]})
            client.post("/api/campaigns/poll/ballots", content=f"{{not json {code}".encode())
        client.post("/api/session", json={"name": "setup", "password": PASSWORD})
        assert not any(code in str(client.cookies) for code in used)
    assert log.stat().st_size > 0
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite3" for path in left) or "postgresql" in database_url
    for path in left:
        content = path.read_bytes().upper()
        for code in codes:
            assert code.encode() not in content, f"{path.name} holds a code"
            assert printed(code).encode() not in content, f"{path.name} holds a code"
    assert PASSWORD not in log.read_text()
    assert answers not in log.read_text()
