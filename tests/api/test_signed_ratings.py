"""Signed batches of a terminal: disorder is harmless, forks are set apart, files of the office count once."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool

from api.outbox_files import bring_in
from survey_models.core import clock
from survey_models.devices.tables import Device
from survey_models.ratings.tables import AsideRating, DeviceTap, Rating
from tests.poll import Poll, open_poll
from tests.terminal import Terminal, sealed


async def paired(poll: Poll, terminal: Terminal | None = None) -> Terminal:
    terminal = terminal or Terminal()
    async with poll.signed_in("setup") as setup:
        code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
        answer = await setup.post("/api/devices/pair", json=terminal.asking(code))
    return terminal.paired(answer.raise_for_status().json())


async def send(poll: Poll, terminal: Terminal, body: Mapping[str, Any]) -> httpx.Response:
    async with poll.client() as client:
        return await client.post("/api/ratings", json=body, headers=terminal.headers)


async def statuses(poll: Poll, terminal: Terminal, first: int = 1, last: int | None = None) -> list[str]:
    answer = await send(poll, terminal, terminal.batch(first, last))
    return [row["status"] for row in answer.raise_for_status().json()["results"]]


def numbers(poll: Poll) -> tuple[int, int, int]:
    """Ratings, numbers of chains, taps kept aside."""
    with poll.look() as session:
        one, two, three = (
            session.scalar(select(func.count()).select_from(t)) for t in (Rating, DeviceTap, AsideRating)
        )
    return one or 0, two or 0, three or 0


async def test_duplicates_and_disorder_are_harmless(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        terminal = await paired(poll)
        for number in range(1, 10):
            terminal.tap("1" if number == 4 else "5", reasons=["slow"] if number == 4 else [])
        assert await statuses(poll, terminal, 7, 9) == ["stored"] * 3
        assert await statuses(poll, terminal, 1, 3) == ["stored"] * 3
        assert await statuses(poll, terminal, 3, 7) == ["duplicate", *["stored"] * 3, "duplicate"]
        assert await statuses(poll, terminal) == ["duplicate"] * 9
        terminal.tap("9")
        assert await statuses(poll, terminal, 10, 10) == ["refused"]
        assert numbers(poll) == (9, 10, 0)


async def test_a_tap_at_a_window_that_never_was_is_refused_and_the_others_are_taken(
    sqlite_url: str, tmp_path: Path
) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        terminal.tap()
        terminal.tap(window_id="no-such-window")
        terminal.tap("4")
        assert await statuses(poll, terminal) == ["stored", "refused", "stored"]
        assert await statuses(poll, terminal) == ["duplicate", "refused", "duplicate"]
        assert numbers(poll) == (2, 3, 0)


async def test_a_cloned_terminal_is_found_and_its_taps_wait_for_two_people(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        terminal = await paired(poll)
        terminal.tap()
        clone = terminal.clone()
        terminal.tap("4")
        clone.tap("1")
        clone.tap("1")
        assert await statuses(poll, terminal) == ["stored", "stored"]
        assert await statuses(poll, clone) == ["duplicate", "aside", "aside"]
        assert await statuses(poll, clone, 2, 3) == ["aside", "aside"]
        terminal.tap("5")
        assert await statuses(poll, terminal, 2, 3) == ["duplicate", "aside"]
        assert numbers(poll) == (2, 2, 3)
        async with poll.signed_in("setup") as setup:
            lots = (await setup.get("/api/ratings/aside")).json()
            assert {lot[end][13:] for lot in lots for end in ("since", "until")} == {":00:00Z"}, "no minute of a tap"
            assert [(lot["why"], lot["taps"]) for lot in lots] == [("fork", 2), ("quarantine", 1)]
            wanted = {"decision": "count", "reason": "现场核对过纸条"}
            act = (await setup.post(f"/api/ratings/aside/{terminal.device}", json=wanted)).raise_for_status().json()
        async with poll.signed_in("release") as release:
            (await release.post(f"/api/acts/{act['number']}/confirm")).raise_for_status()
            assert (await release.get("/api/ratings/aside")).json() == []
        assert numbers(poll)[0] == 5
        assert (await send(poll, terminal, terminal.batch(3))).json()["code"] == "device_unknown"
        with poll.look() as session:
            device = session.scalars(select(Device).where(Device.public_key.is_not(None))).one()
            assert device.quarantined_at is not None
            assert device.revoked_at is not None


@pytest.mark.parametrize("way", ["first", "before", "after"])
async def test_a_chain_that_does_not_continue_is_a_fork(way: str, sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        terminal.tap()
        other = terminal.clone()
        if way == "first":
            other.heads[0] = "1" * 64
            other.taps.clear()
            other.heads[1:] = []
            other.tap()
            assert await statuses(poll, other) == ["aside"]
            return
        for one in (terminal, other):
            one.tap("5")
            one.tap("4")
        span, rest = ((2, 2), (3, 3)) if way == "before" else ((3, 3), (2, 2))
        assert await statuses(poll, terminal, 1, 1) == ["stored"]
        assert await statuses(poll, terminal, *span) == ["stored"]
        assert await statuses(poll, other, *rest) == ["aside"]


async def test_only_the_devices_own_key_is_believed(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        terminal.tap()
        terminal.tap()
        good = terminal.batch()
        changed = {**good, "items": [{**good["items"][0], "code": "1"}, good["items"][1]]}
        stranger = Terminal(device=terminal.device, window="w1", token=terminal.token)
        stranger.tap()
        for body in (changed, stranger.batch(), {**good, "sent_at": "2026-01-01T00:00:00Z"}):
            assert (await send(poll, terminal, body)).json()["code"] == "signature_wrong"
        for body in ({**good, "first": 2}, {**good, "items": good["items"][::-1]}, {**good, "sign": "x" * 86 + "\n"}):
            assert (await send(poll, terminal, body)).status_code == 422
        unsigned = {"items": [{k: v for k, v in good["items"][0].items() if k not in {"seq", "case"}}]}
        assert (await send(poll, terminal, unsigned)).json()["code"] == "device_key_missing"
        async with poll.client() as client:
            unfit = await client.post("/api/devices/pair", json={"pairing_code": "x", "public_key": "AAAA"})
        assert unfit.json()["code"] == "device_key_unfit"
        assert numbers(poll) == (0, 0, 0)


async def test_terminals_paired_before_there_were_keys_go_on(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        with poll.work() as session:
            session.get_one(Device, UUID(terminal.device)).unsigned = True
        item = {key: value for key, value in terminal.tap().items() if key not in {"seq", "case"}}
        answer = await send(poll, terminal, {"items": [item]})
        assert [row["status"] for row in answer.json()["results"]] == ["stored"]


async def test_a_file_counts_once_and_of_a_withdrawn_device_waits(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        for _ in range(4):
            terminal.tap()
        async with poll.client() as client:
            shown = (await client.get("/api/terminal", headers=terminal.headers)).json()
        part = sealed(shown["files_key"], terminal.batch(1, 3))
        assert b'"code"' not in base64.urlsafe_b64decode(part + "==")
        async with poll.signed_in("setup") as setup:
            first = await setup.post("/api/ratings/import", json={"sealed": part})
            again = await setup.post("/api/ratings/import", json={"sealed": part})
            assert (first.json()["stored"], again.json()["duplicate"]) == (3, 3)
            for wrong in (part[:-8] + "AAAAAAAA", "A" * 300, sealed(shown["files_key"], {"first": 1})):
                refused = await setup.post("/api/ratings/import", json={"sealed": wrong})
                assert refused.json()["code"] == "outbox_file_unfit"
            with poll.work() as session:
                session.scalars(select(Device).where(Device.public_key.is_not(None))).one().revoked_at = clock.now()
        # By the command line, as a whole file.
        file = json.dumps({"format": "pingyi-outbox/1", "parts": [sealed(shown["files_key"], terminal.batch())]})
        found = await run_in_threadpool(bring_in, file.encode(), engine=poll.engine, settings=poll.settings)
        assert (found["duplicate"], found["aside"]) == (3, 1)


async def test_a_clock_that_is_a_day_off_is_set_right(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        now = clock.now().replace(microsecond=0)
        for late in (timedelta(hours=2), timedelta(0)):
            terminal.tap(device_time=(now - timedelta(days=1) - late).isoformat())
        await send(poll, terminal, terminal.batch(sent_at=(now - timedelta(days=1)).isoformat()))
        with poll.look() as session:
            given = sorted(row.device_time for row in session.scalars(select(Rating)))
        assert abs(given[0] - (now - timedelta(hours=2))) < timedelta(seconds=30)
        assert abs(given[1] - now) < timedelta(seconds=30)
