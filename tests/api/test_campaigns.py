"""States, progress, tallies and results of a campaign over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from survey_models.ballots import service as ballots
from survey_models.core import clock
from tests.poll import Poll, Shape, open_poll
from tests.sealed import PRIVATE

SHEETS = ["1111", "1230", "12-3", "2210", "3333", "1120", "1210", "1003", "1122", "2211", "1331", "1200"]


async def fill(poll: Poll, per_cell: int) -> None:
    """Send ``per_cell`` sheets for every cell, in a fixed pattern."""
    codes: dict[tuple[int, int], list[Any]] = {}
    for code in poll.live:
        codes.setdefault((code.stratum_no, code.point_no), []).append(code)
    for number, members in enumerate(codes.values()):
        chosen = zip(members[:per_cell], SHEETS[number % 3 :] + SHEETS, strict=False)
        answers = await asyncio.gather(*(poll.cast(code, sheet) for code, sheet in chosen))
        assert {answer.status_code for answer in answers} == {201}


async def count(poll: Poll) -> httpx.Response:
    async with poll.signed_in("setup") as setup, poll.signed_in("release") as release:
        assert (await setup.post("/api/campaigns/poll/close")).status_code == 200
        asked = await setup.post("/api/campaigns/poll/count")
        assert asked.status_code == 202
        return await release.post(f"/api/acts/{asked.json()['number']}/confirm")


async def test_nobody_sees_scores_before_counted(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12)) as poll:
        await fill(poll, 10)
        paths = ["/api/campaigns/poll/tallies", "/api/campaigns/poll/results", "/api/campaigns/poll/results.xlsx"]
        async with poll.signed_in("setup") as setup:
            for path in paths:
                answer = await setup.get(path)
                assert (answer.status_code, answer.json()["code"]) == (409, "campaign_open")
                assert answer.json()["progress"] == {"state": "open", "issued": 96, "done": 80}
            assert (await setup.post("/api/campaigns/poll/results")).status_code == 409
            await setup.post("/api/campaigns/poll/close")
            for path in paths:
                assert (await setup.get(path)).json()["code"] == "campaign_not_counted"


async def test_counting_takes_two_people_and_then_results_follow(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12)) as poll:
        await fill(poll, 10)
        async with poll.signed_in("setup") as setup:
            early = await setup.post("/api/campaigns/poll/count")
            assert (early.status_code, early.json()["code"]) == (409, "act_not_allowed")
        assert (await count(poll)).json()["state"] == "confirmed"
        async with poll.signed_in("setup") as setup:
            assert (await setup.get("/api/campaigns/poll")).json()["state"] == "counted"
            missing = await setup.get("/api/campaigns/poll/results")
            assert (missing.status_code, missing.json()["code"]) == (404, "result_missing")
            made = await setup.post("/api/campaigns/poll/results")
            shown = await setup.get("/api/campaigns/poll/results")
            sheet = await setup.get("/api/campaigns/poll/results.xlsx")
            again = await setup.post("/api/campaigns/poll/close")
        assert made.status_code == 201
        assert made.json() == shown.json()
        assert [row["unit"] for row in shown.json()["rows"]] == ["U-001", "U-002", "U-003", "U-004"]
        assert all(row["score"] and row["se"] for row in shown.json()["rows"])
        assert sheet.content[:2] == b"PK"
        assert again.json()["code"] == "act_not_allowed"


async def test_the_person_who_asked_cannot_confirm(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            await setup.post("/api/campaigns/poll/close")
            asked = await setup.post("/api/campaigns/poll/count")
            refused = await setup.post(f"/api/acts/{asked.json()['number']}/confirm")
            assert refused.status_code in {403, 409}
            assert (await setup.get("/api/campaigns/poll")).json()["state"] == "closed"


async def test_the_sum_over_any_cut_is_the_number_of_stored_sheets(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12)) as poll:
        await fill(poll, 12)
        await count(poll)
        async with poll.signed_in("auditor") as auditor:
            for by in ("unit", "unit,kind", "unit,stratum", "unit,channel", "unit,stratum,channel"):
                answer = await auditor.get("/api/campaigns/poll/tallies", params={"by": by})
                if answer.status_code == 422:
                    assert answer.json()["code"] == "cell_too_small"
                    continue
                per_unit: dict[str, int] = {}
                for cell in answer.json()["cells"]:
                    assert sum(cell["counts"].values()) == cell["n"]
                    per_unit[cell["unit"]] = per_unit.get(cell["unit"], 0) + cell["n"]
                assert set(per_unit.values()) == {answer.json()["ballots"]} == {poll.stored()}
            unknown = await auditor.get("/api/campaigns/poll/tallies", params={"by": "unit,age"})
            assert unknown.json()["code"] == "cut_unknown"


async def test_a_cut_with_small_cells_is_refused_for_every_role(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=12, min_cell=40)) as poll:
        await fill(poll, 12)
        await count(poll)
        for name in ("setup", "release", "auditor"):
            async with poll.signed_in(name) as person:
                fine = await person.get("/api/campaigns/poll/tallies", params={"by": "unit"})
                small = await person.get("/api/campaigns/poll/tallies", params={"by": "unit,stratum"})
            assert fine.status_code == 200
            assert (small.status_code, small.json()["code"]) == (422, "cell_too_small")


async def test_progress_counts_cells_and_knows_unchanged_answers(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        await poll.cast(poll.live[0], "1111")
        async with poll.signed_in("setup") as setup:
            first = await setup.get("/api/campaigns/poll/progress")
            tag = {"If-None-Match": first.headers["etag"]}
            same = await setup.get("/api/campaigns/poll/progress", headers=tag)
            await poll.cast(poll.live[1], "1111")
            changed = await setup.get("/api/campaigns/poll/progress", headers=tag)
        assert same.status_code == 304
        assert (first.json()["done"], changed.json()["done"]) == (1, 2)
        assert len(changed.json()["rows"]) == 8
        assert changed.json()["channels"] == {"phone": 2}


@pytest.mark.parametrize("path", ["/api/rounds", "/api/campaigns/poll/tallies", "/api/windows", "/api/ledger"])
async def test_the_office_pages_need_a_person(path: str, sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            assert (await client.get(path)).json()["code"] == "not_signed_in"
        async with poll.signed_in("contractor") as contractor:
            assert (await contractor.get(path)).json()["code"] == "forbidden"


async def test_health_and_readiness(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.client() as client:
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            ready = (await client.get("/readyz")).json()
        assert ready["database"] == poll.engine.dialect.name


@pytest.mark.parametrize(("on_server", "level"), [(True, "sealed_server"), (False, "sealed_office")])
async def test_the_office_sees_what_protects_the_ballots(
    on_server: bool, level: str, sqlite_url: str, tmp_path: Path
) -> None:
    """And which cells are counted within others: five tickets at each of eight points are four cells of ten."""
    with open_poll(sqlite_url, tmp_path, Shape(key_on_server=on_server)) as poll:
        async with poll.signed_in("auditor") as auditor:
            campaign = (await auditor.get("/api/campaigns/poll")).json()
            progress = (await auditor.get("/api/campaigns/poll/progress")).json()
    assert (campaign["level"], campaign["small_group"], campaign["cell_tickets"]) == (level, False, 10)
    assert {join["reason"] for join in progress["joins"]} == {"few_tickets"}
    assert [(join["cell"]["stratum_no"], join["into"]["stratum_no"]) for join in progress["joins"]] == [
        (no, no) for no in (1, 2, 3, 4)
    ]


async def test_with_the_key_in_the_office_the_campaign_waits(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12, key_on_server=False)) as poll:
        await fill(poll, 10)
        assert (await count(poll)).json()["state"] == "confirmed"
        async with poll.signed_in("setup") as setup:
            assert (await setup.get("/api/campaigns/poll")).json()["state"] == "counting"
            early = await setup.get("/api/campaigns/poll/tallies")
            assert (early.status_code, early.json()["code"]) == (409, "campaign_not_counted")
            with poll.work() as session:
                ballots.fill_box(session, ballots.open_sheets(session, "poll", PRIVATE), by=None, at=clock.now())
            assert (await setup.get("/api/campaigns/poll")).json()["state"] == "counted"
            assert (await setup.get("/api/campaigns/poll/tallies")).json()["ballots"] == 80


async def test_the_notice_of_privacy_is_changed_by_setup_until_closing(sqlite_url: str, tmp_path: Path) -> None:
    said = {"contact": "市评议办 0395-1234567", "text": {"zh": "说明", "hant": "", "en": "Text"}}
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("auditor") as auditor:
            assert (await auditor.put("/api/campaigns/poll/notice", json=said)).status_code == 403
        async with poll.signed_in("setup") as setup:
            changed = await setup.put("/api/campaigns/poll/notice", json=said)
            assert (changed.status_code, changed.json()) == (200, said)
            assert (await setup.get("/api/campaigns/poll/form")).json()["campaign"]["notice"]["text"]["en"] == "Text"
            too_long = {**said, "contact": "9" * 121}
            assert (await setup.put("/api/campaigns/poll/notice", json=too_long)).status_code == 422
            await setup.post("/api/campaigns/poll/close")
            late = await setup.put("/api/campaigns/poll/notice", json=said)
            assert (late.status_code, late.json()["code"]) == (409, "act_not_allowed")
