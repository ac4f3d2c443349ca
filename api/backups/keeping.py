"""A backup is a folder: the copy of the database and ``manifest.json``, which says what comes back (备份).

Keys are not in it: who holds both them and the database knows more than anybody should. The manifest says which keys
belong to it, without telling them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine

from api import migrate
from api.backups import contents, copying
from api.keys import PEPPER_BYTES
from survey_models.core.errors import Problem
from survey_models.ledger.notes import read_checkpoint

FORMAT = 1
MANIFEST = "manifest.json"
_PIECE = 1 << 20
Told = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """What stands in ``manifest.json``. ``pepper`` is a keyed digest that tells the right key from a wrong one."""

    made_at: str
    kind: str
    revision: str
    file: str
    bytes: int
    sha256: str
    tables: Mapping[str, contents.Table]
    logs: Mapping[str, contents.Tree]
    pepper: str | None
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(table.rows for table in self.tables.values())


@dataclass(frozen=True)
class Witnessed:
    """A head that a witness (见证人) keeps: the log had this root when it had this size."""

    log: str
    size: int
    root: str


def write(engine: Engine, folder: Path, *, data_dir: Path, at: datetime, told: Told) -> Manifest:
    """Copy the database into a new folder, while it serves. What is half written is named ``….half``.

    Raises ``backup_exists``, ``backup_tool_missing``, ``backup_tool_failed``, ``backup_ledger_broken``.
    """
    if folder.exists():
        raise Problem("backup_exists", folder=folder.name)
    half = folder.with_name(f"{folder.name}.half")
    if half.exists():
        raise Problem("backup_exists", folder=half.name)
    half.mkdir(parents=True, mode=0o700)
    with copying.copied(engine, half) as (file, connection):
        tables, logs = contents.all_of(connection, told=told)
        _check_heads(connection, logs)
        revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
    made = Manifest(
        made_at=at.isoformat(timespec="seconds"),
        kind=engine.dialect.name,
        revision=revision,
        file=file.name,
        bytes=file.stat().st_size,
        sha256=_digest(file),
        tables=tables,
        logs={log: contents.Tree(tree.size, tree.root, {}) for log, tree in logs.items()},
        pepper=pepper_mark(data_dir),
    )
    text = json.dumps(asdict(made), ensure_ascii=False, indent=1, sort_keys=True)
    (half / MANIFEST).write_text(text + "\n", encoding="utf-8")
    half.rename(folder)
    return made


def read(folder: Path) -> Manifest:
    """The manifest of a backup. Raises ``backup_unreadable``."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if found.pop("format") != FORMAT or found["file"] not in copying.NAMES.values():
            raise Problem("backup_unreadable", file=MANIFEST, detail="format")
        tables = {name: contents.Table(**row) for name, row in found.pop("tables").items()}
        logs = {log: contents.Tree(**row) for log, row in found.pop("logs").items()}
        return Manifest(tables=tables, logs=logs, **found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Problem("backup_unreadable", file=MANIFEST, detail=type(fault).__name__) from None


def check(folder: Path, witnessed: list[Witnessed], *, told: Told) -> Manifest:
    """Compare the copy with its manifest, and with what a witness saw.

    An SQLite copy is read whole; of a PostgreSQL one bytes and list, for its rows can be read only where it was
    restored. Raises ``backup_unreadable``, ``backup_changed``, ``backup_behind_witness``, ``ledger_fork``.
    """
    manifest = read(folder)
    file = folder / manifest.file
    told(manifest.file)
    if not file.is_file() or file.stat().st_size != manifest.bytes or _digest(file) != manifest.sha256:
        raise Problem("backup_changed", what=manifest.file)
    if manifest.kind == copying.SQLITE:
        with copying.opened(file) as connection:
            compare(connection, manifest, witnessed, told=told)
    else:
        copying.looked_into(file)
        for seen in witnessed:
            _check_size(seen, manifest.logs.get(seen.log))
    return manifest


def restore(folder: Path, url: str, witnessed: list[Witnessed], *, told: Told) -> Manifest:
    """Fill an empty database from a backup and compare every table and every root with the manifest.

    Raises what :func:`check` raises, ``backup_of_other_kind``, ``backup_target_not_empty``, ``backup_tool_missing``,
    ``backup_tool_failed``.
    """
    manifest = read(folder)
    file = folder / manifest.file
    told(manifest.file)
    if not file.is_file() or _digest(file) != manifest.sha256:
        raise Problem("backup_changed", what=manifest.file)
    copying.put_back(file, url)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            compare(connection, manifest, witnessed, told=told)
    finally:
        engine.dispose()
    return manifest


def compare(connection: Connection, manifest: Manifest, witnessed: list[Witnessed], *, told: Told) -> None:
    """Raise ``backup_changed`` with the first table or log that differs, or what a witness contradicts."""
    tables, logs = contents.all_of(connection, told=told)
    for name in sorted({*tables, *manifest.tables}):
        if tables.get(name) != manifest.tables.get(name):
            raise Problem("backup_changed", what=name)
    for log in sorted({*logs, *manifest.logs}):
        found, stated = logs.get(log), manifest.logs.get(log)
        if found is None or stated is None or (found.size, found.root) != (stated.size, stated.root):
            raise Problem("backup_changed", what=log)
    _check_heads(connection, logs)
    for seen in witnessed:
        _check_size(seen, logs.get(seen.log))
        if contents.tree(connection, seen.log, [seen.size]).roots.get(seen.size) != seen.root:
            raise Problem("ledger_fork", log=seen.log, seen=seen.size, size=logs[seen.log].size)


def witnessed_in(state: Path) -> list[Witnessed]:
    """The heads that ``pingyi witness`` keeps in its state file. Raises ``backup_unreadable``."""
    try:
        logs = json.loads(state.read_text(encoding="utf-8"))["logs"]
        heads = {log: read_checkpoint(row["note"].partition("\n\n")[0] + "\n") for log, row in logs.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Problem("backup_unreadable", file=state.name, detail=type(fault).__name__) from None
    return [Witnessed(log, head.size, head.root.hex()) for log, head in heads.items() if head.size]


def pepper_mark(data_dir: Path) -> str | None:
    """What tells the key of this installation's codes from another and nothing more; None: it has none."""
    file = data_dir / "keys" / "pepper"
    if not file.is_file() or len(pepper := file.read_bytes()) != PEPPER_BYTES:
        return None
    return hmac.digest(pepper, b"pingyi backup", "sha256").hex()[:16]


def is_of_this_program(manifest: Manifest) -> bool:
    """Whether the copy is at the revision that this program works with."""
    return manifest.revision == migrate.head()


def _check_heads(connection: Connection, logs: Mapping[str, contents.Tree]) -> None:
    """Raise ``backup_ledger_broken`` unless every head that was ever published is a beginning of its tree."""
    for log, roots in contents.heads(connection).items():
        if any(root != logs[log].roots.get(size) for size, root in roots.items() if size):
            raise Problem("backup_ledger_broken", log=log)


def _check_size(seen: Witnessed, tree: contents.Tree | None) -> None:
    size = tree.size if tree else 0
    if size < seen.size:
        raise Problem("backup_behind_witness", log=seen.log, seen=seen.size, size=size)


def _digest(file: Path) -> str:
    running = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            running.update(piece)
    return running.hexdigest()
