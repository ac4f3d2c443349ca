"""`make proofs-terminal`: three days of a terminal offline; a hall of 300 that comes back within a minute."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks import terminal_days, terminal_hall
from benchmarks.proofs_kill import sqlite_town
from benchmarks.verdicts import below, heading, inform, none_of
from tests.browser.server import running_demo

TAPS, CUTS, TERMINALS, KEPT = 5_000, 10, 300, 20


def days(taps: int, cuts: int) -> bool:
    """Print what came of three days; whether all is well."""
    begun = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="pingyi-days-") as name,
        running_demo(Path(name)) as server,
        sync_playwright() as playwright,
    ):
        found = terminal_days.prove(
            playwright.chromium,
            shutil.which("chromium") or "",
            target=server.base_url,
            database=server.data_dir / "pingyi.sqlite3",
            folder=Path(name),
            pairing=lambda: server.pairing_code("hall-01"),
            taps=taps,
            cuts=cuts,
        )
    lines = [
        inform("taps; power cuts; seconds", f"{taps}; {cuts}; {time.perf_counter() - begun:.0f}"),
        inform("requests lost; repeated; delivered late", f"{found.lost}; {found.repeated}; {found.late}"),
        inform("thanks seen; kept by the terminal; stored", f"{found.thanked}; {found.kept}; {found.stored}"),
        none_of("taps lost or counted twice", abs(found.stored - taps)),
        none_of("gaps or doubles in the numbers", abs(found.numbers - taps)),
        none_of("other faults", len(found.faults)),
    ]
    print(heading("72 simulated hours offline, browser killed, bad line"), *lines, *found.faults, sep="\n", flush=True)
    return all(line.good for line in lines)


def hall(terminals: int, kept: int) -> bool:
    """Print how fast a hall is in step again; whether all is well."""
    with sqlite_town(tickets=16) as town:
        found = terminal_hall.prove(town, terminals=terminals, taps=kept)
    lines = [
        inform("terminals; taps of each; requests sent again", f"{terminals}; {kept}; {found.again}"),
        below("95 of 100 in step after, s", found.p95, 30.0),
        inform("the slowest, s", f"{max(found.seconds):.2f}"),
        none_of("faults", len(found.faults)),
    ]
    print(heading("A hall reconnects within a minute"), *lines, *found.faults, sep="\n", flush=True)
    return all(line.good for line in lines)


def main() -> int:
    """Print the figures; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=TAPS)
    parser.add_argument("--cuts", type=int, default=CUTS)
    parser.add_argument("--terminals", type=int, default=TERMINALS)
    parser.add_argument("--kept", type=int, default=KEPT)
    arguments = parser.parse_args()
    good = [hall(arguments.terminals, arguments.kept)] if arguments.terminals else []
    good += [days(arguments.taps, arguments.cuts)] if arguments.taps else []
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
