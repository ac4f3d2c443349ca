"""`make proofs-faults`: a full disk, a database restarted under load, clocks that jump.

Whatever happens, a sheet is acknowledged only when it is stored, everything else is 503 or 507 with a time to come
back, people are served again within ten seconds of the end of the fault, and nothing is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.proofs_cluster import Cluster
from benchmarks.proofs_crowd import PASSING, Crowd, crowd_of
from benchmarks.proofs_kill import CONNECTIONS, postgres_town, sqlite_town, until_it_is_back
from benchmarks.proofs_server import Faults, Served, served, status_of
from benchmarks.proofs_town import CAMPAIGN, Town, audit, read_books, snapshot

RECOVERY, TICKETS, TIMES, IN_BETWEEN = 10.0, 6_000, 5, 100
HOUR, SERVER_ERROR = 3600.0, 500
ROUTES: dict[str, str | None] = {
    "/healthz": None,
    "/readyz": None,
    f"/b/{CAMPAIGN}": None,
    f"/ledger/{CAMPAIGN}/checkpoint": None,
    "/api/session": '{"name": "setup", "password": "not the right one"}',
}


@dataclass
class Fault:
    """What one kind of accident has shown. ``recovery``: the longest time until people were served again."""

    name: str
    crowd: Crowd
    recovery: float = 0.0
    times: int = 0
    faults: list[str] = field(default_factory=list)

    def look_elsewhere(self, server: Served) -> None:
        """No other address may answer 500 either."""
        for path, body in ROUTES.items():
            status = status_of(server.port, path, body)
            if status == 0 or (status >= SERVER_ERROR and status not in PASSING):
                self.faults.append(f"{path} answered {status}")

    def look_at_books(self, town: Town) -> None:
        """In the middle of it: what is acknowledged is stored."""
        engine = town.engine()
        acked = dict(self.crowd.receipts)
        with snapshot(engine) as connection:
            books = read_books(connection)
        engine.dispose()
        self.faults += books.faults() + books.against(acked, self.crowd.sent)

    def finish(self, town: Town) -> Fault:
        """The last look."""
        self.faults += self.crowd.all_told() + audit(town, self.crowd.receipts, self.crowd.sent)
        return self


async def _served_again(found: Fault, sending: asyncio.Task[None]) -> None:
    begun = time.monotonic()
    if not await found.crowd.until_told(1, sending):
        raise TimeoutError(f"{found.name}: no sheet was acknowledged after the end of the fault")
    found.recovery = max(found.recovery, time.monotonic() - begun)
    found.times += 1


async def _all_told(crowd: Crowd, sending: asyncio.Task[None], server: Served) -> None:
    """Let everybody finish the answer under way; then those who know nothing ask until they do."""
    crowd.paused = True
    await sending
    crowd.only_the_untold()
    await crowd.send(server.port, connections=CONNECTIONS)


def disk_full(town: Town, *, name: str, fill: Callable[[], None], room: Callable[[], None], server: Served) -> Fault:
    """Fill the disk while sheets come in, look, make room, and see whether the same server goes on."""
    found = Fault(name, crowd_of(town.sheets))

    async def run() -> None:
        sending = asyncio.create_task(found.crowd.send(server.port, connections=CONNECTIONS))
        await found.crowd.until_told(IN_BETWEEN, sending)
        await asyncio.to_thread(fill)
        if not await found.crowd.until_refused("507 storage_full", 3 * CONNECTIONS, sending):
            raise TimeoutError(f"{name}: the disk did not get full: {found.crowd.counts}")
        found.look_at_books(town)
        await asyncio.to_thread(found.look_elsewhere, server)
        await asyncio.to_thread(room)
        await _served_again(found, sending)
        await found.crowd.until_told(IN_BETWEEN, sending)
        await _all_told(found.crowd, sending, server)

    asyncio.run(run())
    server.stop()
    return found.finish(town)


def restarted_database(town: Town, database: Cluster, *, times: int) -> Fault:
    """Stop PostgreSQL as an administrator does and start it again, while sheets come in."""
    found = Fault("PostgreSQL restarted", crowd_of(town.sheets))
    with served(town) as server:

        def restart(stopping: Cluster) -> None:
            stopping.stop()
            found.look_elsewhere(server)
            stopping.start()

        for _ in range(times):
            recovery = asyncio.run(until_it_is_back(found.crowd, server, IN_BETWEEN, restart, database))
            found.recovery = max(found.recovery, recovery)
            found.times += 1
        found.crowd.only_the_untold()
        asyncio.run(found.crowd.send(server.port, connections=CONNECTIONS))
        server.stop()
    return found.finish(town)


def restarted_server(town: Town, *, times: int) -> Fault:
    """Ask the server beside an SQLite file to end, under load, and start another one; from asking to served again."""
    found = Fault("SQLite, server restarted", crowd_of(town.sheets))

    async def life(server: Served, asked: float | None) -> float:
        sending = asyncio.create_task(found.crowd.send(server.port, connections=CONNECTIONS))
        if asked is not None:
            await found.crowd.until_told(1, sending)
            found.recovery = max(found.recovery, time.monotonic() - asked)
            found.times += 1
        await found.crowd.until_told(IN_BETWEEN, sending)
        asked = time.monotonic()
        await asyncio.to_thread(server.stop)
        await sending
        return asked

    asked = None
    for _ in range(times + 1):
        with served(town) as server:
            asked = asyncio.run(life(server, asked))
    found.crowd.only_the_untold()
    with served(town) as server:
        asyncio.run(found.crowd.send(server.port, connections=CONNECTIONS))
        server.stop()
    return found.finish(town)


def jumps() -> dict[str, float]:
    """How far the clock is set, in seconds from now."""
    present = datetime.now(UTC)
    ends = {"1970": datetime(1970, 1, 1, 0, 1, tzinfo=UTC), "2038": datetime(2038, 1, 19, 3, 14, 9, tzinfo=UTC)}
    far = {name: (end - present).total_seconds() for name, end in ends.items()}
    return {"+1 h": HOUR, "-1 h": -HOUR, **far, "back": 0.0}


def clock_jumps(town: Town, **settings: Any) -> Fault:
    """Set the clock of a server while sheets come in; nobody is refused, nothing is late."""
    name = "PostgreSQL" if town.url.startswith("postgresql") else "SQLite"
    found = Fault(f"{name}, clock jumps", crowd_of(town.sheets))
    world = Faults()

    async def run(server: Served) -> None:
        sending = asyncio.create_task(found.crowd.send(server.port, connections=CONNECTIONS))
        for seconds in jumps().values():
            await found.crowd.until_told(IN_BETWEEN, sending)
            world.set_clock(seconds)
            await _served_again(found, sending)
            await asyncio.to_thread(found.look_elsewhere, server)
        await found.crowd.until_told(IN_BETWEEN, sending)
        await _all_told(found.crowd, sending, server)

    with served(town, faults=world, **settings) as server:
        asyncio.run(run(server))
        server.stop()
    refused = {kind: number for kind, number in found.crowd.counts.items() if kind[:3] in {"503", "507"}}
    if refused:
        found.faults.append(f"a jump of the clock refused sheets: {refused}")
    return found.finish(town)


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path | None]:
    """A file system of a fixed size, in memory; None for whoever may not mount one."""
    with tempfile.TemporaryDirectory(prefix="pingyi-disk-") as name:
        options = ["-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", name]
        done = subprocess.run(["mount", *options], check=False, capture_output=True) if os.geteuid() == 0 else None
        if done is None or done.returncode != 0:
            yield None
            return
        Path(name).chmod(0o755)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


class Filler:
    """A file that takes all the room there is."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / "filler"

    def fill(self) -> None:
        """Take it, to the last byte."""
        with self._file.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size):
                        pass

    def room(self) -> None:
        """Give it back."""
        self._file.unlink()


def full_by_setting(town: Town) -> Fault:
    """SQLite is told that its file may not grow: what it does on a full disk, without one."""
    world = Faults()
    with served(town, faults=world) as server:
        return disk_full(
            town,
            name="SQLite, file may not grow",
            fill=lambda: world.set_full(full=True),
            room=lambda: world.set_full(full=False),
            server=server,
        )


def full_sqlite(town: Town) -> Fault | None:
    """SQLite and its log on a disk without a free byte."""
    with small_disk(48) as disk:
        if disk is None:
            return None
        shutil.copytree(town.data, disk / "town")
        there = Town(f"sqlite:///{disk / 'town' / 'town.sqlite3'}", disk / "town", town.sheets)
        filler = Filler(disk)
        with served(there) as server:
            return disk_full(there, name="SQLite, disk full", fill=filler.fill, room=filler.room, server=server)


def full_postgres(town: Town, database: Cluster) -> Fault | None:
    """The sealed sheets and the ledger of PostgreSQL in a tablespace on a disk without a free byte."""
    with small_disk(48) as disk:
        if disk is None:
            return None
        place = disk / "space"
        place.mkdir()
        database.give(place)
        database.run(f"CREATE TABLESPACE tight LOCATION '{place}'")
        for table in ("intake_sheets", "ledger_entries"):
            database.run(f"ALTER TABLE {table} SET TABLESPACE tight")
        filler = Filler(disk)
        with served(town) as server:
            found = disk_full(town, name="PostgreSQL, disk full", fill=filler.fill, room=filler.room, server=server)
        for table in ("intake_sheets", "ledger_entries"):
            database.run(f"ALTER TABLE {table} SET TABLESPACE pg_default")
        database.run("DROP TABLESPACE tight")
        return found


def prove(*, tickets: int, times: int) -> Iterator[Fault | None]:
    """Every accident, each on a town of its own."""
    for on_sqlite in (full_by_setting, full_sqlite, lambda town: restarted_server(town, times=times), clock_jumps):
        with sqlite_town(tickets=tickets) as town:
            yield on_sqlite(town)
    with postgres_town(tickets=tickets) as (town, database):
        yield full_postgres(town, database)
    with postgres_town(tickets=tickets) as (town, database):
        yield restarted_database(town, database, times=times)
    with postgres_town(tickets=tickets) as (town, _):
        yield clock_jumps(town)


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument("--times", type=int, default=TIMES)
    arguments = parser.parse_args()
    missed = False
    for found in prove(tickets=arguments.tickets, times=arguments.times):
        if found is None:
            print("a disk of our own cannot be mounted here: run this as root")
            missed = True
            continue
        counts = ", ".join(f"{kind} {number}" for kind, number in sorted(found.crowd.counts.items()))
        print(f"{found.name}: {found.times} times, {len(found.crowd.receipts)} ballots; {counts}")
        print(
            f"  wrong {len(found.faults)}, limit 0; served again after {found.recovery:.2f} s, limit {RECOVERY:.0f} s,"
        )
        print(f"  ratio {found.recovery / RECOVERY:.2f}", *found.faults[:10], sep="\n  ")
        missed = missed or bool(found.faults) or found.recovery > RECOVERY
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
