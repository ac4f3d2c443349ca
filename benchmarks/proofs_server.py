"""Servers to kill: the product in processes of its own, each forked from one that has loaded it already."""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from benchmarks.proofs_town import Town
from tests.postgres import free_port

PATIENCE = 180.0
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["api.server", "benchmarks.proofs_server"])


@dataclass(frozen=True)
class Served:
    """A server that was started; ``log`` is what it says."""

    port: int
    process: Any
    log: Path

    @property
    def pid(self) -> int:
        """Its process."""
        pid: int = self.process.pid
        return pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        running: bool = self.process.is_alive()
        return running

    def kill(self, which: str = "both") -> None:
        """End it without a word (SIGKILL): the ``server``, the ``writer`` process beside it, or ``both`` at once."""
        if which == "both":
            os.killpg(self.pid, signal.SIGKILL)
        else:
            os.kill(self.pid if which == "server" else self._writer(), signal.SIGKILL)
        # Without its writer a server ends by itself.
        self.process.join(PATIENCE)

    def _writer(self) -> int:
        """The one process that the server has begun."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(stat.read_text().rpartition(")")[2].split()[1]) == self.pid:
                    return int(stat.parent.name)
        raise RuntimeError("the server has no writer")

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self.alive:
            os.kill(self.pid, signal.SIGTERM)
            self.process.join(PATIENCE)


class Faults:
    """What can be done to the world of a running server: its clock is set, its SQLite file may not grow any more."""

    def __init__(self) -> None:
        self._shift: Any = _FORKS.Value("d", 0.0)
        self._full: Any = _FORKS.Value("b", 0)

    def set_clock(self, seconds: float) -> None:
        """Let the server's clock be wrong by so much."""
        self._shift.value = seconds

    def set_full(self, *, full: bool) -> None:
        """Let SQLite find no room for another page, as on a full disk, or find it again."""
        self._full.value = full

    def install(self) -> None:
        """Run in the process of the server, before it serves."""
        from survey_models.core import clock  # noqa: PLC0415 - loaded before the fork

        real = clock.now
        clock.now = lambda: real() + timedelta(seconds=self._shift.value)

        @event.listens_for(Engine, "begin")
        def _limit(connection: Connection) -> None:
            if connection.dialect.name == "sqlite":
                # Never less than the file has already: then no page more.
                connection.exec_driver_sql(f"PRAGMA max_page_count={1 if self._full.value else 1 << 30}")


def _serve(settings: Mapping[str, Any], port: int, log: Path, faults: Faults | None) -> None:
    """Run in the process of the server: what `pingyi serve` runs, the trees growing without waiting for a minute."""
    from api.server import serve  # noqa: PLC0415 - loaded before the fork
    from api.settings import Settings  # noqa: PLC0415 - as above
    from survey_models.ledger import rules  # noqa: PLC0415 - as above

    os.setpgid(0, 0)
    with log.open("ab") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    rules.WINDOW = timedelta(0)
    if faults is not None:
        faults.install()
    serve(Settings(**settings), host="127.0.0.1", port=port)


@contextlib.contextmanager
def served(town: Town, *, port: int = 0, faults: Faults | None = None, **more: Any) -> Iterator[Served]:
    """The server of a town while the block lasts; killed at its end if it still runs."""
    port = port or free_port()
    log = town.data / "server.log"
    settings = {
        "database_url": town.url,
        "data_dir": town.data,
        "allow_unsafe_database": False,
        "inline_sequencer": True,
        "log_level": "warning",
        **more,
    }
    process = _FORKS.Process(target=_serve, args=(settings, port, log, faults))
    process.start()
    server = Served(port, process, log)
    try:
        await_answer(server)
        yield server
    finally:
        if server.alive:
            server.kill()
        process.join()
        process.close()


def await_answer(server: Served, *, path: str = "/healthz", patience: float = PATIENCE) -> float:
    """Wait until the server says 200; how many seconds that took. Raises TimeoutError."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        if not server.alive:
            break
        if status_of(server.port, path) == 200:
            return time.monotonic() - begun
        time.sleep(0.02)
    said = server.log.read_text(encoding="utf-8", errors="replace")[-2000:] if server.log.exists() else ""
    raise TimeoutError(f"the server does not answer {path}:\n{said}")


def status_of(port: int, path: str, body: str | None = None) -> int:
    """What a GET is answered with, or a POST of JSON; 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {} if body is None else {"Content-Type": "application/json"}
        connection.request("GET" if body is None else "POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
