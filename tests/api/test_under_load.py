"""A real server under load: told to stop, and with people who do not wait for their answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.poll import Poll, Shape, open_poll
from tests.postgres import free_port

PINGYI = str(Path(sys.executable).with_name("pingyi"))
PATH = "/api/campaigns/poll/ballots"


@dataclass
class Sheets:
    """An open poll's sheets, made before the server is started, and what became of them."""

    poll: Poll
    url: str
    bodies: list[bytes]
    receipts: dict[int, str] = field(default_factory=dict)


@pytest.fixture
def sheets(database_url: str, tmp_path: Path) -> Sheets:
    return made(database_url, tmp_path)


def made(url: str, folder: Path) -> Sheets:
    with open_poll(url, folder, Shape(n_units=20, per_cell=60)) as poll:
        bodies = [json.dumps(poll.body(code, "1" * 20)).encode() for code in poll.live]
    return Sheets(poll, url, bodies)


@contextmanager
def served(sheets: Sheets, folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PINGYI_DATA_DIR": str(folder),
        "PINGYI_DATABASE_URL": sheets.url,
        "PINGYI_ALLOW_UNSAFE_DATABASE": "1",
    }
    with (folder / "server.log").open("wb") as log:
        command = [PINGYI, "serve", "--port", str(port), *options]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        await_ready(port, process)
        yield process, port
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def await_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < end:
            assert process.poll() is None
            with suppress(httpx.TransportError):
                if client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    return
            time.sleep(0.1)
    raise AssertionError("the server did not come up")


def send_all(sheets: Sheets, port: int, numbers: list[int]) -> None:
    """Send sheets one after the other until the server is gone."""
    with httpx.Client(trust_env=False, base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for number in numbers:
            try:
                answer = client.post(PATH, content=sheets.bodies[number], headers={"Content-Type": "application/json"})
            except httpx.TransportError:
                return
            if answer.status_code == 503:
                return
            assert answer.status_code in {200, 201}, answer.text
            sheets.receipts[number] = answer.json()["receipt"]


def books(sheets: Sheets) -> tuple[int, int]:
    """Sheets stored and tickets spent."""
    found = sheets.poll.stored(), sheets.poll.spent()
    sheets.poll.engine.dispose()
    return found


def test_a_server_that_is_told_to_stop_answers_what_it_took(sheets: Sheets, tmp_path: Path) -> None:
    with served(sheets, tmp_path) as (process, port):
        share = [list(range(start, len(sheets.bodies), 8)) for start in range(8)]
        senders = [threading.Thread(target=send_all, args=(sheets, port, part)) for part in share]
        for sender in senders:
            sender.start()
        while len(sheets.receipts) < 40 and any(sender.is_alive() for sender in senders):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        for sender in senders:
            sender.join()
        # It ends itself by the signal, after everything is written.
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}
        assert b"Traceback" not in (tmp_path / "server.log").read_bytes()
        assert 40 <= len(sheets.receipts) < len(sheets.bodies)
    stored, spent = books(sheets)
    # A connection that is cut may hold one sheet more that was stored and not acknowledged; here none is.
    assert len(sheets.receipts) <= stored == spent <= len(sheets.receipts) + len(senders)
    with served(sheets, tmp_path) as (_, port):
        before = dict(sheets.receipts)
        send_all(sheets, port, sorted(sheets.receipts))
        assert sheets.receipts == before


def test_who_leaves_before_the_answer_gets_it_the_next_time(sheets: Sheets, tmp_path: Path) -> None:
    with served(sheets, tmp_path) as (_, port):
        for body in sheets.bodies[:120]:
            head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            with socket.create_connection(("127.0.0.1", port)) as wire:
                wire.sendall(f"{head}\r\n\r\n".encode() + body)
        send_all(sheets, port, list(range(120)))
        assert len(sheets.receipts) == len(set(sheets.receipts.values())) == 120
    assert books(sheets) == (120, 120)


def child_of(parent: int) -> int:
    """The one process that ``parent`` has begun."""
    stats = {int(path.parent.name): path.read_text() for path in Path("/proc").glob("[0-9]*/stat")}
    (found,) = (number for number, stat in stats.items() if int(stat.rpartition(")")[2].split()[1]) == parent)
    return found


def test_without_its_writer_process_a_server_ends_and_the_next_one_has_everything(
    sqlite_url: str, tmp_path: Path
) -> None:
    sheets = made(sqlite_url, tmp_path)
    with served(sheets, tmp_path) as (process, port):
        send_all(sheets, port, list(range(20)))
        writer = child_of(process.pid)
        held = {str(handle.readlink()) for handle in Path(f"/proc/{writer}/fd").iterdir()}
        assert not any("serving" in name for name in held), "the place of the serving process is the server's alone"
        os.kill(writer, signal.SIGKILL)
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}
        assert b"the writer process broke down" in (tmp_path / "server.log").read_bytes()
    assert books(sheets) == (20, 20)
    with served(sheets, tmp_path) as (_, port):
        before = dict(sheets.receipts)
        send_all(sheets, port, list(range(40)))
        assert {number: sheets.receipts[number] for number in before} == before
    assert books(sheets) == (40, 40)


def test_two_processes_share_the_work(postgres_url: str, tmp_path: Path) -> None:
    sheets = made(postgres_url, tmp_path)
    thief = json.loads(sheets.bodies[1]) | {"id": json.loads(sheets.bodies[0])["id"]}
    with served(sheets, tmp_path, "--processes", "2") as (process, port):
        share = [list(range(200)) for _ in range(6)]
        senders = [threading.Thread(target=send_all, args=(sheets, port, part)) for part in share]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert len(set(sheets.receipts.values())) == 200
        with httpx.Client(trust_env=False, base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            assert client.post(PATH, json={**thief, "id": str(uuid.uuid4())}).json()["code"] == "ticket_used"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert books(sheets) == (200, 200)
