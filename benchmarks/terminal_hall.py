"""A hall that comes back (恢复供网): hundreds of terminals reconnect within a minute, each with what it kept."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from sqlalchemy import func, select

from api.db import unit_of_work
from benchmarks.proofs_server import served
from benchmarks.proofs_town import Town
from survey_models.accounts.rules import token_digest
from survey_models.core import clock
from survey_models.core.ids import new_id, new_secret
from survey_models.devices.tables import Device
from survey_models.ratings.tables import AsideRating, DeviceTap, Rating
from survey_models.units.tables import Window
from tests.terminal import Terminal

WITHIN = 60.0
MOST = 500
_TRIES = 40


@dataclass
class Hall:
    """What came of it. ``seconds``: of each terminal, from its first request to the acknowledgement of its last tap."""

    terminals: int
    taps: int
    seconds: list[float] = field(default_factory=list)
    again: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Nineteen of twenty are done after this."""
        return sorted(self.seconds)[max(0, -(-len(self.seconds) * 95 // 100) - 1)]


def furnish(town: Town, *, terminals: int, taps: int) -> list[Terminal]:
    """A window for each terminal, paired, with taps that wait."""
    made = []
    engine = town.engine()
    with unit_of_work(engine) as session:
        for number in range(terminals):
            window = f"hall-{number:03}"
            session.add(
                Window(
                    id=window,
                    unit_code=None,
                    number=str(number),
                    name=window,
                    hall="大厅",
                    business="综合",
                    made_up=True,
                )
            )
            session.flush()
            terminal = Terminal(device=str(new_id()), window=window, token=new_secret())
            session.add(_device(terminal))
            for _ in range(taps):
                terminal.tap(random.choice("54321"))
            made.append(terminal)
    engine.dispose()
    return made


def _device(terminal: Terminal) -> Device:
    return Device(
        id=uuid.UUID(terminal.device),
        window_id=terminal.window,
        token_digest=token_digest(terminal.token),
        paired_at=clock.now(),
        revoked_at=None,
        paused_at=None,
        public_key=terminal.public_key,
    )


async def _come_back(client: httpx.AsyncClient, terminal: Terminal, hall: Hall, delay: float) -> None:
    await asyncio.sleep(delay)
    begun = time.perf_counter()
    for path in ("/api/devices/me", "/api/terminal"):
        await _asked(client, terminal, hall, path)
    for first in range(1, len(terminal.taps) + 1, MOST):
        batch = terminal.batch(first, first + MOST - 1)
        answer = await _asked(client, terminal, hall, "/api/ratings", batch)
        told = [row["status"] for row in answer.json()["results"]]
        if set(told) - {"stored", "duplicate"}:
            hall.faults.append(f"{terminal.window}: {sorted(set(told))}")
    hall.seconds.append(time.perf_counter() - begun)


async def _asked(
    client: httpx.AsyncClient, terminal: Terminal, hall: Hall, path: str, body: object = None
) -> httpx.Response:
    """Ask until it is answered, waiting as the terminal does: 2 s, 4 s, 8 s, with a fifth of chance."""
    for no in range(_TRIES):
        try:
            method = "GET" if body is None else "POST"
            answer = await client.request(method, path, json=body, headers=terminal.headers)
            if answer.is_success:
                return answer
        except httpx.TransportError:
            pass
        hall.again += 1
        await asyncio.sleep(min(300, 2 * 2**no) * random.uniform(0.8, 1.2))
    raise AssertionError(path)


async def _all(port: int, terminals: Sequence[Terminal], hall: Hall, within: float) -> None:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=60) as client:
        delays = [random.uniform(0, within) for _ in terminals]
        await asyncio.gather(*(_come_back(client, *pair) for pair in _with(terminals, hall, delays)))


def _with(terminals: Sequence[Terminal], hall: Hall, delays: Sequence[float]) -> list[tuple[Terminal, Hall, float]]:
    return [(terminal, hall, delay) for terminal, delay in zip(terminals, delays, strict=True)]


def prove(town: Town, *, terminals: int, taps: int, within: float = WITHIN, unsafe: bool = False) -> Hall:
    """All come back; then the database must hold every tap once."""
    hall = Hall(terminals, taps)
    made = furnish(town, terminals=terminals, taps=taps)
    with served(town, allow_unsafe_database=unsafe) as server:
        asyncio.run(_all(server.port, made, hall, within))
    engine = town.engine()
    with unit_of_work(engine) as session:
        tables = (Rating, DeviceTap, AsideRating)
        found = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    engine.dispose()
    if found != [terminals * taps, terminals * taps, 0]:
        hall.faults.append(f"ratings, numbers, aside: {found}")
    return hall
