"""A campaign that is cast, closed, sealed and counted while an attacker with the server's rights looks on.

Beside it, in the same database and at the same moments, a naive box is filled: the ticket spent and the ballot stored
in clear by one transaction each. Whoever cannot link that one would find nothing anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from survey_models.ballots.tables import Channel
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.ledger.sequencer import SLICE, integrate
from survey_models.tickets import codes
from survey_models.tickets.service import IssuedCode
from tests.poll import Poll, Shape, open_poll
from tests.sealed import count

CAMPAIGN, UNITS, ZONE = "poll", 16, "Asia/Shanghai"
# Few on the first day, a rush on the second, almost nobody on the third, a last reminder at the end.
DAYS = (0.03, 0.47, 0.01, 0.29, 0.2)


@dataclass(frozen=True)
class Plan:
    """``cells``: sheets by phone and at the test point that come back, by cell. ``issued``: tickets of each cell."""

    cells: Sequence[tuple[int, int]]
    issued: int
    points: bool

    @property
    def number(self) -> int:
        """How many sheets come back."""
        return sum(map(sum, self.cells))


FULL = Plan(
    ((310, 60), (220, 0), (150, 4), (90, 75), (260, 110), (55, 0), (400, 7), (189, 70)), issued=460, points=True
)
SHORT = Plan(((70, 0), (90, 3), (60, 50), (75, 52)), issued=150, points=False)


@dataclass
class Person:
    """Somebody who answers, at the campaign's door and at the naive one."""

    code: IssuedCode
    channel: str
    day: int
    id: uuid.UUID
    answers: str = field(repr=False)
    digest: str
    plain_digest: str
    plain_answers: str = field(repr=False)
    plain_id: str
    receipt: str = ""


@dataclass(frozen=True)
class Backup:
    """What a backup at the end of a day holds: spent tickets and ballots in clear, of both doors."""

    spent: set[str]
    ballots: set[str]


@dataclass(frozen=True)
class Run:
    """What is left when all is counted. ``people`` in the order in which they cast."""

    poll: Poll
    people: list[Person]
    backups: list[Backup]
    lines: list[str]
    file: bytes
    wal: bytes


@contextlib.contextmanager
def played(url: str, folder: Path, plan: Plan, *, seed: int = 1) -> Iterator[Run]:
    """Play a campaign to its end on the empty, migrated database ``url``; the application is still there inside."""
    shape = Shape(
        n_units=UNITS, per_cell=plan.issued, reserve=0, points=plan.points, key_on_server=False, cell_tickets=50
    )
    log = folder / "application.log"
    with (
        log.open("w+", encoding="utf-8") as out,
        contextlib.redirect_stderr(out),
        open_poll(url, folder, shape, log_level="debug") as poll,
        _log_held(url) as file,
    ):
        people = _people(poll, plan, random.Random(seed))
        backups, lines = _play(poll, people, random.Random(seed), folder)
        out.flush()
        lines += log.read_text(encoding="utf-8").splitlines()
        wal = Path(f"{_file(url)}-wal").read_bytes() if file else b""
        yield Run(poll, people, backups, lines, file, wal)


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


@contextlib.contextmanager
def _log_held(url: str) -> Iterator[bytes]:
    """Keep SQLite's log from beginning anew, as any reader with the server's rights can: nothing in it is lost."""
    if not url.startswith("sqlite"):
        yield b""
        return
    reader = sqlite3.connect(_file(url), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM tickets").fetchone()
    yield Path(_file(url)).read_bytes()
    reader.execute("ROLLBACK")
    reader.close()


def _people(poll: Poll, plan: Plan, chance: random.Random) -> list[Person]:
    by_cell: dict[tuple[int, int], list[IssuedCode]] = {}
    for code in poll.live:
        by_cell.setdefault((code.stratum_no, code.point_no), []).append(code)
    found = []
    for number, (cell, (phone, point)) in enumerate(zip(sorted(by_cell), plan.cells, strict=True)):
        # Every cell has its own rush.
        days = DAYS[number % 2 :] + DAYS[: number % 2]
        for place, code in enumerate(chance.sample(by_cell[cell], phone + point)):
            channel = Channel.PHONE if place < phone else Channel.POINT
            day = chance.choices(range(len(DAYS)), days)[0] if channel is Channel.PHONE else 1 + number % 2
            found.append(_person(poll, code, channel.value, day, chance))
    chance.shuffle(found)
    # A test point's people come one after the other, everybody else as they like.
    return sorted(found, key=lambda person: (person.day, person.channel == "point" and person.code.stratum_no))


def _person(poll: Poll, code: IssuedCode, channel: str, day: int, chance: random.Random) -> Person:
    digest = codes.digest(code.code, campaign_id=CAMPAIGN, pepper=poll.app.state.pepper)
    return Person(
        code=code,
        channel=channel,
        day=day,
        id=uuid.UUID(int=chance.getrandbits(128), version=4),
        answers=_answers(chance),
        digest=digest.hex(),
        plain_digest=hashlib.sha256(digest).hexdigest(),
        plain_answers=_answers(chance),
        plain_id=uuid.UUID(int=chance.getrandbits(128), version=4).hex,
    )


def _answers(chance: random.Random) -> str:
    return "".join(chance.choices("1230", [5, 3, 1, 1], k=UNITS)) + chance.choice("1234") + chance.choice("12-")


def _play(poll: Poll, people: list[Person], chance: random.Random, folder: Path) -> tuple[list[Backup], list[str]]:
    _make_naive(poll, people)
    began = clock.now()
    backups, lines = [_back_up(poll, folder)], list[str]()
    for day in range(len(DAYS)):
        at = began + timedelta(days=day)
        with clock.frozen(at):
            asyncio.run(_cast(poll, [person for person in people if person.day == day], chance, lines))
            _grow(poll, at)
        backups.append(_back_up(poll, folder))
    at = began + timedelta(days=len(DAYS))
    with clock.frozen(at):
        with poll.work() as session:
            campaigns.close(session, CAMPAIGN, by="setup", at=at)
        _grow(poll, at)
        with poll.work() as session:
            count(session, CAMPAIGN, at=at)
        _grow(poll, at)
    return [*backups, _back_up(poll, folder)], lines


def _make_naive(poll: Poll, people: list[Person]) -> None:
    with poll.engine.begin() as connection:
        connection.execute(text("CREATE TABLE plain_tickets (digest TEXT PRIMARY KEY, state TEXT)"))
        made = "CREATE TABLE plain_ballots (id TEXT PRIMARY KEY, stratum INT, point INT, channel TEXT, answers TEXT)"
        connection.execute(text(made))
        rows = [{"digest": person.plain_digest} for person in people]
        connection.execute(text("INSERT INTO plain_tickets VALUES (:digest, 'live')"), sorted(rows, key=str))


async def _cast(poll: Poll, people: Sequence[Person], chance: random.Random, lines: list[str]) -> None:
    """Mostly one at a time, as at a quiet hour, where every commit holds one sheet; now and then a few at once."""
    start = 0
    while start < len(people):
        size = 1 if chance.random() < 0.8 else chance.randint(2, 6)
        group = people[start : start + size]
        await asyncio.gather(*(_cast_one(poll, person, lines) for person in group))
        for person in group:
            _cast_naively(poll, person)
        start += size


async def _cast_one(poll: Poll, person: Person, lines: list[str]) -> None:
    if person.channel == Channel.POINT:
        sheet = {"campaign_id": CAMPAIGN, "ballot_id": person.id, "code": person.code.code, "answers": person.answers}
        person.receipt = (await poll.app.state.door.post(**sheet, channel=Channel.POINT)).code
        return
    body = {"id": str(person.id), "code": person.code.code, "answers": person.answers, "more": {}, "channel": "phone"}
    async with poll.client() as client:
        answer = await client.post(f"/api/campaigns/{CAMPAIGN}/ballots", json=body)
    person.receipt = answer.raise_for_status().json()["receipt"]
    # As a proxy in front of the server would write it down.
    request = answer.request
    lines.append(f"{clock.now()} {request.method} {request.url} {answer.status_code} {len(answer.content)}")


def _cast_naively(poll: Poll, person: Person) -> None:
    with poll.engine.begin() as connection:
        spend = "UPDATE plain_tickets SET state = 'spent' WHERE digest = :digest"
        connection.execute(text(spend), {"digest": person.plain_digest})
        row = {"id": person.plain_id, "stratum": person.code.stratum_no, "point": person.code.point_no}
        store = text("INSERT INTO plain_ballots VALUES (:id, :stratum, :point, :channel, :answers)")
        connection.execute(store, {**row, "channel": person.channel, "answers": person.plain_answers})


def _grow(poll: Poll, at: datetime) -> None:
    """The ledger's tree, as the sequencer lets it grow at the end of a day."""
    done, today = SLICE, clock.local_day(at, ZONE)
    while done == SLICE:
        with poll.work() as session:
            done = integrate(session, CAMPAIGN, signer=poll.app.state.signer, host="127.0.0.1:8000", at=at, today=today)


_HELD = {
    "spent": (
        "SELECT digest FROM tickets WHERE state = 'spent'",
        "SELECT digest FROM plain_tickets WHERE state = 'spent'",
    ),
    "ballots": ("SELECT id FROM ballots", "SELECT id FROM plain_ballots"),
}


def _back_up(poll: Poll, folder: Path) -> Backup:
    """SQLite: a copy of the file by the database's own backup, read again. PostgreSQL: what a dump would hold."""
    if poll.engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(folder / "backup.sqlite3")) as copy:
            with contextlib.closing(sqlite3.connect(_file(poll.settings.database))) as source:
                source.backup(copy)
            return _held(lambda query: [row[0] for row in copy.execute(query)])
    with poll.engine.connect() as connection:
        return _held(lambda query: list(connection.scalars(text(query))))


def _held(ask: Callable[[str], list[object]]) -> Backup:
    return Backup(**{name: {_name(v) for query in queries for v in ask(query)} for name, queries in _HELD.items()})


def _name(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value).replace("-", "")
