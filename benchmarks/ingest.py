"""Durable, acknowledged, sealed 80-unit ballots a second against floors of the same run: value, limit, ratio.

`make bench-ingest`. Every round runs every case once, so that a disturbance hits neighbours alike; what counts is the
median over the rounds of the ratio inside a round. Sender, servers and databases share the machine. After each case
the books are compared in plain SQL: nothing acknowledged is missing, no ticket is spent without its sheet.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import ingest_bulk
from benchmarks.ingest_load import Load, closed_loop, open_loop
from benchmarks.ingest_servers import Served, product, rival, served, slow_flush
from benchmarks.ingest_town import Town, books, furnish, scratch
from benchmarks.verdicts import Line, below, heading, inform, none_of
from tests.postgres import running_server

DURABLE = ("max_connections=200",)
CONNECTIONS, MANY, OPEN_RATE = 64, 256, 2500
SLOWER_BY = 4
WARM_UP = 300
ECHO, ECHO_2 = "echo, one process", "echo, two processes"
PRODUCT = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "two": "PostgreSQL, two processes"}


@dataclass
class Case:
    """One server on one database; ``share`` of the round's requests, for rivals that are slow."""

    name: str
    command: list[str]
    engine: str = ""
    share: float = 1.0
    folder: Path = field(default_factory=Path)
    url: str = ""
    used: int = 0
    acked: int = 0


def cases() -> list[Case]:
    """Floors beside what stands on them."""
    return [
        Case(ECHO, rival("echo")),
        Case(ECHO_2, rival("echo", workers=2)),
        Case(PRODUCT["sqlite"], product(), "sqlite"),
        Case("bare SQLite", rival("bare"), "sqlite"),
        Case("single SQLite", rival("single"), "sqlite", share=0.1),
        Case(PRODUCT["postgresql"], product(), "postgresql"),
        Case("bare PostgreSQL", rival("bare"), "postgresql"),
        Case("single PostgreSQL", rival("single"), "postgresql", share=0.1),
        Case(PRODUCT["two"], product(2), "postgresql"),
    ]


class Bench:
    """Runs cases and remembers what came of them."""

    def __init__(self, town: Town, folder: Path, *, ballots: int) -> None:
        self.town, self.folder, self.ballots = town, folder, ballots
        self.loads: dict[str, list[Load]] = defaultdict(list)
        self.lost = self.unequal = self.broken = 0

    def prepare(self, case: Case) -> Case:
        """Give the case its own copy of the town."""
        case.folder = self.folder / case.name.replace(" ", "-").replace(",", "")
        case.folder.mkdir()
        if case.engine:
            case.url = (self.town.on_sqlite if case.engine == "sqlite" else self.town.on_postgres)(case.folder)
        return case

    def run(self, case: Case, send: Callable[[Served, Sequence[bytes]], Load], number: int, label: str = "") -> Load:
        """Start the server, warm it up, send ``number`` fresh requests, compare the books."""
        more = slow_flush(case.folder, milliseconds=SLOWER_BY) if "slow" in case.name else {}
        with served(case.command, data=case.folder, url=case.url, more=more) as server:
            warm = closed_loop(server.port, self._next(case, min(WARM_UP, number)), connections=8)
            before = server.cpu_seconds()
            load = send(server, self._next(case, number))
            busy = (server.cpu_seconds() - before) / load.seconds
        case.acked += load.acked + warm.acked
        self._compare(case, load)
        self.loads[label or case.name].append(load)
        print(
            f"  {label or case.name:<44}{load.rate:>9,.0f}/s  p50 {load.quantile(0.5):6.1f}  "
            f"p99 {load.quantile(0.99):6.1f} ms  server cpu {busy:4.2f}",
            flush=True,
        )
        return load

    def _next(self, case: Case, number: int) -> Sequence[bytes]:
        found = self.town.requests[case.used : case.used + number]
        if len(found) < number:
            raise SystemExit(f"{case.name}: too few tickets")
        # A server that stores nothing may be asked the same again.
        case.used += number if case.engine else 0
        return found

    def _compare(self, case: Case, load: Load) -> None:
        self.broken += load.broken + sum(load.statuses.values()) - load.acked
        if not case.engine:
            return
        found = books(case.url)
        self.lost += max(0, case.acked - found["stored"])
        entries = found["stored"] if "bare" in case.name else found["entries"]
        self.unequal += len({found["stored"], found["spent"], found["counted"], entries}) - 1

    def ratio(self, upper: str, lower: str) -> float:
        """Median over the rounds of the rate of one case over that of another."""
        pairs = zip(self.loads[upper], self.loads[lower], strict=True)
        return statistics.median(left.rate / right.rate for left, right in pairs)

    def p99(self, name: str) -> float:
        """Median over the rounds, in milliseconds."""
        return statistics.median(load.quantile(0.99) for load in self.loads[name])

    def rate(self, name: str) -> float:
        """Median over the rounds."""
        return statistics.median(load.rate for load in self.loads[name])


def closed(connections: int) -> Callable[[Served, Sequence[bytes]], Load]:
    """A closed loop."""
    return lambda server, requests: closed_loop(server.port, requests, connections=connections)


def opened(server: Served, requests: Sequence[bytes]) -> Load:
    """The open loop at the rate of the limit."""
    return open_loop(server.port, requests, rate=OPEN_RATE, connections=MANY)


def at_least(name: str, value: float, limit: float, form: str = ".3f") -> Line:
    """A ratio of at least ``limit``."""
    return Line(name, f"{value:{form}}", f"≥ {limit:{form}}", limit / value if value else float("inf"))


def measure(bench: Bench, rounds: int) -> None:
    """All rounds, then what is measured once."""
    made = [bench.prepare(case) for case in cases()]
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}, {bench.ballots} ballots, {CONNECTIONS} connections", flush=True)
        for case in made:
            bench.run(case, closed(CONNECTIONS), int(bench.ballots * case.share))
    print("more connections, a fixed rate, slower flushes", flush=True)
    for case in made:
        if case.name in {PRODUCT["sqlite"], PRODUCT["postgresql"]}:
            bench.run(case, closed(MANY), bench.ballots, f"{case.name}, {MANY} connections")
            bench.run(case, opened, bench.ballots, f"{case.name}, {OPEN_RATE}/s")
    for name, command, share in (("slow SQLite", product(), 0.5), ("slow single SQLite", rival("single"), 0.05)):
        case = bench.prepare(Case(name, command, "sqlite"))
        bench.run(case, closed(CONNECTIONS), int(bench.ballots * share))


def lines(bench: Bench) -> list[Line]:
    """Value, limit and ratio of every line."""
    sqlite, postgres, two = PRODUCT.values()
    found = [
        at_least(
            "SQLite, of the same writer without sealing, ledger, receipt", bench.ratio(sqlite, "bare SQLite"), 0.8
        ),
        at_least("PostgreSQL, of the same writer without them", bench.ratio(postgres, "bare PostgreSQL"), 0.8),
        at_least("SQLite, of the echo", bench.ratio(sqlite, ECHO), 0.20),
        at_least("PostgreSQL, of the echo", bench.ratio(postgres, ECHO), 0.25),
        at_least("PostgreSQL, two processes, of the echo of two", bench.ratio(two, ECHO_2), 0.20),
        at_least("SQLite, times one transaction a request", bench.ratio(sqlite, "single SQLite"), 6, ".1f"),
        at_least("PostgreSQL, times one transaction a request", bench.ratio(postgres, "single PostgreSQL"), 6, ".1f"),
        at_least(
            "SQLite, flushes 4 ms longer, times the same", bench.ratio("slow SQLite", "slow single SQLite"), 10, ".1f"
        ),
    ]
    for name in (sqlite, postgres):
        found += [
            below(f"{name}, p99 at {CONNECTIONS} connections (ms)", bench.p99(name), 20),
            below(f"{name}, p99 at {MANY} connections (ms)", bench.p99(f"{name}, {MANY} connections"), 100),
            below(f"{name}, p99 at {OPEN_RATE}/s (ms)", bench.p99(f"{name}, {OPEN_RATE}/s"), 25),
        ]
    found += [
        inform(f"{name} (ballots/s)", f"{bench.rate(name):,.0f}") for name in (ECHO, ECHO_2, sqlite, postgres, two)
    ]
    return [
        *found,
        none_of("acknowledged and not stored", bench.lost),
        none_of("books that differ (tickets spent, sheets, entries, counter)", bench.unequal),
        none_of("requests without an acknowledgement", bench.broken),
    ]


def shown(title: str, found: list[Line]) -> list[Line]:
    """Print a table at once: what comes after it may take long."""
    print(heading(title))
    print("\n".join(str(line) for line in found), flush=True)
    return found


def main() -> int:
    """Measure and print; 1 when a limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ballots", type=int, default=10_000, help="in each case and round")
    parser.add_argument("--bulk", action=argparse.BooleanOptionalAction, default=True, help="uploads and tallies")
    parser.add_argument("--long", action="store_true", help="memory over 1,000,000 ballots")
    asked = parser.parse_args()
    tickets = asked.ballots * (asked.rounds + 2) + WARM_UP * (asked.rounds + 4)
    with scratch() as name, running_server(DURABLE) as postgres:
        folder = Path(name)
        bench = Bench(furnish(folder, postgres, tickets=tickets), folder, ballots=asked.ballots)
        measure(bench, asked.rounds)
        table = shown(f"ingest, medians of {asked.rounds} rounds", lines(bench))
        if asked.bulk:
            table += shown("uploads and tallies", ingest_bulk.lines(folder, postgres))
        if asked.long:
            table += shown("memory", ingest_bulk.memory(folder, postgres))
    return int(not all(line.good for line in table))


if __name__ == "__main__":
    sys.exit(main())
