"""`make proofs-power`: power cuts under the ballot writer on SQLite, with torn and reordered sectors (断电).

The product's writer, engine, pragmas and statements run on a disk that remembers (`benchmarks.proofs_disk`), beside
the sequencer that lets the tree grow. The recorded run is then cut at many places; what is left is opened with the
standard library's SQLite, and everything acknowledged before the cut must be in it, spent once and in the ledger.
Two controls must lose, else the proof sees nothing: `synchronous=NORMAL`, and a disk that lies about flushing.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from api import db
from api.migrate import upgrade
from benchmarks.proofs_cluster import memory
from benchmarks.proofs_disk import Cut, Recorder, Step, cuts, lay_out, places_of
from benchmarks.proofs_driver import Driver
from benchmarks.proofs_town import CAMPAIGN, HOST, ZONE, Books, Sheet, Town, furnish, read_books
from survey_models.ballots.intake import Receipt
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.sequencer import integrate

CUTS, CONTROL_CUTS, TICKETS, CUTS_OF_A_RUN = 5_000, 500, 400, 250


@dataclass
class Tally:
    """What a series of cuts has shown. ``acked`` counts, cut by cut, the sheets that had been acknowledged."""

    cuts: int = 0
    acked: int = 0
    lost: int = 0
    damaged: int = 0
    other: int = 0
    example: str = ""

    def add(self, more: Tally) -> None:
        """Take in another series."""
        for name in ("cuts", "acked", "lost", "damaged", "other"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        self.example = self.example or more.example

    @property
    def wrong(self) -> int:
        """Everything that may not be."""
        return self.lost + self.damaged + self.other


@dataclass(frozen=True)
class Recording:
    """A run of the writer. ``steps`` say, among the steps of the disk, which receipts had been given."""

    begin: dict[str, bytes]
    steps: list[Step]
    sent: set[uuid.UUID]


@contextmanager
def _watched(file: Path, recorder: Recorder, *, synchronous: str, checkpoint_pages: int) -> Iterator[Engine]:
    """The product's engine on the disk that remembers. ``checkpoint_pages``: how often the log is written back."""
    pragmas = tuple(item for item in db._PRAGMAS if not item.startswith("synchronous"))  # noqa: SLF001 - the very ones
    pragmas += (f"synchronous={synchronous}", f"wal_autocheckpoint={checkpoint_pages}")
    driver = Driver(recorder.name)
    with mock.patch.multiple(db, create_engine=driver.create_engine, _PRAGMAS=pragmas):
        engine = db.make_engine(f"sqlite:///{file}", allow_unsafe=synchronous != "FULL")
        with engine.connect():
            yield engine
        engine.dispose()


def record(town: Town, folder: Path, *, seed: int, synchronous: str = "FULL") -> Recording:
    """Let the writer take the town's sheets in batches of uneven size, with retries and thefts among them."""
    chance = random.Random(seed)
    file = folder / f"run-{seed}-{synchronous}.sqlite3"
    shutil.copyfile(town.url.removeprefix("sqlite:///"), file)
    begin = {str(file): file.read_bytes()}
    recorder = Recorder(f"disk-{uuid.uuid4().hex}")
    checkpoint_pages = chance.choice((40, 200, 1000))
    with _watched(file, recorder, synchronous=synchronous, checkpoint_pages=checkpoint_pages) as engine:
        writer = IntakeWriter(engine, zone=ZONE, capacity=10_000, signer=town.signer)
        writer.start()
        try:
            sent = _send(town, writer, engine, recorder, chance)
        finally:
            writer.stop()
    return Recording(begin, recorder.steps, sent)


def _send(
    town: Town, writer: IntakeWriter, engine: Engine, recorder: Recorder, chance: random.Random
) -> set[uuid.UUID]:
    waiting, done = list(town.sheets), [town.sheets[0]]
    chance.shuffle(waiting)
    sent: set[uuid.UUID] = set()
    while waiting:
        some = [waiting.pop() for _ in range(min(len(waiting), chance.choice((1, 1, 2, 5, 20))))]
        again = chance.sample(done, k=min(len(done), chance.randrange(3)))
        thefts = [replace(sheet, id=uuid.uuid4()) for sheet in again]
        futures = [_told(writer, sheet, town.pepper, recorder) for sheet in [*some, *again, *thefts]]
        for future in futures:
            future.exception(timeout=60)
        sent.update(sheet.id for sheet in [*some, *again])
        done += some
        if chance.random() < 0.05:
            _grow(town, engine)
    return sent


def _told(writer: IntakeWriter, sheet: Sheet, pepper: bytes, recorder: Recorder) -> Future[Receipt]:
    """Hand in a sheet; the acknowledgement is noted in the moment in which it is given."""

    def note(future: Future[Receipt]) -> None:
        error = future.exception()
        if error is None:
            recorder.say((sheet.id, future.result().code))
        elif not isinstance(error, Problem):
            raise error

    future = writer.submit(sheet.cast(pepper))
    future.add_done_callback(note)
    return future


def _grow(town: Town, engine: Engine) -> None:
    at = clock.now()
    with db.unit_of_work(engine) as session:
        integrate(session, CAMPAIGN, signer=town.signer, host=HOST, at=at, today=clock.local_day(at, ZONE))


def examine(recording: Recording, folder: Path, *, number: int, seed: int, flushes: bool = True) -> Tally:
    """Cut a recorded run at ``number`` places and look at what is left each time."""
    tally = Tally()
    places = places_of(recording.steps, number, seed=seed)
    for cut in cuts(recording.steps, recording.begin, places, seed=seed, flushes=flushes):
        place = folder / "cut"
        place.mkdir()
        lay_out(cut, place)
        _look(place / Path(next(iter(recording.begin))).name, cut, recording.sent, tally)
        shutil.rmtree(place)
    return tally


def _look(file: Path, cut: Cut, sent: set[uuid.UUID], tally: Tally) -> None:
    acked: dict[uuid.UUID, str] = dict(cut.said)
    tally.cuts += 1
    tally.acked += len(acked)
    try:
        books = _opened(file)
    except (DBAPIError, ValueError) as error:
        tally.damaged += 1
        tally.example = tally.example or f"{type(error).__name__}: {error}"
        return
    lost = len(acked.keys() - books.ids)
    faults = books.faults() + [fault for fault in books.against(acked, sent) if "lost" not in fault]
    tally.lost += lost
    tally.other += len(faults)
    if faults:
        tally.example = tally.example or faults[0]


def _opened(file: Path) -> Books:
    """The books of a file after the power is back. Raises ValueError or DBAPIError for a damaged one."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    event.listen(engine, "connect", lambda connection, _record: setattr(connection, "isolation_level", None))
    with engine.connect() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if said != "ok":
            raise ValueError(said)
        return read_books(connection)


def town_in(folder: Path, *, tickets: int) -> Town:
    """A town on a fresh SQLite file."""
    url = f"sqlite:///{folder / 'town.sqlite3'}"
    upgrade(url)
    return furnish(url, folder, tickets=tickets)


def prove(town: Town, folder: Path, *, number: int, control: int, each: int = CUTS_OF_A_RUN) -> dict[str, Tally]:
    """The three series: as the product runs, with NORMAL, and on a lying disk."""
    found = {"FULL": Tally(), "NORMAL": Tally(), "lying disk": Tally()}
    for name, wanted in (("FULL", number), ("NORMAL", control), ("lying disk", control)):
        while found[name].cuts < wanted:
            seed = found[name].cuts + 1
            recording = record(town, folder, seed=seed, synchronous="NORMAL" if name == "NORMAL" else "FULL")
            some = min(each, wanted - found[name].cuts)
            found[name].add(examine(recording, folder, number=some, seed=seed, flushes=name != "lying disk"))
    return found


def faults(found: dict[str, Tally]) -> list[str]:
    """Why the proof fails, if it does."""
    full = found["FULL"]
    said = f"FULL: {full.lost} lost, {full.damaged} damaged, {full.other} other: {full.example}"
    dead = [name for name, tally in found.items() if name != "FULL" and not tally.wrong]
    return [said] * bool(full.wrong) + [f"the control {name} lost nothing: this proof sees nothing" for name in dead]


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=CUTS)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="pingyi-power-", dir=memory()) as name:
        folder = Path(name)
        found = prove(town_in(folder, tickets=TICKETS), folder, number=arguments.cuts, control=CONTROL_CUTS)
    print(f"{'disk':<12}{'cuts':>7}{'acked':>10}{'lost':>8}{'limit':>8}{'damaged':>9}{'other':>7}")
    for kind, tally in found.items():
        limit = "0" if kind == "FULL" else "> 0"
        print(f"{kind:<12}{tally.cuts:>7}{tally.acked:>10}{tally.lost:>8}{limit:>8}{tally.damaged:>9}{tally.other:>7}")
    print(f"{time.perf_counter() - begun:.0f} s")
    missed = faults(found)
    print("\n".join(missed) or "proved")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
