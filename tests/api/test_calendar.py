"""The working-day calendar over HTTP: who may read it, who may change it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from survey_models.calendar import service
from survey_models.calendar.statutory import last_noticed_year
from survey_models.core import clock
from tests.api.office import START, Office, open_office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(Settings(database_url=database_url, data_dir=tmp_path)) as made, clock.frozen(START):
        yield made


async def test_everybody_signed_in_reads_it_and_setup_changes_it(office: Office) -> None:
    office.add("li.wei", "setup")
    office.add("sun.hong", "auditor")
    year, change = last_noticed_year(), {"kind": "work", "source": "市政府通知"}
    async with office.browser() as browser:
        await browser.sign_in("sun.hong")
        assert (await browser.get("/api/calendar?year=2019")).json() == {"first": None, "last": None, "days": []}
        path = "/api/calendar/days/2019-10-01"
        refused = await browser.http.put(path, json=change, headers=browser.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        await browser.sign_in("li.wei")
        refused = await browser.http.put(path, json=change, headers=browser.headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "calendar_ends")
        with office.work() as session:
            service.seed(session, at=START)
        body = {"source": "国办通知", "changes": {f"{year}-03-01": "off"}}
        answer = await browser.http.put(f"/api/calendar/years/{year}", json=body, headers=browser.headers)
        assert answer.status_code == 204
        day = (await browser.http.put(path, json=change, headers=browser.headers)).json()
        assert (day["kind"], day["provisional"]) == ("work", False)
        seen = (await browser.get("/api/calendar?year=2019")).json()
        assert (len(seen["days"]), seen["first"], seen["last"]) == (365, "2013-01-01", f"{year + 1}-12-31")
    events = {event for event, _ in office.ledger("system") if event.startswith("calendar:")}
    assert events == {"calendar:seeded", "calendar:year_set", "calendar:day_set"}
