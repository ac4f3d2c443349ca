"""Inspection plans of 宣直〔2019〕48号: who must be checked, coverage of the year, the drawn list, progress."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.findings import service as findings
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding
from survey_models.inspections import progress, rules, service
from survey_models.inspections.rules import Reason
from survey_models.inspections.service import Wish
from survey_models.inspections.tables import InspectionPlan, PlanKind
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.rounds import history
from survey_models.rounds.periods import read_period
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.units.tables import Unit
from tests.browser.round_city import NEW, make_rounds
from tests.docs.events import differences
from tests.survey_models.findings.city import INSPECTOR, OFFICE, ROUND, ZONE, City, city, day, price

SEED = "60415238"
OPEN, SECRET = PlanKind.INSPECTION, PlanKind.SECRET_VISIT


@contextmanager
def ten(url: str) -> Iterator[City]:
    """The city of three units with seven more, in two categories."""
    with city(url) as made:
        for no in range(4, 11):
            category = "市直单位" if no <= 7 else "直属机构"
            unit = Unit(code=f"U-{no}", name=f"单位{no}", category=category, position=no, superior_led=False)
            unit.flags_source = "made up"
            made.session.add(unit)
            made.session.flush()
            made.session.add(RoundUnit(round_id=ROUND, unit_code=unit.code, category=category, position=no))
        made.session.flush()
        yield made


@pytest.fixture
def xc(sqlite_url: str) -> Iterator[City]:
    with ten(sqlite_url) as made:
        yield made


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[City]:
    with ten(postgres_url) as made:
        yield made


def plan(session: Session, at: str, kind: PlanKind = OPEN, *, run: bool = True, **wish: object) -> InspectionPlan:
    wanted = Wish(ROUND, kind, **wish)  # type: ignore[arg-type]
    made = service.plan(session, wanted, by="li.wei", at=day(at), zone=ZONE)
    if run:
        draws.run(session, made.id, seed=SEED, asked_by="li.wei", by="sun.hong", at=day(at, hour=3))
    return made


def codes(session: Session, made: InspectionPlan, at: str = "2019-12-31") -> dict[str, tuple[str, ...]]:
    sheet = progress.sheet(session, made.id, at=day(at), zone=ZONE)
    return {one.entry: one.reasons for one in sheet.lines}


def refused(session: Session, at: str, **wish: object) -> str:
    with pytest.raises(Problem) as problem, session.begin_nested():
        plan(session, at, **wish)  # type: ignore[arg-type]
    return problem.value.code


def test_every_unit_within_the_year_and_problem_units_again(xc: City) -> None:
    """Ten units, four quarters: a share of those who wait each quarter; who had a problem is in again for certain."""
    seen: set[str] = set()
    first = plan(xc.session, "2019-01-10", period="2019Q1")
    drawn = codes(xc.session, first)
    assert (len(drawn), first.rules["more"]) == (3, {"市直单位": 2, "直属机构": 1}), (
        "a quarter of 7 and of 3, rounded up"
    )
    assert set(drawn.values()) == {()}, "nobody must be checked yet"
    bad = min(drawn)
    for code in drawn:
        found = xc.open(unit=code, at="2019-02-01", plan=first.id)
        if code == bad:
            xc.take(found, "confirm", OFFICE, "2019-02-02", price=price("no_evidence"))
        else:
            xc.take(found, "nothing", INSPECTOR, "2019-02-01", note="")
    sheet = progress.sheet(xc.session, first.id, at=day("2019-03-01"), zone=ZONE)
    assert (sheet.inspected, len(sheet.lines), sheet.problems) == (3, 3, 1)
    seen |= set(drawn)
    for quarter, begins in (("2019Q2", "2019-04-10"), ("2019Q3", "2019-07-10"), ("2019Q4", "2019-10-10")):
        made = plan(xc.session, begins, period=quarter)
        again = codes(xc.session, made)
        if quarter == "2019Q2":
            assert made.previous == first.id
            assert again.pop(bad) == ("found",), "the problem unit, with the reason"
        assert not seen & set(again), "the others were not inspected yet"
        seen |= set(again)
        for code in again:
            xc.take(xc.open(unit=code, at=begins, plan=made.id), "nothing", INSPECTOR, begins, note="")
    assert seen == {f"U-{no}" for no in range(1, 11)}, "after the last quarter everybody was inspected"
    assert refused(xc.session, "2019-12-01", period="2019Q4", id="more-q4") == "inspection_nothing"
    assert len(codes(xc.session, plan(xc.session, "2019-12-01", period="2019Q4", id="more-q4", more=2))) == 2


def test_the_draw_is_the_existing_one(on_postgres: City) -> None:
    xc = on_postgres
    made = plan(xc.session, "2019-01-10", period="2019Q1", run=False)
    assert progress.sheet(xc.session, made.id, at=day("2019-01-11"), zone=ZONE).lines == ()
    with pytest.raises(Problem, match="draw_not_run"):
        xc.open(plan=made.id)
    draws.run(xc.session, made.id, seed=SEED, asked_by="li.wei", by="sun.hong", at=day("2019-01-12"))
    assert draws.replay(xc.session, made.id).equal
    chances = {row.entry: row.probability for row in draws.drawn_rows(xc.session, made.id)}
    assert set(chances.values()) == {"2/7", "1/3"}
    body = recorded(xc.session, SYSTEM_LOG, Event.INSPECTION_PLANNED)[0]
    assert differences(Event.INSPECTION_PLANNED.value, SYSTEM_LOG, body) == []
    absent = next(f"U-{no}" for no in range(1, 11) if f"U-{no}" not in chances)
    with pytest.raises(Problem, match="inspection_not_drawn"):
        xc.open(unit=absent, plan=made.id)
    with pytest.raises(Problem, match="inspection_kind_unfit"):
        xc.open(Kind.SECRET_VISIT, unit=min(chances), plan=made.id)
    assert refused(xc.session, "2019-01-13", period="2019Q1") == "draw_exists"
    assert refused(xc.session, "2019-01-13", period="2019Q1", id="p2", previous="none") == "inspection_unknown"


def test_complaints_make_a_unit_must_check_and_rules_can_be_left_out(xc: City) -> None:
    new = NewFinding(Kind.COMPLAINT, "U-9", "窗口无人", matter="m")
    complaint = findings.store(xc.session, new, body={"text": "窗口无人"}, clocks={}, by="public", at=day("2019-02-01"))
    kept = plan(xc.session, "2019-04-10", period="2019Q2", id="p1")
    assert kept.rules["must"] == {}, "received is not upheld"
    complaint.flags = "repeat_month"
    complaint.made_at = day("2019-05-02")
    xc.session.flush()
    assert codes(xc.session, plan(xc.session, "2019-07-10", period="2019Q3", id="p2"))["U-9"] == ("complaint",)
    assert plan(xc.session, "2019-07-10", period="2019Q3", id="p3", by=[Reason.FOUND]).rules["must"] == {}


def test_a_secret_visit_is_a_plain_random_draw(xc: City) -> None:
    xc.open(unit="U-1")
    assert refused(xc.session, "2019-05-05", kind=SECRET, period="2019Q2") == "request_malformed"
    assert (
        refused(xc.session, "2019-05-05", kind=SECRET, period="2019Q2", more=2, by=[Reason.FOUND])
        == "request_malformed"
    )
    assert refused(xc.session, "2019-05-05", kind=SECRET, period="2019Q2", more=11) == "sample_too_large"
    assert refused(xc.session, "2019-05-05", kind=SECRET, period="2019Q2", more={"甲": 1}) == "stratum_unknown"
    made = plan(xc.session, "2019-05-05", SECRET, period="2019Q2", more={"市直单位": 3})
    drawn = codes(xc.session, made)
    assert len(drawn) == 3
    assert {row.probability for row in draws.drawn_rows(xc.session, made.id)} == {"3/7"}, "U-1 no more than the others"
    xc.open(Kind.SECRET_VISIT, unit=min(drawn), plan=made.id)
    again = plan(xc.session, "2019-06-05", SECRET, period="2019Q2", more=1)
    assert (made.id, again.id) == ("xc-2019-secret-2019q2", "xc-2019-secret-2019q2-2")
    assert service.name_of("a-very-long-scheme-2015q1-ny-001", "secret-2015q1").endswith("-secret-2015q1")
    assert len(service.name_of("a-very-long-scheme-2015q1-ny-001", "secret-2015q1")) == service.LONGEST_ID


def test_the_last_of_each_category_of_the_round_before(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        make_rounds(session)
        wish = Wish(NEW, OPEN, "2015Q1", by=[Reason.LAST])
        made = service.plan(session, wish, by="li.wei", at=day("2015-01-10"), zone=ZONE)
        cards = history.before(session, session.get_one(Round, NEW))[0][1].cards
        last = {
            max((card.rank or 0, card.unit.code) for card in cards if card.unit.category == name)[1]
            for name in ("综合部门", "服务部门")
        }
        assert made.rules["must"] == {code: ["last"] for code in last}
        with pytest.raises(Problem, match="inspection_period_unfit"):
            service.plan(session, Wish(NEW, OPEN, "2016Q1"), by="li.wei", at=day("2015-01-10"), zone=ZONE)
    engine.dispose()


def test_periods() -> None:
    names = ("2019Q1", "2019Q4", "2019H2", "2019-11", "2019", "once")
    assert [rules.periods_left(read_period(name)) for name in names] == [4, 1, 1, 2, 1, 1]
