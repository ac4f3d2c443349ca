"""Acts that need two people: one asks, another confirms within 24 hours, both stand in the ledger."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api import acts
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.acts import service
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.errors import Problem
from tests.api.office import START, Browser, Office, open_office
from tests.api.poll import make_poll
from tests.poll import open_poll

DAY = timedelta(hours=24)
COUNT = "/api/campaigns/luohe/count"


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """People who may ask, confirm or both, and a closed campaign."""
    with open_office(Settings(database_url=database_url, data_dir=tmp_path)) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        made.add("wang.fang", "release")
        made.add("chen.jie", "setup", "release")
        make_poll(made.engine, "luohe", stop_at="closed")
        yield made


async def code_of(browser: Browser, path: str) -> tuple[int, str]:
    answer = await browser.post(path)
    return answer.status_code, answer.json().get("code", answer.json().get("state"))


def state_of(office: Office) -> str:
    with office.work() as db:
        return campaigns.get(db, "luohe").state


async def test_one_asks_and_another_confirms(office: Office) -> None:
    async with office.browser() as first, office.browser() as second:
        await first.sign_in("li.wei")
        await second.sign_in("wang.fang")
        asked = await first.post(COUNT)
        assert asked.status_code == 202
        number = asked.json()["number"]
        assert (asked.json()["state"], asked.json()["asked_by"], asked.json()["target"]) == ("asked", "li.wei", "luohe")
        assert state_of(office) == "closed", "asking does nothing yet"
        assert [row["number"] for row in (await second.get("/api/acts")).json()] == [number]
        assert await code_of(first, f"/api/acts/{number}/confirm") == (409, "act_same_person")
        done = await second.post(f"/api/acts/{number}/confirm")
        assert (done.status_code, done.json()["state"], done.json()["confirmed_by"]) == (200, "confirmed", "wang.fang")
        assert state_of(office) == "counted"
        assert await code_of(second, f"/api/acts/{number}/confirm") == (409, "act_done")
    events = dict(office.ledger("luohe"))
    assert '"by":"li.wei"' in events["acts:asked"]
    assert '"asked_by":"li.wei","by":"wang.fang"' in events["acts:confirmed"]
    assert "campaigns:counted" in events


async def test_who_may_ask_and_confirm(office: Office) -> None:
    office.add("sun.hong", "auditor")
    office.add("zhao.min", "setup")
    async with office.browser() as browser:
        await browser.sign_in("wang.fang")
        assert await code_of(browser, COUNT) == (403, "forbidden"), "only setup asks"
        await browser.sign_in("chen.jie")
        number = (await browser.post(COUNT)).json()["number"]
        path = f"/api/acts/{number}/confirm"
        assert await code_of(browser, path) == (409, "act_same_person"), "whatever roles one person holds"
        for name in ("sun.hong", "zhao.min"):
            await browser.sign_in(name)
            assert await code_of(browser, path) == (403, "forbidden"), name
        await browser.sign_in("wang.fang")
        browser.headers = {}
        assert await code_of(browser, path) == (403, "csrf_refused")
        await browser.sign_in("wang.fang")
        assert await code_of(browser, "/api/acts/99/confirm") == (404, "act_unknown")
        assert await code_of(browser, f"/api/acts/{2**70}/confirm") == (422, "request_malformed")
    assert state_of(office) == "closed"


async def test_an_act_lapses_after_a_day(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        number = (await browser.post(COUNT)).json()["number"]
        assert (await browser.post(COUNT)).json()["number"] == number, "asked twice is one act"
        with clock.frozen(START + DAY):
            await browser.sign_in("wang.fang")
            assert (await browser.get("/api/acts")).json()[0]["state"] == "expired"
            assert await code_of(browser, f"/api/acts/{number}/confirm") == (409, "act_expired")
            await browser.sign_in("li.wei")
            again = (await browser.post(COUNT)).json()["number"]
            assert again == number + 1
        with clock.frozen(START + 2 * DAY - timedelta(seconds=1)):
            await browser.sign_in("wang.fang")
            assert await code_of(browser, f"/api/acts/{again}/confirm") == (200, "confirmed")


async def test_a_new_account_cannot_confirm(office: Office) -> None:
    office.add("new.face", "release", at=START - DAY + timedelta(seconds=1))
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        number = (await browser.post(COUNT)).json()["number"]
        await browser.sign_in("new.face")
        assert await code_of(browser, f"/api/acts/{number}/confirm") == (409, "account_too_new")
        with clock.frozen(START + timedelta(seconds=1)):
            assert await code_of(browser, f"/api/acts/{number}/confirm") == (200, "confirmed")


@pytest.mark.parametrize("whole_installation", [True, False])
async def test_in_a_demo_a_new_account_confirms(office: Office, whole_installation: bool) -> None:
    office.add("new.face", "release", at=START, demo=not whole_installation)
    if whole_installation:
        office.app.state.settings = office.settings.model_copy(update={"demo": True})
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        number = (await browser.post(COUNT)).json()["number"]
        await browser.sign_in("new.face")
        assert await code_of(browser, f"/api/acts/{number}/confirm") == (200, "confirmed")


async def test_what_cannot_be_done_is_not_asked(office: Office) -> None:
    make_poll(office.engine, "still-open", stop_at="open")
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        assert await code_of(browser, "/api/campaigns/still-open/count") == (409, "act_not_allowed")
        assert await code_of(browser, "/api/campaigns/nowhere/count") == (404, "campaign_unknown")
        assert (await browser.get("/api/acts")).json() == []


async def test_a_confirmed_act_that_fails_stays_asked(office: Office) -> None:
    with office.work() as db:
        count = acts.ask(db, acts.COUNT, target="luohe", by="li.wei", at=START, settings=office.settings)
        reopen = acts.ask(db, acts.REOPEN, target="luohe", by="li.wei", at=START, settings=office.settings)
    with office.work() as db:
        acts.confirm(db, reopen.number, by="wang.fang", at=START, settings=office.settings)
    assert state_of(office) == "open"
    with pytest.raises(Problem, match="act_not_allowed"), office.work() as db:
        acts.confirm(db, count.number, by="wang.fang", at=START, settings=office.settings)
    with office.work() as db:
        assert [(act.kind, act.state) for act in service.listed(db)] == [
            (acts.REOPEN, "confirmed"),
            (acts.COUNT, "asked"),
        ]
    assert [event for event, _ in office.ledger("luohe")].count("acts:confirmed") == 1


def test_many_ask_at_the_same_moment(office: Office) -> None:
    """Each asker gets a number of his own."""
    barrier = threading.Barrier(4)

    def ask(kind: str) -> None:
        barrier.wait()
        with office.work() as db:
            service.ask(db, kind, target="luohe", params={}, by="li.wei", at=START)

    threads = [threading.Thread(target=ask, args=(f"test:{letter}",)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.work() as db:
        assert sorted(act.number for act in service.listed(db)) == [1, 2, 3, 4]


def test_an_organiser_of_a_unit_asks_for_openings_and_nothing_else(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll, poll.work() as session:
        at = clock.now()
        accounts.create(session, "zuzhi", password_hash="x", roles=["organiser"], unit_code="U-001", at=at)
        for kind in set(acts.ACTS) - {acts.OPEN}:
            with pytest.raises(Problem, match="forbidden"):
                service.ask(session, kind, target="poll", params={}, by="zuzhi", at=at)
        assert service.ask(session, acts.OPEN, target="poll", params={}, by="zuzhi", at=at).asked_by == "zuzhi"
