"""People who send sheets: at once, again after a broken connection, with a used ticket, with somebody else's ballot id.

They remember what they were told, and every answer is held against what they were told before.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.proofs_town import PATH, Sheet

PATIENCE = 120.0
PASSING = frozenset({503, 507})
"""Statuses that mean: not stored, or not certainly; the same again later."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: dict[str, Any]
    headers: str = ""


class Wire:
    """One connection that is kept. Raises OSError or EOFError when it breaks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Wire:
        """Connect to a server of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, body: bytes, path: str = PATH) -> Answer:
        """Send one POST of JSON and read its answer."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        self._writer.write(head.encode() + b"\r\n\r\n" + body)
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
            content = await self._reader.readexactly(length)
        return Answer(int(head[9:12]), json.loads(content), head)

    def close(self) -> None:
        """Let go of the connection."""
        self._writer.close()


@dataclass
class Crowd:
    """People and what they know. ``waiting``: who still wants to be told that the sheet is stored."""

    waiting: deque[Sheet]
    seed: int = 1
    again: float = 0.2
    """How many of the acknowledged send once more."""
    cheating: float = 0.05
    """How many of the acknowledged then try a second sheet, or their neighbour's ballot id."""
    receipts: dict[uuid.UUID, str] = field(default_factory=dict)
    paused: bool = False
    """Set to let everybody wait for the answer that is under way, and no more."""
    sent: set[uuid.UUID] = field(default_factory=set)
    stored: Counter[uuid.UUID] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"crowd {self.seed}")
        self._goal: tuple[Callable[[], bool], asyncio.Event] | None = None

    async def send(self, port: int, *, connections: int) -> None:
        """Send until nobody waits, until ``paused``, or until all connections are broken."""
        self.paused = False
        await asyncio.gather(*(self._one(port) for _ in range(connections)))

    async def _one(self, port: int) -> None:
        try:
            wire = await Wire.open(port)
        except OSError:
            self.counts["refused connections"] += 1
            return
        try:
            while self.waiting and not self.paused:
                await self._turn(wire)
        except (OSError, EOFError):
            self.counts["broken connections"] += 1
        finally:
            wire.close()

    async def _turn(self, wire: Wire) -> None:
        sheet = self.waiting.popleft()
        try:
            await self._hand_in(wire, sheet)
        except (OSError, EOFError):
            self.waiting.append(sheet)
            raise
        if self._chance.random() < self.cheating and sheet.id in self.receipts:
            await self._cheat(wire, sheet)

    async def _hand_in(self, wire: Wire, sheet: Sheet) -> None:
        self.sent.add(sheet.id)
        answer = await wire.ask(sheet.body())
        self.heard(sheet, answer)
        if answer.status in PASSING:
            self.waiting.append(sheet)
            await asyncio.sleep(0.05)
        elif self._chance.random() < self.again:
            self.waiting.append(sheet)

    def heard(self, sheet: Sheet, answer: Answer) -> None:
        """Take an answer in, and hold it against what was said before."""
        if answer.status in PASSING:
            self.counts[f"{answer.status} {answer.body['code']}"] += 1
            if "retry-after:" not in answer.headers:
                self.faults.append(f"{answer.status} without Retry-After")
            self._look()
            return
        if answer.status not in {200, 201}:
            self.faults.append(f"{answer.status} {answer.body.get('code')} for an honest sheet")
            return
        self.counts["stored" if answer.status == 201 else "replays"] += 1
        receipt = answer.body["receipt"]
        if self.receipts.setdefault(sheet.id, receipt) != receipt or answer.body["ballot_id"] != str(sheet.id):
            self.faults.append(f"another receipt for {sheet.id}")
        if answer.status == 201:
            self.stored[sheet.id] += 1
            if self.stored[sheet.id] > 1:
                self.faults.append(f"stored twice: {sheet.id}")
        self._look()

    async def _cheat(self, wire: Wire, sheet: Sheet) -> None:
        """A second sheet with a spent ticket; a spent ticket with the ballot id of a neighbour is a replay of it."""
        answer = await wire.ask(replace(sheet, id=uuid.UUID(int=self._chance.getrandbits(128), version=4)).body())
        self.counts[f"cheats: {answer.body.get('code')}"] += 1
        if answer.status not in PASSING and answer.body.get("code") != "ticket_used":
            self.faults.append(f"a second sheet got {answer.status} {answer.body.get('code')}")

    async def until_told(self, more: int, sending: asyncio.Task[None]) -> bool:
        """Wait until ``more`` sheets are acknowledged; False when ``sending`` ended before, or after a long time."""
        wanted = len(self.receipts) + more
        return await self._until(lambda: len(self.receipts) >= wanted, sending)

    async def until_refused(self, kind: str, number: int, sending: asyncio.Task[None]) -> bool:
        """Wait until so many answers of a kind (``507 storage_full``) have come; False as above."""
        wanted = self.counts[kind] + number
        return await self._until(lambda: self.counts[kind] >= wanted, sending)

    async def _until(self, condition: Callable[[], bool], sending: asyncio.Task[None]) -> bool:
        reached = asyncio.Event()
        self._goal = condition, reached
        waits = asyncio.create_task(reached.wait())
        await asyncio.wait({waits, sending}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        return reached.is_set()

    def _look(self) -> None:
        if self._goal and self._goal[0]():
            self._goal[1].set()

    def only_the_untold(self) -> None:
        """Who has not sent yet stays at home; who has and knows nothing keeps asking."""
        self.waiting = deque(sheet for sheet in self.waiting if sheet.id in self.sent - self.receipts.keys())

    def all_told(self) -> list[str]:
        """What is wrong once nobody waits."""
        untold = len(self.sent - self.receipts.keys())
        return self.faults + ([f"never acknowledged: {untold}"] if untold else [])


def crowd_of(sheets: Iterable[Sheet], **more: Any) -> Crowd:
    """A crowd that still has to send ``sheets``."""
    return Crowd(deque(sheets), **more)
