"""What becomes of a rating at the door: counted, kept with a mark, refused for its case; and a bad one is a finding."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from survey_models.core import clock
from survey_models.findings.tables import Finding
from survey_models.ratings.tables import Rating
from tests.api.test_cases import machine, post
from tests.poll import Poll, open_poll
from tests.terminal import Terminal


async def paired(poll: Poll) -> Terminal:
    terminal = Terminal()
    async with poll.signed_in("setup") as setup, poll.client() as client:
        code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
        return terminal.paired((await client.post("/api/devices/pair", json=terminal.asking(code))).json())


async def send(poll: Poll, terminal: Terminal, first: int, last: int | None = None) -> list[tuple[str, str | None]]:
    async with poll.client() as client:
        answer = await client.post("/api/ratings", json=terminal.batch(first, last), headers=terminal.headers)
    assert answer.status_code == 200, answer.text
    return [(row["status"], row["code"]) for row in answer.json()["results"]]


async def offered(poll: Poll, terminal: Terminal) -> str:
    async with poll.client() as client:
        answer = await client.get("/api/windows/w1/cases/next", headers=terminal.headers)
        return str(answer.json()["case"])


def stored(poll: Poll) -> dict[str, Rating]:
    with poll.look() as session:
        found = {str(row.id): row for row in session.scalars(select(Rating))}
        session.expunge_all()
        return found


def seconds_ago(number: int) -> dict[str, Any]:
    return {"device_time": (clock.now() - timedelta(seconds=number)).isoformat(timespec="seconds")}


async def test_a_case_is_rated_once(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, rating_gap_seconds=10) as poll:
        headers, terminal = await machine(poll), await paired(poll)
        start = clock.now()
        await post(poll, headers, "7")
        token = await offered(poll, terminal)
        first, second = terminal.tap("1", reasons=["slow"], case=token), terminal.tap("5", case=token)
        none, unknown = terminal.tap("4"), terminal.tap("4", case="00000000-0000-4000-8000-000000000000")
        expected: list[tuple[str, str | None]] = [
            ("stored", None),
            ("refused", "case_rated"),
            ("stored", None),
            ("refused", "case_unknown"),
        ]
        assert await send(poll, terminal, 1) == expected
        # Sent again, what is stored is a duplicate, and what was refused stays refused.
        again = await send(poll, terminal, 1)
        assert [status for status, _ in again] == ["duplicate", "refused", "duplicate", "refused"]
        await post(poll, headers, "8")
        late = await offered(poll, terminal)
        rows = stored(poll)
        assert set(rows) == {first["id"], none["id"]}
        assert (rows[first["id"]].mark, rows[none["id"]].mark) == (None, "no_case")
        assert second["id"] not in rows
        assert unknown["id"] not in rows
        with clock.frozen(start + timedelta(days=8)):
            terminal.tap("5", case=late)
            assert await send(poll, terminal, 5) == [("refused", "case_expired")]
        # Given in time and sent late, it is taken.
        terminal.tap("5", case=late, device_time=start.isoformat(timespec="seconds"))
        with clock.frozen(start + timedelta(days=9)):
            assert await send(poll, terminal, 6) == [("stored", None)]


async def test_two_taps_in_a_row_are_kept_and_one_counts(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, rating_gap_seconds=10) as poll:
        terminal = await paired(poll)
        ago = [60, 55, 51, 50, 41, 30]
        taps = [terminal.tap("5", **seconds_ago(number)) for number in ago]
        # The second half comes first: what counts is ten seconds apart from all that counts, whichever came first.
        await send(poll, terminal, 4, 6)
        await send(poll, terminal, 1, 3)
        rows = stored(poll)
        marks = [rows[tap["id"]].mark for tap in taps]
        assert marks == [None, "too_soon", "too_soon", None, "too_soon", None]
        counted = sorted(row.device_time for row in rows.values() if row.mark is None)
        assert all(after - before >= timedelta(seconds=10) for before, after in itertools.pairwise(counted))
        async with poll.signed_in("setup") as setup:
            tallies = (await setup.get("/api/windows/w1/tallies")).json()
        assert (tallies["total"], tallies["today"], tallies["not_counted"]) == (6, 6, {"too_soon": 3})


async def test_after_its_month_a_rating_is_kept_and_marked(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        start = clock.now()
        # The month and the day are the city's, whatever the hour is elsewhere.
        here = start.astimezone(ZoneInfo("Asia/Shanghai"))
        first = (here.replace(day=28) + timedelta(days=7)).replace(day=1, hour=12)
        given = start.isoformat(timespec="seconds")
        for no, days in enumerate((13, 16), start=1):
            tap = terminal.tap("5", device_time=given)
            with clock.frozen(first + timedelta(days=days)):
                await send(poll, terminal, no)
            assert stored(poll)[tap["id"]].mark == (None if days == 13 else "late")
        assert {row.given_on for row in stored(poll).values()} == {here.date()}


async def test_a_bad_rating_opens_one_finding(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, rating_gap_seconds=10) as poll:
        terminal = await paired(poll)
        bad = [terminal.tap("2", reasons=["slow", "rules"]), terminal.tap("1"), terminal.tap("5")]
        await send(poll, terminal, 1)
        await send(poll, terminal, 1)
        with poll.look() as session:
            found = {str(row.rating_id): row for row in session.scalars(select(Finding))}
            assert set(found) == {bad[0]["id"], bad[1]["id"]}
            first, second = found[bad[0]["id"]], found[bad[1]["id"]]
            assert [row.body["mark"] for row in (first, second)] == [None, "too_soon"]
            assert (first.kind, first.state, first.window_id, first.unit_code) == ("rating", "new", "w1", None)
            assert first.body["reasons"] == ["slow", "rules"]
