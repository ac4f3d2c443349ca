"""Inspection plans over HTTP: the office plans, two people draw, inspectors read the list, units never."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.rounds import plans
from survey_models.rounds.plans import Wish as PlanOf
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.units.tables import Unit
from tests.api.office import START, Office, open_office
from tests.survey_models.inspections.test_sites import PRESET, VILLAGES, answers
from tests.survey_models.inspections.test_sites import ROUND as SITES

WISH = {"round": "check-2026", "kind": "secret_visit", "period": "2026Q4", "more": 3, "id": "visit-1"}


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """Four people and a round of six units without a scheme."""
    with open_office(Settings(database_url=sqlite_url, data_dir=tmp_path)) as made, clock.frozen(START):
        for name, role in (("li.wei", "setup"), ("wang.fang", "release"), ("zhao.min", "inspector"), ("qian", "desk")):
            made.add(name, role)
        with made.work() as db:
            db.add(Round(id="check-2026", title="2026", made_at=START))
            for no in range(1, 7):
                unit = Unit(code=f"U-{no}", name=f"单位{no}", category="市直单位", position=no, superior_led=False)
                unit.flags_source = "made up"
                db.add(unit)
                db.flush()
                db.add(RoundUnit(round_id="check-2026", unit_code=unit.code, category=unit.category, position=no))
        yield made


async def test_a_plan_is_made_drawn_and_followed(office: Office) -> None:
    async with office.browser() as browser, office.browser() as inspector:
        await inspector.sign_in("zhao.min")
        assert (await inspector.post("/api/inspections", json=WISH)).status_code == 403
        await browser.sign_in("li.wei")
        assert (await browser.post("/api/inspections", json={**WISH, "more": None})).json()[
            "code"
        ] == "request_malformed"
        made = await browser.post("/api/inspections", json=WISH)
        assert (made.status_code, made.json()["more"], made.json()["seed"]) == (201, {"市直单位": 3}, None)
        act = (await browser.post("/api/draws/visit-1/run", json={"seed": "60415238"})).json()
        assert act["target"] == "system"
        await browser.sign_in("wang.fang")
        assert (await browser.post(f"/api/acts/{act['number']}/confirm")).status_code == 200
        sheet = (await inspector.get("/api/inspections/visit-1")).json()
        assert (len(sheet["lines"]), sheet["inspected"], sheet["seed"]) == (3, 0, "60415238")
        assert {(line["probability"], *line["reasons"]) for line in sheet["lines"]} == {("1/2",)}
        code = sheet["lines"][1]["unit_code"]
        record = {"kind": "secret_visit", "unit_code": code, "text": "窗口无人", "plan": "visit-1"}
        assert (await inspector.post("/api/findings", json=record)).status_code == 201
        absent = min({f"U-{no}" for no in range(1, 7)} - {line["unit_code"] for line in sheet["lines"]})
        refused = await inspector.post("/api/findings", json={**record, "unit_code": absent})
        assert refused.json()["code"] == "inspection_not_drawn"
        sheet = (await inspector.get("/api/inspections/visit-1")).json()
        assert (sheet["inspected"], sheet["problems"], sheet["lines"][1]["problems"]) == (1, 1, 1)
        assert [one["id"] for one in (await inspector.get("/api/inspections?round=check-2026")).json()] == ["visit-1"]
        await browser.sign_in("qian")
        assert (await browser.get("/api/inspections/visit-1")).status_code == 403


async def test_places_are_given_drawn_and_become_the_points_of_visits(office: Office) -> None:
    with office.work() as db:
        plans.plan(db, PlanOf(PRESET, "once"), answers(draws={}), by="li.wei", at=START)
    wish = {"round": SITES, "draw": "village", "sites": [{**VILLAGES[0], "kind": "farm"}]}
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        refused = (await browser.post("/api/inspections/sites", json=wish)).json()
        assert (refused["code"], refused["faults"][0]["key"]) == ("plan_answers_faulty", "draws.village.1")
        made = (await browser.post("/api/inspections/sites", json={**wish, "sites": VILLAGES})).json()
        assert made["more"] == {"X-1/villages": 6, "X-2/villages": 6, "X-3/villages": 3}
        act = (await browser.post(f"/api/draws/{made['id']}/run", json={"seed": "60415238"})).json()
        await browser.sign_in("wang.fang")
        assert (await browser.post(f"/api/acts/{act['number']}/confirm")).status_code == 200
        sheet = (await browser.get(f"/api/inspections/{made['id']}")).json()
    with office.work() as db:
        points = {one.name for one in campaigns.points_of(db, f"{SITES}-village-public")}
    assert points == {line["name"] for line in sheet["lines"]}, "confirming the draw settles its places"
    assert len(points) == 15
