"""A backup of a million ballots: written, put back into an empty database, and compared row by row and root by root.

`make bench-backup` (ARGS='--ballots 20000'): value, limit, ratio on both databases. Sealed sheets, their ballots in the
box and their ledger entries with the tree over them. The floor is a plain copy of the backup's file, flushed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from api.backups import keeping
from api.db import make_engine, unit_of_work
from api.migrate import upgrade
from benchmarks.ingest_bulk import opened
from benchmarks.verdicts import Line, below, heading, inform
from survey_models.ballots.tables import Ballot, IntakeSheet
from survey_models.core.bulk import insert_many
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.service import ballot_entry
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerEntry
from tests.postgres import running_server

BALLOTS, UNITS, AT_ONCE, SEALED = 1_000_000, 80, 20_000, 176
LIMIT = 600.0
AT = datetime(2026, 11, 22, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    number: int = parser.parse_args(arguments).ballots
    lines = []
    with tempfile.TemporaryDirectory(prefix="pingyi-backup-") as name, running_server([]) as server:
        folder = Path(name)
        lines += _measure(folder / "sqlite", f"sqlite:///{folder}/a.sqlite3", f"sqlite:///{folder}/b.sqlite3", number)
        with server.database() as first, server.database() as second:
            lines += _measure(folder / "postgresql", first, second, number)
    print(heading(f"a backup of {number:,} ballots"))
    for line in lines:
        print(line)
    return int(not all(line.good for line in lines))


def _measure(folder: Path, source: str, target: str, number: int) -> list[Line]:
    folder.mkdir()
    upgrade(source)
    engine = make_engine(source)
    _fill(folder, source, engine, number)
    begun = time.perf_counter()
    made = keeping.write(engine, folder / "kept", data_dir=folder, at=AT, told=_quiet)
    written = time.perf_counter()
    keeping.restore(folder / "kept", target, [], told=_quiet)
    restored = time.perf_counter()
    engine.dispose()
    name = made.kind
    floor = _copied(folder / "kept" / made.file, folder / "again")
    return [
        below(f"{name}: restored and compared (s)", restored - written, LIMIT),
        inform(f"{name}: written with its manifest, while it serves (s)", f"{written - begun:.1f}"),
        inform(f"{name}: a plain copy of the {made.bytes / 1e6:,.0f} MB, flushed (s)", f"{floor:.1f}"),
        inform(f"{name}: rows of all tables", f"{made.rows:,}"),
    ]


def _fill(folder: Path, url: str, engine: Engine, number: int) -> None:
    chance = random.Random(5)
    some = ["".join(chance.choices("0123-", k=UNITS)) for _ in range(500)]
    with opened(folder / "poll", url):  # a campaign of that name
        pass
    for start in range(0, number, AT_ONCE):
        sheets, ballots, entries = [], [], []
        for place in range(start, min(start + AT_ONCE, number)):
            row: dict[str, Any] = {"campaign_id": "poll", "channel": "phone", "questionnaire_version": 1}
            sheet = uuid.UUID(bytes=chance.randbytes(16), version=4)
            sheets.append({**row, "id": sheet, "batch_no": 1, "sealed": chance.randbytes(SEALED)})
            cell = {"stratum_no": place % 4 + 1, "point_no": place % 2 + 1, "set_aside": False}
            ballots.append({**row, **cell, "id": uuid.uuid4(), "answers": some[place % len(some)]})
            entries.append(ballot_entry("poll", sheet, chance.randbytes(32).hex()))
        with unit_of_work(engine) as session:
            insert_many(session.connection(), IntakeSheet, sheets)
            insert_many(session.connection(), Ballot, ballots)
            session.connection().execute(insert(LedgerEntry), entries)
    signer, more = Signer(bytes(32)), True
    while more:
        with unit_of_work(engine) as session:
            more = bool(integrate(session, "poll", signer=signer, host="bench", at=AT, today=AT.date(), limit=AT_ONCE))


def _copied(file: Path, target: Path) -> float:
    begun = time.perf_counter()
    shutil.copyfile(file, target)
    with target.open("rb") as stream:
        os.fsync(stream.fileno())
    return time.perf_counter() - begun


def _quiet(_name: str) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    sys.exit(main())
