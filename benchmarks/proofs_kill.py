"""`make proofs-kill`: the server, or the database under it, is killed while sheets come in (kill -9).

Life after life a crowd sends sheets, retries what was broken off, sends again what was acknowledged, and tries second
sheets with spent tickets; the ledger's tree grows beside it. After every kill the books are compared: what was
acknowledged is stored, once; spent tickets, sealed sheets, counters and ledger entries are equal; the tree, grown to
its end, has the root that its head says.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from api.migrate import upgrade
from benchmarks.proofs_cluster import Cluster, cluster
from benchmarks.proofs_crowd import Crowd, crowd_of
from benchmarks.proofs_server import Served, served
from benchmarks.proofs_town import Town, audit, furnish

SQLITE_KILLS, POSTGRES_KILLS = 200, 25
CONNECTIONS, MOST_IN_A_LIFE = 16, 120
RECOVERY = 10.0


@dataclass
class Deaths:
    """What a series of kills has shown."""

    name: str
    kills: Counter[str] = field(default_factory=Counter)
    acked: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds from the moment in which a killed database answers again to the next acknowledgement."""

    def finish(self, crowd: Crowd, town: Town) -> Deaths:
        """The last look, when everybody has been told."""
        self.acked, self.counts = len(crowd.receipts), crowd.counts
        self.faults += crowd.all_told() + audit(town, crowd.receipts, crowd.sent)
        if crowd.sent != crowd.receipts.keys():
            self.faults.append(f"{len(crowd.sent)} sent, {len(crowd.receipts)} acknowledged")
        return self

    def lines(self) -> list[str]:
        """What is printed."""
        kills = ", ".join(f"{kind} {number}" for kind, number in sorted(self.kills.items()))
        counts = ", ".join(f"{kind} {number}" for kind, number in sorted(self.counts.items()))
        return [f"{self.name}: killed {kills}; {self.acked} ballots; {counts}", *self.faults[:10]]


async def until(crowd: Crowd, port: int, more: int, then: Callable[[], None]) -> None:
    """Let the crowd send; do ``then`` in another thread once ``more`` sheets are acknowledged; wait for its end."""
    sending = asyncio.create_task(crowd.send(port, connections=CONNECTIONS))
    await crowd.until_told(more, sending)
    await asyncio.to_thread(then)
    await sending


def sqlite_kills(town: Town, *, kills: int, seed: int = 1) -> Deaths:
    """Kill the server beside an SQLite file, its writer, or both, so many times."""
    chance = random.Random(seed)
    deaths = Deaths("SQLite")
    crowd = crowd_of(town.sheets, seed=seed)
    for _, which in zip(range(kills), cycle(("both", "server", "writer")), strict=False):
        with served(town) as server:

            def kill(server: Served = server, which: str = which) -> None:
                time.sleep(chance.random() * 0.02)
                server.kill(which)

            asyncio.run(until(crowd, server.port, chance.randint(1, MOST_IN_A_LIFE), kill))
        deaths.kills[which] += 1
        deaths.faults += audit(town, crowd.receipts, crowd.sent)
    crowd.only_the_untold()
    with served(town) as server:
        asyncio.run(crowd.send(server.port, connections=CONNECTIONS))
        server.stop()
    return deaths.finish(crowd, town)


def postgres_kills(town: Town, database: Cluster, *, kinds: list[str], seed: int = 1) -> Deaths:
    """Kill backends, the postmaster with all its processes, or the server beside them, in the order of ``kinds``."""
    chance = random.Random(seed)
    deaths = Deaths("PostgreSQL")
    crowd = crowd_of(town.sheets, seed=seed)
    with ExitStack() as stack:
        server = stack.enter_context(served(town))
        for kind in kinds:
            more = chance.randint(1, MOST_IN_A_LIFE)
            if kind == "server":
                asyncio.run(until(crowd, server.port, more, server.kill))
                stack.close()
                server = stack.enter_context(served(town))
            else:
                recovery = asyncio.run(until_it_is_back(crowd, server, more, DATABASE_DEATHS[kind], database))
                deaths.slowest = max(deaths.slowest, recovery)
            deaths.kills[kind] += 1
            deaths.faults += audit(town, crowd.receipts, crowd.sent)
        crowd.only_the_untold()
        asyncio.run(crowd.send(server.port, connections=CONNECTIONS))
        server.stop()
    return deaths.finish(crowd, town)


def _kill_backends(database: Cluster) -> None:
    if not database.kill_backends():
        raise RuntimeError("there was no backend to kill")
    database.await_answer()


def _kill_postmaster(database: Cluster) -> None:
    database.kill()
    database.start()


DATABASE_DEATHS = {"backends": _kill_backends, "postmaster": _kill_postmaster}


async def until_it_is_back(
    crowd: Crowd, server: Served, more: int, hit: Callable[[Cluster], None], database: Cluster
) -> float:
    """Let the crowd send through the accident until sheets are acknowledged again.

    Gives the seconds from when ``hit`` ends, the database answering again, to then. Raises TimeoutError.
    """
    sending = asyncio.create_task(crowd.send(server.port, connections=CONNECTIONS))
    await crowd.until_told(more, sending)
    await asyncio.to_thread(hit, database)
    begun = time.monotonic()
    if not await crowd.until_told(1, sending):
        raise TimeoutError("no sheet was acknowledged after the accident")
    seconds = time.monotonic() - begun
    crowd.paused = True
    await sending
    return seconds


@contextmanager
def sqlite_town(*, tickets: int) -> Iterator[Town]:
    """A town on a fresh SQLite file."""
    with tempfile.TemporaryDirectory(prefix="pingyi-kill-") as name:
        url = f"sqlite:///{name}/town.sqlite3"
        upgrade(url)
        yield furnish(url, Path(name), tickets=tickets)


@contextmanager
def postgres_town(*, tickets: int) -> Iterator[tuple[Town, Cluster]]:
    """A town on a server of its own that flushes what it commits."""
    with cluster() as database, tempfile.TemporaryDirectory(prefix="pingyi-kill-") as name:
        upgrade(database.url)
        yield furnish(database.url, Path(name), tickets=tickets), database


def tickets_for(kills: int) -> int:
    """Enough that nobody stands idle before the last kill."""
    return kills * (MOST_IN_A_LIFE // 2 + 60) + 4 * MOST_IN_A_LIFE


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sqlite", type=int, default=SQLITE_KILLS)
    parser.add_argument("--postgres", type=int, default=POSTGRES_KILLS)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    found: list[Deaths] = []
    if arguments.sqlite:
        with sqlite_town(tickets=tickets_for(arguments.sqlite)) as town:
            found.append(sqlite_kills(town, kills=arguments.sqlite))
        print("\n".join(found[-1].lines()), flush=True)
    if arguments.postgres:
        round_ = ("backends", "postmaster", "backends", "postmaster", "server")
        kinds = [round_[number % len(round_)] for number in range(arguments.postgres)]
        with postgres_town(tickets=tickets_for(2 * arguments.postgres)) as (town, database):
            found.append(postgres_kills(town, database, kinds=kinds))
        print("\n".join(found[-1].lines()), flush=True)
    print(f"{'database':<12}{'kills':>7}{'ballots':>9}{'faults':>8}{'limit':>7}{'recovery s':>12}")
    for deaths in found:
        kills = sum(deaths.kills.values())
        print(f"{deaths.name:<12}{kills:>7}{deaths.acked:>9}{len(deaths.faults):>8}{0:>7}{deaths.slowest:>12.1f}")
    print(f"{time.perf_counter() - begun:.0f} s")
    return 1 if any(deaths.faults or deaths.slowest > RECOVERY for deaths in found) else 0


if __name__ == "__main__":
    sys.exit(main())
