"""Tablets of test points: pairing, the channel of their sheets, pausing and withdrawing."""

from __future__ import annotations

from pathlib import Path

import httpx
from sqlalchemy import select

from survey_models.ballots.tables import IntakeSheet
from tests.poll import Poll, Shape, open_poll

PAIRINGS = "/api/tablets/pairings"


async def paired(poll: Poll, client: httpx.AsyncClient) -> str:
    """The token of a fresh tablet at test point 1."""
    async with poll.signed_in("setup") as setup:
        made = await setup.post(PAIRINGS, json={"campaign": "poll", "point": 1})
        assert made.status_code == 201
    answer = await client.post("/api/tablets/pair", json={"pairing_code": made.json()["pairing_code"].lower()})
    assert answer.status_code == 201
    assert answer.json()["campaign"] == "poll"
    token: str = answer.json()["token"]
    return token


async def test_a_tablet_is_paired_once_and_its_sheets_are_of_the_point(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.client() as client:
            proof = {"Authorization": f"Bearer {await paired(poll, client)}"}
            me = await client.get("/api/tablets/me", headers=proof)
            assert (me.status_code, me.json()["paused"]) == (200, False)
            assert me.json()["point"]
            path = "/api/campaigns/poll/ballots"
            sent = await client.post(path, json=poll.body(poll.live[0], "1230", channel="point"), headers=proof)
            alone = await client.post(path, json=poll.body(poll.live[1], "1230", channel="point"))
            assert (sent.status_code, alone.status_code) == (201, 201)
        with poll.look() as session:
            assert sorted(session.scalars(select(IntakeSheet.channel))) == ["phone", "point"]


async def test_pairing_and_withdrawing_are_the_offices(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client, poll.signed_in("setup") as setup, poll.signed_in("auditor") as auditor:
            assert (await auditor.post(PAIRINGS, json={"campaign": "poll"})).status_code == 403
            for wanted, code in (({"campaign": "no"}, "campaign_unknown"), ({"campaign": "poll", "point": 99}, None)):
                answer = await setup.post(PAIRINGS, json=wanted)
                assert (answer.status_code, answer.json()["code"]) == (404, code or "tablet_point_unknown")
            code = (await setup.post(PAIRINGS, json={"campaign": "poll"})).json()["pairing_code"]
            first = await client.post("/api/tablets/pair", json={"pairing_code": code})
            again = await client.post("/api/tablets/pair", json={"pairing_code": code})
            assert (first.status_code, again.status_code) == (201, 403)
            proof = {"Authorization": f"Bearer {first.json()['token']}"}
            assert (await client.get("/api/devices/me", headers=proof)).status_code == 401  # no terminal of a window
            tablet = (await auditor.get("/api/tablets")).json()[0]["tablet_id"]
            assert (await setup.post(f"/api/tablets/{tablet}/resume")).json()["code"] == "device_not_paused"
            assert (await setup.post(f"/api/tablets/{tablet}/withdraw")).status_code == 204
            assert (await client.get("/api/tablets/me", headers=proof)).status_code == 401
            assert (await auditor.get("/api/tablets")).json() == []


async def test_a_tablet_is_one_in_its_own_campaign_alone(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            token = await paired(poll, client)
        scope = {"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())], "client": ("a", 1)}
        asker = await poll.app.state.watch.admit(scope)
        assert asker.stands_for("poll")
        assert not asker.stands_for("other"), "elsewhere it is a browser like any other"


async def test_a_tablet_that_tries_wrong_codes_is_paused(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(), device_wrong_codes=3) as poll:
        async with poll.client() as client, poll.signed_in("setup") as setup:
            proof = {"Authorization": f"Bearer {await paired(poll, client)}"}
            for _ in range(3):
                wrong = {"campaign": "poll", "code": "0000000000000000"}
                assert (await client.post("/api/tickets/check", json=wrong, headers=proof)).status_code == 404
            right = {"campaign": "poll", "code": poll.live[0].code}
            paused = await client.post("/api/tickets/check", json=right, headers=proof)
            assert paused.json()["code"] == "device_paused"
            poll.app.state.watch.flush()
            tablet = (await setup.get("/api/tablets")).json()[0]
            assert tablet["paused"] is True
            assert (await setup.post(f"/api/tablets/{tablet['tablet_id']}/resume")).status_code == 204
            assert (await client.post("/api/tickets/check", json=right, headers=proof)).json()["state"] == "live"
