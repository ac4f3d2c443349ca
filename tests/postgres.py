"""A real PostgreSQL server for the tests.

Asked for in this order: the server of `PINGYI_TEST_PG_DSN` (a URL whose user may create databases); the programs in
`PINGYI_TEST_PG_BIN`; the newest Debian ones; those on PATH. No server is a failure, never a skip: what only SQLite was
asked is not tested.

PostgreSQL refuses to run as root, so as root its programs run as the user `postgres`. That user must be able to enter
the data folder, hence a folder of our own directly under the system's temporary one and not pytest's private one.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

PROGRAMS = ("initdb", "pg_ctl", "postgres")
UNSAFE_BUT_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@dataclass(frozen=True)
class Server:
    """A running server and how to make databases on it."""

    root: URL

    def url(self, name: str) -> str:
        """The address of one database, as the product's settings take it."""
        return self.root.set(database=name).render_as_string(hide_password=False)

    def create(self, name: str, *, template: str | None = None) -> str:
        """Make a database, empty or as a copy, and return its address. A copy takes about 10 ms."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        self._execute(statement)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def database(self, *, template: str | None = None) -> Iterator[str]:
        """A database with a fresh name, removed at the end; yields its address."""
        name = f"pingyi_test_{uuid.uuid4().hex[:16]}"
        try:
            yield self.create(name, template=template)
        finally:
            self.drop(name)

    def _execute(self, statement: sql.Composed) -> None:
        dsn = self.root.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def running_server(options: Sequence[str] = UNSAFE_BUT_QUICK) -> Iterator[Server]:
    """Yield a server: the external one if there is one, else one of our own that ends with the block."""
    external = os.environ.get("PINGYI_TEST_PG_DSN")
    if external:
        yield Server(make_url(external).set(drivername="postgresql+psycopg"))
        return
    programs = find_programs()
    base = Path(tempfile.mkdtemp(prefix="pingyi-pg-"))
    base.chmod(0o755)
    try:
        with _own_server(programs, base, options) as server:
            yield server
    finally:
        shutil.rmtree(base, ignore_errors=True)


def find_programs() -> Path:
    """The folder that holds initdb, pg_ctl and postgres.

    Raises:
        FileNotFoundError: nowhere; says what to install.
    """
    named = os.environ.get("PINGYI_TEST_PG_BIN")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    on_path = shutil.which("pg_ctl")
    candidates = [Path(named)] if named else [*debian, *([Path(on_path).parent] if on_path else [])]
    for folder in candidates:
        if all((folder / program).exists() for program in PROGRAMS):
            return folder
    raise FileNotFoundError("No PostgreSQL server was found; on Debian: apt-get install postgresql")


@contextlib.contextmanager
def _own_server(programs: Path, base: Path, settings: Sequence[str]) -> Iterator[Server]:
    data, port = base / "data", free_port()
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        for folder in (base, data):
            os.chown(folder, user.pw_uid, user.pw_gid)
    _run(
        programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
    )
    options = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={base}", *settings)
    flags = " ".join(f"-c {option}" for option in options)
    # Without -l the server would inherit our pipe, and reading its output to the end would wait for ever.
    _run(programs / "pg_ctl", "-D", data, "-w", "-l", base / "log", "-o", flags, "start")
    try:
        yield Server(URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=port, database="postgres"))
    finally:
        _run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _run(*command: str | Path) -> None:
    """Run a server program, as `postgres` when we are root, and show what it said when it fails."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        done = subprocess.run(
            words,
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
        )
    else:
        done = subprocess.run(words, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} failed ({done.returncode}):\n{done.stdout}{done.stderr}")


def free_port() -> int:
    """A port on the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
