"""Tablets of test points: pairing, the channel of their sheets, pausing and withdrawing."""

from __future__ import annotations

import base64
import json
import os
from datetime import date
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from api.auth import passwords
from survey_models.accounts import service as accounts
from survey_models.ballots.tables import IntakeSheet
from survey_models.core import clock
from tests.poll import PASSWORD, Poll, Shape, open_poll

PAIRINGS = "/api/tablets/pairings"
CURVE = ec.SECP256R1()


def sealed(key: str, text: str, *, purpose: str = "pingyi-sheet/1") -> str:
    """What kiosk/phone/box.js writes, by another library."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, base64.urlsafe_b64decode(key + "="))
    ours, nonce = ec.generate_private_key(CURVE), os.urandom(12)
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    stretched = HKDF(SHA256(), 32, salt=point, info=purpose.encode()).derive(ours.exchange(ec.ECDH(), theirs))
    whole = point + nonce + AESGCM(stretched).encrypt(nonce, text.encode(), None)
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


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


async def test_a_sealed_sheet_is_taken_like_any_other(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            proof = {"Authorization": f"Bearer {await paired(poll, client)}"}
            key = (await client.get("/api/tablets/me", headers=proof)).json()["sheets_key"]
            sheet = poll.body(poll.live[0], "1230", channel="point")
            inside = json.dumps({"campaign": "poll", "sheet": sheet})

            async def send(text: str) -> httpx.Response:
                return await client.post("/api/tablets/sheets", json={"sealed": text}, headers=proof)

            first, again = await send(sealed(key, inside)), await send(sealed(key, inside))
            assert (first.status_code, again.status_code) == (201, 200)
            assert first.json()["receipt"] == again.json()["receipt"]
            assert (await client.post("/api/campaigns/poll/ballots", json=sheet, headers=proof)).status_code == 200
            other = json.dumps({"campaign": "poll", "sheet": poll.body(poll.live[0], "1230")})
            assert (await send(sealed(key, other))).json()["code"] == "ticket_used"
            good = sealed(key, inside)
            spoilt = [
                good[:-3] + ("AAA" if good[-3:] != "AAA" else "BBB"),
                good[:60],
                sealed(key, inside, purpose="pingyi-outbox/1"),
                sealed(key, "{}"),
                sealed(key, "no JSON"),
            ]
            for text in spoilt:
                refused = await send(text)
                assert (refused.status_code, refused.json()["code"]) == (422, "request_malformed")
                assert poll.live[0].code not in refused.text
        with poll.look() as session:
            assert list(session.scalars(select(IntakeSheet.channel))) == ["point"]


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


async def test_a_clerk_deals_with_the_own_test_points_alone(sqlite_url: str, tmp_path: Path) -> None:
    day = date(2026, 1, 5)
    with open_poll(sqlite_url, tmp_path) as poll:
        with poll.work() as session:
            hashed = passwords.new_hash(PASSWORD, name="钱点")
            accounts.create(
                session,
                "钱点",
                password_hash=hashed,
                roles=["point"],
                at=clock.now(),
                demo=True,
                trained_on=day,
                undertaking_on=day,
            )
        async with poll.client() as client, poll.signed_in("setup") as setup, poll.signed_in("钱点") as clerk:
            there = []
            for point in (1, 3):
                code = (await setup.post(PAIRINGS, json={"campaign": "poll", "point": point})).json()["pairing_code"]
                await client.post("/api/tablets/pair", json={"pairing_code": code})
                there.append((await setup.get("/api/tablets")).json()[0]["tablet_id"])
            assert (await clerk.get("/api/tablets")).json() == [], "no post, nothing"
            assert (await clerk.get("/api/campaigns")).json() == []
            assert (await clerk.get("/api/campaigns/poll/progress")).json()["code"] == "not_own_point"
            path = "/api/accounts/钱点/assignments/poll"
            assert (await setup.put(path, json={"points": [99]})).json()["code"] == "tablet_point_unknown"
            made = (await setup.put(path, json={"points": [1]})).json()
            assert made["posts"] == [{"campaign": "poll", "points": [1]}]
            assert [one["tablet_id"] for one in (await clerk.get("/api/tablets")).json()] == there[:1]
            for answer in (
                await clerk.post(PAIRINGS, json={"campaign": "poll", "point": 3}),
                await clerk.post(f"/api/tablets/{there[1]}/resume"),
                await clerk.post(f"/api/tablets/{there[1]}/withdraw"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "not_own_point")
            assert (await clerk.post(PAIRINGS, json={"campaign": "poll", "point": 1})).status_code == 201
            shown = (await clerk.get("/api/campaigns/poll/progress")).json()
            assert {row["point_no"] for row in shown["rows"]} == {1}
            assert [one["no"] for one in (await clerk.get("/api/campaigns/poll")).json()["points"]] == [1]
            assert (await setup.delete(path)).json()["posts"] == []
            assert (await clerk.get("/api/tablets")).json() == []


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
