"""The watch over codes: who tries wrong ones is slowed, counted and told; a right code is never refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, select

from api import handover, watch
from api.addresses import Proxies, asking_address
from api.watch import CodeWatch
from survey_models.campaigns.tables import Purpose
from survey_models.core import clock
from survey_models.devices import service as devices
from survey_models.ledger.tables import LedgerEntry
from survey_models.tablets import service as tablets
from survey_models.tickets import codes
from tests.poll import Poll, open_poll

pytestmark = pytest.mark.usefixtures("at_once")
HALL = "203.0.113.7"
PROXY = "10.0.0.1"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, but in the test about waiting."""
    monkeypatch.setattr(watch, "SLOWED_BY", 0.0)


@asynccontextmanager
async def visitor(poll: Poll, address: str, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """Somebody whose connection comes from ``address``, with the token of a paired device or without."""
    transport = httpx.ASGITransport(app=poll.app, client=(address, 40_000))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield client


async def check(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post("/api/tickets/check", json={"campaign": "poll", "code": code})


async def cast(client: httpx.AsyncClient, poll: Poll, code: str) -> httpx.Response:
    return await client.post("/api/campaigns/poll/ballots", json=poll.body(code, "1111"))


def flush(poll: Poll) -> None:
    found: CodeWatch = poll.app.state.watch
    found.flush()


async def alarms(poll: Poll) -> list[dict[str, Any]]:
    flush(poll)
    async with poll.signed_in("auditor") as office:
        found: list[dict[str, Any]] = (await office.get("/api/campaigns/poll/progress")).json()["alarms"]
    return found


def told(poll: Poll, event: str) -> list[dict[str, Any]]:
    with poll.look() as session:
        return [json.loads(raw) for raw in session.scalars(select(LedgerEntry.body).where(LedgerEntry.event == event))]


async def test_polling_a_hand_over_file_raises_an_alarm_and_refuses_nobody(database_url: str, tmp_path: Path) -> None:
    """Who holds the file of codes could ask which are unused yet. Each code is asked once: no limit stops that."""
    with open_poll(database_url, tmp_path, looked_up_alarm=25) as poll:
        strata = dict.fromkeys(range(1, 5), ("区", "类"))
        points = dict.fromkeys(range(1, 5), "点")
        path = tmp_path / "codes.csv"
        lines = handover.lines_of(poll.live, strata=strata, points=points)
        handover.write_plain(path, lines, purpose=Purpose.DEMO)
        async with visitor(poll, HALL) as thief:
            for number, line in enumerate(handover.read_plain(path)):
                assert (await check(thief, line.code)).json()["state"] == "live"
                if number == 23:
                    assert await alarms(poll) == []
            [alarm] = await alarms(poll)
            assert alarm["kind"] == "looked_up"
            assert alarm["number"] >= 25
            assert len(told(poll, "tickets:alarm")) == 1, "once a day"
            assert (await cast(thief, poll, poll.live[0].code)).status_code == 201


async def test_the_ballot_door_tells_no_more_about_codes_than_looking_at_them_does(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Sheets that are refused, or stand under an id of one's own, would tell day by day whose code was used."""
    with open_poll(sqlite_url, tmp_path, looked_up_alarm=4) as poll:
        victim, own, *others = poll.live
        async with visitor(poll, HALL) as thief, visitor(poll, "203.0.113.8") as person:
            known = poll.body(own, "1111")
            assert (await thief.post("/api/campaigns/poll/ballots", json=known)).status_code == 201
            probe = {**known, "code": victim.code}
            empty = poll.body(victim, "----")
            for number in range(12):
                answer = await thief.post("/api/campaigns/poll/ballots", json=probe if number % 2 else empty)
                told = "ballot_id_taken" if number % 2 else "ballot_empty"
                assert answer.json()["code"] == ("check_too_often" if number >= 10 else told)
            sheet = poll.body(victim, "2222")
            assert (await person.post("/api/campaigns/poll/ballots", json=sheet)).status_code == 201, "never refused"
            assert (await thief.post("/api/campaigns/poll/ballots", json=probe)).json()["code"] == "check_too_often"
            assert (await thief.post("/api/campaigns/poll/ballots", json=known)).status_code == 200
            assert await alarms(poll) == []
            for code in others[:4]:
                await thief.post("/api/campaigns/poll/ballots", json={**known, "code": code.code})
            [alarm] = await alarms(poll)
            assert alarm["kind"] == "looked_up"


async def test_a_hall_whose_visitors_send_their_sheets_raises_none(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, looked_up_alarm=10) as poll:
        async with visitor(poll, HALL) as hall:
            for code in poll.live:
                assert (await check(hall, code.code)).status_code == 200
                assert (await cast(hall, poll, code.code)).status_code == 201
                flush(poll)
        assert await alarms(poll) == []


async def test_wrong_codes_are_counted_by_campaign_and_day_and_told_once(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, wrong_codes_alarm=6) as poll:
        mistyped = poll.live[0].code[:-1] + ("0" if poll.live[0].code[-1] != "0" else "1")
        async with visitor(poll, HALL) as guest:
            for _ in range(3):
                assert (await check(guest, codes.new_code())).json()["code"] == "ticket_unknown"
                assert (await check(guest, mistyped)).json()["code"] == "ticket_mistyped"
            assert await alarms(poll) == [], "a typing mistake is no guess"
            for _ in range(4):
                assert (await cast(guest, poll, codes.new_code())).json()["code"] == "ticket_unknown"
            [alarm] = await alarms(poll)
            assert (alarm["kind"], alarm["number"]) == ("wrong", 7)
            await cast(guest, poll, codes.new_code())
            assert [found["number"] for found in await alarms(poll)] == [8]
            assert [entry["number"] for entry in told(poll, "tickets:alarm")] == [7]
            with clock.frozen(clock.now() + timedelta(days=1)):
                await cast(guest, poll, codes.new_code())
                assert len(await alarms(poll)) == 1, "a new day begins at nothing"
            assert (await cast(guest, poll, poll.live[0].code)).status_code == 201


async def test_an_address_that_fails_is_slowed_and_still_served(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, sleep = [], asyncio.sleep

    async def noted(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    with open_poll(sqlite_url, tmp_path, trusted_proxies=f"{PROXY}, 10.1.0.0/16") as poll:
        async with visitor(poll, PROXY) as front:

            async def slowed(forwarded: str, code: str) -> tuple[bool, int]:
                waits.clear()
                wanted = {"campaign": "poll", "code": code}
                found = await front.post("/api/tickets/check", json=wanted, headers={"X-Forwarded-For": forwarded})
                return watch.SLOWED_BY in waits, found.status_code

            for _ in range(watch.FAILURES):
                assert not (await slowed(HALL, codes.new_code()))[0]
            assert await slowed(HALL, poll.live[0].code) == (True, 200)
            assert (await slowed(f"1.2.3.4, {HALL}", poll.live[0].code))[0], "what a stranger puts first is his"
            assert not (await slowed(f"{HALL}, 198.51.100.9", poll.live[1].code))[0]
            assert (await slowed(f"198.51.100.9, {HALL}, 10.1.2.3", poll.live[2].code))[0]
            with clock.frozen(clock.now() + timedelta(minutes=11)):
                assert not (await slowed(HALL, poll.live[3].code))[0]
        async with visitor(poll, HALL) as direct:
            assert (await cast(direct, poll, poll.live[0].code)).status_code == 201


async def test_a_device_with_wrong_codes_is_paused_until_setup_resumes_it(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, device_wrong_codes=3) as poll:
        with poll.work() as session:
            device, token = devices.pair(
                session, devices.make_pairing(session, "w1", by="setup", at=clock.now())[0], at=clock.now()
            )
        async with visitor(poll, HALL, token) as tablet, visitor(poll, HALL) as phone:
            for number in range(3):
                answer = await (check(tablet, codes.new_code()) if number else cast(tablet, poll, codes.new_code()))
                assert answer.json()["code"] == "ticket_unknown"
            for answer in (await check(tablet, poll.live[0].code), await cast(tablet, poll, poll.live[0].code)):
                assert (answer.status_code, answer.json()["code"]) == (429, "device_paused")
            assert (await cast(phone, poll, poll.live[0].code)).status_code == 201, "the person's own phone goes on"
            flush(poll)
            assert (await check(tablet, poll.live[1].code)).json()["code"] == "device_paused"
            assert (await tablet.get("/api/devices/me")).status_code == 200, "window ratings go on"
            assert [entry["wrong"] for entry in told(poll, "devices:paused")] == [3]
            async with poll.signed_in("setup") as office:
                [listed] = (await office.get("/api/devices")).json()
                assert (listed["id"], listed["paused_at"] is not None) == (str(device.id), True)
                assert (await office.post(f"/api/devices/{device.id}/resume")).status_code == 204
                again = await office.post(f"/api/devices/{device.id}/resume")
                assert (again.status_code, again.json()["code"]) == (409, "device_not_paused")
                nobody = await office.post("/api/devices/00000000-0000-4000-8000-000000000000/resume")
                assert nobody.json()["code"] == "device_unknown_id"
            assert (await cast(tablet, poll, poll.live[1].code)).status_code == 201


async def test_a_tablet_may_look_up_a_code_as_often_as_it_is_shown(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        with poll.work() as session:
            pairing, _ = tablets.make_pairing(session, "poll", 1, by="setup", at=clock.now())
            _, token = tablets.pair(session, pairing, at=clock.now())
            pairing, _ = devices.make_pairing(session, "w1", by="setup", at=clock.now())
            _, window = devices.pair(session, pairing, at=clock.now())
        async with visitor(poll, HALL, token) as tablet, visitor(poll, HALL, window) as terminal:
            assert {(await check(tablet, poll.live[0].code)).status_code for _ in range(12)} == {200}
            found = [(await check(terminal, poll.live[1].code)).status_code for _ in range(11)]
            assert found == [200] * 10 + [429], "a window's terminal is for ratings"
            for client, code in ((tablet, poll.live[2]), (terminal, poll.live[3])):
                body = poll.body(code, "1111", channel="point")
                assert (await client.post("/api/campaigns/poll/ballots", json=body)).status_code == 201
        async with poll.signed_in("auditor") as office:
            channels = (await office.get("/api/campaigns/poll/progress")).json()["channels"]
        assert channels == {"point": 1, "phone": 1}, "only a tablet is a test point's"


async def test_no_address_reaches_database_or_log(
    database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_poll(database_url, tmp_path, wrong_codes_alarm=1, looked_up_alarm=2) as poll:
        async with visitor(poll, HALL) as guest:
            for code in poll.live[:3]:
                await check(guest, code.code)
                await cast(guest, poll, codes.new_code())
        assert len(await alarms(poll)) == 2
        found: CodeWatch = poll.app.state.watch
        marks = [HALL.encode(), *(key for key, _ in found._looks), *found._failures]
        metadata = MetaData()
        metadata.reflect(poll.engine)
        with poll.engine.connect() as connection:
            for table in metadata.sorted_tables:
                held = repr(connection.execute(select(table)).all())
                assert not [mark for mark in marks if repr(mark)[2:-1] in held or mark.hex() in held], table.name
        out, err = capfd.readouterr()
        assert HALL not in out + err


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1", "10.1.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["10.1.0.1"], "10.1.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
    ],
)
def test_whose_address_it_is(peer: str, forwarded: list[str], expected: str) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded]}
    assert asking_address(scope, Proxies("10.0.0.1,10.1.0.0/16")) == expected
    if peer != expected and ":" not in peer:
        assert asking_address(scope, Proxies("")) == peer
    with pytest.raises(ValueError, match="not a network"):
        Proxies("not a network")
