"""Finished cases over HTTP: posted by a business system, offered to the window's terminal, rated once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from survey_models.cases import service
from survey_models.cases.tables import Case
from survey_models.core import clock
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from tests.docs.events import differences
from tests.poll import Poll, open_poll

WINDOW = {"number": "1", "name": "综合窗口", "hall": "政务大厅", "business": "综合"}


async def machine(poll: Poll, **place: Any) -> dict[str, str]:
    """The header of a business system for the window in case mode."""
    async with poll.signed_in("setup") as setup:
        assert (await setup.put("/api/windows/w1", json={**WINDOW, "mode": "case"})).status_code == 200
        made = await setup.post("/api/machines", json={"name": "综窗系统", **(place or {"hall": "政务大厅"})})
        assert made.status_code == 201
        return {"Authorization": f"Bearer {made.json()['token']}", "X-Id": made.json()["id"]}


async def terminal(poll: Poll) -> dict[str, str]:
    async with poll.signed_in("setup") as setup, poll.client() as client:
        code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
        token = (await client.post("/api/devices/pair", json={"pairing_code": code})).json()["token"]
        return {"Authorization": f"Bearer {token}"}


async def post(poll: Poll, headers: dict[str, str], number: str, **more: Any) -> httpx.Response:
    async with poll.client() as client:
        return await client.post("/api/windows/w1/cases", json={"case_no": number, **more}, headers=headers)


async def offered(poll: Poll, headers: dict[str, str]) -> dict[str, Any]:
    async with poll.client() as client:
        found: dict[str, Any] = (await client.get("/api/windows/w1/cases/next", headers=headers)).json()
        return found


async def test_a_number_is_one_case_and_the_newest_is_offered(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        headers, device = await machine(poll), await terminal(poll)
        assert (await offered(poll, device))["case"] is None
        first = await post(poll, headers, "411102-2026-0007", service="身份证换领")
        again = await post(poll, headers, " 411102-2026-０００7 ")
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        found = await offered(poll, device)
        assert (found["service"], found["until"]) == ("身份证换领", first.json()["expires_at"])
        start = clock.now()
        with clock.frozen(start + timedelta(minutes=31)):
            assert (await offered(poll, device))["case"] is None
            second = await post(poll, headers, "8")
            assert second.status_code == 201
            newest = (await offered(poll, device))["case"]
            assert newest not in {None, found["case"]}
        with poll.work() as session:
            cases = {case.token: case for case in session.scalars(select(Case))}
            assert "2026-0007" not in str([vars(case) for case in cases.values()])
            cases[newest].rated_on = cases[newest].finished_on
        # The case before is not offered to the next person in line.
        with clock.frozen(start + timedelta(minutes=32)):
            assert (await offered(poll, device))["case"] is None
            refused = await post(poll, headers, "8")
            assert (refused.status_code, refused.json()["code"]) == (409, "case_rated")
            assert "该办件已评价" in refused.json()["detail"]
        with clock.frozen(start + timedelta(days=8)), poll.work() as session:
            assert service.forget_instants(session, at=clock.now()) == 2
            assert service.forget_instants(session, at=clock.now()) == 0
        with clock.frozen(start + timedelta(days=8)):
            late = await post(poll, headers, "411102-2026-0007")
            assert (late.status_code, late.json()["code"]) == (410, "case_expired")


async def test_a_credential_covers_one_hall_or_window(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        headers = await machine(poll, window="w1", personal=False)
        async with poll.signed_in("setup") as setup, poll.client() as client:
            await setup.put("/api/windows/w2", json={**WINDOW, "hall": "分厅", "mode": "case"})
            await setup.put("/api/windows/w3", json=WINDOW)
            elsewhere = await setup.post("/api/machines", json={"name": "分厅系统", "hall": "分厅"})
            other = {"Authorization": f"Bearer {elsewhere.json()['token']}"}
            for window, who, expected in (
                ("w1", headers, 201),
                ("w2", headers, "machine_out_of_scope"),
                ("w2", other, 201),
                ("w1", other, "machine_out_of_scope"),
                ("w9", other, "window_unknown"),
                ("w1", {}, "machine_unknown"),
                ("w1", {"Authorization": "Bearer no"}, "machine_unknown"),
            ):
                answer = await client.post(f"/api/windows/{window}/cases", json={"case_no": "5"}, headers=who)
                assert expected in {answer.status_code, answer.json().get("code")}
            for wrong in (
                {"name": "x"},
                {"name": "x", "hall": "无此厅"},
                {"name": "x", "hall": "分厅", "window": "w1"},
            ):
                assert (await setup.post("/api/machines", json=wrong)).status_code in {404, 422}
            # A token of a business system opens no other door, a terminal's not this one.
            assert (await client.get("/api/devices/me", headers=headers)).status_code == 401
            device = await terminal(poll)
            assert (await post(poll, device, "6")).json()["code"] == "machine_unknown"
            await setup.put("/api/windows/w1", json=WINDOW)
            assert (await post(poll, headers, "7")).json()["code"] == "window_counts_visits"
            assert (await setup.delete(f"/api/machines/{headers['X-Id']}")).json()["revoked_at"]
            assert (await setup.delete(f"/api/machines/{uuid.uuid4()}")).status_code == 404
            assert (await post(poll, headers, "5")).json()["code"] == "machine_unknown"
            listed = (await setup.get("/api/machines")).json()
            assert [(row["name"], bool(row["revoked_at"])) for row in listed] == [
                ("分厅系统", False),
                ("综窗系统", True),
            ]
            assert "token" not in listed[0]
        with poll.look() as session:
            # Not personal, so that the office finds it again.
            assert session.scalars(select(Case.number).where(Case.window_id == "w1")).all() == ["5"]
            for event, number in ((Event.MACHINE_MADE, 2), (Event.MACHINE_REVOKED, 1)):
                bodies = recorded(session, SYSTEM_LOG, event)
                assert [differences(event.value, SYSTEM_LOG, body) for body in bodies] == [[]] * number
