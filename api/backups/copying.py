"""How a database is copied at one moment while it serves, and put back: SQLite by itself, PostgreSQL by its tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url

from survey_models.core.errors import Problem

SQLITE, POSTGRES = "sqlite", "postgresql"
NAMES = {SQLITE: "database.sqlite3", POSTGRES: "database.dump"}
_TOLD = 400


def kind_of(url: str) -> str:
    """``sqlite`` or ``postgresql``."""
    return make_url(url).get_backend_name()


@contextmanager
def copied(engine: Engine, folder: Path) -> Iterator[tuple[Path, Connection]]:
    """Copy the database into ``folder``; yields the copy, and a connection that sees the very moment of it.

    Raises ``backup_tool_missing``, ``backup_tool_failed``.
    """
    file = folder / NAMES[engine.dialect.name]
    if engine.dialect.name == SQLITE:
        # By itself and not through the pool: it is one reading transaction, and ballots go on beside it.
        with closing(sqlite3.connect(engine.url.database or "", isolation_level=None)) as plain:
            plain.execute("VACUUM INTO ?", (str(file),))
        file.chmod(0o600)
        _flush(file)
        with opened(file) as connection:
            yield file, connection
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        _run("pg_dump", engine.url, "--format=custom", f"--snapshot={moment}", f"--file={file}")
        file.chmod(0o600)
        _flush(file)
        yield file, connection


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    """A look into an SQLite file that changes nothing about it. Raises ``backup_unreadable``."""
    engine = create_engine(f"sqlite:///file:{file}?mode=ro&immutable=1&uri=true")
    try:
        with engine.connect() as connection:
            fault = connection.scalar(text("PRAGMA integrity_check"))
            if fault != "ok":
                raise Problem("backup_unreadable", file=file.name, detail=str(fault)[:_TOLD])
            yield connection
    finally:
        engine.dispose()


def put_back(file: Path, url: str) -> None:
    """Fill an empty database from the copy.

    Raises ``backup_of_other_kind``, ``backup_target_not_empty``, ``backup_tool_missing``, ``backup_tool_failed``.
    """
    kind = kind_of(url)
    if file.name != NAMES.get(kind):
        raise Problem("backup_of_other_kind", file=file.name, kind=kind)
    if kind == SQLITE:
        target = Path(make_url(url).database or "")
        if target.exists():
            raise Problem("backup_target_not_empty", target=target.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f"{target.name}.half")
        # Its owner's alone from its first byte on.
        half.unlink(missing_ok=True)
        half.touch(mode=0o600, exist_ok=False)
        shutil.copyfile(file, half)
        _flush(half)
        half.rename(target)
        _flush(target.parent)
        return
    _refuse_filled(url)
    _run("pg_restore", make_url(url), "--exit-on-error", "--single-transaction", str(file))


def looked_into(file: Path) -> None:
    """Read the list of a PostgreSQL copy. Raises ``backup_unreadable``, ``backup_tool_missing``."""
    found = _asked([_tool("pg_restore"), "--list", str(file)])
    if found.returncode:
        raise Problem("backup_unreadable", file=file.name, detail=found.stderr.strip()[:_TOLD])


def _refuse_filled(url: str) -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            if connection.scalar(text(query)):
                raise Problem("backup_target_not_empty", target=make_url(url).database or "")
    finally:
        engine.dispose()


def _run(tool: str, url: URL, *options: str) -> None:
    """Call a tool of PostgreSQL. The password goes by the environment: the list of processes shows arguments."""
    place: dict[str, object] = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
    }
    # A folder of sockets is named behind the question mark.
    place |= {name: str(url.query[key]) for name, key in (("PGHOST", "host"), ("PGPORT", "port")) if key in url.query}
    environment = {**os.environ, **{name: str(value) for name, value in place.items() if value is not None}}
    command = [_tool(tool), "--no-owner", "--no-privileges", f"--dbname={url.database}", *options]
    found = _asked(command, environment)
    if found.returncode:
        raise Problem("backup_tool_failed", tool=tool, detail=found.stderr.strip()[:_TOLD])


def _asked(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    # No shell in between; the words are ours and what the settings name.
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def _tool(name: str) -> str:
    """The program, on the path or where Debian keeps the newest."""
    found = shutil.which(name)
    if found is None:
        places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda place: float(place.parts[-3]))
        found = str(places[-1]) if places else None
    if found is None:
        raise Problem("backup_tool_missing", tool=name)
    return found


def _flush(path: Path) -> None:
    """Have the disk keep it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
