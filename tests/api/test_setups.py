"""A campaign of one's own over HTTP: from the lists to the opening by two people, and what is refused on the way."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app, running
from api.handover import open_sealed
from api.settings import Settings
from survey_models.core import clock
from tests.api.office import START, Browser, Office

UNITS, AREAS = "公安,政府部门\n教育,政府部门\n供电,公共服务", "甲区,城镇,600\n甲区,农村,200\n乙区,城镇,200"
SECRET = "a passphrase of the printers"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, inline_worker=False)
    with clock.frozen(START), running(create_app(settings)) as app:
        office = Office(app.state.engine, settings, app)
        for name in ("setup", "release", "auditor"):
            office.add(name, name)
        yield office


@asynccontextmanager
async def signed(office: Office, name: str) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        assert (await browser.sign_in(name)).status_code == 200
        yield browser


async def rows(browser: Browser, what: str, pasted: str) -> list[dict[str, Any]]:
    headers = {**browser.headers, "Content-Type": "application/octet-stream"}
    answer = await browser.http.post(f"/api/setups/rows?what={what}", content=pasted.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["faults"] == []
    found: list[dict[str, Any]] = answer.json()["units" if what == "units" else "cells"]
    return found


async def put(browser: Browser, found: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Save the set-up with other parts; gives it back as it stands then."""
    body = {"revision": found["revision"], "doc": {**found["doc"], **parts}}
    answer = await browser.http.put(f"/api/setups/{found['id']}", json=body, headers=browser.headers)
    assert answer.status_code == 200, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


async def stated(browser: Browser) -> dict[str, Any]:
    """A set-up in which every step is whole."""
    found = (await browser.post("/api/setups", json={"about": {"title": "年度测评"}})).json()
    return await put(
        browser,
        found,
        units=await rows(browser, "units", UNITS),
        areas={"cells": await rows(browser, "areas", AREAS), "source": "统计公报"},
        form={"template": "luohe-80", "scale": "satisfaction5"},
        sample={"sheets": 100, "minimum": 10, "reserve": 5},
        words={"contact": "市评议办 0395-1"},
    )


async def test_from_the_lists_to_the_opening(office: Office, tmp_path: Path) -> None:
    async with signed(office, "setup") as setup, signed(office, "release") as release:
        assert (await setup.post("/api/setups/nothing/campaign")).json()["code"] == "setup_unknown"
        found = await stated(setup)
        door = f"/api/setups/{found['id']}"
        assert [one["sheets"] for one in found["shares"]] == [60, 20, 20]
        form = (await setup.get(f"{door}/form")).json()
        assert [len(form["scales"]["satisfaction5"]["options"]), form["items"][0]["scale"]] == [5, "satisfaction5"]
        assert "satisfaction4" not in form["scales"]
        assert (await setup.post(f"{door}/cards", json={"passphrase": SECRET})).json()["code"] == "setup_not_made"
        made = (await setup.post(f"{door}/campaign")).json()
        assert (made["state"], made["steps"][0]["whole"]) == ("draft", True)
        assert (await setup.post(f"{door}/campaign")).json()["code"] == "setup_made"
        person = {"name": "一公司", "role": "contractor", "areas": [made["doc"]["areas"]["cells"][0]["area"]]}
        told = (await setup.post(f"{door}/people", json=person)).json()
        assert len(told["password"]) >= 12
        assert (await setup.post(f"{door}/people", json={**person, "areas": None})).json()["password"] is None
        issued = (await setup.post(f"{door}/cards", json={"passphrase": SECRET, "office_key": "11" * 32})).json()
        sealed = tmp_path / issued["name"]
        sealed.write_bytes(base64.b64decode(issued["file"]))
        lines = open_sealed(sealed, passphrase=SECRET)
        assert (issued["cards"], len(lines), sum(line.reserve for line in lines)) == (105, 105, 5)
        asked = await setup.post(f"/api/campaigns/{found['id']}/open")
        assert asked.status_code == 202
        now = (await setup.get(door)).json()
        assert now["people"] == {"seconds": ["release"], "seconds_later": [], "contractors": ["一公司"]}
        assert (now["opening_asked"], now["state"], now["sealed"]) == (asked.json()["number"], "ready", True)
        confirmed = await release.post(f"/api/acts/{asked.json()['number']}/confirm")
        assert confirmed.status_code == 200, confirmed.text
        assert (await setup.get(door)).json()["state"] == "open"
        listed = (await release.get("/api/setups")).json()
    assert [(one["id"], one["state"], one["steps_left"]) for one in listed] == [(found["id"], "open", 0)]
    events = [event for event, _ in office.ledger(found["id"])]
    assert {"campaigns:made", "tickets:issued", "campaigns:ready", "campaigns:opened"} <= set(events)
    assert "frames:frozen" in [event for event, _ in office.ledger("system")]


async def test_what_is_refused(office: Office) -> None:
    async with signed(office, "setup") as setup, signed(office, "auditor") as auditor:
        found = (await setup.post("/api/setups", json={"about": {"title": "一"}})).json()
        door = f"/api/setups/{found['id']}"
        refused = (await setup.post(f"{door}/campaign")).json()
        assert (refused["code"], refused["detail"].count("units")) == ("setup_incomplete", 1)
        later = await put(setup, found, about={"title": "二"})
        body = {"revision": found["revision"], "doc": found["doc"]}
        stale = await setup.http.put(door, json=body, headers=setup.headers)
        assert (stale.status_code, stale.json()["code"]) == (409, "setup_changed")
        twice = [{"code": "A", "name": "公安", "category": "甲"}] * 2
        body = {"revision": later["revision"], "doc": {**later["doc"], "units": twice}}
        answer = await setup.http.put(door, json=body, headers=setup.headers)
        assert answer.json()["code"] == "setup_rows_twice"
        assert (await auditor.post("/api/setups", json={})).json()["code"] == "forbidden"
        assert (await auditor.get(door)).json()["doc"]["about"]["title"] == "二"
        assert (await setup.http.delete(door, headers=setup.headers)).status_code == 204
        assert (await setup.get(door)).json()["code"] == "setup_unknown"
        again = await stated(setup)
        units = [{**again["doc"]["units"][0], "name": "另一个局"}, *again["doc"]["units"][1:]]
        assert (await setup.post(f"/api/setups/{again['id']}/campaign")).status_code == 201
        other = await put(setup, (await setup.post("/api/setups", json=again["doc"])).json(), units=units)
        differs = (await setup.post(f"/api/setups/{other['id']}/campaign")).json()
        assert differs["code"] == "setup_unit_differs"
