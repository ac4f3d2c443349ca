"""The ballot door over HTTP: the fast lane and the ordinary way say the same, and a form gets a page."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import lane
from api.schemas import ballots
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.intake import Receipt
from survey_models.core.errors import Problem
from tests.poll import Poll, open_poll

PATH = "/api/campaigns/poll/ballots"
AS_JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def ordinary(poll: Poll) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests never take the fast lane."""
    async with poll.client() as client:
        client.headers["Cookie"] = "made-up=1"
        yield client


def told(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """What must be equal on both ways."""
    names = ("content-type", "cache-control", "x-content-type-options", "retry-after")
    return answer.status_code, {name: answer.headers.get(name, "") for name in names}, answer.json()


async def test_both_ways_say_the_same(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        good = poll.body(poll.live[0], "1230")
        other = poll.body(poll.live[1], "1111")
        bodies = [
            good,
            {**other, "id": good["id"]},
            {**good, "id": str(uuid.uuid4())},
            {**other, "version": 9},
            {**other, "answers": "1x11--"},
            {**other, "code": other["code"][:-1]},
            {**other, "id": str(uuid.uuid1())},
            {**other, "extra": 1},
            {**other, "channel": "paper"},
            {**other, "answers": 1},
            {**other, "more": {"a": 1}},
            {},
        ]
        async with poll.client() as client, ordinary(poll) as slow:
            stored = await client.post(PATH, json=good)
            assert (stored.status_code, stored.json()["replay"]) == (201, False)
            for body in bodies:
                quick, usual = await client.post(PATH, json=body), await slow.post(PATH, json=body)
                assert told(quick) == told(usual), body
            for content in (b"", b"{", b"[" * 5000, b"\xff", b'{"id": "\\ud800"}', b"x" * 20_000):
                quick = await client.post(PATH, content=content, headers=AS_JSON)
                assert told(quick) == told(await slow.post(PATH, content=content, headers=AS_JSON))
        assert poll.stored() == poll.spent() == 1


async def test_the_fast_lane_is_taken_by_what_phones_send(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    wire = ballots.wire

    def noted(receipt: Receipt) -> dict[str, Any]:
        taken.append(1)
        return wire(receipt)

    monkeypatch.setattr(lane, "wire", noted)
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            phone = {**poll.body(poll.live[0], "1111"), "more": {}, "channel": "phone"}
            assert (await client.post(PATH, json=phone)).status_code == 201
            assert taken == [1]
            assert (await client.post(PATH, json=phone)).status_code == 200
            point = {**poll.body(poll.live[1], "1111"), "channel": "point"}
            assert (await client.post(PATH, json=point)).status_code == 201
        async with ordinary(poll) as client:
            assert (await client.post(PATH, json=phone)).status_code == 200
    assert taken == [1, 1]


@pytest.mark.parametrize("code", ["intake_busy", "intake_unconfirmed"])
async def test_busy_is_said_at_once_on_both_ways(
    code: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise Problem(code)

    monkeypatch.setattr(BallotDoor, "post", busy)
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client, ordinary(poll) as slow:
            body = poll.body(poll.live[0], "1111")
            quick, usual = await client.post(PATH, json=body), await slow.post(PATH, json=body)
    assert told(quick) == told(usual)
    assert (quick.status_code, quick.json()["code"], quick.headers["retry-after"]) == (503, code, "1")


def filled_in(poll: Poll, number: int, units: str) -> dict[str, str]:
    answers = {f"q_U-{no:03}": answer for no, answer in enumerate(units, start=1)}
    return {"code": poll.live[number].code, "ballot_id": str(uuid.uuid4()), **answers}


async def test_a_form_at_the_door_gets_a_page(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.client() as client:
            form = filled_in(poll, 0, "1230")
            first, again = await client.post(PATH, data=form), await client.post(PATH, data=form)
            wrong = await client.post(f"{PATH}?lang=en", data={**filled_in(poll, 1, "12"), "q_U-003": "x"})
            receipt = await client.get(first.headers["location"])
        assert (first.status_code, again.status_code) == (303, 303)
        assert first.headers["location"] == again.headers["location"]
        assert first.headers["location"].startswith("/b/poll/receipt/")
        assert receipt.status_code == 200
        assert wrong.status_code == 422
        assert wrong.headers["content-type"].startswith("text/html")
        assert wrong.headers["content-language"] == "en"
        assert 'name="q_U-002" value="2" checked' in wrong.text
        assert 'action="/b/poll?lang=en"' in wrong.text
        assert poll.stored() == poll.spent() == 1


async def test_a_form_in_parts_and_one_for_nobody(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            unknown = await client.post("/api/campaigns/none/ballots", data=filled_in(poll, 0, "1111"))
            parts = {"Content-Type": "multipart/form-data; boundary=x"}
            refused = await client.post(PATH, content=b"--x--\r\n", headers=parts)
    assert (unknown.status_code, unknown.headers["content-type"].partition(";")[0]) == (404, "text/html")
    assert (refused.status_code, refused.json()["code"]) == (422, "request_malformed")
