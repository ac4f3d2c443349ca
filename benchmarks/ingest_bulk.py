"""Uploads beside a bare COPY, the tally of a million ballots, and memory over a million sheets."""

from __future__ import annotations

import random
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, func, select

from api.db import reading, unit_of_work
from api.jobs.handlers import slices_entered
from api.migrate import upgrade
from benchmarks.ingest_load import closed_loop
from benchmarks.ingest_servers import product, served
from benchmarks.ingest_town import UNITS, books, furnish
from benchmarks.verdicts import Line, below, none_of
from survey_models.ballots.intake import UploadRow
from survey_models.ballots.tables import Ballot, Channel
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tallies import tally
from survey_models.core import clock
from survey_models.core.bulk import insert_many
from survey_models.uploads.tables import Blob, Upload, UploadState
from tests.poll import Shape, open_poll
from tests.postgres import Server

ROWS, SLICE, TIMES = 40_000, 1000, 3
COLUMNS = "campaign_id, id, stratum_no, point_no, channel, questionnaire_version, answers, upload_id, line, set_aside"
BALLOTS = 1_000_000
LONG, STEP = 1_000_000, 100_000
UPLOAD_FLOOR, TALLY_SECONDS, GROWTH = 0.5, {"postgresql": 1.5, "sqlite": 2.5}, 1.1


@dataclass(frozen=True)
class Place:
    """A database with the open campaign."""

    engine: Engine
    url: str


@contextmanager
def opened(folder: Path, url: str) -> Iterator[Place]:
    """A small campaign of 80 units on an empty database."""
    folder.mkdir()
    upgrade(url)
    with open_poll(url, folder, Shape(n_units=UNITS)) as poll:
        yield Place(poll.engine, url)


def lines(folder: Path, postgres: Server) -> list[Line]:
    """Uploads and tallies."""
    with opened(folder / "uploads", postgres.create(f"uploads_{uuid.uuid4().hex[:8]}")) as place:
        found = [uploads(place)]
    with opened(folder / "bulk-postgres", postgres.create(f"bulk_{uuid.uuid4().hex[:8]}")) as place:
        found.append(tallied(place))
    with opened(folder / "bulk-sqlite", f"sqlite:///{folder / 'bulk-sqlite' / 'pingyi.sqlite3'}") as place:
        found.append(tallied(place))
    return found


def uploads(place: Place) -> Line:
    """Lines of a file through the writer against COPY of the same rows into the same columns and keys."""
    ratios = []
    for _ in range(TIMES):
        rows = [_line(number) for number in range(ROWS)]
        floor = _copied(place, rows)
        ratios.append(floor / _entered(place, rows))
    share = statistics.median(ratios)
    return Line("uploads, of a bare COPY of the same rows", f"{share:.3f}", f"≥ {UPLOAD_FLOOR}", UPLOAD_FLOOR / share)


def _answers(chance: random.Random) -> str:
    return "".join(chance.choices("1230", k=UNITS)) + "--"


def _line(number: int) -> tuple[Any, ...]:
    chance = random.Random(number)
    return ("poll", uuid.uuid4(), number % 4 + 1, number % 2 + 1, "upload", 1, _answers(chance), None, number, False)


def _copied(place: Place, rows: list[tuple[Any, ...]]) -> float:
    """Seconds of COPY, in slices with a commit each, as the writer has them."""
    dsn = place.url.replace("+psycopg", "")
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS floor")
        connection.execute("CREATE TABLE floor (LIKE ballots INCLUDING ALL)")
        connection.commit()
        begun = time.perf_counter()
        for start in range(0, len(rows), SLICE):
            with connection.cursor().copy(f"COPY floor ({COLUMNS}) FROM STDIN") as copy:
                for row in rows[start : start + SLICE]:
                    copy.write_row(row)
            connection.commit()
        return time.perf_counter() - begun


def _entered(place: Place, rows: list[tuple[Any, ...]]) -> float:
    """Seconds of the writer."""
    upload_id = _file(place)
    writer = IntakeWriter(place.engine, zone="Asia/Shanghai", capacity=100)
    writer.start()
    lines = [UploadRow(row[0], row[1], row[2], row[3], row[5], row[6], None, upload_id, row[8]) for row in rows]
    begun = time.perf_counter()
    for _ in slices_entered(writer, lines):
        pass
    taken = time.perf_counter() - begun
    writer.stop()
    with place.engine.connect() as connection:
        stored = connection.scalar(select(func.count()).where(Ballot.upload_id == upload_id))
    if stored != len(rows):
        raise SystemExit(f"{stored} of {len(rows)} lines were entered")
    return taken


def _file(place: Place) -> uuid.UUID:
    with unit_of_work(place.engine) as session:
        digest = uuid.uuid4().hex * 2
        session.add(Blob(sha256=digest, content=b""))
        session.flush()
        upload = Upload(
            id=uuid.uuid4(),
            campaign_id="poll",
            kind="paper_csv",
            filename="made up",
            sha256=digest,
            state=UploadState.ENTERING,
            rows=ROWS,
            entered=0,
            summary={},
            sent_by="test",
            received_at=clock.now(),
            reason=None,
        )
        session.add(upload)
        return upload.id


def tallied(place: Place) -> Line:
    """Seconds of the full tally of a million ballots."""
    chance = random.Random(7)
    some = [_answers(chance) for _ in range(5000)]
    with place.engine.begin() as connection:
        for start in range(0, BALLOTS, 50_000):
            insert_many(connection, Ballot, [_ballot(number, some) for number in range(start, start + 50_000)])
    with reading(place.engine) as session:
        form = campaigns.form_of(session, campaigns.get(session, "poll"))
        taken = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            whole = tally(session, form, "poll")
            taken.append(time.perf_counter() - begun)
        if int(whole.sheets.sum()) != BALLOTS:
            raise SystemExit("the tally lost ballots")
    engine = place.engine.dialect.name
    name = f"full tally of {BALLOTS:,} ballots of {UNITS} units, {engine} (s)"
    return below(name, statistics.median(taken), TALLY_SECONDS[engine])


def _ballot(number: int, some: list[str]) -> dict[str, Any]:
    return {
        "campaign_id": "poll",
        "id": uuid.uuid4(),
        "stratum_no": number % 4 + 1,
        "point_no": number % 2 + 1,
        "channel": Channel.PHONE.value,
        "questionnaire_version": 1,
        "answers": some[number % len(some)],
        "set_aside": False,
    }


def memory(folder: Path, postgres: Server) -> list[Line]:
    """Resident memory of the server while a million sheets come in: after the first tenth, and at the end."""
    base = folder / "long"
    base.mkdir()
    town = furnish(base, postgres, tickets=LONG)
    found = []
    for engine in ("sqlite", "postgresql"):
        data = base / engine
        data.mkdir()
        url = (town.on_sqlite if engine == "sqlite" else town.on_postgres)(data)
        acked, sizes = 0, []
        with served(product(), data=data, url=url) as server:
            for start in range(0, LONG, STEP):
                load = closed_loop(server.port, town.requests[start : start + STEP], connections=64)
                acked += load.acked
                sizes.append(server.resident())
                print(f"  {engine} {start + STEP:>9,} ballots  {load.rate:>7,.0f}/s  {sizes[-1]:6.0f} MiB", flush=True)
        growth = max(sizes[1:]) / sizes[0]
        found.append(below(f"memory over {LONG:,} ballots, {engine}, times that of the first tenth", growth, GROWTH))
        found.append(none_of(f"acknowledged and not stored, {engine}", acked - books(url)["stored"]))
    return found
