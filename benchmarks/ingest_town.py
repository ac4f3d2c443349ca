"""A campaign of 80 units to measure with: its tickets, the requests made from them, and the books afterwards."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from api.db import make_engine
from api.migrate import upgrade
from benchmarks.ingest_load import request
from tests.poll import Shape, open_poll
from tests.postgres import Server

UNITS, CELLS = 80, 8
SLICE = 10_000
PATH = "/api/campaigns/poll/ballots"


@dataclass(frozen=True)
class Town:
    """A furnished database that is copied for each case, and one request for each of its tickets."""

    sqlite: Path
    postgres: Server
    template: str
    requests: list[bytes]

    def on_sqlite(self, folder: Path) -> str:
        """A copy of the whole data folder; the address of its database."""
        shutil.copytree(self.sqlite, folder, dirs_exist_ok=True)
        return f"sqlite:///{folder / 'pingyi.sqlite3'}"

    def on_postgres(self, folder: Path) -> str:
        """A copy of the database, with the keys in ``folder``."""
        shutil.copytree(self.sqlite / "keys", folder / "keys", dirs_exist_ok=True)
        return self.postgres.create(f"ingest_{uuid.uuid4().hex[:12]}", template=self.template)


def furnish(folder: Path, postgres: Server, *, tickets: int) -> Town:
    """Make the campaign once on each database, with the same keys and codes."""
    shape = Shape(n_units=UNITS, per_cell=-(-tickets // CELLS), reserve=0)
    sqlite = folder / "town"
    sqlite.mkdir()
    url = f"sqlite:///{sqlite / 'pingyi.sqlite3'}"
    upgrade(url)
    with open_poll(url, sqlite, shape) as poll:
        requests = [_request(code.code) for code in poll.live[:tickets]]
    template = f"town_{uuid.uuid4().hex[:12]}"
    pg_url = postgres.create(template)
    upgrade(pg_url)
    _copy_rows(url, pg_url)
    random.Random(1).shuffle(requests)
    return Town(sqlite, postgres, template, requests)


def _request(code: str) -> bytes:
    chance = random.Random(code)
    answers = "".join(chance.choices("1230", k=UNITS)) + "--"
    sheet = {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "code": code, "answers": answers}
    return request(PATH, json.dumps({**sheet, "more": {}, "channel": "phone"}, separators=(",", ":")).encode())


def _copy_rows(source: str, target: str) -> None:
    """Every row of the SQLite database into the PostgreSQL one, so that both hold the same town."""
    from survey_models.core.base import Base  # noqa: PLC0415 - the metadata is whole once the application is loaded

    left, right = make_engine(source), make_engine(target)
    with left.connect() as reads, right.begin() as writes:
        for table in Base.metadata.sorted_tables:
            for number, rows in enumerate(reads.execute(table.select()).mappings().partitions(SLICE)):
                if number == 0:
                    writes.execute(table.delete())
                writes.execute(table.insert(), [dict(row) for row in rows])
    with right.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    left.dispose()
    right.dispose()


def books(url: str) -> dict[str, int]:
    """Stored sheets, tickets spent, entries of the ledger and the counter, in plain SQL."""
    queries = {
        "stored": "SELECT count(*) FROM intake_sheets",
        "spent": "SELECT count(*) FROM tickets WHERE state = 'spent'",
        "entries": "SELECT count(*) FROM ledger_entries WHERE event = 'ballots:cast'",
        "counted": "SELECT coalesce(sum(done), 0) FROM ticket_counters",
    }
    engine = make_engine(url)
    with engine.connect() as connection:
        found = {name: int(connection.execute(text(query)).scalar_one()) for name, query in queries.items()}
    engine.dispose()
    return found


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for one run, on the disk of the temporary folder."""
    return tempfile.TemporaryDirectory(prefix="pingyi-ingest-")
