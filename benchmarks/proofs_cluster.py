"""A PostgreSQL of our own whose processes can be killed: durable settings, one port, started and started again."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from tests.postgres import find_programs, free_port

PATIENCE = 120.0
_MEMORY, _ROOM = Path("/dev/shm"), 1 << 30  # noqa: S108 - a fresh private folder is made in it
DATABASE = "pingyi"


class Cluster:
    """One server; ``url`` stays the same over its lives."""

    def __init__(self, base: Path, settings: Sequence[str] = ()) -> None:
        self.base, self.data, self.port = base, base / "data", free_port()
        self._programs = find_programs()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        user = pwd.getpwnam("postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
        # PostgreSQL refuses to run as root.
        self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        base.chmod(0o755)
        self.give(base)

    @property
    def url(self) -> str:
        """The database, as the product's settings take it."""
        address = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=self.port, database=DATABASE)
        return address.render_as_string()

    def give(self, folder: Path) -> None:
        """Let the server's user own a folder."""
        if self._as:
            shutil.chown(folder, "postgres", "postgres")

    def make(self) -> None:
        """Make the data folder, start, and make the database."""
        words = ["-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [str(word) for word in (self._programs / "initdb", *words)]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as)  # type: ignore[call-overload]
        self.start()
        self.run(f"CREATE DATABASE {DATABASE}", database="postgres")

    def start(self) -> None:
        """Start, and wait until it answers."""
        fixed = ("listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.base}")
        options = [word for setting in (*fixed, *self._settings) for word in ("-c", setting)]
        command = [str(self._programs / "postgres"), "-D", str(self.data), *options]
        with (self.base / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._as)  # type: ignore[call-overload]
        self.await_answer()

    def await_answer(self) -> None:
        """Wait until it takes connections. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(psycopg.OperationalError):
                self.run("SELECT 1", database="postgres")
                return
            time.sleep(0.05)
        raise TimeoutError((self.base / "log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def run(self, statement: str, *, database: str = DATABASE) -> list[tuple[object, ...]]:
        """Run one statement of ours; its rows."""
        where = {"host": "127.0.0.1", "port": self.port, "user": "postgres", "dbname": database}
        with psycopg.connect(**where, autocommit=True, connect_timeout=5) as connection:  # type: ignore[arg-type]
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def kill_backends(self) -> int:
        """SIGKILL to every process that serves a client of the database; how many it were."""
        rows = self.run(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return sum(_killed(int(str(pid))) for (pid,) in rows)

    def kill(self) -> None:
        """SIGKILL to the postmaster and to everything that it has started."""
        process = self._running()
        children = _children(process.pid)
        process.kill()
        process.wait(PATIENCE)
        for pid in children:
            _killed(pid)
        while any(Path(f"/proc/{pid}").exists() for pid in children):
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ask it to end: SIGINT breaks off what is under way, SIGQUIT does not even write a checkpoint."""
        process = self._running()
        process.send_signal(how)
        process.wait(PATIENCE)

    @property
    def alive(self) -> bool:
        """Whether its first process runs."""
        return self._process is not None and self._process.poll() is None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("never started")
        return self._process


def _killed(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
                if int(fields[1]) == parent:
                    found.append(int(entry.name))
    return found


def memory() -> Path | None:
    """A folder in memory with enough room; None where there is none, as in most containers."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM else None


@contextlib.contextmanager
def cluster(settings: Sequence[str] = (), *, in_memory: bool = False) -> Iterator[Cluster]:
    """A running server with an empty database; everything of it is gone after the block.

    ``in_memory``: its files are in memory, where there is a place for that; a killed process leaves them there too.
    """
    with tempfile.TemporaryDirectory(prefix="pingyi-cluster-", dir=memory() if in_memory else None) as name:
        made = Cluster(Path(name), settings)
        try:
            made.make()
            yield made
        finally:
            if made.alive:
                made.stop(signal.SIGQUIT)
