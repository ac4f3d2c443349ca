"""`make proofs-replay`: the same request many times, answers that never arrive, ballot ids of other people.

One to five copies of every request go out from eight clients at once; a proxy takes answers after the commit and
breaks the connection instead of passing them on; thieves send a neighbour's ballot id with a fresh ticket of their own,
before, after and at the same time as the neighbour.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Engine, TextClause, text

from benchmarks.proofs_crowd import PASSING, Answer, Crowd, Wire, crowd_of
from benchmarks.proofs_kill import postgres_town, sqlite_town
from benchmarks.proofs_server import Served, served
from benchmarks.proofs_town import CAMPAIGN, Sheet, Town, audit
from survey_models.tickets import codes

BALLOTS, POSTGRES_BALLOTS, CUTS, THEFTS = 100_000, 10_000, 1_000, 1_000
CLIENTS, WIRES, MOST_COPIES, AT_ONCE = 8, 4, 5, 16


@dataclass
class Outcome:
    """What one part has shown."""

    name: str
    number: int
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def expect(self, *, true: bool, what: str) -> None:
        """Count something that must be so."""
        self.counts["looked at"] += 1
        if not true:
            self.faults.append(what)


async def _client(port: int, waiting: deque[Sheet], crowd: Crowd) -> None:
    wire = await Wire.open(port)
    while waiting:
        sheet = waiting.popleft()
        crowd.sent.add(sheet.id)
        answer = await wire.ask(sheet.body())
        crowd.heard(sheet, answer)
        if answer.status in PASSING:
            waiting.append(sheet)
            await asyncio.sleep(0.05)
    wire.close()


def copies(server: Served, sheets: Sequence[Sheet], *, seed: int = 1) -> Outcome:
    """Every request one to five times, its copies at once from different clients of four connections each."""
    chance = random.Random(f"copies {seed}")
    clients: list[deque[Sheet]] = [deque() for _ in range(CLIENTS)]
    for sheet in sheets:
        for number in chance.sample(range(CLIENTS), k=chance.randint(1, MOST_COPIES)):
            clients[number].append(sheet)
    crowd, found = crowd_of([]), Outcome("same request 1-5 times from 8 clients", len(sheets))

    async def all_clients(port: int) -> None:
        await asyncio.gather(*(_client(port, waiting, crowd) for waiting in clients for _ in range(WIRES)))

    begun = time.perf_counter()
    asyncio.run(all_clients(server.port))
    found.seconds = time.perf_counter() - begun
    found.counts += crowd.counts
    found.faults += crowd.all_told()
    if len(crowd.receipts) != len(sheets):
        found.faults.append(f"{len(sheets)} sheets, {len(crowd.receipts)} receipts")
    return found


class Proxy:
    """Passes requests on, waits for the whole answer, and breaks the connection instead of giving it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.swallowed: dict[uuid.UUID, Answer] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection with one request."""
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        wire = await Wire.open(self._port)
        answer = await wire.ask(body)
        wire.close()
        if answer.status not in PASSING:
            self.swallowed[uuid.UUID(answer.body["ballot_id"])] = answer
        writer.transport.abort()


async def _cut_one(port: int, proxy_port: int, proxy: Proxy, sheet: Sheet, found: Outcome) -> None:
    while sheet.id not in proxy.swallowed:
        through = await Wire.open(proxy_port)
        try:
            await through.ask(sheet.body())
            found.faults.append("the proxy let an answer pass")
        except (OSError, EOFError):
            found.counts["cut"] += 1
        finally:
            through.close()
    first = proxy.swallowed[sheet.id]
    wire = await Wire.open(port)
    again = await wire.ask(sheet.body())
    wire.close()
    found.expect(true=again.status == 200, what=f"the retry got {again.status}")
    same = [again.body.get(name) == first.body.get(name) for name in ("receipt", "ballot_id")]
    found.expect(true=all(same), what="the retry got another receipt")
    entries = [answer.body["promise"]["entry"] for answer in (first, again)]
    found.expect(true=entries[0] == entries[1], what="the retry got a promise of another entry")


def cut_after_commit(server: Served, sheets: Sequence[Sheet]) -> Outcome:
    """Take the answer away after the commit, and send the same sheet again."""
    found = Outcome("connection cut after commit", len(sheets))

    async def all_cuts(port: int) -> None:
        proxy = Proxy(port)
        listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        proxy_port = listening.sockets[0].getsockname()[1]
        waiting = deque(sheets)

        async def one() -> None:
            while waiting:
                await _cut_one(port, proxy_port, proxy, waiting.popleft(), found)

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        listening.close()
        await listening.wait_closed()

    begun = time.perf_counter()
    asyncio.run(all_cuts(server.port))
    found.seconds = time.perf_counter() - begun
    return found


def thefts(server: Served, town: Town, pairs: Sequence[tuple[Sheet, Sheet]]) -> Outcome:
    """A neighbour's ballot id with a fresh ticket of one's own: after the neighbour, and in the same moment."""
    found = Outcome("ballot id of another person", len(pairs))

    async def all_thefts(port: int, book: _Book) -> None:
        wires = [await Wire.open(port) for _ in range(2)]
        for number, (owner, thief) in enumerate(pairs):
            await (_theft_after if number % 2 else _theft_at_once)(book, wires, owner, thief, found)
        for wire in wires:
            wire.close()

    begun = time.perf_counter()
    engine = town.engine()
    asyncio.run(all_thefts(server.port, _Book(engine, town.pepper)))
    engine.dispose()
    found.seconds = time.perf_counter() - begun
    return found


@dataclass(frozen=True)
class _Book:
    """What the database says of one ballot and one ticket."""

    engine: Engine
    pepper: bytes = field(repr=False)

    def sealed(self, sheet: Sheet) -> bytes:
        query = text("SELECT sealed FROM intake_sheets WHERE campaign_id = :campaign AND id = :id")
        name = sheet.id.hex if self.engine.dialect.name == "sqlite" else sheet.id
        return bytes(self._one(query, {"campaign": CAMPAIGN, "id": name}))

    def state(self, sheet: Sheet) -> str:
        query = text("SELECT state FROM tickets WHERE campaign_id = :campaign AND digest = :digest")
        digest = codes.digest(sheet.code, campaign_id=CAMPAIGN, pepper=self.pepper)
        return str(self._one(query, {"campaign": CAMPAIGN, "digest": digest}))

    def _one(self, query: TextClause, values: dict[str, object]) -> Any:
        with self.engine.connect().execution_options(pingyi_read_only=True) as connection:
            return connection.execute(query, values).scalar_one()


async def _theft_after(book: _Book, wires: list[Wire], owner: Sheet, thief: Sheet, found: Outcome) -> None:
    first = await wires[0].ask(owner.body())
    found.expect(true=first.status == 201, what=f"the owner got {first.status}")
    before = book.sealed(owner)
    _expect_refusal(await wires[1].ask(replace(thief, id=owner.id).body()), found)
    found.expect(true=book.sealed(owner) == before, what="the refusal changed the ballot")
    found.expect(true=book.state(thief) == "live", what="the refusal spent the ticket")
    await _own_way(wires[1], thief, found)


async def _theft_at_once(book: _Book, wires: list[Wire], owner: Sheet, thief: Sheet, found: Outcome) -> None:
    """Whoever is first has the id; the other keeps the ticket whole."""
    both = await asyncio.gather(wires[0].ask(owner.body()), wires[1].ask(replace(thief, id=owner.id).body()))
    found.expect(true=sorted(answer.status for answer in both) == [201, 409], what="not one and one at the same moment")
    loser, at = (thief, 1) if both[0].status == 201 else (owner, 0)
    _expect_refusal(both[at], found)
    found.expect(true=book.state(loser) == "live", what="the refusal spent the ticket")
    await _own_way(wires[at], replace(loser, id=thief.id), found)


def _expect_refusal(answer: Answer, found: Outcome) -> None:
    said = answer.status, answer.body.get("code")
    found.expect(true=said == (409, "ballot_id_taken"), what=f"the thief got {said}")


async def _own_way(wire: Wire, sheet: Sheet, found: Outcome) -> None:
    answer = await wire.ask(sheet.body())
    found.expect(true=answer.status == 201, what=f"with an id of its own the ticket got {answer.status}")


def prove(town: Town, *, ballots: int, cut: int, stolen: int) -> list[Outcome]:
    """All three parts on one town, and the books at the end."""
    sheets = town.sheets
    if len(sheets) < ballots + cut + 2 * stolen:
        raise ValueError("not enough tickets")
    rest = sheets[ballots + cut :]
    pairs = [(rest[2 * number], rest[2 * number + 1]) for number in range(stolen)]
    with served(town) as server:
        found = [
            copies(server, sheets[:ballots]),
            cut_after_commit(server, sheets[ballots : ballots + cut]),
            thefts(server, town, pairs),
        ]
        server.stop()
    stored = {sheet.id for sheet in sheets[: ballots + cut + 2 * stolen]}
    found[0].faults += audit(town, {}, stored) + _missing(town, stored)
    return found


def _missing(town: Town, stored: set[uuid.UUID]) -> list[str]:
    engine = town.engine()
    with engine.connect().execution_options(pingyi_read_only=True) as connection:
        number = connection.execute(text("SELECT count(*) FROM intake_sheets")).scalar_one()
    engine.dispose()
    return [] if number == len(stored) else [f"{number} stored, {len(stored)} distinct ids"]


@contextmanager
def _postgres(*, tickets: int) -> Iterator[Town]:
    with postgres_town(tickets=tickets) as (town, _):
        yield town


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    parser.add_argument("--postgres", type=int, default=POSTGRES_BALLOTS)
    parser.add_argument("--cuts", type=int, default=CUTS)
    parser.add_argument("--thefts", type=int, default=THEFTS)
    arguments = parser.parse_args()
    missed = False
    runs = (("SQLite", arguments.ballots, sqlite_town), ("PostgreSQL", arguments.postgres, _postgres))
    for name, ballots, town_of in runs:
        if not ballots:
            continue
        with town_of(tickets=ballots + arguments.cuts + 2 * arguments.thefts) as town:
            found = prove(town, ballots=ballots, cut=arguments.cuts, stolen=arguments.thefts)
        for part in found:
            counts = ", ".join(f"{kind} {number}" for kind, number in sorted(part.counts.items()))
            print(f"{name}: {part.name}: {part.number} ballots, {part.seconds:.0f} s; {counts}")
            print(f"  wrong {len(part.faults)}, limit 0")
            print("\n".join(part.faults[:10]), end="\n" * bool(part.faults))
            missed = missed or bool(part.faults)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
