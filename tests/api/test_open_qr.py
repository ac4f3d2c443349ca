"""The open QR: a ticket for one visit, one sheet from each device, a shortest time, and never a part of the sample."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from survey_models.ballots.tables import Ballot, IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.tickets import open_qr
from survey_models.tickets.tables import OpenDevice, OpenTicketSpent
from tests.poll import Poll, Shape, open_poll

OPEN = Shape(open_channel=True)
PATH = "/api/campaigns/poll"
LATER = timedelta(seconds=5)


async def begin(client: httpx.AsyncClient) -> str:
    answer = await client.post(f"{PATH}/open-tickets")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


def sheet(poll: Poll, ticket: str, units: str = "1230") -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "ticket": ticket, "answers": poll.answers(units)}


async def send(client: httpx.AsyncClient, body: dict[str, Any], *, after: timedelta = LATER) -> httpx.Response:
    """Send a sheet some time after now."""
    with clock.frozen(clock.now() + after):
        return await client.post(f"{PATH}/open-ballots", json=body)


def kept(poll: Poll) -> tuple[int, int, int]:
    """Sealed sheets, spent one-visit tickets, devices that answered."""
    with poll.look() as session:
        tables = (IntakeSheet, OpenTicketSpent, OpenDevice)
        sheets, tickets, devices = (session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    return sheets, tickets, devices


async def test_a_visit_gives_one_sheet_and_its_retry_the_same_receipt(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, OPEN) as poll:
        async with poll.client() as client:
            ticket = await begin(client)
            assert kept(poll) == (0, 0, 0), "a ticket that is not spent is stored nowhere"
            body = sheet(poll, ticket)
            first = await send(client, body)
            again = await send(client, body, after=timedelta(hours=2))
            assert (first.status_code, again.status_code) == (201, 200)
            assert (first.json()["receipt"], again.json()["replay"]) == (again.json()["receipt"], True)
            other = await send(client, sheet(poll, ticket))
            assert (other.status_code, other.json()["code"]) == (409, "open_ticket_used")
            assert kept(poll) == (1, 1, 1)
            with poll.look() as session:
                stored = session.scalars(select(IntakeSheet)).one()
            assert (stored.channel, stored.batch_no) == ("open", 0)


async def test_each_device_answers_once_and_others_are_counted_apart(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, OPEN) as poll:
        async with poll.client() as phone, poll.client() as other:
            ticket, spare = await begin(phone), await begin(phone)
            assert (await send(phone, sheet(poll, ticket))).status_code == 201
            second = await send(phone, sheet(poll, spare))
            assert (second.status_code, second.json()["code"]) == (409, "open_device_used")
            refused = await phone.post(f"{PATH}/open-tickets")
            assert refused.json()["code"] == "open_device_used", "told before a sheet is filled in for nothing"
            for _ in range(2):
                ticket = await begin(other)
                other.cookies.clear()
                assert (await send(other, sheet(poll, ticket))).status_code == 201
            other.cookies.set("pingyi-device", "A" * 43)
            assert (await send(other, sheet(poll, spare))).status_code == 201, "a cookie that is not ours is none"
        assert kept(poll) == (4, 4, 1)
        async with poll.signed_in("auditor") as office:
            progress = (await office.get(f"{PATH}/progress")).json()
        assert progress["open"] == {"verified": 1, "unverified": 3}
        assert (progress["done"], progress["channels"]) == (0, {"open": 4})


async def test_what_no_person_fills_in_is_refused_and_may_be_sent_later(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(open_channel=True, n_units=21)) as poll:
        async with poll.client() as client:
            made = await client.post(f"{PATH}/open-tickets")
            assert made.json()["seconds"] == 6
            body = sheet(poll, made.json()["ticket"], "1" * 21)
            hasty = await send(client, body, after=timedelta(seconds=5))
            assert (hasty.status_code, hasty.json()["code"]) == (425, "open_too_fast")
            assert "6 秒" in hasty.json()["detail"]
            assert kept(poll) == (0, 0, 0)
            assert (await send(client, body, after=timedelta(seconds=7))).status_code == 201


async def test_tickets_that_are_none(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, OPEN) as poll:
        pepper, at = poll.app.state.pepper, clock.now()
        good = open_qr.new_ticket("poll", pepper=pepper, at=at)
        others = [
            open_qr.new_ticket("another", pepper=pepper, at=at),
            open_qr.new_ticket("poll", pepper=b"x" * 32, at=at),
            *(good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :] for place in (1, 9, 25, 40)),
            good[:-4],
            "",
            "票",
            poll.live[0].code,
        ]
        async with poll.client() as client:
            for ticket in others:
                answer = await send(client, sheet(poll, ticket))
                assert (answer.status_code, answer.json()["code"]) == (422, "open_ticket_unknown"), ticket
            late = await send(client, sheet(poll, good), after=timedelta(minutes=31))
            assert (late.status_code, late.json()["code"]) == (410, "open_ticket_expired")
            wrong = await client.post(f"{PATH}/ballots", json=poll.body(good, "1111"))
            assert wrong.json()["code"] == "ticket_mistyped"
            assert (await send(client, sheet(poll, good, "12x0"))).json()["code"] == "option_outside_scale"
            assert kept(poll) == (0, 0, 0)
            assert (await send(client, sheet(poll, good))).status_code == 201


async def test_forty_requests_with_one_ticket_give_one_sheet(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, OPEN) as poll:
        async with poll.client() as client:
            ticket = await begin(client)
            with clock.frozen(clock.now() + LATER):
                bodies = [sheet(poll, ticket) for _ in range(40)]
                posts = (client.post(f"{PATH}/open-ballots", json=body) for body in bodies)
                codes = sorted(answer.status_code for answer in await asyncio.gather(*posts))
        assert codes == [201] + [409] * 39
        assert kept(poll) == (1, 1, 1)


async def test_two_processes_that_meet_at_one_device_store_one_sheet(postgres_url: str, tmp_path: Path) -> None:
    """Each process has a writer of its own; what one wrote while the other looked is decided anew."""
    with open_poll(postgres_url, tmp_path, OPEN) as poll:
        twin = type(poll.app.state.intake)(poll.engine, zone="Asia/Shanghai", capacity=50)
        twin.start()
        try:
            async with poll.client() as client:
                tickets = [await begin(client) for _ in range(12)]
                doors = [poll.app.state.open_door, type(poll.app.state.open_door)(twin, pepper=poll.app.state.pepper)]
                with poll.look() as session:
                    form = campaigns.form_of(session, campaigns.get(session, "poll"))
                cookie = client.cookies["pingyi-device"]
                at = clock.now() + LATER
                posts = [
                    doors[number % 2].post(
                        "poll",
                        form,
                        ballot_id=uuid.uuid4(),
                        ticket=ticket,
                        answers=poll.answers("1111"),
                        cookie=cookie,
                        at=at,
                    )
                    for number, ticket in enumerate(tickets)
                ]
                outcomes = await asyncio.gather(*posts, return_exceptions=True)
        finally:
            twin.stop()
        codes = sorted(getattr(outcome, "code", "?") for outcome in outcomes if isinstance(outcome, Exception))
        assert codes == ["open_device_used"] * 11
        assert kept(poll) == (1, 1, 1)


async def test_open_sheets_enter_no_tally_and_no_result_of_the_sample(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(open_channel=True, points=False, per_cell=12)) as poll:
        for code in poll.live:
            assert (await poll.cast(code, "1111")).status_code == 201
        for number in range(14):
            async with poll.client() as client:
                ticket = await begin(client)
                if number > 11:
                    client.cookies.clear()
                assert (await send(client, sheet(poll, ticket, "3333"))).status_code == 201
        async with poll.signed_in("setup") as setup, poll.signed_in("release") as release:
            await setup.post(f"{PATH}/close")
            act = (await setup.post(f"{PATH}/count")).json()
            assert (await release.post(f"/api/acts/{act['number']}/confirm")).status_code == 200
            tallies = (await setup.get(f"{PATH}/tallies?by=unit")).json()
            assert {cell["n"] for cell in tallies["cells"]} == {48}
            assert {cell["counts"]["3"] for cell in tallies["cells"]} == {0}
            result = (await setup.post(f"{PATH}/results")).json()
            assert {row["score"][:3] for row in result["rows"]} == {"100"}
            assert (await setup.get(f"{PATH}/progress")).json()["open"] == {"verified": 12, "unverified": 2}
        with poll.look() as session:
            cells = session.execute(
                select(Ballot.stratum_no, Ballot.point_no, func.count())
                .where(Ballot.channel == "open")
                .group_by(Ballot.stratum_no, Ballot.point_no)
            ).all()
        assert [tuple(cell) for cell in cells] == [(0, 0, 14)], "two unverified sheets lie among the others"


async def test_where_there_is_no_open_qr_nothing_answers(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            for path in ("open-tickets", "open-ballots"):
                answer = await client.post(f"{PATH}/{path}", json=sheet(poll, "x"))
                assert (answer.status_code, answer.json()["code"]) == (404, "open_channel_off")
            assert (await client.get("/o/poll")).status_code == 404
            assert (await client.get("/o/none")).status_code == 404
            assert (await client.post("/o/poll")).status_code == 404


async def test_a_browser_without_script_goes_from_the_button_to_the_receipt(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, OPEN) as poll:
        async with poll.client() as client:
            start = await client.get("/o/poll")
            assert start.status_code == 200
            assert "参考" in start.text
            assert "set-cookie" not in start.headers, "a link that is merely fetched begins nothing"
            shown = await client.post("/o/poll", headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
            assert "HttpOnly" in shown.headers["set-cookie"]
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
            assert set(fields) == {"ballot_id", "ticket"}
            marks = {f"q_U-{no:03}": "1" for no in range(1, 5)}
            turned = await client.post("/o/poll?lang=en&elder=1", data={**fields, "q_U-001": "3", "show": "1"})
            assert 'name="q_U-001" value="3" checked' in turned.text
            assert fields["ticket"] in turned.text
            hasty = await client.post("/o/poll", data={**fields, **marks})
            assert hasty.status_code == 425
            assert 'name="q_U-004" value="1" checked' in hasty.text
            assert kept(poll) == (0, 0, 0)
            with clock.frozen(clock.now() + LATER):
                done = await client.post("/o/poll", data={**fields, **marks})
                assert done.status_code == 303
                assert (await client.get(done.headers["location"])).status_code == 200
                used = await client.post("/o/poll")
                assert used.status_code == 409
                assert "这台设备已经提交过一份" in used.text
            assert kept(poll) == (1, 1, 1)


async def test_other_sites_cannot_send_and_personal_pages_know_no_cookie(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, OPEN, public_url="https://pingyi.example") as poll:
        transport = httpx.ASGITransport(app=poll.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://pingyi.example") as client:
            foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
            for path in (f"{PATH}/open-tickets", "/o/poll"):
                assert (await client.post(path, headers=foreign)).json()["code"] == "csrf_refused"
                hidden = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
                assert (await client.post(path, headers=hidden)).json()["code"] == "csrf_refused"
            given = (await client.post(f"{PATH}/open-tickets")).headers["set-cookie"]
            assert given.startswith("__Host-pingyi-device=")
            assert {"secure", "httponly", "path=/", "samesite=lax"} <= {
                part.strip().lower() for part in given.split(";")
            }
            answers = [
                await client.get("/b/poll"),
                await client.post("/api/tickets/check", json={"campaign": "poll", "code": poll.live[0].code}),
                await client.post(f"{PATH}/ballots", json=poll.body(poll.live[0], "1111")),
            ]
        assert [answer.status_code for answer in answers] == [200, 200, 201]
        assert not [answer for answer in answers if "set-cookie" in answer.headers]
        assert kept(poll)[1:] == (0, 0), "a personal code leaves nothing of the device"


@pytest.mark.parametrize(("units", "seconds"), [(1, 2), (10, 2), (11, 4), (80, 16)])
def test_the_shortest_time_is_two_seconds_for_ten_units(units: int, seconds: int) -> None:
    assert open_qr.shortest_fill(units) == seconds


def test_a_device_has_another_digest_in_every_campaign() -> None:
    pepper = b"p" * 32
    cookie = open_qr.new_cookie(pepper)
    first, second = (open_qr.device_digest(cookie, name, pepper=pepper) for name in ("a", "b"))
    assert first
    assert second
    assert first != second
    assert open_qr.device_digest(cookie, "a", pepper=b"q" * 32) is None
    assert open_qr.device_digest("x" + cookie[1:], "a", pepper=pepper) in {None, first}
