"""One database with a campaign in it, its door and its clerks, for a machine that drives several beside each other."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api import acts
from api.db import make_engine, unit_of_work
from api.keys import load_pepper, load_signer
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.service import receipt_of
from survey_models.tickets.tables import Ticket
from tests.poll import Shape, open_poll, settings_for
from tests.postgres import Server

CAMPAIGN, ZONE, PATIENCE = "poll", "Asia/Shanghai", 120


@dataclass(frozen=True)
class Sent:
    """What somebody sends: a ballot id, the ticket of a serial number, answers."""

    id: uuid.UUID
    serial: int
    answers: str


@dataclass(frozen=True)
class Books:
    """What a database holds. ``sheets``: batch of each; ``done``: the numbers of the days by batch."""

    state: str
    tickets: dict[int, str]
    sheets: dict[uuid.UUID, int]
    done: dict[int, int]
    box: list[tuple[str, bool]]
    members: set[uuid.UUID]


@dataclass(frozen=True)
class Base:
    """An opened campaign to copy houses from. ``place``: a file, or the name of a PostgreSQL database."""

    name: str
    place: str
    data: Path
    codes: Mapping[int, str]
    batches: Mapping[int, int]
    states: Mapping[int, str]
    server: Server | None

    @staticmethod
    def made(place: str, data: Path, shape: Shape, server: Server | None) -> Base:
        """Open the campaign in the empty, migrated database at ``place``."""
        url = f"sqlite:///{place}" if server is None else server.url(place)
        with open_poll(url, data, shape) as poll:
            codes = {code.serial: code.code for code in poll.codes}
            with poll.look() as session:
                rows = session.execute(select(Ticket.serial, Ticket.batch_no, Ticket.state)).all()
        name = "sqlite" if server is None else "postgresql"
        batches, states = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
        return Base(name, place, data, codes, batches, states, server)

    def fresh(self, folder: Path) -> House:
        """A copy for one run, in ``folder`` or beside on the server."""
        if self.server is None:
            return House(self, shutil.copyfile(self.place, folder / "house.sqlite3"))
        return House(self, self.copied(self.place))

    def copied(self, place: str) -> str:
        """The name of a fresh copy of a database on the server."""
        assert self.server is not None
        name = f"house_{uuid.uuid4().hex[:16]}"
        self.server.create(name, template=place)
        return name


class House:
    """A copy of a base, with a running writer."""

    def __init__(self, base: Base, place: str | Path) -> None:
        self.base, self.place = base, place
        self.name, self.batches, self.states_at_first = base.name, base.batches, base.states
        self._kept: str | Path | None = None
        self._sealed: dict[uuid.UUID, str] = {}
        self._receipts: dict[uuid.UUID, str] = {}
        self._enter()

    def _enter(self) -> None:
        base = self.base
        url = f"sqlite:///{self.place}" if base.server is None else base.server.url(str(self.place))
        self.settings = settings_for(url, base.data)
        self.engine = make_engine(url, allow_unsafe=True)
        signer = load_signer(base.data)
        self.writer = IntakeWriter(self.engine, zone=ZONE, capacity=100, signer=signer)
        self.writer.start()
        self.door = BallotDoor(self.writer, pepper=load_pepper(base.data))

    def _close(self) -> None:
        self.writer.stop()
        self.engine.dispose()

    def leave(self) -> None:
        """End the run and remove its copies."""
        self._close()
        for place in {self.place, self._kept} - {None}:
            if self.base.server is not None:
                self.base.server.drop(str(place))

    def cast(self, sent: Sent) -> str:
        """Send a sheet: ``stored``, ``replay`` or the code of the refusal. A receipt never changes."""
        return self.cast_code(self.base.codes[sent.serial], sent.answers, sent.id)

    def cast_code(self, code: str, answers: str, ballot_id: uuid.UUID | None = None) -> str:
        """As ``cast``, by the code itself."""
        own = ballot_id or uuid.uuid4()
        try:
            receipt = self.door.cast(campaign_id=CAMPAIGN, ballot_id=own, code=code, answers=answers).result(PATIENCE)
        except Problem as problem:
            return problem.code
        assert receipt.promise is not None
        assert self._receipts.setdefault(own, receipt.code) == receipt.code, "another receipt for the same sheet"
        return "replay" if receipt.replay else "stored"

    def clerk(self, act: Callable[[Session], object]) -> str:
        """What one person does, in one transaction: ``done`` or the code of the refusal."""
        try:
            with unit_of_work(self.engine) as session:
                act(session)
        except Problem as problem:
            return problem.code
        return "done"

    def two_people(self, kind: str, params: Mapping[str, Any]) -> str:
        """One asks; the same one is refused as the second; another confirms."""
        numbers: list[int] = []

        def ask(session: Session) -> None:
            wanted = acts.ask(
                session, kind, target=CAMPAIGN, by="setup", at=clock.now(), settings=self.settings, params=params
            )
            numbers.append(wanted.number)

        def confirmed(by: str) -> str:
            at, number = clock.now(), numbers[0]
            return self.clerk(lambda session: acts.confirm(session, number, by=by, at=at, settings=self.settings))

        said = self.clerk(ask)
        if said != "done":
            return said
        assert confirmed("setup") == "act_same_person"
        return confirmed("release")

    def backup(self) -> str:
        """Keep a copy; the one before is thrown away."""
        if self.base.server is None:
            self._kept = Path(self.place).with_suffix(".backup")
            with closing(sqlite3.connect(self.place)) as source, closing(sqlite3.connect(self._kept)) as target:
                source.backup(target)
            return "done"
        before, self._kept = self._kept, None
        self._close()
        self._kept = self.base.copied(str(self.place))
        if before is not None:
            self.base.server.drop(str(before))
        self._enter()
        return "done"

    def restore(self, known: Iterable[uuid.UUID]) -> str:
        """Go back to the copy; ``known``: the sheets that it holds."""
        assert self._kept is not None
        self._close()
        if self.base.server is None:
            for end in ("-wal", "-shm"):
                Path(f"{self.place}{end}").unlink(missing_ok=True)
            shutil.copyfile(self._kept, self.place)
        else:
            self.base.server.drop(str(self.place))
            self.place = self.base.copied(str(self._kept))
        self._sealed = {id_: self._sealed[id_] for id_ in known}
        self._receipts = {id_: self._receipts[id_] for id_ in known}
        self._enter()
        return "done"

    def books(self) -> Books:
        """What the database holds; fails where sheets, entries, receipts or earlier readings do not agree."""
        with self.engine.connect().execution_options(pingyi_read_only=True) as connection:

            def rows(query: str) -> list[Any]:
                return list(connection.execute(text(query)))

            sheets = rows("SELECT id, batch_no, sealed FROM intake_sheets")
            self._compare(sheets, rows("SELECT body, digest FROM ledger_entries WHERE event = 'ballots:cast'"))
            cells = "SELECT no, (SELECT coalesce(sum(done), 0) FROM ticket_counters c WHERE"
            cells += " c.stratum_no = b.stratum_no AND c.point_no = b.point_no) FROM ticket_batches b"
            return Books(
                state=rows("SELECT state FROM campaigns")[0][0],
                tickets={row[0]: row[1] for row in rows("SELECT serial, state FROM tickets")},
                sheets={uuid.UUID(str(id_)): batch for id_, batch, _ in sheets},
                done={no: int(done) for no, done in rows(cells) if done},
                box=sorted((row[0], bool(row[1])) for row in rows("SELECT answers, set_aside FROM ballots")),
                members={uuid.UUID(str(row[0])) for row in rows("SELECT id FROM mix_members")},
            )

    def _compare(self, sheets: list[Any], entries: list[Any]) -> None:
        found = {uuid.UUID(str(id_)): hashlib.sha256(bytes(sealed)).hexdigest() for id_, _, sealed in sheets}
        for id_, sheet in found.items():
            assert self._sealed.setdefault(id_, sheet) == sheet, "a sealed sheet changed"
        told = {}
        for body, digest in entries:
            said = json.loads(bytes(body))
            assert hashlib.sha256(bytes(body)).hexdigest() == digest
            ballot = uuid.UUID(said["ballot"])
            told[ballot] = said["sheet"]
            assert self._receipts[ballot] == receipt_of(digest), "the receipt is that of another entry"
        assert told == found, "the ledger names other sheets than those that are stored"
        assert len(told) == len(entries)
