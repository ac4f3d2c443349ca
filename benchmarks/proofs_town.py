"""A campaign to prove with: its sheets as people send them, and the books that must agree after every accident."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from api.db import make_engine, unit_of_work
from api.keys import load_pepper, load_signer
from survey_models.ballots.intake import Cast
from survey_models.core import clock
from survey_models.ledger.merkle import leaf_hash, root_of
from survey_models.ledger.notes import open_note, origin_of, vkey_of
from survey_models.ledger.sequencer import SLICE, integrate
from survey_models.ledger.service import receipt_of
from survey_models.ledger.signing import Signer
from survey_models.ledger.tiles import leaf_data
from survey_models.tickets import codes
from tests.poll import Shape, open_poll

CAMPAIGN = "poll"
PATH = f"/api/campaigns/{CAMPAIGN}/ballots"
UNITS, CELLS = 8, 8
_NONE = "0" * 64
HOST, ZONE = "127.0.0.1:8000", "Asia/Shanghai"


@dataclass(frozen=True)
class Sheet:
    """What one person sends, however often."""

    id: uuid.UUID
    code: str
    answers: str

    def body(self) -> bytes:
        """The request's JSON."""
        sheet = {"id": str(self.id), "code": self.code, "answers": self.answers, "more": {}, "channel": "phone"}
        return json.dumps(sheet, separators=(",", ":")).encode()

    def cast(self, pepper: bytes) -> Cast:
        """As the door hands it to the writer."""
        digest = codes.digest(self.code, campaign_id=CAMPAIGN, pepper=pepper)
        return Cast(CAMPAIGN, self.id, digest, self.answers, {}, "phone")


@dataclass(frozen=True)
class Town:
    """An open campaign on one database; ``data`` holds its keys."""

    url: str
    data: Path
    sheets: list[Sheet]

    @property
    def pepper(self) -> bytes:
        """The key of the codes' digests."""
        return load_pepper(self.data)

    @property
    def signer(self) -> Signer:
        """The key of promises and heads."""
        return load_signer(self.data)

    def engine(self) -> Engine:
        """An engine of our own; whoever asks for it disposes of it."""
        return make_engine(self.url, allow_unsafe=True)


def furnish(url: str, data: Path, *, tickets: int, seed: int = 1, units: int = UNITS) -> Town:
    """Open a campaign with so many tickets in the empty, migrated database ``url``."""
    shape = Shape(n_units=units, per_cell=-(-tickets // CELLS), reserve=0)
    chance = random.Random(seed)
    with open_poll(url, data, shape, inline_sequencer=False) as poll:
        sheets = [_sheet(code.code, units, chance) for code in poll.live[:tickets]]
    return Town(url, data, sheets)


def _sheet(code: str, units: int, chance: random.Random) -> Sheet:
    answers = "".join(chance.choices("1230", k=units)) + "--"
    return Sheet(uuid.UUID(int=chance.getrandbits(128), version=4), code, answers)


@dataclass(frozen=True)
class Books:
    """What a database holds about the campaign. ``sheets``: SHA-256 of each sealed sheet, by ballot id."""

    sheets: Mapping[uuid.UUID, str]
    entries: list[tuple[uuid.UUID, str, str]]
    """Ballot id, sheet digest, and digest of the entry, of every cast in the ledger."""
    spent: int
    counted: int

    @property
    def ids(self) -> AbstractSet[uuid.UUID]:
        """The ids of the stored sheets."""
        return self.sheets.keys()

    def faults(self) -> list[str]:
        """What does not agree within these books; empty when all is well."""
        found = []
        numbers = {"stored": len(self.sheets), "spent": self.spent, "entries": len(self.entries)}
        numbers["counted"] = self.counted
        if len(set(numbers.values())) != 1:
            found.append(f"the books differ: {numbers}")
        twice = [str(id_) for id_, number in Counter(id_ for id_, _, _ in self.entries).items() if number > 1]
        if twice:
            found.append(f"entered twice: {twice[:3]}")
        if {id_: sheet for id_, sheet, _ in self.entries} != dict(self.sheets):
            found.append("the ledger names other sheets than those that are stored")
        return found

    def against(self, acked: Mapping[uuid.UUID, str], sent: AbstractSet[uuid.UUID]) -> list[str]:
        """What does not agree with the people: ``acked`` gives the receipt code of every acknowledged ballot id."""
        found = []
        lost = acked.keys() - self.ids
        if lost:
            found.append(f"acknowledged and lost: {len(lost)} of {len(acked)}")
        if self.ids - sent:
            found.append(f"stored and never sent: {len(self.ids - sent)}")
        receipts = {id_: receipt_of(digest) for id_, _, digest in self.entries}
        wrong = [id_ for id_, code in acked.items() if receipts.get(id_, code) != code]
        if wrong:
            found.append(f"receipts of other entries: {len(wrong)}")
        return found


def read_books(connection: Connection) -> Books:
    """The books, read in plain SQL inside the caller's transaction."""
    sheets = connection.execute(text("SELECT id, sealed FROM intake_sheets"))
    rows = connection.execute(text("SELECT body, digest FROM ledger_entries WHERE event = 'ballots:cast'"))
    entries = []
    for body, digest in rows:
        said = json.loads(bytes(body))
        whole = hashlib.sha256(bytes(body)).hexdigest()
        # An entry whose digest is not that of its body fits no receipt.
        entries.append((uuid.UUID(said["ballot"]), str(said["sheet"]), whole if whole == digest else _NONE))
    return Books(
        sheets={uuid.UUID(str(id_)): hashlib.sha256(bytes(sealed)).hexdigest() for id_, sealed in sheets},
        entries=entries,
        spent=_number(connection, "SELECT count(*) FROM tickets WHERE state = 'spent'"),
        counted=_number(connection, "SELECT coalesce(sum(done), 0) FROM ticket_counters"),
    )


def _number(connection: Connection, query: str) -> int:
    return int(connection.execute(text(query)).scalar_one())


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment, whoever writes beside it."""
    with engine.connect().execution_options(pingyi_read_only=True) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield connection


def audit(town: Town, acked: Mapping[uuid.UUID, str], sent: AbstractSet[uuid.UUID]) -> list[str]:
    """Everything that is wrong with the database after an accident: sheets, tickets, ledger, tree."""
    engine = town.engine()
    try:
        with snapshot(engine) as connection:
            books = read_books(connection)
            found = books.faults() + books.against(acked, sent)
            if engine.dialect.name == "sqlite":
                said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
                found += [] if said == "ok" else [f"the file is damaged: {said}"]
        return found + tree_faults(engine, town.signer, least=len(books.entries))
    finally:
        engine.dispose()


def tree_faults(engine: Engine, signer: Signer, *, least: int) -> list[str]:
    """Let the tree of the campaign grow to its end; what is wrong with it, reckoned anew from the entries' bodies."""
    at = clock.now()
    today, done = clock.local_day(at, ZONE), SLICE
    while done == SLICE:
        with unit_of_work(engine) as session:
            done = integrate(session, CAMPAIGN, signer=signer, host=HOST, at=at, today=today)
    with snapshot(engine) as connection:
        query = "SELECT seq, body FROM ledger_entries WHERE log = :log ORDER BY seq"
        rows = connection.execute(text(query), {"log": CAMPAIGN}).all()
        query = "SELECT size, root, note FROM ledger_heads WHERE log = :log ORDER BY size DESC LIMIT 1"
        size, root, note = connection.execute(text(query), {"log": CAMPAIGN}).one()
    found = []
    if [seq for seq, _ in rows] != list(range(size)) or size < least:
        found.append(f"places of the tree: {len(rows)} entries, head of {size}, at least {least} wanted")
    anew = root_of([leaf_hash(leaf_data(bytes(body))) for _, body in rows]).hex()
    head = open_note(note, vkey_of(origin_of(HOST, CAMPAIGN), signer.public))
    if not anew == root == head.root.hex():
        found.append(f"the root is {anew}, the head says {root}")
    return found
