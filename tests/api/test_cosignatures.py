"""Witnesses hand their signatures in: of those who are registered, under heads of ours, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from api.jobs.sequencer import Sequencer
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger import cosigning
from survey_models.ledger.notes import WITNESS_KEY, Checkpoint, cosigned, cosigned_at, open_note, signed_note, vkey_of
from survey_models.ledger.signing import Signer
from survey_models.ledger.tables import LedgerCosignature
from tests.poll import Poll, open_poll
from tests.survey_models.ledger.logs import ballot_bodies, put

WITNESS, OTHER = Signer(b"w" * 32), Signer(b"o" * 32)
NAME = "jiwei.example.cn"
VKEY = vkey_of(NAME, WITNESS.public, kind=WITNESS_KEY)


@pytest.fixture
def poll(database_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def client(poll: Poll) -> AsyncIterator[httpx.AsyncClient]:
    async with poll.client() as made:
        yield made


def grow(poll: Poll) -> None:
    assert Sequencer(poll.engine, poll.app.state.signer, poll.settings).run_once() > 0


def register(poll: Poll) -> None:
    with poll.work() as session:
        assert cosigning.add_witness(session, VKEY, by="setup", at=clock.now()) == NAME


def now() -> int:
    return int(clock.now().timestamp())


async def hand_in(client: httpx.AsyncClient, note: str, log: str = "poll") -> httpx.Response:
    return await client.post(f"/api/ledger/{log}/cosignatures", json={"note": note})


async def test_a_registered_witness_stands_under_the_head(poll: Poll, client: httpx.AsyncClient) -> None:
    grow(poll)
    served = (await client.get("/ledger/poll/checkpoint")).text
    mine = cosigned(served, NAME, WITNESS, at=now())
    refused = await hand_in(client, mine)
    assert (refused.status_code, refused.json()["code"]) == (403, "witness_unknown")
    register(poll)
    taken = await hand_in(client, mine)
    assert (taken.status_code, taken.json()["witness"]) == (201, NAME)
    again = await hand_in(client, cosigned(mine, NAME, WITNESS, at=now() + 60))
    assert again.json() == taken.json(), "the first one stays"
    shown = (await client.get("/ledger/poll/checkpoint")).text
    keys = (await client.get("/api/ledger/keys")).json()
    own = next(row["vkey"] for row in keys["logs"] if row["log"] == "poll")
    head = open_note(served, own)
    assert open_note(shown, own) == head
    assert cosigned_at(shown, keys["witnesses"][0]["vkey"]) == cosigned_at(mine, VKEY)
    page = (await client.get("/ledger/poll/root?lang=en")).text
    assert f"<li>{NAME}, " in page
    put(poll.engine, ballot_bodies(60))
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        grow(poll)
    assert NAME not in (await client.get("/ledger/poll/checkpoint")).text
    assert f"the first {head.size} entries" in (await client.get("/ledger/poll/root?lang=en")).text
    listed = (await client.get("/api/ledger/poll/cosignatures")).json()
    assert [(row["size"], [one["witness"] for one in row["witnesses"]]) for row in listed] == [(head.size, [NAME])]
    with poll.work() as session:
        cosigning.remove_witness(session, NAME, by="setup", at=clock.now())
    system = (await client.get("/ledger/system/checkpoint")).text
    refused = await hand_in(client, cosigned(system, NAME, WITNESS, at=now()), "system")
    assert refused.json()["code"] == "witness_unknown"
    assert NAME in (await client.get("/ledger/poll/root?lang=en")).text, "what it signed stays"
    assert (await client.get("/api/ledger/nothing/cosignatures")).json()["code"] == "ledger_unknown"


async def test_nothing_else_is_taken(poll: Poll, client: httpx.AsyncClient) -> None:
    grow(poll)
    register(poll)
    served = (await client.get("/ledger/poll/checkpoint")).text
    head = open_note(served, vkey_of(served.split("\n")[0], poll.app.state.signer.public))
    other_root = signed_note(Checkpoint(head.origin, head.size, bytes(32)), poll.app.state.signer)
    other_size = signed_note(Checkpoint(head.origin, head.size + 1, head.root), poll.app.state.signer)
    good = cosigned(served, NAME, WITNESS, at=now())
    system = (await client.get("/ledger/system/checkpoint")).text
    cases: dict[str, tuple[str, str]] = {
        "another root": (cosigned(other_root, NAME, WITNESS, at=now()), "checkpoint_foreign"),
        "another size": (cosigned(other_size, NAME, WITNESS, at=now()), "checkpoint_foreign"),
        "another log": (cosigned(system, NAME, WITNESS, at=now()), "checkpoint_foreign"),
        "no note": ("hello", "checkpoint_foreign"),
        "nothing": ("", "checkpoint_foreign"),
        "a huge number": (served.replace(f"\n{head.size}\n", f"\n{'9' * 19}\n"), "checkpoint_foreign"),
        "not signed": (served, "witness_unknown"),
        "another name": (cosigned(served, "somebody", WITNESS, at=now()), "witness_unknown"),
        "another key": (cosigned(served, NAME, OTHER, at=now()), "cosignature_wrong"),
        "the log's own kind": (good.replace(good.split(" ")[-1], served.split(" ")[-1]), "cosignature_wrong"),
        "not base64": (served + f"\u2014 {NAME} ?\n", "cosignature_wrong"),
        "too early": (cosigned(served, NAME, WITNESS, at=now() - 3600), "cosignature_wrong"),
        "to come": (cosigned(served, NAME, WITNESS, at=now() + 3600), "cosignature_wrong"),
        "for ever": (cosigned(served, NAME, WITNESS, at=2**64 - 1), "cosignature_wrong"),
    }
    answers: dict[str, Any] = {name: (await hand_in(client, note)).json()["code"] for name, (note, _) in cases.items()}
    assert answers == {name: code for name, (_, code) in cases.items()}
    assert (await hand_in(client, "x" * 4001)).status_code == 422
    with poll.look() as session:
        assert session.scalar(select(func.count()).select_from(LedgerCosignature)) == 0
    late = {"sent": (await hand_in(client, good)).status_code}
    assert late == {"sent": 201}


def test_a_witness_is_registered_once_under_a_key_of_its_kind(poll: Poll) -> None:
    register(poll)
    own = vkey_of("pingyi.test/ledger/poll", OTHER.public)
    refused = {
        "again": (VKEY, "witness_exists"),
        "another key": (vkey_of(NAME, OTHER.public, kind=WITNESS_KEY), "witness_exists"),
        "a log's key": (own, "witness_key_malformed"),
        "a log's name": (vkey_of("pingyi.test/ledger/poll", OTHER.public, kind=WITNESS_KEY), "witness_key_malformed"),
        "too long": (vkey_of("n" * 121, OTHER.public, kind=WITNESS_KEY), "witness_key_malformed"),
        "no key": ("jiwei", "witness_key_malformed"),
    }
    for name, (vkey, code) in refused.items():
        with poll.work() as session, pytest.raises(Problem) as problem:
            cosigning.add_witness(session, vkey, by="setup", at=clock.now())
        assert problem.value.code == code, name
    with poll.work() as session:
        cosigning.remove_witness(session, NAME, by="setup", at=clock.now())
        with pytest.raises(Problem, match="witness_unknown"):
            cosigning.remove_witness(session, NAME, by="setup", at=clock.now() + timedelta(1))
    register(poll)
