"""Promised limits are shorter than the legal ones; who is away for a day names who stands in; each unit its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.auth import passwords
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.calendar.days import Kind, PlannedDay
from survey_models.calendar.rules import Calendar, calendar_of
from survey_models.core import clock
from survey_models.promises.rules import agreed_on, needs_notice
from survey_models.units.tables import Unit
from tests.api.office import PASSWORD, START, Office, open_office


def a_unit(code: str, name: str) -> Unit:
    return Unit(
        code=code,
        name=name,
        category="市直单位",
        position=int(code[1:]),
        superior_led=False,
        has_window=None,
        serves_enterprises=None,
        flags_source="test",
        valid_from=None,
        valid_to=None,
    )


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(Settings(database_url=database_url, data_dir=tmp_path)) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        with made.work() as session:
            session.add_all([a_unit("X1", "市档案局"), a_unit("X2", "市气象局")])
            session.flush()
            secret = passwords.new_hash(PASSWORD, name="archive")
            long_ago = START - timedelta(days=30)
            accounts.create(
                session, "archive", password_hash=secret, roles=["unit"], at=long_ago, by="test", unit_code="X1"
            )
        yield made


async def test_a_promise_is_shorter_than_the_law_and_public(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("archive")
        wanted = {"item": "档案查询", "promised_days": 5, "legal_days": 5, "basis": "档案法"}
        refused = await browser.post("/api/units/X1/promises", json=wanted)
        assert (refused.status_code, refused.json()["code"]) == (422, "promise_too_long")
        for days in (4, 3):
            made = await browser.post("/api/units/X1/promises", json={**wanted, "promised_days": days})
            assert made.status_code == 201
        other = await browser.post("/api/units/X2/promises", json={**wanted, "promised_days": 1})
        assert (other.status_code, other.json()["code"]) == (403, "not_own_unit")
    async with office.browser() as citizen:
        shown = (await citizen.get("/api/units/X1/promises")).json()
        assert [(row["item"], row["promised_days"]) for row in shown] == [("档案查询", 3)]
        assert (await citizen.get("/api/units/X1/leaves")).status_code == 401
    assert [event for event, _ in office.ledger("system")].count("promises:made") == 2


async def test_who_is_away_for_a_day_names_who_stands_in(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("archive")
        left, hour = START, timedelta(hours=1)
        wanted = {"post": "窗口1", "left_at": left.isoformat(), "reason": "开会", "contact": "0563-1234567"}

        async def ask(back_after: timedelta, **more: str) -> tuple[int, str]:
            body = {**wanted, "back_at": (left + back_after).isoformat(), **more}
            answer = await browser.post("/api/units/X1/leaves", json=body)
            return answer.status_code, answer.json().get("code", "")

        assert await ask(-hour) == (422, "leave_times_unfit")
        assert await ask(24 * hour) == (422, "leave_needs_deputy")
        assert await ask(24 * hour, deputy="王芳") == (201, "")
        assert await ask(hour) == (201, "")
        assert await ask(hour / 2) == (201, "")
        with clock.frozen(START + 2 * hour):
            await browser.sign_in("archive")
            rows = (await browser.get("/api/units/X1/leaves")).json()
            assert sorted((row["needed"], row["overdue"]) for row in rows) == [
                (False, True),
                (True, False),
                (True, True),
            ]
            late = next(row for row in rows if row["needed"] and row["overdue"])
            ended = await browser.post(f"/api/units/X1/leaves/{late['id']}/returned")
            assert ended.json()["returned_at"]
            assert ended.json()["overdue"], "back, but later than the notice said"
            await browser.sign_in("li.wei")
            elsewhere = await browser.post(f"/api/units/X2/leaves/{late['id']}/returned")
            assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "leave_unknown")


def week(*off: int) -> Calendar:
    """A fortnight from Monday 2 March 2026 on; ``off``: days of the month nobody works."""
    days = (date(2026, 3, number) for number in range(2, 16))
    return calendar_of(
        PlannedDay(day, Kind.OFF if day.day in off or day.weekday() > 4 else Kind.WORK, "test", provisional=False)
        for day in days
    )


def test_a_paper_unanswered_in_time_counts_as_agreed() -> None:
    assert agreed_on(week(), date(2026, 3, 2), 5) == date(2026, 3, 9)
    assert agreed_on(week(4), date(2026, 3, 2), 5) == date(2026, 3, 10)
    assert not needs_notice(START, START + timedelta(minutes=30))
    assert needs_notice(START, START + timedelta(minutes=31))
