"""Working days: the worked example of 宣直〔2019〕48号, the known years, and the office's own entries."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.calendar import rules, service, statutory
from survey_models.calendar.days import Kind
from survey_models.calendar.rules import Calendar
from survey_models.core.errors import Problem

AT = datetime(2026, 11, 22, tzinfo=UTC)
EXAMPLES = json.loads((Path(__file__).parents[2] / "data" / "worked_examples.json").read_text(encoding="utf-8"))
X2 = next(one for one in EXAMPLES["xuancheng"] if one["id"] == "X2")


def by_hand(year: int) -> Calendar:
    """2019 as the worked example writes it: seven days off, two make-up days, else Monday to Friday."""
    changes = {date.fromisoformat(day): Kind.OFF for day in X2["holidays"]}
    changes |= {date.fromisoformat(day): Kind.WORK for day in X2["makeup_workdays"]}
    return rules.calendar_of(rules.year_days(year, changes, source="example", provisional=False))


@pytest.fixture(scope="module", params=["by hand", "seeded"])
def of_2019(request: pytest.FixtureRequest) -> Calendar:
    return by_hand(2019) if request.param == "by hand" else rules.calendar_of(statutory.days_of(2019))


def test_the_worked_example(of_2019: Calendar) -> None:
    received = date.fromisoformat(X2["received"])
    for n in (2, 3, 10):
        assert rules.add_working_days(of_2019, received, n).isoformat() == X2[f"plus_{n}"]
    ten = rules.deadline(of_2019, received, 10)
    assert not ten.provisional
    assert rules.add_working_days(of_2019, ten.day, 5).isoformat() == X2["plus_10_then_5"]
    assert X2["naive_plus_10"] != X2["plus_10"]


def test_the_years_that_are_known() -> None:
    assert statutory.last_noticed_year() >= 2026
    worked = {2019: 250, 2024: 251, 2025: 248, 2026: 248}
    assert {year: sum(one.kind is Kind.WORK for one in statutory.days_of(year)) for year in worked} == worked
    # 国办发明电〔2025〕7号: off from 15 to 23 February, work on the 14th and the 28th.
    calendar = rules.calendar_of(statutory.days_of(2026))
    assert [calendar.is_working(date(2026, 2, day)) for day in (14, 15, 23, 24, 28)] == [True, False, False, True, True]
    after = statutory.days_of(statutory.last_noticed_year() + 1)
    assert all(one.provisional and "未发布" in one.source for one in after)


def test_beyond_the_calendar_nothing_is_guessed(of_2019: Calendar) -> None:
    for start, n in ((date(2019, 12, 20), 10), (date(2018, 12, 31), 1), (date(2020, 1, 1), 1)):
        with pytest.raises(Problem) as refused:
            rules.add_working_days(of_2019, start, n)
        assert refused.value.code == "calendar_ends"
    empty = rules.calendar_of([])
    with pytest.raises(Problem) as refused:
        rules.working_days_after(empty, date(2019, 1, 1), date(2019, 1, 2))
    assert refused.value.code == "calendar_ends"


@given(st.dates(date(2019, 1, 1), date(2019, 8, 1)), st.integers(1, 60))
def test_a_deadline_counts_back_to_its_days(start: date, n: int) -> None:
    calendar = by_hand(2019)
    end = rules.add_working_days(calendar, start, n)
    assert calendar.is_working(end)
    assert rules.working_days_after(calendar, start, end) == n
    assert rules.working_days_after(calendar, start, end - timedelta(days=1)) == n - 1


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        yield session
    engine.dispose()


def test_the_office_enters_the_notice_and_corrects_a_day(session: Session) -> None:
    written = service.seed_empty(session, at=AT)
    assert service.seed_empty(session, at=AT) == [], "there are days"
    last = written[-1]
    assert (written[0], last) == (2013, statutory.last_noticed_year() + 1)
    assert service.seed(session, at=AT) == [], "nothing is missing any more"
    start = date(last - 1, 12, 31)
    assert rules.deadline(service.load(session, since=start), start, 1).provisional
    with pytest.raises(Problem) as refused:
        service.set_year(session, last + 2, {}, source="s", by="setup", at=AT)
    assert refused.value.code == "calendar_gap"
    with pytest.raises(Problem) as refused:
        service.set_year(session, last, {start: Kind.OFF}, source="s", by="setup", at=AT)
    assert refused.value.code == "calendar_malformed"
    sunday = next(day for no in range(1, 8) if (day := date(last, 3, no)).weekday() == 6)
    service.set_year(session, last, {sunday: Kind.WORK}, source="通知", by="setup", at=AT)
    calendar = service.load(session)
    assert calendar.is_working(sunday)
    assert not calendar.provisional
    service.set_day(session, sunday, Kind.OFF, source="更正", by="setup", at=AT)
    assert not service.load(session, since=sunday, until=sunday).is_working(sunday)
    assert service.seed(session, at=AT) == [], "what the office entered stays"
    with pytest.raises(Problem) as refused:
        service.set_day(session, date(last + 1, 1, 1), Kind.OFF, source="s", by="setup", at=AT)
    assert refused.value.code == "calendar_ends"


def test_a_file_of_the_office() -> None:
    rows = [(2, ["2027-01-01", "休"]), (3, ["2027年1月3日", "work"])]
    assert rules.read_changes(["日期", "类型"], rows) == {date(2027, 1, 1): Kind.OFF, date(2027, 1, 3): Kind.WORK}
    for header, row in (
        (["date"], []),
        (["date", "kind"], ["2027-02-30", "off"]),
        (["date", "kind"], ["2027-02-03", "?"]),
    ):
        with pytest.raises(Problem) as refused:
            rules.read_changes(header, [(2, row)] if row else [])
        assert refused.value.code == "calendar_malformed"
