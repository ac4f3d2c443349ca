"""The ledger over HTTP: what an outsider needs, and nothing that tells who chose what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from api.jobs.sequencer import Sequencer
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign
from survey_models.core import clock
from survey_models.ledger.merkle import extends, includes, leaf_hash, root_of
from survey_models.ledger.notes import open_note
from survey_models.ledger.service import receipt_of
from survey_models.ledger.tables import LedgerEntry
from survey_models.ledger.tiles import entries_in
from tests.poll import Poll, open_poll
from tests.survey_models.ledger.logs import ballot_bodies, put


@pytest.fixture
def poll(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Poll]:
    """On both databases where a test asks for them, else on the quicker one."""
    named = "database_url" if "database_url" in request.fixturenames else "sqlite_url"
    with open_poll(request.getfixturevalue(named), tmp_path) as made:
        yield made


@pytest.fixture
async def client(poll: Poll) -> AsyncIterator[httpx.AsyncClient]:
    async with poll.client() as made:
        yield made


def sequencer(poll: Poll) -> Sequencer:
    return Sequencer(poll.engine, poll.app.state.signer, poll.settings)


def later(poll: Poll, minutes: float) -> int:
    """Let the trees grow as if so much time had passed; how many entries got a place."""
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        return sequencer(poll).run_once()


async def vkey(client: httpx.AsyncClient, log: str) -> str:
    rows = (await client.get("/api/ledger/keys")).json()["logs"]
    found: str = next(row["vkey"] for row in rows if row["log"] == log)
    return found


@pytest.mark.usefixtures("database_url")
async def test_a_sheet_is_promised_and_then_proved(poll: Poll, client: httpx.AsyncClient) -> None:
    later(poll, 2)
    receipt = (await poll.cast(poll.live[0], "1230")).json()["receipt"]
    promised = (await client.get(f"/api/ledger/poll/receipts/{receipt}")).json()
    assert (promised["state"], promised["seq"], promised["proof"], promised["checkpoint"]) == (
        "promised",
        None,
        [],
        None,
    )
    assert set(json.loads(promised["entry"])) <= {"event", "log", "ballot", "sheet"}
    put(poll.engine, ballot_bodies(60))
    assert later(poll, 3) >= 61
    found = (await client.get(f"/api/ledger/poll/receipts/{receipt.lower()}")).json()
    assert found["state"] == "included"
    assert found["entry"] == promised["entry"]
    head = open_note(found["checkpoint"], await vkey(client, "poll"))
    path = [bytes.fromhex(value) for value in found["proof"]]
    assert includes(head.root, head.size, found["seq"], leaf_hash(found["entry"].encode()), path)
    assert receipt_of(found["digest"]) == receipt
    unknown = await client.get("/api/ledger/poll/receipts/0000-0000-0000")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "receipt_unknown")
    assert (await client.get(f"/api/ledger/system/receipts/{receipt}")).status_code == 404


@pytest.mark.usefixtures("database_url")
async def test_sheets_wait_for_a_window_and_the_closing_ends_it(poll: Poll, client: httpx.AsyncClient) -> None:
    assert later(poll, 2) > 0
    put(poll.engine, ballot_bodies(49))
    assert later(poll, 4) == 0
    put(poll.engine, ballot_bodies(1, start=49))
    assert later(poll, 2.5) == 0
    assert later(poll, 4) >= 50
    put(poll.engine, ballot_bodies(3, start=50))
    assert later(poll, 10) == 0
    with poll.work() as session:
        campaigns.close(session, "poll", by="test", at=clock.now() + timedelta(minutes=11))
    assert later(poll, 12) == 4
    put(poll.engine, ballot_bodies(2, start=53))
    assert later(poll, 20) == 0
    assert later(poll, 60 * 24) == 2
    assert later(poll, 60 * 24) == 0


async def test_after_counting_has_begun_nothing_waits(poll: Poll) -> None:
    later(poll, 2)
    put(poll.engine, ballot_bodies(1))
    assert later(poll, 3) == 0
    with poll.work() as session:
        session.get_one(Campaign, "poll").state = "counting"
    assert later(poll, 3) == 1


async def test_entries_from_before_the_tree_are_in_it(poll: Poll, client: httpx.AsyncClient) -> None:
    """Everything that was written while no sequencer ran, of every log, the first entry included."""
    with poll.look() as session:
        written = {row.digest for row in session.scalars(select(LedgerEntry))}
    assert later(poll, 2) == len(written)
    with poll.look() as session:
        assert {
            row.digest for row in session.scalars(select(LedgerEntry).where(LedgerEntry.seq.is_not(None)))
        } == written
    keys = (await client.get("/api/ledger/keys")).json()
    assert [row["log"] for row in keys["logs"]] == ["poll", "system"]
    assert sum(row["size"] for row in keys["logs"]) == len(written)


@pytest.mark.usefixtures("database_url")
async def test_two_sequencers_share_the_work_and_one_does_it(poll: Poll) -> None:
    first, second = sequencer(poll), sequencer(poll)
    assert first.run_once() > 0
    put(poll.engine, [b"{}"], log="system")
    # The lease is the first one's for ten seconds: the second one leaves the entry to it.
    assert second.run_once() == 0
    assert first.run_once() == 1
    put(poll.engine, [b"[]"], log="system")
    with clock.frozen(clock.now() + timedelta(seconds=11)):
        assert second.run_once() == 1


async def test_a_foreign_program_reads_the_tiles(poll: Poll, client: httpx.AsyncClient) -> None:
    put(poll.engine, ballot_bodies(300))
    later(poll, 2)
    checkpoint = await client.get("/ledger/poll/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    head = open_note(checkpoint.text, await vkey(client, "poll"))
    rest = head.size - 256
    full = await client.get("/ledger/poll/tile/0/000")
    part = await client.get(f"/ledger/poll/tile/0/001.p/{rest}")
    assert full.headers["content-type"] == "application/octet-stream"
    assert "immutable" in full.headers["cache-control"]
    hashes = full.content + part.content
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    assert root_of(leaves) == head.root
    above = await client.get("/ledger/poll/tile/1/000.p/1")
    assert above.content == root_of(leaves[:256])
    bundles = [await client.get(f"/ledger/poll/tile/entries/{at}") for at in ("000", f"001.p/{rest}")]
    entries = [entry for bundle in bundles for entry in entries_in(bundle.content)]
    assert [leaf_hash(entry) for entry in entries] == leaves


NOT_THERE = [
    ("poll/tile/0/000", "proof_out_of_range"),
    ("poll/tile/0/000.p/200", "proof_out_of_range"),
    ("poll/tile/1/000.p/1", "proof_out_of_range"),
    ("poll/tile/entries/000", "proof_out_of_range"),
    ("poll/tile/0/0", "not_found"),
    ("poll/tile/9/000", "not_found"),
    ("nothing/checkpoint", "ledger_unknown"),
    ("nothing/tile/0/000", "ledger_unknown"),
    ("system/tile/entries/000.p/1", "ledger_entries_kept"),
]


async def test_what_is_not_there_is_said(poll: Poll, client: httpx.AsyncClient) -> None:
    later(poll, 2)
    answers = [(path, (await client.get(f"/ledger/{path}")).json()["code"]) for path, _ in NOT_THERE]
    assert answers == NOT_THERE


async def test_the_systems_entries_are_for_the_office(poll: Poll, client: httpx.AsyncClient) -> None:
    later(poll, 2)
    assert (await client.get("/ledger/system/tile/0/000.p/1")).status_code == 200
    path = "/api/ledger/system/entries/000.p/3"
    assert (await client.get(path)).status_code == 401
    async with poll.signed_in("auditor") as auditor:
        entries = entries_in((await auditor.get(path)).content)
    assert len(entries) == 3
    blinds = [json.loads(entry)["blind"] for entry in entries]
    assert len(set(blinds)) == 3


async def test_growth_is_proved_between_any_two_sizes(poll: Poll, client: httpx.AsyncClient) -> None:
    later(poll, 2)
    old = open_note((await client.get("/ledger/poll/checkpoint")).text, await vkey(client, "poll"))
    put(poll.engine, ballot_bodies(70))
    later(poll, 5)
    new = open_note((await client.get("/ledger/poll/checkpoint")).text, await vkey(client, "poll"))
    answer = await client.get("/api/ledger/poll/consistency", params={"from": old.size})
    proof = [bytes.fromhex(value) for value in answer.json()["proof"]]
    assert (answer.json()["old"], answer.json()["new"]) == (old.size, new.size)
    assert extends(old.root, old.size, new.root, new.size, proof)
    place = (await client.get("/api/ledger/poll/inclusion", params={"seq": 0, "size": old.size})).json()
    leaf = (await client.get("/ledger/poll/tile/0/000.p/1")).content
    assert includes(old.root, old.size, 0, leaf, [bytes.fromhex(value) for value in place["proof"]])


BEYOND = [
    ("consistency?from=0", "proof_out_of_range"),
    ("consistency?from=5&to=4", "proof_out_of_range"),
    ("consistency?from=1&to=9999", "proof_out_of_range"),
    ("inclusion?seq=9999", "proof_out_of_range"),
    ("inclusion?seq=3&size=3", "proof_out_of_range"),
    ("inclusion?seq=-1", "request_malformed"),
    ("inclusion?seq=99999999999999999999", "request_malformed"),
]


async def test_no_proof_beyond_the_head(poll: Poll, client: httpx.AsyncClient) -> None:
    later(poll, 2)
    answers = {path: await client.get(f"/api/ledger/poll/{path}") for path, _ in BEYOND}
    assert [(path, answer.json()["code"]) for path, answer in answers.items()] == BEYOND
    assert {answer.status_code for answer in answers.values()} == {422}


async def test_the_root_of_a_day_is_printed(poll: Poll, client: httpx.AsyncClient) -> None:
    later(poll, 2)
    note = open_note((await client.get("/ledger/poll/checkpoint")).text, await vkey(client, "poll"))
    answer = await client.get("/ledger/poll/root?lang=en")
    assert answer.status_code == 200
    shown = answer.text.replace("</strong><strong>", " ").replace(" ", "")
    assert note.root.hex() in shown
    assert "<svg" in answer.text
    assert (await client.get("/ledger/poll/root?day=2020-01-01")).status_code == 404
    assert (await client.get("/ledger/nothing/root")).status_code == 404
    assert (await client.get("/ledger/system/root")).status_code == 200


async def test_the_verify_page_leads_to_the_receipt_without_script(poll: Poll, client: httpx.AsyncClient) -> None:
    receipt = (await poll.cast(poll.live[0], "1230")).json()["receipt"]
    page = await client.get("/b/poll/verify")
    assert page.status_code == 200
    assert "verify." in page.text
    sent = await client.get("/b/poll/verify", params={"receipt": receipt})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/b/poll/receipt/{receipt}?lang=zh")
    kept = await client.get(sent.headers["location"])
    assert f'href="/b/poll/verify?lang=zh#{receipt}"' in kept.text
    hostile = await client.get("/b/poll/verify", params={"receipt": "//evil.test/"})
    assert hostile.headers["location"].startswith("/b/poll/receipt/%2F%2Fevil.test%2F")
    assert (await client.get("/b/nothing/verify")).status_code == 404
