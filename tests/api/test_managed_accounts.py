"""Accounts over HTTP: what setup changes, closes and assigns, what that does to the person, and what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.app import create_app, running
from api.db import unit_of_work
from api.settings import Settings
from survey_models.core import clock
from tests.api.office import PASSWORD, START, Office
from tests.survey_models.uploads.paper import AREAS, CAMPAIGN, file_of, make_campaign, rows

BYTES = {"Content-Type": "application/octet-stream"}
PLACES = f"/api/campaigns/{CAMPAIGN}"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, inline_worker=False, totp_roles="")
    with clock.frozen(START), running(create_app(settings)) as app:
        made = Office(app.state.engine, settings, app)
        made.add("office", "setup")
        made.add("firm", "contractor")
        made.add("clerk", "paper")
        with unit_of_work(made.engine) as session:
            make_campaign(session)
        yield made


async def test_a_contractor_sees_the_strata_it_is_given_and_nothing_any_more_when_they_are_taken(
    office: Office,
) -> None:
    async with office.browser() as setup, office.browser() as firm:
        await setup.sign_in("office")
        await firm.sign_in("firm")
        assert (await firm.get("/api/campaigns")).json() == []
        assert (await firm.get(PLACES)).json()["code"] == "not_own_campaign"
        where = f"/api/accounts/firm/assignments/{CAMPAIGN}"
        given = await setup.http.put(where, headers=setup.headers, json={"strata": [1, 3]})
        assert given.json()["assignments"] == [{"campaign": CAMPAIGN, "strata": [1, 3]}]
        assert [row["no"] for row in (await firm.get(PLACES)).json()["strata"]] == [1, 3]
        seen = (await firm.get(f"{PLACES}/progress")).json()
        assert (seen["channels"], seen["alarms"], seen["joins"]) == ({}, [], [])
        assert [row["id"] for row in (await firm.get("/api/campaigns")).json()] == [CAMPAIGN]
        query = {"campaign": CAMPAIGN, "filename": "a.csv"}
        tried = await firm.http.post(
            "/api/uploads/check", params=query, content=file_of(rows(40)), headers={**firm.headers, **BYTES}
        )
        faults = tried.json()["faults"]
        assert {fault["code"] for fault in faults} == {"cell_kind_unknown"}, faults[:3]
        wrong = await setup.http.put(where, headers=setup.headers, json={"strata": [99]})
        assert wrong.json()["code"] == "assignment_stratum_unknown"
        other = await setup.http.put(where.replace("firm", "clerk"), headers=setup.headers, json={})
        assert other.json()["code"] == "assignment_unwanted"
        taken = await setup.http.delete(where, headers=setup.headers)
        assert taken.json()["assignments"] == []
        assert (await firm.get(f"/api/uploads/templates/{CAMPAIGN}.csv")).json()["code"] == "not_own_campaign"
    told = [body for event, body in office.ledger("system") if event == "accounts:assigned"]
    assert sorted('"strata":[1,3]' in body for body in told) == [False, True]


async def test_a_district_office_sees_its_area_and_a_clerk_works_from_the_day_it_is_sworn(office: Office) -> None:
    area, today = AREAS[0][0], START.date()
    async with office.browser() as setup, office.browser() as other:
        await setup.sign_in("office")
        for wish, code in (
            ({"roles": ["district"]}, "account_area_missing"),
            ({"roles": ["district", "setup"], "area_code": area}, "account_role_apart"),
            ({"roles": ["setup"], "area_code": area}, "account_area_unwanted"),
            ({"roles": ["setup"], "trained_on": str(today)}, "account_dates_unwanted"),
            ({"roles": ["paper"], "trained_on": str(today + timedelta(days=2))}, "account_date_ahead"),
        ):
            answer = await setup.http.put("/api/accounts/clerk", headers=setup.headers, json=wish)
            assert answer.json()["code"] == code
        await other.sign_in("clerk")
        assert (await other.get("/api/rounds/names")).json()["code"] == "clerk_not_sworn"
        assert (await other.get("/api/session")).status_code == 200
        sworn = {"roles": ["paper"], "trained_on": str(today), "undertaking_on": str(today)}
        await setup.http.put("/api/accounts/clerk", headers=setup.headers, json=sworn)
        assert (await other.get("/api/rounds/names")).status_code == 200
        await setup.http.put(
            "/api/accounts/firm", headers=setup.headers, json={"roles": ["district"], "area_code": area}
        )
        await other.sign_in("firm")
        whole = (await other.get(PLACES)).json()
        assert {row["area_code"] for row in (*whole["strata"], *whole["points"])} == {area}


async def test_an_account_is_closed_and_opened_again_and_never_the_last_of_setup(office: Office) -> None:
    async with office.browser() as setup, office.browser() as firm:
        await setup.sign_in("office")
        await firm.sign_in("firm")
        gone = {"reason": "合同到期"}
        own = await setup.post("/api/accounts/office/disable", json=gone)
        assert own.json()["code"] == "account_is_own"
        lost = await setup.http.put("/api/accounts/office", headers=setup.headers, json={"roles": ["release"]})
        assert lost.json()["code"] == "account_last_setup"
        assert (await setup.post("/api/accounts/firm/disable", json=gone)).json()["disabled"] is True
        assert (await firm.get("/api/session")).json()["code"] == "not_signed_in"
        assert (await firm.sign_in("firm")).json()["code"] == "sign_in_failed"
        assert (await setup.post("/api/accounts/firm/enable")).json()["disabled"] is False
        password = (await setup.post("/api/accounts/firm/password")).json()["password"]
        assert (await firm.sign_in("firm")).json()["code"] == "sign_in_failed"
        assert (await firm.sign_in("firm", password)).json()["choose_password"] is True
        assert (await firm.get("/api/campaigns")).json()["code"] == "own_password_first"
    events = [event for event, _ in office.ledger("system")]
    assert [events.count(f"accounts:{name}") for name in ("disabled", "enabled", "reset")] == [1, 1, 1]


async def test_a_role_that_is_new_confirms_nothing_for_a_day(office: Office) -> None:
    office.add("second", "auditor")
    async with office.browser() as setup, office.browser() as second:
        await setup.sign_in("office")
        await second.sign_in("second")
        await setup.http.put("/api/accounts/second", headers=setup.headers, json={"roles": ["release"]})
        await setup.post(f"/api/campaigns/{CAMPAIGN}/close")
        number = (await setup.post(f"/api/campaigns/{CAMPAIGN}/reopen")).json()["number"]
        assert (await setup.post(f"/api/acts/{number}/confirm")).json()["code"] == "act_same_person"
        assert (await second.post(f"/api/acts/{number}/confirm")).json()["code"] == "account_too_new"


async def test_a_first_password_is_good_for_choosing_an_own_one_and_a_day_later_the_account_confirms(
    office: Office,
) -> None:
    new = {"name": "second", "password": PASSWORD, "roles": ["release"]}
    async with office.browser() as setup, office.browser() as second:
        await setup.sign_in("office")
        assert (await setup.post("/api/accounts", json=new)).json()["first_password"] is True
        await setup.post(f"/api/campaigns/{CAMPAIGN}/close")
    confirm = "/api/acts/1/confirm"
    with clock.frozen(START + timedelta(hours=25)):
        async with office.browser() as setup, office.browser() as second:
            await setup.sign_in("office")
            assert (await setup.post(f"/api/campaigns/{CAMPAIGN}/reopen")).json()["number"] == 1
            # Setup itself, with the password that it gave a day ago.
            assert (await second.sign_in("second")).json()["choose_password"] is True
            assert (await second.get("/api/session")).json()["choose_password"] is True
            for refused in (
                await second.post(confirm),
                await second.get("/api/acts"),
                await second.post("/api/account/totp", json={"password": PASSWORD}),
                await second.post(
                    "/api/account/tokens", json={"password": PASSWORD, "label": "x", "scopes": [], "days": 1}
                ),
            ):
                assert (refused.status_code, refused.json()["code"]) == (403, "own_password_first")
            same = await second.post("/api/account/password", json={"old": PASSWORD, "new": PASSWORD})
            assert same.json()["code"] == "password_unchanged"
            chosen = {"old": PASSWORD, "new": "quite another walk"}
            assert (await second.post("/api/account/password", json=chosen)).status_code == 204
            assert (await second.get("/api/session")).json()["choose_password"] is False
            assert (await second.post(confirm)).json()["code"] == "account_too_new", "from now on, not from the making"
            assert (await setup.sign_in("second")).json()["code"] == "sign_in_failed", "it was good once"
    with clock.frozen(START + timedelta(hours=48)):
        async with office.browser() as second:
            await second.sign_in("second", chosen["new"])
            assert (await second.post(confirm)).json()["code"] == "account_too_new"
    said = [body for event, body in office.ledger("system") if event == "accounts:password_changed"]
    assert ['"first":true' in body for body in said] == [True]


async def test_an_auditor_holds_no_other_role(office: Office) -> None:
    async with office.browser() as setup:
        await setup.sign_in("office")
        both = {"roles": ["setup", "auditor"]}
        answer = await setup.http.put("/api/accounts/office", headers=setup.headers, json=both)
        assert answer.json()["code"] == "account_role_apart"
