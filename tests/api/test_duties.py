"""Duties over HTTP: a unit sees and submits its own alone, the office sees all, deeds are open to everybody."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app, running
from api.auth import passwords
from api.db import unit_of_work
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.core import clock
from tests.api.office import PASSWORD, Browser, Office
from tests.survey_models.marks.city import ROUND, START, make_round

CHECK = {"round": ROUND, "duty": "check", "debtor": "C-1", "period": "2015Q1"}
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def city(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One city for the tests of this file."""
    folder = tmp_path_factory.mktemp("duties")
    path = folder / "pingyi.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(database_url=f"sqlite:///{path}", data_dir=folder, inline_worker=False)
    with clock.frozen(START), running(create_app(settings)) as app:
        office = Office(app.state.engine, settings, app)
        with unit_of_work(office.engine) as session:
            make_round(session)
        office.add("setup", "setup")
        for number in (1, 2):
            with unit_of_work(office.engine) as session:
                name = f"unit{number}"
                stored = passwords.new_hash(PASSWORD, name=name)
                more: dict[str, Any] = {"unit_code": f"C-{number}", "at": START - timedelta(days=30), "by": "test"}
                accounts.create(session, name, password_hash=stored, roles=["unit"], **more)
        yield office


@asynccontextmanager
async def signed(office: Office, name: str) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        assert (await browser.sign_in(name)).status_code == 200
        yield browser


async def test_a_unit_submits_and_has_its_receipt(city: Office) -> None:
    async with signed(city, "unit1") as unit:
        query = "&".join(f"{name}={value}" for name, value in CHECK.items())
        headers = {**unit.headers, **BYTES}
        content = "自查无问题。".encode()
        sent = await unit.http.post(f"/api/duties/files?{query}&filename=check.txt", content=content, headers=headers)
        assert (sent.status_code, sent.json()["characters"]) == (201, 6)
        long = await unit.post(
            "/api/duties/submissions", json={**CHECK, "text": "字" * 15, "files": [sent.json()["id"]]}
        )
        assert (long.status_code, long.json()["code"], long.json()["length"]) == (422, "duty_too_long", 21)
        done = await unit.post(
            "/api/duties/submissions", json={**CHECK, "text": "见附件。", "files": [sent.json()["id"]]}
        )
        assert (done.status_code, done.json()["version"], done.json()["characters"]) == (201, 1, 10)
        receipt = done.json()["receipt"]
        whole = (await unit.get(f"/api/duties/submissions/{receipt}")).json()
        assert [file["filename"] for file in whole["files"]] == ["check.txt"]
        assert (await unit.get(f"/api/duties/files/{sent.json()['id']}")).content == content
        own = (await unit.get(f"/api/duties?round={ROUND}")).json()
        assert {row["debtor"] for row in own} == {"C-1"}
        found = next(row for row in own if row["duty"] == "check" and row["period"] == "2015Q1")
        assert (found["state"], found["receipt"], found["due"]) == ("in_time", receipt, "2015-04-10")
    async with signed(city, "unit2") as other:
        for answer in (
            await other.get(f"/api/duties/submissions/{receipt}"),
            await other.get(f"/api/duties/files/{sent.json()['id']}"),
            await other.post("/api/duties/submissions", json={**CHECK, "text": "x"}),
            await other.http.post(f"/api/duties/files?{query}", content=b"x", headers={**other.headers, **BYTES}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_own_unit")
        assert (await other.get(f"/api/duties/late?round={ROUND}")).json()["code"] == "forbidden"
        assert (await other.post(f"/api/duties/submissions/{receipt}/return", json={"reason": "x"})).status_code == 403


async def test_the_office_sees_who_is_late_and_sends_back(city: Office) -> None:
    place = {**CHECK, "debtor": "C-2", "period": "2015Q2"}
    async with signed(city, "unit2") as unit:
        receipt = (await unit.post("/api/duties/submissions", json={**place, "text": "自查。"})).json()["receipt"]
    async with signed(city, "setup") as setup:
        back = await setup.post(f"/api/duties/submissions/{receipt}/return", json={"reason": "不是二季度的"})
        assert back.json()["return_reason"] == "不是二季度的"
        plan = {"round": ROUND, "duty": "plan", "debtor": "东县", "text": "方案已收。"}
        assert (await setup.post("/api/duties/submissions", json=plan)).status_code == 201
        with clock.frozen(START + timedelta(minutes=1)):
            due = (await setup.get(f"/api/duties/reminders?round={ROUND}&days=90")).json()
        assert {(row["duty"], row["debtor"]) for row in due} >= {("deeds", "C-1"), ("check", "C-2")}
        assert (await setup.get(f"/api/duties/late?round={ROUND}")).json() == []


async def test_deeds_are_open_to_everybody(city: Office) -> None:
    deeds = {"round": ROUND, "duty": "deeds", "debtor": "C-1"}
    async with signed(city, "unit1") as unit:
        few = await unit.post("/api/duties/submissions", json={**deeds, "deeds": ["改造食堂"]})
        assert few.json()["code"] == "duty_deeds_number"
        await unit.post("/api/duties/submissions", json={**deeds, "deeds": ["改造食堂", "新建幼儿园"]})
        said = await unit.post("/api/duties/deeds", json={**deeds, "deed": 2, "percent": 40, "text": "主体完工"})
        assert said.status_code == 201
        over = await unit.post("/api/duties/deeds", json={**deeds, "deed": 2, "percent": 101, "text": "x"})
        assert over.json()["code"] == "request_malformed"
    async with city.browser() as anybody:
        shown = (await anybody.get(f"/api/duties/deeds?round={ROUND}")).json()
        assert (await anybody.get(f"/api/duties?round={ROUND}")).json()["code"] == "not_signed_in"
    assert shown == [
        {
            "duty": "deeds",
            "debtor": "C-1",
            "name": "市教育局",
            "period": "",
            "version": 1,
            "deeds": ["改造食堂", "新建幼儿园"],
            "progress": [{"deed": 2, "no": 1, "percent": 40, "text": "主体完工", "day": "2015-03-02"}],
        }
    ]
