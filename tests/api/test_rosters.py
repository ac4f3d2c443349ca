"""Rosters over HTTP: from the template to the printed counts, the names for the setup role alone."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from api.app import create_app, running
from api.db import unit_of_work
from api.settings import Settings
from survey_models.core import clock
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.api.office import Browser, Office
from tests.survey_models.marks.city import ROUND, START, make_round
from tests.survey_models.rosters.test_rosters import nine, person

BYTES = {"Content-Type": "application/octet-stream"}
REPS = {"id": "reps", "round": ROUND, "kind": "representatives", "title": "评议代表"}


@pytest.fixture
def city(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, inline_worker=False)
    with clock.frozen(START), running(create_app(settings)) as app:
        office = Office(app.state.engine, settings, app)
        with unit_of_work(office.engine) as session:
            make_round(session)
        office.add("setup", "setup")
        office.add("release", "release")
        yield office


@asynccontextmanager
async def signed(office: Office, name: str) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        assert (await browser.sign_in(name)).status_code == 200
        yield browser


async def test_from_the_template_to_the_printed_counts(city: Office) -> None:
    async with signed(city, "setup") as setup:
        assert (await setup.post("/api/rosters", json=REPS)).status_code == 201
        assert (await setup.post("/api/rosters", json=REPS)).json()["code"] == "roster_exists"
        template = await setup.get("/api/rosters/reps/template.xlsx")
        header = read(template.content, "t.xlsx").header
        door, headers = "/api/rosters/files?roster=reps&opens_on=2015-05-04", {**setup.headers, **BYTES}
        few = xlsx_bytes([Table("名册", header, [person(1), person(2, bound="")])])
        refused = await setup.http.post(door, content=few, headers=headers)
        assert refused.status_code == 422
        assert [one["code"] for one in refused.json()["faults"]] == ["roster_too_few_new", "roster_not_bound"]
        filled = xlsx_bytes([Table("名册", header, nine())])
        tried = await setup.http.post(f"{door}&dry_run=true", content=filled, headers=headers)
        assert (tried.json()["people"], (await setup.post("/api/rosters/reps/open")).json()) == (9, [])
        done = await setup.http.post(door, content=filled, headers=headers)
        assert done.json() == {"people": 9, "new": 3, "waived": 0, "removed": 0, "cards_not_handed_in": 0}
        assert (await setup.get("/api/rosters/reps/unready")).json() == []
        people = (await setup.post("/api/rosters/reps/open")).json()
        assert [one["name"] for one in people] == [f"张{number}" for number in range(1, 10)]
        gone = f"/api/rosters/reps/entries/{people[0]['id']}/remove"
        removed = await setup.post(gone, json={"reason": "接受宴请", "handed_in": False})
        assert (removed.json()["removed_on"], removed.json()["card_handed_in"]) == ("2015-03-02", False)
    async with signed(city, "release") as release:
        listed = (await release.get(f"/api/rosters?round={ROUND}")).json()
        assert listed[0]["counts"] == {"people": 8, "new": 2, "waived": 0, "removed": 1, "cards_not_handed_in": 1}
        assert (await release.post("/api/rosters/reps/open")).json()["code"] == "forbidden"
        assert (await release.post(gone, json={"reason": "x", "handed_in": True})).json()["code"] == "forbidden"
    assert sorted(event for event, _ in city.ledger("system") if event.startswith("rosters:")) == [
        "rosters:imported",
        "rosters:read",
        "rosters:read",
        "rosters:removed",
    ]


async def test_some_are_drawn_by_two_people_and_read_by_name(city: Office) -> None:
    draws = "/api/rosters/reps/draws"
    city.add("second", "release", at=START - timedelta(days=30))
    async with signed(city, "setup") as setup, signed(city, "second") as release:
        assert (await setup.post("/api/rosters", json=REPS)).status_code == 201
        header = read((await setup.get("/api/rosters/reps/template.xlsx")).content, "t.xlsx").header
        door, headers = "/api/rosters/files?roster=reps&opens_on=2015-05-04", {**setup.headers, **BYTES}
        await setup.http.post(door, content=xlsx_bytes([Table("名册", header, nine())]), headers=headers)
        assert (await release.post(draws, json={"people": 3})).status_code == 403
        assert (await setup.post(draws, json={"people": 10})).json()["code"] == "sample_too_large"
        made = await setup.post(draws, json={"people": 5, "by_hirer": True})
        assert (made.status_code, made.json()["new_least"]) == (201, 2)
        assert made.json()["sizes"] == {"新聘·市政府纠风办": 2, "续聘·市政府纠风办": 3}
        one = made.json()["id"]
        act = (await setup.post(f"/api/draws/{one}/run", json={"seed": "60415238"})).json()
        assert (await release.post(f"/api/acts/{act['number']}/confirm")).status_code == 200
        drawn = (await release.get(f"{draws}/{one}")).json()
        assert [row["name"] for row in drawn] == [None] * 5
        assert (await release.post(f"{draws}/{one}/open")).status_code == 403
        named = (await setup.post(f"{draws}/{one}/open")).json()
        assert [row["entry"] for row in named] == [row["entry"] for row in drawn]
        assert all(row["name"].startswith("张") for row in named)
        assert [row["seed"] for row in (await setup.get(draws)).json()] == ["60415238"]
