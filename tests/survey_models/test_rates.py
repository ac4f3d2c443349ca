"""Rates of 好差评: the worked example, exact shares, months of windows and people, and nobody shown by subtraction."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_models.cases.tables import Case
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ratings import months
from survey_models.ratings.months import beside_few
from survey_models.ratings.rates import Counting, counted_from, own_initiative, percent, rates, shown
from survey_models.ratings.rules import LEVELS, SMALLEST
from survey_models.ratings.tables import Rating, RatingVoid
from survey_models.staff import service as staff
from survey_models.staff.rules import Person
from tests.poll import Poll, open_poll

ZONE = "Asia/Shanghai"
COUNTING = Counting()
# A month whose rates are known, and the morning on which it can be seen.
MONTH, SEEN = date(2026, 9, 1), datetime(2026, 10, 16, 1, tzinfo=UTC)
EXAMPLE = {"5": 820, "4": 110, "3": 40, "2": 20, "1": 10}


def test_the_worked_example() -> None:
    found = rates(EXAMPLE, basic_is_good=True)
    assert found is not None
    assert (found.n, percent(found.good), percent(found.bad)) == (1000, "97.00", "3.00")
    assert shown(found.stars) == "4.71"
    own = own_initiative(rated=1000, cases=1600)
    assert own is not None
    assert percent(own) == "62.50"
    strict = rates(EXAMPLE, basic_is_good=False)
    assert strict is not None
    assert (percent(strict.good), percent(strict.bad)) == ("93.00", "3.00")
    assert rates({"5": 9}, basic_is_good=True) is None
    assert own_initiative(rated=0, cases=0) is None


@given(st.fractions(min_value=0, max_value=5))
def test_shown_values_are_rounded_half_up(value: Fraction) -> None:
    told = Fraction(shown(value))
    assert -Fraction(1, 200) < told - value <= Fraction(1, 200)
    assert shown(Fraction(1, 8)) == "0.13"


def test_a_month_is_counted_from_its_fifteenth_day_after() -> None:
    assert counted_from(date(2026, 12, 1), COUNTING) == date(2027, 1, 16)
    assert counted_from(date(2024, 2, 1), Counting(month_days=0)) == date(2024, 3, 1)


PLACES = st.dictionaries(
    st.sampled_from("abcdef"), st.dictionaries(st.sampled_from("uvw"), st.integers(1, 60), max_size=3), max_size=6
)


@given(PLACES, st.dictionaries(st.sampled_from("uvw"), st.integers(0, 12), max_size=3))
def test_no_rest_under_ten_can_be_worked_out(places: dict[str, dict[str, int]], nobody: dict[str, int]) -> None:
    windows = Counter(nobody)
    for own in places.values():
        windows.update(own)
    few = {who for who, own in places.items() if sum(own.values()) < 30}
    away = beside_few(windows, places, few)
    assert away <= set(places) - few
    for window, n in windows.items():
        rest = n - sum(own.get(window, 0) for who, own in places.items() if who not in few | away)
        shown_here = [who for who, own in places.items() if own.get(window) and who not in few | away]
        assert not shown_here or rest == 0 or rest >= SMALLEST


def rate(poll: Poll, at: datetime, counts: dict[str, int], *, window: str = "w1", mark: str | None = None) -> None:
    day = (at + timedelta(hours=8)).date()
    with poll.work() as session:
        for level, number in counts.items():
            for _ in range(number):
                row = {"id": uuid.uuid4(), "device_id": uuid.UUID(int=1), "code": level, "reasons": [], "mark": mark}
                session.add(Rating(window_id=window, device_time=at, received_at=at, day=day, given_on=day, **row))


@pytest.mark.parametrize("database", ["sqlite_url", "postgres_url"])
def test_months_of_windows_and_people(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with open_poll(request.getfixturevalue(database), tmp_path) as poll:
        start = datetime(2026, 9, 2, 1, tzinfo=UTC)
        with poll.work() as session:
            for number, day in (("1", 0), ("2", 10), ("3", 20)):
                at = start + timedelta(days=day)
                staff.put(session, Person(number, f"甲{number}"), by="setup", at=at)
                staff.start_duty(session, "w1", number, by="setup", at=at)
            for no in range(40):
                rated = MONTH if no < 25 else (SEEN.date() if no < 30 else None)
                session.add(Case(window_id="w1", number_digest=str(no), finished_on=MONTH, rated_on=rated))
        rate(poll, start + timedelta(days=1), {"5": 30, "1": 2})
        rate(poll, start + timedelta(days=11), {"4": 31})
        rate(poll, start + timedelta(days=21), {"3": 4})
        rate(poll, start + timedelta(days=21), {"1": 3}, mark="late")
        rate(poll, start + timedelta(days=40), {"1": 50})
        with poll.look() as session:
            with pytest.raises(Problem, match="month_not_counted"):
                months.month_table(session, MONTH, counting=COUNTING, at=SEEN - timedelta(days=1), zone=ZONE)
            assert months.counted_months(session, counting=COUNTING, at=SEEN, zone=ZONE) == [MONTH]
            found = months.month_table(session, MONTH, counting=COUNTING, at=SEEN, zone=ZONE)
            (window,) = found.windows
            assert (window.n, window.not_counted, window.cases, window.own) == (67, {"late": 3}, 40, Fraction(25, 40))
            assert window.rates is not None
            assert (window.rates.good, window.rates.bad) == (Fraction(65, 67), Fraction(2, 67))
            # Four ratings of the third would follow from the window and the other two: the second stays away too.
            assert [(row.staff.number, row.n, row.why) for row in found.people] == [
                ("1", 32, None),
                ("2", 31, "beside_few"),
                ("3", 4, "too_few"),
            ]
            assert found.people[0].rates is not None
            assert found.people[0].rates.stars == Fraction(152, 32)
            empty = months.month_table(session, date(2026, 8, 1), counting=COUNTING, at=SEEN, zone=ZONE)
            assert [(row.n, row.rates, row.own) for row in empty.windows] == [(0, None, None)]
            assert empty.people == []
        assert set(EXAMPLE) == set(LEVELS)


async def test_the_public_page_has_definitions_and_months(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, rating_gap_seconds=12) as poll:
        async with poll.client() as client:
            assert "还没有统计过的月份" in (await client.get("/windows")).text
            rate(poll, datetime(2026, 8, 3, tzinfo=UTC), {"5": 9})
            rate(poll, datetime(2026, 9, 3, tzinfo=UTC), EXAMPLE)
            with clock.frozen(SEEN):
                newest, other = await client.get("/windows"), await client.get("/windows?lang=en&month=2026-08")
                assert (await client.get("/windows?month=2099-01")).status_code == 200
        for said in ("好评率 97.00%，差评率 3.00%", "评价 1000 次", "12 秒以内", "基本满意）÷"):
            assert said in newest.text
        assert "9 ratings. Too few to show levels." in other.text.replace("\n", "")


async def test_months_over_http_with_and_without_what_was_set_aside(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        start = datetime(2026, 9, 2, 1, tzinfo=UTC)
        with poll.work() as session:
            staff.put(session, Person("1", "甲"), by="setup", at=start)
            staff.start_duty(session, "w1", "1", by="setup", at=start)
            span = {"begins": start + timedelta(days=9), "ends": start + timedelta(days=11)}
            more = {"device_id": None, "reason": "试机", "act_number": 1, "made_at": SEEN}
            session.add(RatingVoid(window_id="w1", id=uuid.uuid4(), **span, **more))
        rate(poll, start + timedelta(days=1), {"5": 30, "1": 10})
        rate(poll, start + timedelta(days=10), {"5": 40})
        with clock.frozen(SEEN):
            async with poll.signed_in("auditor") as auditor:
                listed = (await auditor.get("/api/ratings/months")).json()
                assert (listed["months"], listed["rules"]["month_days"]) == (["2026-09"], 15)
                month = (await auditor.get("/api/ratings/months/2026-09")).json()
                early = await auditor.get("/api/ratings/months/2026-10")
                assert (early.status_code, early.json()["code"]) == (409, "month_not_counted")
                assert "2026-11-16" in early.json()["detail"]
                assert (await auditor.get("/api/ratings/months/2026-13")).status_code == 422
        (window,) = month["windows"]
        assert window["rates"] == {"n": 80, "good": "87.50", "bad": "12.50", "stars": "4.50"}
        assert window["without"] == {"n": 40, "good": "75.00", "bad": "25.00", "stars": "4.00"}
        (person,) = month["people"]
        assert (person["n"], person["rates"]["good"], person["why"]) == (40, "75.00", None)
