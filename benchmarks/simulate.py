"""9,860 sheets of 80 units over HTTP, on SQLite, as `pingyi simulate` sends them: value, limit, ratio.

`make bench-simulate`. The demo is served from a fresh folder. Beside it stands the floor: the same sheets from the same
sender to a server that stores nothing. Then the books are compared in plain SQL: nothing lost, nothing double.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from api.simulation.sender import Sheet, send
from benchmarks.fresh_clone import answers, free_port, running

PINGYI = str(Path(sys.executable).with_name("pingyi"))
ROOT = Path(__file__).resolve().parents[1]
CAMPAIGN, RESPONDENTS, ITEMS = "luohe", 9_860, 82
LIMIT = 60.0
PATIENCE = 300.0


def main() -> int:
    """Measure and print; 1 when the limit or a sum does not hold."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        data = Path(folder)
        taken = simulate_seconds(data)
        sums = books(data)
        floor = floor_seconds(data)
    print(f"{'pingyi simulate':<34}{'value':>10}{'limit':>8}{'ratio':>8}")
    print(f"{f'seconds for {RESPONDENTS} sheets':<34}{taken:>10.1f}{LIMIT:>8.0f}{taken / LIMIT:>8.2f}")
    print(f"{'sheets a second':<34}{RESPONDENTS / taken:>10.0f}{RESPONDENTS / LIMIT:>8.0f}")
    print(f"{'seconds of the floor':<34}{floor:>10.1f}{'':>8}{taken / floor:>8.2f}")
    even = True
    for name, left, right in sums:
        even = even and left == right
        print(f"{name:<34}{left:>10}{right:>8}{'' if left == right else '  DIFFERENT'}")
    return int(taken > LIMIT or not even)


def environment(data: Path) -> dict[str, str]:
    """No setting of the person who measures reaches the measured program."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PINGYI_DATA_DIR": str(data), "PINGYI_LOG_LEVEL": "warning"}


@contextlib.contextmanager
def served(command: list[str], data: Path, port: int) -> Iterator[None]:
    """A server process that answers on ``port``."""
    log = data / f"{Path(command[0]).name}-{port}.log"
    with running([*command, "--port", str(port)], ROOT, environment(data), log) as process:
        begun = time.monotonic()
        while not answers(port):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise SystemExit(f"{command} did not come up:\n{log.read_text(encoding='utf-8')[-4000:]}")
            time.sleep(0.1)
        yield


def simulate_seconds(data: Path) -> float:
    """Seconds of the whole command, start of the interpreter included."""
    port = free_port()
    with served([PINGYI, "demo", "serve"], data, port):
        begun = time.monotonic()
        command = [PINGYI, "simulate", CAMPAIGN, "--respondents", str(RESPONDENTS)]
        subprocess.run([*command, "--base-url", f"http://127.0.0.1:{port}"], check=True, env=environment(data))
        return time.monotonic() - begun


def books(data: Path) -> list[tuple[str, int, int]]:
    """What must be equal: name, left side, right side."""
    truth = json.loads((data / "demo" / f"{CAMPAIGN}-truth.json").read_text(encoding="utf-8"))
    with contextlib.closing(sqlite3.connect(data / "pingyi.sqlite3")) as database:

        def number(query: str) -> int:
            found: int = database.execute(query, (CAMPAIGN,)).fetchone()[0]
            return found

        stored = number("SELECT count(*) FROM intake_sheets WHERE campaign_id = ?")
        different = number("SELECT count(DISTINCT id) FROM intake_sheets WHERE campaign_id = ?")
        entries = number("SELECT count(*) FROM ledger_entries WHERE log = ? AND event = 'ballots:cast'")
        spent = number("SELECT count(*) FROM tickets WHERE campaign_id = ? AND state = 'spent'")
        counted = number("SELECT sum(done) FROM ticket_counters WHERE campaign_id = ?")
    return [
        ("stored = acknowledged", stored, truth["acknowledged"]),
        ("acknowledged = asked for", truth["acknowledged"], RESPONDENTS),
        ("different ids = stored", different, stored),
        ("tickets spent = ticketed ballots", spent, stored),
        ("ledger entries = stored", entries, stored),
        ("counted as done = stored", counted, stored),
    ]


def floor_seconds(data: Path) -> float:
    """Seconds that the same sender needs for the same number of sheets when nobody does anything with them."""
    port = free_port()
    sheets = [Sheet(uuid.uuid4(), "0000-0000-0000-0000", "1" * ITEMS, twice=False) for _ in range(RESPONDENTS)]
    uvicorn = str(Path(sys.executable).with_name("uvicorn"))
    with served([uvicorn, "benchmarks.echo:app", "--no-access-log", "--log-level", "error"], data, port):
        begun = time.monotonic()
        sent = asyncio.run(send(sheets, base_url=f"http://127.0.0.1:{port}", campaign_id=CAMPAIGN, wanted=RESPONDENTS))
        if len(sent.acknowledged) != RESPONDENTS:
            raise SystemExit("the floor lost sheets: it is no floor")
        return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
