"""On-site codes and call-backs: one rating for a code, no number beside a rating."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from survey_models.core import clock
from survey_models.ratings.tables import Callback, Rating
from survey_models.units.tables import Window
from tests.api.test_signed_ratings import paired
from tests.poll import Poll, open_poll


async def codes_of(poll: Poll, headers: dict[str, str]) -> list[dict[str, Any]]:
    async with poll.client() as client:
        answer = await client.get("/api/terminal/codes", headers=headers)
    found: list[dict[str, Any]] = answer.raise_for_status().json()
    return found


async def rate(poll: Poll, code: str, **fields: Any) -> httpx.Response:
    async with poll.client() as client:
        page = await client.get("/w/w1")
        hidden = re.search(r'name="id" value="([^"]+)"', page.text)
        assert hidden
        return await client.post("/w/w1", data={"id": hidden[1], "code": code, "level": "4", **fields})


async def test_a_code_brings_one_rating_within_minutes(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        terminal = await paired(poll)
        first, second, *_ = await codes_of(poll, terminal.headers)
        again = str(uuid.uuid4())
        assert (
            await rate(poll, first["code"].lower(), id=again, level="1", reason=["slow", "rules"])
        ).status_code == 201
        assert (await rate(poll, first["code"], id=again, level="1", reason=["slow", "rules"])).status_code == 201
        other = await rate(poll, first["code"])
        assert (other.status_code, "刚被用过" in other.text) == (409, True)
        assert (await rate(poll, "ABCD2345")).status_code == 422
        assert (await rate(poll, second["code"], level="9")).status_code == 422
        with clock.frozen(clock.now() + timedelta(minutes=8)):
            assert (await rate(poll, second["code"])).status_code == 422
        with poll.look() as session:
            stored = [(row.code, row.reasons, row.channel) for row in session.scalars(select(Rating))]
        assert stored == [("1", ["slow", "rules"], "onsite")]


async def test_a_window_of_cases_shows_no_code(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await paired(poll)
        with poll.work() as session:
            session.get_one(Window, "w1").mode = "case"
        assert await codes_of(poll, terminal.headers) == []
        async with poll.client() as client:
            assert (await client.get("/w/w1")).status_code == 404
            assert (await client.get("/w/nowhere")).status_code == 404


async def test_a_telephone_number_stands_beside_no_rating_and_is_erased(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        terminal = await paired(poll)
        async with poll.client() as client:
            for _ in range(2):
                body = {"id": str(uuid.UUID(int=7)), "phone": "0395-123 4567"}
                left = await client.post("/api/terminal/callbacks", json=body, headers=terminal.headers)
                assert left.status_code == 204
            wrong = {"id": str(uuid.uuid4()), "phone": "call me"}
            refused = await client.post("/api/terminal/callbacks", json=wrong, headers=terminal.headers)
            assert refused.json()["code"] == "callback_unfit"
        with poll.look() as session:
            row = session.scalars(select(Callback)).one()
            assert b"1234567" not in (row.sealed or b"")
            assert set(Callback.__table__.columns.keys()) == {"window_id", "id", "day", "sealed"}
        async with poll.signed_in("desk") as setup:
            assert [one["phone"] for one in (await setup.get("/api/callbacks")).json()] == ["03951234567"]
            assert (await setup.post(f"/api/callbacks/{row.id}/done")).status_code == 204
            assert (await setup.get("/api/callbacks")).json() == []
            assert (await setup.post(f"/api/callbacks/{row.id}/done")).status_code == 404
        async with poll.signed_in("auditor") as auditor:
            assert (await auditor.get("/api/callbacks")).status_code == 403
