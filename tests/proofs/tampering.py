"""The proof of tampering (篡改检测): whoever owns the database changes one thing, and the bundle must tell.

``python -m tests.proofs.tampering`` builds one small poll, tampers in twelve ways, most of them in several forms, and
prints by which check each was found. Each form works on a copy of the database, as its owner would, and writes the
bundle after; some change the archive itself.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.db import make_engine, reading, unit_of_work
from api.keys import load_signer
from api.migrate import upgrade
from survey_models.accounts import assignments
from survey_models.ballots import service as ballots
from survey_models.ballots.intake import Cast
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.archives import unpacked
from survey_models.evidence import service
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Finding, Outcome
from survey_models.evidence.kinds import Kind
from survey_models.evidence.verifier import verify_files
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerHead
from survey_models.results import service as results
from survey_models.spreadsheets.write import csv_bytes
from survey_models.tickets import codes
from survey_models.uploads import service as uploads
from tests.poll import Poll, Shape, open_poll
from tests.sealed import PRIVATE, ZONE

LOG = "poll"
LINES = 24
HOST = "pingyi.test"
Files = dict[str, bytes]


@dataclass
class Insider:
    """Who owns a copy of the database and holds the ledger's key."""

    engine: Engine
    signer: Signer
    folder: Path

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A transaction."""
        with unit_of_work(self.engine) as session:
            yield session

    def grow(self) -> None:
        """Let the campaign's tree grow."""
        at = clock.now()
        with self.work() as session:
            while integrate(session, LOG, signer=self.signer, host=HOST, at=at, today=clock.local_day(at, ZONE)):
                pass

    def score(self) -> None:
        """Compute the result anew, and let the ledger know."""
        with self.work() as session:
            results.run(session, LOG, by="setup", at=clock.now())
        self.grow()

    def trusted(self) -> Trust:
        """The posted key, what a witness saw last, and the office's key."""
        query = select(LedgerHead.note).where(LedgerHead.log == LOG).order_by(LedgerHead.size.desc()).limit(1)
        with reading(self.engine) as session:
            note = session.scalars(query).one()
        vkey = vkey_of(note.split("\n", 1)[0], self.signer.public)
        return Trust(vkey=vkey, witness={LOG: {"vkey": vkey, "note": note}}, private=PRIVATE)

    def bundle(self, kind: Kind) -> Files:
        """The bundle as it would be handed over."""
        with reading(self.engine) as session:
            return unpacked(service.bundle(session, LOG, kind, public=self.signer.public).content)


@dataclass(frozen=True)
class Scene:
    """A counted poll, a copy of it from before the counting, and what auditors hold."""

    folder: Path
    trust: Trust

    @contextmanager
    def insider(self, *, counted: bool = True) -> Iterator[Insider]:
        """Somebody with a copy of the database of his own."""
        copy = self.folder / f"{uuid.uuid4().hex}.sqlite3"
        shutil.copyfile(self.folder / ("counted.sqlite3" if counted else "closed.sqlite3"), copy)
        _without_walls(copy)
        engine = make_engine(f"sqlite:///{copy}", allow_unsafe=True)
        try:
            yield Insider(engine, load_signer(self.folder), self.folder)
        finally:
            engine.dispose()
            copy.unlink()


@contextmanager
def scene(folder: Path, template: Path | None = None) -> Iterator[Scene]:
    """Build the poll: some 200 sheets by two channels, a contractor's file, sheets sealed to the office's key.

    ``template``: a database with nothing but tables; made here where none is given.
    """
    database = folder / "live.sqlite3"
    if template is None:
        upgrade(f"sqlite:///{database}")
    else:
        shutil.copyfile(template, database)
    shape = Shape(per_cell=30, n_units=4, key_on_server=False)
    with open_poll(f"sqlite:///{database}", folder, shape) as poll:
        _answer(poll)
        _bring_file(poll)
        with poll.work() as session:
            campaigns.close(session, LOG, by="setup", at=clock.now())
        with poll.work() as session:
            campaigns.begin_counting(session, LOG, by="release", at=clock.now(), zone=ZONE)
    database.rename(folder / "closed.sqlite3")
    made = Scene(folder, Trust())
    with made.insider(counted=False) as office:
        with office.work() as session:
            count(session)
        office.score()
        trust = office.trusted()
        office.engine.dispose()
        shutil.copyfile(str(office.engine.url.database), folder / "counted.sqlite3")
    yield replace(made, trust=trust)


def _without_walls(database: Path) -> None:
    """Who owns the database first takes away the triggers that guard it."""
    with closing(sqlite3.connect(database)) as bare:
        names = [name for (name,) in bare.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            bare.execute(f'DROP TRIGGER "{name}"')
        bare.commit()


def count(session: Session, change: Callable[[Any], None] = lambda _opened: None) -> None:
    """The counting office opens and mixes; ``change`` is what it does to the opened sheets before."""
    opened = ballots.open_sheets(session, LOG, PRIVATE)
    change(opened)
    ballots.fill_box(session, opened, by=None, at=clock.now())


def _answer(poll: Poll) -> None:
    """Of the last stratum few answer, and all alike on the first unit: some lines of the release must be hidden."""
    chance, waiting = random.Random(5), []
    for serial, code in enumerate(poll.live):
        if serial % 7 == 0 or (code.stratum_no == 4 and serial % 3):
            continue
        first = "1" if code.stratum_no == 4 else chance.choice("1123")
        answers = poll.answers(first + "".join(chance.choices("11223", k=3)))
        ticket = codes.digest(code.code, campaign_id=LOG, pepper=poll.app.state.pepper)
        channel = "point" if serial % 3 == 0 else "phone"
        ballot = uuid.UUID(int=chance.getrandbits(128), version=4)
        waiting.append(poll.app.state.intake.submit(Cast(LOG, ballot, ticket, answers, {}, channel)))
    for future in waiting:
        future.result(30)


def _bring_file(poll: Poll) -> None:
    """A contractor's file of the first stratum and point, sent, checked, confirmed and entered."""
    with poll.work() as session:
        layout = uploads.layout_of(session, campaigns.get(session, LOG))
        cell, point = layout.cells[0], layout.points[0]
        assignments.assign(session, "contractor", LOG, by="setup", at=clock.now())
        blank = ("", "")
        rows = [(str(no), cell.area, cell.kind, point.name, *"1223"[:4], *blank) for no in range(1, LINES + 1)]
        arrival = uploads.examine("纸质.csv", csv_bytes([layout.printed, *rows]))
        sent = uploads.receive(session, arrival, campaign_id=LOG, by="contractor", at=clock.now()).upload.id
    _until_idle(poll)
    with poll.work() as session:
        uploads.accept(session, sent, by="contractor", at=clock.now())
    _until_idle(poll)


def _until_idle(poll: Poll) -> None:
    while poll.app.state.worker.run_once():
        pass


def failed(files: Mapping[str, bytes], trust: Trust) -> list[str]:
    """The checks that say FAILED."""
    return [finding.check.key for finding in answers(files, trust) if finding.outcome is Outcome.FAILED]


def answers(files: Mapping[str, bytes], trust: Trust) -> list[Finding]:
    """All answers."""
    return verify_files(files, trust)


def main() -> int:
    """The long form: every kind in every form, value, limit, ratio."""
    from tests.proofs.tampers import KINDS  # noqa: PLC0415 - it builds on this module

    with tempfile.TemporaryDirectory() as folder, scene(Path(folder)) as built:
        with built.insider() as honest:
            clean = [key for kind in Kind for key in failed(honest.bundle(kind), built.trust)]
        print(f"untouched: {clean or 'every check ok'}")
        found = 0
        for kind, forms in KINDS.items():
            told = [form(built) for form in forms]
            found += all(told)
            print(f"{kind:<24} {' | '.join(', '.join(keys) or 'NOT FOUND' for keys in told)}")
    print(f"found {found}, limit {len(KINDS)}, ratio {found / len(KINDS):.2f}")
    return int(bool(clean) or found < len(KINDS))


if __name__ == "__main__":
    raise SystemExit(main())
