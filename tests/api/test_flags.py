"""Flags over HTTP: who may look, what a contractor is shown of his own file, and never an option."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app, running
from api.db import unit_of_work
from api.settings import Settings
from survey_models.accounts import assignments
from survey_models.core import clock
from survey_models.flags import service as flags
from survey_models.flags.rules import rule_set
from survey_models.spreadsheets.write import csv_bytes
from tests.api.office import START, Browser, Office
from tests.survey_models.uploads.paper import CAMPAIGN, LAYOUT, Row, make_campaign, rows

SECONDS = "用时（秒）"
COPIES = 9


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    settings = Settings(database_url=database_url, data_dir=tmp_path, inline_worker=False)
    with clock.frozen(START), running(create_app(settings)) as app:
        made = Office(app.state.engine, settings, app)
        made.add("office", "setup")
        made.add("auditor", "auditor")
        made.add("firm", "contractor")
        with unit_of_work(made.engine) as session:
            make_campaign(session)
            assignments.assign(session, "firm", CAMPAIGN, by="office", at=START)
        yield made


def stuffed_file() -> bytes:
    """400 sheets: nine are copies of one another, and half of those of one cell took nine seconds."""
    body: list[Row] = rows(400, seed=3)
    for place in range(40, 40 + COPIES):
        body[place][4:] = body[40][4:]
    taken = [str(300 + place) for place in range(400)]
    visited = [place for place, row in enumerate(body) if row[3] == "孟庙" and row[2] in {"urban", "城镇"}]
    for place in visited[::2]:
        taken[place] = "9"
    header = [*LAYOUT.printed, SECONDS]
    return csv_bytes([header, *([*row, seconds] for row, seconds in zip(body, taken, strict=True))])


async def sent(office: Office, browser: Browser, content: bytes) -> dict[str, object]:
    query = {"campaign": CAMPAIGN, "kind": "ballots", "filename": "a.csv"}
    headers = {**browser.headers, "Content-Type": "application/octet-stream"}
    upload = (await browser.http.post("/api/uploads", params=query, content=content, headers=headers)).json()["id"]
    while office.app.state.worker.run_once():
        pass
    found: dict[str, object] = (await browser.get(f"/api/uploads/{upload}")).json()
    return found


async def test_a_file_is_looked_at_before_it_is_confirmed(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("firm")
        checked = await sent(office, browser, stuffed_file())
        assert checked["state"] == "checked"
        summary = checked["summary"]
        assert isinstance(summary, dict)
        assert {"flags", "interviewers"}.isdisjoint(summary), "its sender would learn what to change"
        assert {"flags", "interviewers"}.isdisjoint((await browser.get("/api/uploads")).json()[0]["summary"])
        refused = await browser.get(f"/api/campaigns/{CAMPAIGN}/flags")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    async with office.browser() as browser:
        await browser.sign_in("auditor")
        summary = (await browser.get(f"/api/uploads/{checked['id']}")).json()["summary"]
        assert [(one["rule"], one["count"]) for one in summary["flags"]] == [("near_duplicates", 1), ("speeding", 1)]
        assert summary["flags"][0]["zh"] == "雷同答卷"
        found = (await browser.get(f"/api/campaigns/{CAMPAIGN}/flags")).json()
        assert {row["upload"] for row in found} == {checked["id"]}
        copies = next(row for row in found if row["rule"] == "near_duplicates")
        assert copies["scope"]["lines"] == list(range(42, 42 + COPIES))
        assert copies["evidence"] == {"count": COPIES}
        assert (copies["state"], copies["act"], copies["rule_set"]) == ("open", None, rule_set().hash)
        assert {row["scope"]["point_no"] for row in found if row["rule"] == "speeding"} == {4}
        # Nothing of it says how anybody answered.
        assert "best" not in json.dumps([[row["scope"], row["evidence"]] for row in found])
        assert (await browser.get("/api/flags?state=open")).json() == found
        assert (await browser.get(f"/api/campaigns/{CAMPAIGN}/flags?state=voided")).json() == []
    assert [event for event, _ in office.ledger(CAMPAIGN) if event.startswith("flags:")] == ["flags:looked"]
    async with office.browser() as browser:
        await browser.sign_in("firm")
        assert (await browser.post(f"/api/uploads/{checked['id']}/accept")).status_code == 202
        while office.app.state.worker.run_once():
            pass
        after = (await browser.get(f"/api/uploads/{checked['id']}")).json()
        assert (after["state"], len(after["summary"]["flags"])) == ("accepted", 2), "once it is in"


async def test_a_calm_file_and_wrong_seconds(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("firm")
        calm = await sent(office, browser, csv_bytes([LAYOUT.printed, *rows(200, seed=4)]))
        assert calm["state"] == "checked"
        header = [*LAYOUT.printed, SECONDS]
        wrong = await sent(
            office,
            browser,
            csv_bytes([header, *([*row, text] for row, text in zip(rows(3), ("", "十分钟", "86401"), strict=True))]),
        )
        assert wrong["state"] == "rejected"
        faults = wrong["faults"]
        assert isinstance(faults, list)
        assert [(fault["row"], fault["code"]) for fault in faults] == [(3, "cell_not_seconds"), (4, "cell_not_seconds")]


async def test_counting_and_the_night_are_jobs(office: Office) -> None:
    with unit_of_work(office.engine) as session:
        flags.schedule(session, at=START, zone=office.settings.timezone)
    assert not office.app.state.worker.run_once(), "it is not yet night"
    with clock.frozen(START.replace(day=24)):
        while office.app.state.worker.run_once():
            pass
    assert [event for event, _ in office.ledger(CAMPAIGN) if event.startswith("flags:")] == ["flags:looked"]
    assert [event for event, _ in office.ledger("system") if event.startswith("flags:")] == ["flags:windows_looked"]


async def test_unknown_places_are_said(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("office")
        assert (await browser.get("/api/campaigns/none/flags")).json()["code"] == "campaign_unknown"
        assert (await browser.get("/api/windows/none/flags")).json()["code"] == "window_unknown"
        assert (await browser.get("/api/flags?state=guilty")).status_code == 422
