"""The program as it runs: serving, doing jobs, describing itself."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.main import get_command

from api.cli import app
from tests.cli.shell import Shell, on_postgresql
from tests.postgres import free_port

PINGYI = [sys.executable, "-c", "from api.cli import app; app()"]


@contextmanager
def process(*words: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A command in a process of its own; its stderr goes to a file."""
    environment = {**os.environ, "PINGYI_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with (folder / "stderr").open("w") as errors:
        started = subprocess.Popen([*PINGYI, *words], env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()
            started.communicate()


def wait_for(url: str, running: subprocess.Popen[str]) -> httpx.Response:
    """The answer at ``url`` once the server is up."""
    for _ in range(1_800):
        assert running.poll() is None, "the server ended"
        try:
            return httpx.get(url, timeout=60)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"nothing at {url}")


def test_serving_upgrades_first_logs_no_query_and_ends_well(tmp_path: Path) -> None:
    port = free_port()
    with process("serve", "--port", str(port), folder=tmp_path) as running:
        address = f"http://127.0.0.1:{port}"
        assert wait_for(f"{address}/healthz", running).status_code == 200
        assert httpx.get(f"{address}/readyz", timeout=60).status_code == 200, "the database was upgraded before serving"
        assert httpx.get(f"{address}/api/session?code=SECRETWORD", timeout=60).status_code == 401
        assert httpx.get(f"{address}/SECRETWORD", timeout=60).headers.get("server") is None
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=60)
    log = (tmp_path / "stderr").read_text()
    # The server ends its work and then dies of the signal, as its caller expects.
    assert running.returncode in {0, -signal.SIGTERM}
    assert "Application shutdown complete" in log
    assert address in out
    assert "SECRETWORD" not in log


def test_a_second_server_on_the_port_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with process("serve", "--port", str(taken.getsockname()[1]), folder=tmp_path) as running:
            running.communicate(timeout=60)
            assert running.returncode != 0


@on_postgresql
def test_the_worker_ends_when_told(shell: Shell, tmp_path: Path) -> None:
    with process("worker", folder=tmp_path) as running:
        assert running.stdout is not None
        assert running.stdout.readline(), (tmp_path / "stderr").read_text()
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)
        assert running.returncode == 0


def test_the_api_description_needs_no_database(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    monkeypatch.setenv("PINGYI_DATA_DIR", str(tmp_path / "unmade"))
    described = json.loads(shell.ok("openapi"))
    assert "/api/session" in described["paths"]
    assert not (tmp_path / "unmade").exists()


def test_every_command_explains_itself_in_both_languages() -> None:
    def helps(command: object, path: str) -> Iterator[tuple[str, str]]:
        yield path, getattr(command, "help", None) or ""
        for name, below in getattr(command, "commands", {}).items():
            yield from helps(below, f"{path} {name}")

    found = dict(helps(get_command(app), "pingyi"))
    assert len(found) > 30
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [
        path for path, text in found.items() if not chinese.search(text) or not re.search(r"[A-Za-z]{3}", text)
    ] == []
