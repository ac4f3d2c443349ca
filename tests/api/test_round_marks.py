"""Marks of offices over HTTP: who gets in, the way from the template to approved marks, what is refused."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app, running
from api.auth import passwords
from api.db import unit_of_work
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.marks import service
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.api.office import PASSWORD, Browser, Office
from tests.survey_models.marks.city import INSPECTION, ORGANISATION, ROUND, START, make_round

AT = f"round={ROUND}&part="
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def city(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One city for the tests of this file: each uses a part of its own."""
    folder = tmp_path_factory.mktemp("marks")
    path = folder / "pingyi.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(database_url=f"sqlite:///{path}", data_dir=folder, inline_worker=False)
    with clock.frozen(START), running(create_app(settings)) as app:
        office = Office(app.state.engine, settings, app)
        with unit_of_work(office.engine) as session:
            make_round(session)
        office.add("setup", "setup")
        office.add("release", "release")
        for name, where in (("ann", INSPECTION), ("bob", INSPECTION), ("cat", ORGANISATION)):
            add_assessor(office, name, where)
        yield office


def add_assessor(office: Office, name: str, where: str) -> None:
    with unit_of_work(office.engine) as session:
        stored = passwords.new_hash(PASSWORD, name=name)
        at = START - timedelta(days=30)
        accounts.create(session, name, password_hash=stored, roles=["assessor"], office=where, at=at, by="test")


@asynccontextmanager
async def signed(office: Office, name: str) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        assert (await browser.sign_in(name)).status_code == 200
        yield browser


async def send(browser: Browser, part: str, *marks: dict[str, Any]) -> httpx.Response:
    return await browser.post(f"/api/marks?{AT}{part}", json={"marks": list(marks)})


async def test_from_the_template_to_marks_that_count(city: Office) -> None:
    async with signed(city, "ann") as ann:
        template = await ann.get(f"/api/marks/template.xlsx?{AT}M")
        sheet = read(template.content, "t.xlsx")
        rows = [[*cells[:2], value, ""] for (_, cells), value in zip(sheet.rows, ["90", "101", "x", "70"], strict=True)]
        headers = {**ann.headers, **BYTES}
        bad = await ann.http.post(
            f"/api/marks/files?{AT}M&filename=m.xlsx", content=book(sheet.header, rows), headers=headers
        )
        assert (bad.status_code, bad.json()["code"], bad.json()["count"]) == (422, "file_faulty", 2)
        assert [(one["cell"], one["code"]) for one in bad.json()["faults"]] == [
            ("C3", "mark_out_of_range"),
            ("C4", "mark_not_a_number"),
        ]
        good = book(sheet.header, [[*row[:2], value, ""] for row, value in zip(rows, "9876", strict=True)])
        files = {"file": ("督查评分.xlsx", good), "attachment": ("盖章.pdf", b"%PDF-1.7 signed")}
        tried = await ann.http.post(f"/api/marks/files?{AT}M&dry_run=true", files=files, headers=ann.headers)
        assert (tried.json()["entered"], tried.json()["sending"]) == (4, None)
        assert (await ann.get(f"/api/marks?{AT}M")).json() == {"marks": [], "sendings": []}
        sent = await ann.http.post(f"/api/marks/files?{AT}M", files=files, headers=ann.headers)
        assert (sent.status_code, sent.json()["entered"]) == (201, 4)
        own = await ann.post(f"/api/marks/approve?{AT}M", json={})
        assert (own.status_code, own.json()["code"]) == (409, "act_same_person")
    async with signed(city, "bob") as bob:
        listed = (await bob.get(f"/api/marks?{AT}M")).json()
        assert next((one["unit"], one["value"], one["state"]) for one in listed["marks"]) == ("C-1", "9", "entered")
        sending = listed["sendings"][0]
        kept = await bob.get(f"/api/marks/sendings/{sending['id']}/attachment")
        assert kept.content == b"%PDF-1.7 signed"
        assert (await bob.get(f"/api/marks/sendings/{sending['id']}/workbook")).content == good
        assert (await bob.post(f"/api/marks/approve?{AT}M", json={})).json() == {"approved": 4}
    with unit_of_work(city.engine) as session:
        assert sum(1 for part, _ in service.of_round(session, ROUND) if part == "M") == 4


def book(header: list[str], rows: list[list[str]]) -> bytes:
    return xlsx_bytes([Table("评分", header, rows)])


@pytest.mark.parametrize("part", ["S", "C", "total"])
async def test_no_mark_fills_a_survey(city: Office, part: str) -> None:
    async with signed(city, "ann") as ann:
        answer = await send(ann, part, {"unit": "C-1", "value": "50"})
        assert (answer.status_code, answer.json()["code"]) == (422, "mark_not_for_component")
        headers = {**ann.headers, **BYTES}
        filed = await ann.http.post(
            f"/api/marks/files?{AT}{part}", content=book(["单位代码", "评分"], [["C-1", "50"]]), headers=headers
        )
        assert filed.json()["code"] == "mark_not_for_component"
        assert (await ann.get(f"/api/marks/template.xlsx?{AT}{part}")).json()["code"] == "mark_not_for_component"
        assert (await ann.post(f"/api/marks/approve?{AT}{part}", json={})).json()["code"] == "mark_not_for_component"


async def test_another_office_and_other_roles_stay_outside(city: Office) -> None:
    async with signed(city, "cat") as cat:
        for answer in (
            await send(cat, "W", {"unit": "C-1", "value": "5"}),
            await cat.get(f"/api/marks?{AT}W"),
            await cat.get(f"/api/marks/template.xlsx?{AT}W"),
            await cat.post(f"/api/marks/approve?{AT}W", json={}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "mark_not_your_office")
        assert {row["office"] for row in (await cat.get(f"/api/marks/standing?round={ROUND}")).json()} == {ORGANISATION}
    async with signed(city, "setup") as setup:
        assert (await send(setup, "W", {"unit": "C-1", "value": "5"})).json()["code"] == "forbidden"
        assert (await setup.get(f"/api/marks?{AT}W")).json()["code"] == "forbidden"
        shown = (await setup.get(f"/api/marks/standing?round={ROUND}")).json()
        assert {row["part"] for row in shown} == {"M", "P", "D", "Q", "W"}
        assert all("value" not in row for row in shown)
    async with city.browser() as nobody:
        assert (await nobody.get(f"/api/marks?{AT}W")).json()["code"] == "not_signed_in"


async def test_one_unit_by_form_and_its_correction(city: Office) -> None:
    async with signed(city, "ann") as ann:
        assert (await send(ann, "W", {"unit": "C-1", "value": "4.5"})).json()["entered"] == 1
        again = await send(ann, "W", {"unit": "C-1", "value": "4"})
        assert (again.status_code, again.json()["code"]) == (422, "mark_reason_missing")
        empty = await send(ann, "W", {"unit": "C-2", "value": ""})
        assert empty.json()["code"] == "mark_not_a_number"
        two = await send(ann, "W", {"unit": "C-3", "value": "4"}, {"unit": "C-2", "value": "6"})
        assert [(one["row"], one["code"]) for one in two.json()["faults"]] == [
            (1, "mark_not_for_unit"),
            (2, "mark_out_of_range"),
        ]
        fixed = await send(ann, "W", {"unit": "C-1", "value": "4", "reason": "录错"})
        assert fixed.json()["corrected"] == 1
    async with signed(city, "release") as release:
        assert (await release.post(f"/api/marks/approve?{AT}W", json={"units": ["C-1"]})).json() == {"approved": 1}
        marks = (await release.get(f"/api/marks?{AT}W")).json()["marks"]
    assert [(one["version"], one["value"], one["state"], one["approved_by"]) for one in marks] == [
        (1, "4.5", "entered", None),
        (2, "4", "approved", "release"),
    ]
