"""The tour of the README, typed line by line against a running demo, with fewer respondents."""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.browser.server import Server, running_demo
from tests.docs.events import differences
from tests.docs.readme import CHINESE, ENGLISH, Shell, Typed, blocks, pages, terminal
from tests.terminal import Terminal

# The tour says 9860; what that takes is measured by `make bench-simulate`.
SAID, RESPONDENTS = 9860, 240
PAPER, PATIENCE = 12, 180.0
UNITS = 80


@dataclass(frozen=True)
class Tour:
    """A newcomer: the running demo, a terminal beside it, and a browser."""

    server: Server
    shell: Shell
    browser: httpx.Client

    def walk(self, block: list[str]) -> dict[str, str]:
        """Type the lines of a block and give what each printed. A refusal has to be announced, and to come."""
        printed: dict[str, str] = {}
        for typed in map(Typed.of, block):
            line = self._here(typed.line)
            code, output = self.shell.type(line)
            assert code == int(typed.refused), f"{line} ended with {code}:\n{output}"
            printed[line] = printed.get(line, "") + output
        return printed

    def _here(self, line: str) -> str:
        """The line with this test's data folder and number of respondents."""
        return line.replace("var/", f"{self.server.data_dir}/").replace(str(SAID), str(RESPONDENTS))

    def wait_for(self, line: str, word: str) -> None:
        """Type ``line`` until it prints ``word``, as a person looks again at what goes on in the background."""
        end = time.monotonic() + PATIENCE
        while word not in (output := self.shell.type(line)[1]):
            assert time.monotonic() < end, output

    def announced(self, pattern: str) -> str:
        """What `make run` printed after ``pattern``'s fixed part."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, (self.server.data_dir / "output").read_text(encoding="utf-8"))):
            assert time.monotonic() < end, pattern
            time.sleep(0.1)
        return found[1]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    folder: Path = tmp_path_factory.mktemp("tour")
    with running_demo(folder) as server, httpx.Client(base_url=server.base_url, timeout=60) as browser:
        ours = {"PINGYI_DATA_DIR": str(folder), "PINGYI_PUBLIC_URL": server.base_url, "PINGYI_DATABASE_URL": ""}
        with terminal({**os.environ, **ours}) as shell:
            yield Tour(server, shell, browser)


def test_both_languages_have_the_same_commands_and_pages() -> None:
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert pages(ENGLISH) == pages(CHINESE)
    assert [len(block) for block in blocks(ENGLISH)][:1] == [2], "the two commands come first"


def test_every_step_of_the_tour_does_what_it_says(tour: Tour) -> None:
    _, sign_in, draw, simulate, paper, count, scored = blocks(ENGLISH)
    rate_on_a_phone(tour)
    tap_at_a_window(tour, sign_in)
    repeat_the_draws(tour, draw)
    let_people_answer(tour, simulate)
    send_in_paper(tour, paper)
    close_count_score(tour, count)
    read_a_whole_round(tour, scored)
    look_at_the_pages(tour)
    compare_the_ledger(tour)


def rate_on_a_phone(tour: Tour) -> None:
    code = tour.announced(r"/b/luohe#([0-9A-Z-]+)")
    assert tour.browser.get("/b/luohe").is_success
    sheet: dict[str, Any] = {"id": str(uuid.uuid4()), "code": code, "answers": "1" * UNITS + "--"}
    stored = tour.browser.post("/api/campaigns/luohe/ballots", json=sheet)
    assert (stored.status_code, stored.json()["replay"]) == (201, False)
    again = tour.browser.post("/api/campaigns/luohe/ballots", json=sheet)
    assert (again.status_code, again.json()["receipt"]) == (200, stored.json()["receipt"])
    second = tour.browser.post("/api/campaigns/luohe/ballots", json={**sheet, "id": str(uuid.uuid4())})
    assert (second.status_code, second.json()["code"]) == (409, "ticket_used")
    assert stored.json()["receipt"] in tour.browser.get(f"/b/luohe/receipt/{stored.json()['receipt']}").text


def tap_at_a_window(tour: Tour, sign_in: list[str]) -> None:
    pairing = tour.announced(r"/terminal/#pair=(\w+)")
    device = Terminal()
    answer = tour.browser.post("/api/devices/pair", json=device.asking(pairing)).raise_for_status()
    window = device.paired(answer.json()).window
    account = {"name": "setup", "password": tour.server.credentials["setup"]}
    assert tour.browser.post("/api/session", json=account).is_success
    before = tour.browser.get(f"/api/windows/{window}/tallies").json()["total"]
    device.tap()
    for status in ("stored", "duplicate"):
        answer = tour.browser.post("/api/ratings", json=device.batch(), headers=device.headers)
        assert answer.json()["results"][0]["status"] == status
    assert tour.browser.get(f"/api/windows/{window}/tallies").json()["total"] == before + 1
    printed = tour.walk(sign_in)
    listed = printed["pingyi campaigns list"]
    assert all(campaign in listed for campaign in ("luohe ", "luohe-closed", "luohe-list"))
    assert printed["pingyi results show luohe-closed"].count("LH-") == UNITS


def repeat_the_draws(tour: Tour, block: list[str]) -> None:
    printed = tour.walk(block)
    assert "12" in printed["pingyi draws replay luohe-points"]
    assert "10000" in printed["pingyi draws replay luohe-list"]


def let_people_answer(tour: Tour, block: list[str]) -> None:
    printed = tour.walk(block)
    sent = next(output for line, output in printed.items() if line.startswith("pingyi simulate"))
    assert f"stored {RESPONDENTS} / 回执 acknowledged {RESPONDENTS}" in sent
    assert "campaign_open" in printed["pingyi results show luohe"]
    truth = json.loads((tour.server.data_dir / "demo" / "luohe-truth.json").read_text(encoding="utf-8"))
    assert (truth["acknowledged"], len(truth["units"])) == (RESPONDENTS, UNITS)


def send_in_paper(tour: Tour, block: list[str]) -> None:
    show, accept = 'pingyi uploads show "$upload"', 'pingyi uploads accept "$upload"'
    before = block.index(accept)
    printed = tour.walk(block[:before])
    faults = next(output for line, output in printed.items() if line.startswith("pingyi uploads check"))
    assert all(cell in faults for cell in ("G4", "B6", "A9", "D11"))
    assert (tour.server.data_dir / "luohe-ballots.xlsx").read_bytes().startswith(b"PK")
    tour.wait_for(show, "checked")
    tour.walk(block[before:])
    tour.wait_for(show, f"accepted {PAPER}/{PAPER}")


def close_count_score(tour: Tour, block: list[str]) -> None:
    printed = tour.walk(block)
    assert "campaign_not_counted" in printed["pingyi results show luohe"]
    assert printed["pingyi results show luohe"].count("LH-") == UNITS
    assert "acts confirm 2" in printed["pingyi campaigns count luohe"]
    assert f"{RESPONDENTS + PAPER + 1} 份评议票" in printed["pingyi results run luohe"]
    assert (tour.server.data_dir / "luohe-results.xlsx").read_bytes().startswith(b"PK")
    listed = printed["pingyi ledger list --log luohe"]
    assert all(event in listed for event in ("campaigns:counted", "results:computed", "uploads:accepted"))


def read_a_whole_round(tour: Tour, block: list[str]) -> None:
    show, card = block
    printed = tour.walk(block)
    assert printed[show].count("counted") == 4
    assert "NY-086" in printed[show], "the unit that waits for two people"
    assert "2015Q1：10 − 2 = 8.00" in printed[card]


def look_at_the_pages(tour: Tour) -> None:
    console, by_kind, result, too_fine = pages(ENGLISH)
    assert tour.browser.get(console).headers["content-type"].startswith("text/html")
    tallies = tour.browser.get(by_kind).raise_for_status().json()
    cells = [cell for cell in tallies["cells"] if cell["unit"] == "LH-001"]
    assert sum(sum(cell["counts"].values()) for cell in cells) == tallies["ballots"] == RESPONDENTS + PAPER + 1
    assert len(tour.browser.get(result).raise_for_status().json()["rows"]) == UNITS
    refused = tour.browser.get(too_fine)
    assert (refused.status_code, refused.json()["code"]) == (422, "cell_too_small")


def compare_the_ledger(tour: Tour) -> None:
    """Everything that the tour wrote into the ledger is as docs/events.md has it."""
    engine = create_engine(tour.server.database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT event, log, body FROM ledger_entries")).all()
    engine.dispose()
    assert len(rows) > RESPONDENTS
    entries = [(row.event, row.log, json.loads(row.body)) for row in rows]
    assert {fault for entry in entries for fault in differences(*entry)} == set()
    assert len({event for event, _, _ in entries}) > 20
