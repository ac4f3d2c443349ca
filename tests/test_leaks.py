"""What an end-to-end run leaves behind holds no code and no answer: neither logs nor files, addresses or cookies.

Only the box holds answers, and only once the sheets were counted.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import inspect, text

from api.db import make_engine
from survey_models.tickets.codes import printed
from survey_models.tickets.service import IssuedCode
from tests.poll import PASSWORD, Shape, open_poll

PATIENCE = 180.0
UNITS = 10
REASON = "卡片遗失"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(database_url: str, folder: Path, log: Path) -> Iterator[tuple[str, int]]:
    """``pingyi serve`` as a process of its own, ended as an operator ends it; its address and number."""
    port = free_port()
    environment = {
        **os.environ,
        "PINGYI_DATABASE_URL": database_url,
        "PINGYI_DATA_DIR": str(folder),
        "PINGYI_LOG_LEVEL": "debug",
        "PINGYI_DEMO": "1",
        "PINGYI_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [str(Path(sys.executable).with_name("pingyi")), "serve", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(base, process, log)
            yield base, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            # The server ends in order and then by the signal it was sent.
            assert process.wait(PATIENCE) in {0, -signal.SIGTERM}, log.read_text()
            assert "Application shutdown complete" in log.read_text()


def wait_for(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"{base}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer")


@dataclass
class Told:
    """What must be found nowhere."""

    codes: list[str]
    answers: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    """One-visit tickets of the open QR."""

    def fresh_answers(self) -> str:
        """A sheet that nobody else fills in like this; forms leave what lies behind the units blank."""
        chance = random.Random(len(self.answers))
        self.answers.append("".join(chance.choices("1230", k=UNITS)) + "--")
        return self.answers[-1]

    def found_in(self, content: bytes, *, counted: bool = False) -> list[str]:
        """Which of it stands in ``content``; answers may once they are ``counted``."""
        folded = content.upper()
        words = [*self.codes, *map(printed, self.codes), *self.tickets, *([] if counted else self.answers)]
        return [word for word in words if word.upper().encode() in folded]


def test_codes_and_answers_are_nowhere_behind_a_run(database_url: str, tmp_path: Path) -> None:
    folder, log = tmp_path / "data", tmp_path / "server.log"
    with open_poll(database_url, folder, Shape(n_units=UNITS, open_channel=True)) as poll:
        told, live = Told([code.code for code in poll.codes]), poll.live
    with served(database_url, folder, log) as (base, process), httpx.Client(base_url=base, timeout=60) as client:
        limits = Path(f"/proc/{process}/limits").read_text(encoding="ascii").splitlines()
        assert [line.split()[4:6] for line in limits if "core file" in line] == [["0", "0"]]
        visit = client.post("/api/campaigns/poll/open-tickets").json()
        told.tickets.append(visit["ticket"])
        begun = time.monotonic()
        receipts = [cast(client, told, code.code, form=code.serial % 2 == 0) for code in live[:8]]
        withdraw(base, told, live)
        fail(client, database_url, told, live[10].code)
        time.sleep(max(0.0, begun + visit["seconds"] + 0.1 - time.monotonic()))
        sheet = {"id": str(uuid.uuid4()), "ticket": visit["ticket"], "answers": told.fresh_answers()}
        assert client.post("/api/campaigns/poll/open-ballots", json=sheet).status_code == 201
        look(client, receipts)
        assert told.found_in(rows_of(database_url)) == []
        assert told.found_in(str(client.cookies).encode()) == []
        assert everything_in(tmp_path, told, counted=False) == []
        count(base)
        # The control: once counted the box is in clear, and is found by the same search.
        assert len(set(told.found_in(rows_of(database_url)))) == len(told.answers)
        assert told.found_in(rows_of(database_url), counted=True) == []
    assert everything_in(tmp_path, told, counted=True) == []
    said = log.read_bytes()
    assert b"unforeseen" in said
    assert told.found_in(said) == []
    assert PASSWORD.encode() not in said


def cast(client: httpx.Client, told: Told, code: str, *, form: bool) -> str:
    """A look-up, a sheet, a second try, a mistyped code and a broken request; gives the receipt."""
    answers, ballot = told.fresh_answers(), str(uuid.uuid4())
    body = {"id": ballot, "code": printed(code), "answers": answers}
    client.post("/api/tickets/check", json={"campaign": "poll", "code": code})
    if form:
        fields = {f"q_U-{no:03}": answer for no, answer in enumerate(answers[:UNITS], start=1)}
        answer = client.post("/b/poll", data={**fields, "code": printed(code).lower(), "ballot_id": ballot})
        assert answer.status_code == 303, answer.text
        receipt = answer.headers["location"].rpartition("/")[2]
        assert told.found_in(str(answer.headers).encode()) == []
    else:
        answer = client.post("/api/campaigns/poll/ballots", json=body)
        assert answer.status_code == 201, answer.text
        receipt = answer.json()["receipt"]
    client.post("/api/campaigns/poll/ballots", json=body)  # a second try: the first receipt
    client.post("/api/campaigns/poll/ballots", json={**body, "id": str(uuid.uuid4())})  # refused: used
    client.post("/api/campaigns/poll/ballots", json={**body, "code": code[:-1]})
    client.post("/api/campaigns/poll/ballots", json={**body, "answers": f"{answers}{answers}"})
    client.post("/api/campaigns/poll/ballots", content=f"{{not json {code} {answers}".encode())
    return receipt.partition("?")[0]


def look(client: httpx.Client, receipts: list[str]) -> None:
    """What a voter and an observer read afterwards."""
    for receipt in receipts[:2]:
        assert client.get(f"/b/poll/receipt/{receipt}").status_code == 200
        assert client.get("/b/poll/verify", params={"receipt": receipt}).status_code == 303
        assert client.get(f"/api/ledger/poll/receipts/{receipt}").status_code == 200


@contextmanager
def signed_in(base: str, name: str) -> Iterator[httpx.Client]:
    """A client of somebody of the office."""
    with httpx.Client(base_url=base, timeout=60) as client:
        answer = client.post("/api/session", json={"name": name, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]
        yield client


def withdraw(base: str, told: Told, live: list[IssuedCode]) -> None:
    """A card is voided, a batch of sheets set aside; a reason that holds a code is refused."""
    with signed_in(base, "setup") as setup, signed_in(base, "release") as release:
        card = {"serial": live[9].serial, "reason": f"the card {told.codes[9]} is lost"}
        assert setup.post("/api/campaigns/poll/tickets/void", json=card).status_code == 422
        card["reason"] = REASON
        assert setup.post("/api/campaigns/poll/tickets/void", json=card).status_code == 200
        asked = setup.post("/api/campaigns/poll/voids", json={"scope": {"batch": 1}, "reason": REASON})
        confirm(release, asked)


def count(base: str) -> None:
    """Closed, opened and shuffled by two people; the key is on this server."""
    with signed_in(base, "setup") as setup, signed_in(base, "release") as release:
        setup.post("/api/campaigns/poll/close").raise_for_status()
        confirm(release, setup.post("/api/campaigns/poll/count"))


def confirm(release: httpx.Client, asked: httpx.Response) -> None:
    release.post(f"/api/acts/{asked.raise_for_status().json()['number']}/confirm").raise_for_status()


def fail(client: httpx.Client, database_url: str, told: Told, code: str) -> None:
    """An error that nobody foresaw, with a sheet in hand: its trace is written down."""
    engine = make_engine(database_url, allow_unsafe=True)
    body = {"id": str(uuid.uuid4()), "code": code, "answers": told.fresh_answers()}
    for before, after in (("ticket_counters", "gone"), ("gone", "ticket_counters")):
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))
        answer = client.post("/api/campaigns/poll/ballots", json=body)
        assert answer.status_code == (500 if after == "gone" else 201), answer.text
        assert told.found_in(answer.content) == []
    engine.dispose()


def rows_of(database_url: str) -> bytes:
    """Every value of every row, as a dump would hold it."""
    engine = make_engine(database_url, allow_unsafe=True)
    found = []
    with engine.connect().execution_options(pingyi_read_only=True) as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                found += [
                    bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode() for value in row
                ]
    engine.dispose()
    return b"\n".join(found)


def everything_in(place: Path, told: Told, *, counted: bool) -> list[str]:
    """Files that hold any of it; the database's own may hold answers once they are counted."""
    left = [path for path in place.rglob("*") if path.is_file()]
    return [
        f"{path.name}: {word}"
        for path in left
        for word in told.found_in(path.read_bytes(), counted=counted and ".sqlite3" in path.name)
    ]
