"""The fleet and the complaint desk: what terminals say of themselves, withdrawing one, bad ratings without a minute."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from api.jobs.handlers import Work, look_daily
from survey_models.core import clock
from survey_models.devices.tables import Device
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.ratings import callbacks
from survey_models.ratings.tables import Callback
from tests.api.test_cases import machine
from tests.api.test_marks import paired, send
from tests.docs.events import differences
from tests.poll import open_poll


def beat(**more: Any) -> dict[str, Any]:
    ahead = clock.now() + timedelta(seconds=90)
    return {"version": "1.2.0", "waiting": 3, "refused": 0, "device_time": ahead.isoformat(), **more}


async def test_the_office_sees_how_terminals_are(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        one, two = await paired(poll), await paired(poll)
        one.tap("5")
        await send(poll, one, 1)
        start = clock.now()
        async with poll.signed_in("setup") as setup, poll.client() as client:
            path = "/api/devices/heartbeat"
            assert (await client.post(path, json=beat(), headers=one.headers)).status_code == 204
            assert (await client.post(path, json=beat(waiting=0), headers=one.headers)).status_code == 204
            assert (await client.post(path, json=beat())).status_code == 401
            answer = await setup.get("/api/devices/fleet")
            rows = {row["id"]: row for row in answer.json()}
            mine, other = rows[one.device], rows[two.device]
            assert (mine["condition"], mine["version"], mine["waiting"], mine["clock_offset"]) == ("ok", "1.2.0", 0, 90)
            assert mine["last_rating"][14:].startswith("00:00")
            assert (other["condition"], other["seen_at"], other["last_rating"]) == ("silent", None, None)
            same = await setup.get("/api/devices/fleet", headers={"If-None-Match": answer.headers["etag"]})
            assert (same.status_code, same.content) == (304, b"")
            assert (await setup.post(f"/api/devices/{two.device}/revoke")).status_code == 204
            assert (await setup.post(f"/api/devices/{two.device}/revoke")).json()["code"] == "device_revoked"
            assert (await setup.post(f"/api/devices/{uuid.uuid4()}/revoke")).status_code == 404
            assert (await client.post(path, json=beat(), headers=two.headers)).status_code == 401
            with poll.work() as session:
                session.get_one(Device, uuid.UUID(one.device)).quarantined_at = start
            conditions = [row["condition"] for row in (await setup.get("/api/devices/fleet")).json()]
            assert conditions == ["quarantined", "revoked"]
            with poll.work() as session:
                session.get_one(Device, uuid.UUID(one.device)).quarantined_at = None
            with clock.frozen(start + timedelta(minutes=11)):
                conditions = [row["condition"] for row in (await setup.get("/api/devices/fleet")).json()]
            assert conditions == ["silent", "revoked"]
        with poll.look() as session:
            (body,) = recorded(session, SYSTEM_LOG, Event.DEVICE_REVOKED)
            assert differences("devices:revoked", SYSTEM_LOG, body) == []


async def test_bad_ratings_go_to_the_desk_alone(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        terminal = await paired(poll)
        for level, reasons in (("1", ["slow", "rules"]), ("2", []), ("5", [])):
            terminal.tap(level, reasons=reasons)
        await send(poll, terminal, 1)
        for name in ("setup", "release", "auditor", "contractor"):
            async with poll.signed_in(name) as other:
                assert (await other.get("/api/findings/ratings")).status_code == 403
        async with poll.signed_in("desk") as desk:
            found = (await desk.get("/api/findings/ratings")).json()
            assert sorted((row["level"], row["state"]) for row in found) == [("1", "new"), ("2", "new")]
            worst = next(row for row in found if row["level"] == "1")
            assert (worst["level_label"], worst["reason_labels"]) == ("非常不满意", ["等候时间太长", "没有按规定办"])
            assert ":" not in str([value for name, value in worst.items() if name != "reasons"]).replace("': '", "")
            assert (await desk.get(f"/api/findings/ratings/{worst['id']}")).json() == worst
            assert (await desk.get(f"/api/findings/ratings/{uuid.uuid4()}")).json()["code"] == "finding_unknown"
            assert (await desk.get("/api/windows")).status_code == 403


def test_what_was_kept_for_a_time_is_erased_at_night(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        start, zone = clock.now(), poll.settings.timezone
        with poll.work() as session:
            callbacks.leave(session, "w1", uuid.uuid4(), "0395 1234567", pepper=b"p" * 32, at=start, zone=zone)
        for days, kept in ((30, True), (31, False)):
            with clock.frozen(start + timedelta(days=days)):
                look_daily(Work(poll.engine, poll.app.state.intake, {}, lambda: None, zone, 30))
            with poll.look() as session:
                assert (session.scalars(select(Callback.sealed)).one() is not None) is kept


async def test_what_no_database_takes_is_refused(postgres_url: str, tmp_path: Path) -> None:
    with open_poll(postgres_url, tmp_path) as poll:
        terminal = await paired(poll)
        headers = await machine(poll)
        nul = "a\x00b"
        async with poll.signed_in("setup") as setup, poll.client() as client:
            window = {"number": nul, "name": nul, "hall": nul, "business": nul}
            for path, body, expected in (
                ("/api/windows/w5", window, 200),
                ("/api/windows/w5", {**window, "unit": nul}, 422),
                ("/api/staff/7", {"name": nul, "post": nul}, 200),
                ("/api/staff/7", {"name": "a", "unit": nul}, 422),
                ("/api/windows/w1/duty", {"staff": nul}, 422),
                ("/api/units/U-001/board", {"promise": nul, "guide": nul}, 200),
            ):
                assert (await setup.put(path, json=body)).status_code == expected, path
            assert (await setup.post("/api/machines", json={"name": nul, "window": "w1"})).status_code == 422
            assert (await setup.post("/api/machines", json={"name": "a", "window": nul})).status_code == 422
            assert (await setup.post("/api/machines", json={"name": "a", "hall": nul})).status_code == 404
            case = {"case_no": "5", "service": nul}
            assert (await client.post("/api/windows/w1/cases", json=case, headers=headers)).status_code == 201
            case = {"case_no": nul}
            assert (await client.post("/api/windows/w1/cases", json=case, headers=headers)).status_code == 422
            said = beat(version=nul)
            answer = await client.post("/api/devices/heartbeat", json=said, headers=terminal.headers)
            assert answer.status_code == 422
