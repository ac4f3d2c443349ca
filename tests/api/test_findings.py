"""Findings over HTTP: five people, a complaint, an inspection, its evidence, two people for discretionary points."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.calendar import service as calendar
from survey_models.core import clock
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from survey_models.units.tables import Unit
from tests.api.office import START, Browser, Office, open_office

JPEG = b"\xff\xd8\xff\xe0 made up"
PEOPLE = {"li.wei": "setup", "sun.hong": "release", "qian.ru": "desk", "zhao.min": "inspector"}


@pytest.fixture
def city(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_city(sqlite_url, tmp_path) as made:
        yield made


@contextmanager
def open_city(database_url: str, folder: Path) -> Iterator[Office]:
    with open_office(Settings(database_url=database_url, data_dir=folder)) as made, clock.frozen(START):
        with made.work() as session:
            calendar.seed(session, at=START)
            for no in (1, 2):
                unit = Unit(code=f"U-{no}", name=f"单位{no}", category="市直单位", position=no, superior_led=False)
                unit.flags_source = "made up"
                session.add(unit)
            scheme = schemes.store(session, shelf.preset("xuancheng-2019-48"), by="test", at=START)
            found = Round(id="xc", title="xc", scheme_id=scheme.id, scheme_version=scheme.version)
            found.made_at = START
            session.add(found)
            session.flush()
            for no in (1, 2):
                session.add(RoundUnit(round_id="xc", unit_code=f"U-{no}", category="市直单位", position=no))
        for name, role in PEOPLE.items():
            made.add(name, role)
        yield made


@asynccontextmanager
async def as_(city: Office, name: str) -> AsyncIterator[Browser]:
    async with city.browser() as browser:
        assert (await browser.sign_in(name)).status_code == 200
        yield browser


async def posted(browser: Browser, path: str, expect: int = 200, **body: Any) -> Any:
    answer = await browser.post(path, json=body)
    assert answer.status_code == expect, answer.text
    return answer.json()


PRICE = {"round_id": "xc", "component": "inspection", "rule": "item_06"}


async def test_an_inspection_from_the_photo_to_the_file(database_url: str, tmp_path: Path) -> None:
    with open_city(database_url, tmp_path) as city:
        await inspected(city)


async def inspected(city: Office) -> None:
    async with as_(city, "li.wei") as setup, as_(city, "zhao.min") as inspector:
        for name, code in (("a.unit", "U-1"), ("b.unit", "U-2")):
            new = {"name": name, "password": "a long walk in autumn", "roles": ["unit"], "unit_code": code}
            assert (await setup.post("/api/accounts", json=new)).status_code == 201
            with city.work() as session:
                accounts.get(session, name).first_password = False
        wish = {"kind": "inspection", "unit_code": "U-1", "text": "门厅未设提示牌", "plan": "p1"}
        made = await posted(inspector, "/api/findings", 201, **wish)
        path = f"/api/findings/{made['id']}"
        sha256 = hashlib.sha256(JPEG).hexdigest()
        query = f"finding={made['id']}&filename=a.jpg&taken_on=2026-11-22"
        sent = await inspector.post(f"/api/findings/files?{query}&sha256={'0' * 64}", content=JPEG)
        assert sent.json()["code"] == "finding_hash_differs"
        sent = await inspector.post(f"/api/findings/files?{query}&sha256={sha256}", content=JPEG)
        kept = sent.json()
        assert (sent.status_code, kept["late"], kept["kept_until"][:10]) == (201, True, "2028-11-23")
        refused = await posted(inspector, f"{path}/moves", 403, move="confirm", price=PRICE)
        assert refused["code"] == "forbidden"
        await posted(setup, f"{path}/moves", move="confirm", price=PRICE)
        notice = await posted(setup, f"{path}/moves", move="notify", note="限期整改", limit="2026-12-10")
        assert notice["clocks"]["objection"] == {"on": "2026-11-25", "provisional": False}
        assert (notice["due_on"], notice["counts"], notice["article"]) == ("2026-12-10", True, "明查暗访办法附件第6项")
        paper = await setup.get(f"{path}/notice.docx")
        assert (paper.status_code, paper.content[:4], notice["notice"]) == (200, b"PK\x03\x04", True)
        assert (await setup.get(f"{path}/notice.exe")).status_code == 422
        async with as_(city, "b.unit") as other:
            assert (await other.get(path)).json()["code"] == "not_own_unit"
            assert (await other.get(f"{path}/notice.pdf")).json()["code"] == "not_own_unit"
            assert (await other.get("/api/findings")).json() == []
        async with as_(city, "a.unit") as unit:
            assert [one["id"] for one in (await unit.get("/api/findings")).json()] == [made["id"]]
            seen = (await unit.get(path)).json()
            assert [one["name"] for one in seen["moves"]] == ["sign", "refuse", "object", "rectify"]
            assert seen["files"] == [], "evidence does not leave the office"
            own = await unit.get(f"{path}/notice.docx")
            assert own.content == paper.content
            assert f"notice-U-1-{START.date()}.docx" in own.headers["content-disposition"]
            assert (await unit.get(f"/api/findings/files/{kept['id']}")).status_code == 404
            await posted(unit, f"{path}/moves", move="rectify", note="已设提示牌")
            waiting = (await unit.get("/api/findings/waiting?days=60")).json()
            assert waiting == [], "the office is next"
        opened = await setup.get(f"/api/findings/files/{kept['id']}")
        assert (opened.content, opened.headers["content-disposition"][:10]) == (JPEG, "attachment")
        assert (await setup.get("/api/findings/must-check?plan=p1")).json() == ["U-1"]
        asked = await setup.post("/api/findings/files/erase")
        assert asked.json()["code"] == "evidence_kept"
    read = [event for event, _ in city.ledger("system") if event.startswith("findings:")]
    assert sorted(set(read)) == ["findings:file_kept", "findings:file_read", "findings:moved", "findings:opened"]


async def test_discretionary_points_are_an_act_of_two(city: Office) -> None:
    async with as_(city, "li.wei") as setup, as_(city, "sun.hong") as release:
        made = await posted(
            setup, "/api/findings", 201, kind="secret_visit", unit_code="U-2", text="向被查单位通风报信"
        )
        path = f"/api/findings/{made['id']}"
        price = {**PRICE, "rule": "obstruction", "points": "5"}
        refused = await posted(setup, f"{path}/moves", 409, move="confirm", price=price)
        assert refused["code"] == "finding_needs_second"
        act = await posted(setup, f"{path}/price", 202, move="confirm", note="情节严重", price=price)
        assert (await setup.get(path)).json()["state"] == "found"
        assert (await release.post(f"/api/acts/{act['number']}/confirm")).status_code == 200
        found = (await setup.get(path)).json()
        assert (found["state"], found["points"], found["lost"]) == ("confirmed", "5", "merit")
        assert (found["steps"][-1]["by"], found["steps"][-1]["asked_by"]) == ("sun.hong", "li.wei")


async def test_a_complaint_by_telephone(city: Office) -> None:
    wish = {
        "about": "rude",
        "unit_code": "U-1",
        "matter": "态度冷硬",
        "reason": "推诿",
        "name": "王某",
        "contact": "139",
    }
    async with as_(city, "qian.ru") as desk, as_(city, "zhao.min") as inspector, city.browser() as anybody:
        made = await posted(desk, "/api/complaints", 201, **wish)
        suggestion = await posted(desk, "/api/complaints", 201, **{**wish, "name": ""})
        assert (made["state"], suggestion["state"]) == ("received", "suggestion")
        path = f"/api/findings/{made['id']}"
        assert (await inspector.get(path)).json()["code"] == "finding_unknown"
        forwarded = await posted(desk, f"{path}/moves", move="forward", unit_code="U-1", matter="窗口态度")
        assert forwarded["due_on"] == "2026-12-07"
        seen = await anybody.http.post("/api/complaints/progress", json={"code": made["code"]})
        assert seen.json()["state"]["zh"] == "已转办"
        seen = await anybody.http.post("/api/complaints/progress", json={"code": "0" * 16})
        assert seen.json()["code"] == "complaint_unknown"
        contact = await posted(desk, f"/api/complaints/{made['id']}/contact")
        assert contact == {"name": "王某", "contact": "139"}
        assert "王某" not in (await desk.get(path)).text
        loop = (await desk.get("/api/findings/loop?window=w1&since=2026-11-01&until=2026-11-30")).json()
        assert (loop["bad"], loop["bad_rate"]) == (0, None)
    async with as_(city, "li.wei") as setup:
        assert (await setup.get("/api/findings/flagged")).json() == []
