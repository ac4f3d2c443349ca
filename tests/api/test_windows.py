"""Terminals and window ratings over HTTP: paired once, stored once, shown the next day and never for a few."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from survey_models.core import clock
from survey_models.devices.tables import Device
from tests.poll import Poll, open_poll


async def pair(poll: Poll) -> dict[str, str]:
    async with poll.signed_in("setup") as setup:
        code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
    async with poll.client() as terminal:
        answer = await terminal.post("/api/devices/pair", json={"pairing_code": code.lower()})
        assert answer.status_code == 201
        again = await terminal.post("/api/devices/pair", json={"pairing_code": code})
        assert (again.status_code, again.json()["code"]) == (403, "pairing_refused")
    with poll.work() as session:
        # Paired before terminals had keys: its lists need no signature.
        session.get_one(Device, uuid.UUID(answer.json()["device_id"])).unsigned = True
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def tap(code: str = "5", **more: Any) -> dict[str, Any]:
    now = clock.now().isoformat()
    return {"id": str(uuid.uuid4()), "window_id": "w1", "code": code, "device_time": now, **more}


async def send(poll: Poll, headers: dict[str, str], *items: dict[str, Any]) -> httpx.Response:
    async with poll.client() as terminal:
        return await terminal.post("/api/ratings", json={"items": list(items)}, headers=headers)


async def test_a_tap_counts_once_however_often_it_is_sent(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        headers = await pair(poll)
        item, bad = tap(), tap("1", reasons=["slow"])
        first = await send(poll, headers, item, item, bad)
        second = await send(poll, headers, bad, item)
        assert [row["status"] for row in first.json()["results"]] == ["stored", "duplicate", "stored"]
        assert [row["status"] for row in second.json()["results"]] == ["duplicate", "duplicate"]
        async with poll.signed_in("setup") as setup:
            tallies = (await setup.get("/api/windows/w1/tallies")).json()
            listed = (await setup.get("/api/windows")).json()
        assert (tallies["total"], tallies["today"], tallies["periods"]) == (2, 2, [])
        assert listed[0]["total"] == 2


async def test_a_city_may_ask_three_options(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, window_scale="three") as poll:
        headers = await pair(poll)
        async with poll.client() as terminal:
            scale = (await terminal.get("/api/devices/me", headers=headers)).json()["scale"]
            page = (await terminal.get("/w/w1")).text
        assert [(one["code"], one["label"]) for one in scale] == [("4", "满意"), ("3", "基本满意"), ("2", "不满意")]
        assert re.findall(r'name="level" value="(\d)"', page) == ["4", "3", "2"]
        # What was tapped on five faces before the change still counts.
        answer = await send(poll, headers, tap("4"), tap("2", reasons=["slow"]), tap("5"))
        assert [row["status"] for row in answer.json()["results"]] == ["stored"] * 3


async def test_wrong_taps_are_refused_one_by_one(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        headers = await pair(poll)
        items = [tap("6"), tap("5", reasons=["slow"]), tap(window_id="w2"), tap("2", reasons=["nonsense"]), tap()]
        answer = await send(poll, headers, *items)
        assert [row["status"] for row in answer.json()["results"]] == ["refused"] * 4 + ["stored"]
        assert answer.json()["results"][2]["code"] == "window_unknown"
        assert (await send(poll, {}, tap())).json()["code"] == "device_unknown"
        assert (await send(poll, {"Authorization": "Bearer no"}, tap())).status_code == 401


async def test_levels_appear_the_next_day_and_only_for_ten(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        headers = await pair(poll)
        await send(poll, headers, *(tap("4") for _ in range(9)), tap("2"))
        start = clock.now()
        with clock.frozen(start + timedelta(days=1)):
            await send(poll, headers, *(tap("5") for _ in range(3)))
        with clock.frozen(start + timedelta(days=2)):
            async with poll.signed_in("setup") as setup:
                periods = (await setup.get("/api/windows/w1/tallies")).json()["periods"]
        full = [row for row in periods if row["n"] == 10]
        small = [row for row in periods if row["n"] == 3]
        assert full[0]["counts"] == {"5": 0, "4": 9, "3": 0, "2": 1, "1": 0}
        assert small[0]["counts"] is None
        assert len(small[0]["period"]) == len("2026-11")


async def test_a_pairing_code_lapses(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
        with clock.frozen(clock.now() + timedelta(minutes=11)):
            async with poll.client() as terminal:
                answer = await terminal.post("/api/devices/pair", json={"pairing_code": code})
        assert answer.json()["code"] == "pairing_refused"
