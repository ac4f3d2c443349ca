"""The demo as a process of its own, and what a tester holds in hand: accounts, cards, a pairing code."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api.db import make_engine
from api.handover import demo_folder, read_plain
from api.keys import load_pepper
from api.settings import Settings
from tests.api.poll import Poll, make_poll

PATIENCE = 240.0
PINGYI = [sys.executable, "-c", "from api.cli import app; app(prog_name='pingyi')"]
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running demo. ``cards`` are unspent codes of ``luohe``; each test takes its own. ``tour`` are the five kept."""

    base_url: str
    data_dir: Path
    cards: list[str] = field(repr=False)
    tour: list[str] = field(default_factory=list, repr=False)
    credentials: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def database_url(self) -> str:
        """The address of its database."""
        return f"sqlite:///{self.data_dir / 'pingyi.sqlite3'}"

    def card(self) -> str:
        """A code that nobody has used."""
        return self.cards.pop()

    def poll(self, campaign_id: str, **options: Any) -> Poll:
        """A small campaign of its own beside the demo's."""
        engine = make_engine(self.database_url)
        pepper = load_pepper(self.data_dir)
        made = make_poll(engine, campaign_id, pepper=pepper, key_folder=self.data_dir, **options)
        engine.dispose()
        return made

    def pairing_code(self, window_id: str) -> str:
        """A fresh pairing code of a window, asked for as the office does."""
        with httpx.Client(base_url=self.base_url, timeout=60) as client:
            account = {"name": "setup", "password": self.credentials["setup"]}
            csrf = client.post("/api/session", json=account).raise_for_status().json()["csrf"]
            made = client.post(f"/api/windows/{window_id}/pairing", headers={"X-CSRF-Token": csrf})
            code: str = made.raise_for_status().json()["pairing_code"]
            return code


@contextmanager
def running_demo(folder: Path) -> Iterator[Server]:
    """``pingyi demo serve`` with ``folder`` as its data folder, on a free port, its output in ``folder/output``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = {
        "PINGYI_DATA_DIR": str(folder),
        "PINGYI_PUBLIC_URL": address,
        "PINGYI_DATABASE_URL": "",
        "PINGYI_INLINE_SEQUENCER": "1",
    }
    output = folder / "output"
    with output.open("w") as sink:
        process = subprocess.Popen(
            [*PINGYI, "demo", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_ready(address, process, output)
            yield _server(address, folder)
        finally:
            process.terminate()
            process.wait(timeout=60)


def wait_until_ready(address: str, process: subprocess.Popen[bytes], output: Path) -> None:
    """Wait until a served installation answers; a process that ended instead is told with its output."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, output.read_text(encoding="utf-8")
        try:
            if httpx.get(f"{address}/readyz", timeout=60).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"not ready after {PATIENCE:.0f} s:\n{output.read_text(encoding='utf-8')}")


def _server(address: str, folder: Path) -> Server:
    files = demo_folder(Settings(data_dir=folder))
    tour = [code.replace("-", "") for code in files.kept("luohe")]
    issued = [line.code.replace("-", "") for line in read_plain(files.codes("luohe")) if not line.reserve]
    lines = files.passwords.read_text(encoding="utf-8").splitlines()
    return Server(
        base_url=address,
        data_dir=folder,
        cards=[code for code in issued if code not in tour],
        tour=tour,
        credentials=dict(line.split(maxsplit=1) for line in lines),
    )
