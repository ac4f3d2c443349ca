"""阳光漯河: places are drawn in two stages by the preset's figures; visits are paid to the drawn places alone."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.calendar import queries as calendar
from survey_models.calendar import statutory
from survey_models.campaigns import service as campaigns
from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.findings import service as findings
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding, Terms
from survey_models.findings.service import Who
from survey_models.inspections import progress, service, sites, visits
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.rounds import plans
from survey_models.rounds.plans import Wish
from tests.docs.events import differences

PRESET, ROUND, SEED = "luohe-yangguang-2020-1", "luohe-yangguang-2020-1-once", "60415238"
AT, ZONE = datetime(2020, 6, 22, 2, tzinfo=UTC), "Asia/Shanghai"
BOARDS = ("party", "government", "justice", "village", "livelihood")
UNITS = [
    *({"code": f"X-{no}", "name": f"虚构县{no}", "category": "县区"} for no in (1, 2)),
    {"code": "X-3", "name": "虚构功能区", "category": "功能区"},
    {"code": "X-4", "name": "虚构局", "category": "市直部门（单位）"},
]
AREAS = ("X-1", "X-2", "X-3")


def place(area: str, kind: str, no: int, within: str = "") -> dict[str, str]:
    id_ = f"{area}-{kind}-{within}{no}".replace("镇", "t")
    return {"area": area, "kind": kind, "id": id_, "name": f"{area}{within}{kind}{no}", "within": within}


VILLAGES = [place(area, "villages", no, f"镇{town}") for area in AREAS for town in range(4) for no in range(5)]
CENTRES = [place(area, kind, no) for area in AREAS for kind in ("approvals", "centres") for no in range(4)]


def answers(**more: Any) -> dict[str, Any]:
    """What the office answers; ``more``: places of further draws, or all of them as ``draws``."""
    people = [{"area": one, "area_name": one, "kind": "town", "kind_name": "城镇", "people": 9_000} for one in AREAS]
    return {
        "purpose": "demo",
        "units": UNITS,
        "flags": {f"board_{board}": [*AREAS, "X-4"] if board != "village" else list(AREAS) for board in BOARDS},
        "campaigns": {f"{board}-public": {"strata": people, "tickets": 300} for board in BOARDS[:4]},
        "draws": more.get("draws", {"village": VILLAGES, "government": CENTRES, **more}),
    }


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        calendar.write(session, statutory.days_of(2020))
        yield session
    engine.dispose()


def planned(session: Session, **more: Any) -> None:
    plans.plan(session, Wish(PRESET, "once"), answers(**more), by="office", at=AT)


def run(session: Session, draw: str) -> None:
    plan = service.name_of(ROUND, draw)
    draws.run(session, plan, seed=SEED, asked_by="office", by="second", at=AT)
    visits.settle(session, plan, by="second", at=AT)


def test_a_round_brings_its_draws_with_the_figures_of_the_document(db: Session) -> None:
    planned(db)
    there = {plan.id: plan for plan, _ in service.of_round(db, ROUND)}
    assert set(there) == {service.name_of(ROUND, "village"), service.name_of(ROUND, "government")}, "party: later"
    village = there[service.name_of(ROUND, "village")]
    assert village.rules["takes"] == {"X-1/villages": [2, 3], "X-2/villages": [2, 3], "X-3/villages": [1, 3]}
    run(db, "village")
    run(db, "government")
    found = progress.sheet(db, village.id, at=AT, zone=ZONE).lines
    assert Counter(one.unit_code for one in found) == {"X-1": 6, "X-2": 6, "X-3": 3}
    assert len({one.stratum for one in found}) == 5, "two townships in each county, one in the zone"
    assert {one.probability for one in found if one.unit_code == "X-1"} == {"3/10"}, "2/4 · 3/5"
    assert draws.replay(db, village.id).equal
    sheet = progress.sheet(db, service.name_of(ROUND, "government"), at=AT, zone=ZONE)
    kinds = Counter((one.unit_code, one.stratum.split("/")[1]) for one in sheet.lines)
    assert kinds == {(area, kind): 1 if area == "X-3" else 2 for area in AREAS for kind in ("approvals", "centres")}


def test_visits_are_paid_to_the_drawn_places_alone(db: Session) -> None:
    planned(db)
    with pytest.raises(Problem, match="draw_not_run"):
        plans.orders(db, ROUND)
    run(db, "village")
    run(db, "government")
    drawn = {
        plan.id: {one.name for one in progress.sheet(db, plan.id, at=AT, zone=ZONE).lines}
        for plan, _ in service.of_round(db, ROUND)
    }
    villages = drawn[service.name_of(ROUND, "village")]
    centres = {name for name in drawn[service.name_of(ROUND, "government")] if "centres" in name}
    met = {"village": villages, "government": centres, "party": villages | centres, "justice": villages | centres}
    ordered = plans.orders(db, ROUND)
    for board, places in met.items():
        campaign = f"{ROUND}-{board}-public"
        points = {one.no: one for one in campaigns.points_of(db, campaign)}
        assert {one.name for one in points.values()} == places, board
        assert sum(one.count for one in ordered[campaign]) == 300
        for one in ordered[campaign]:
            assert points[one.point_no].area_code == AREAS[one.stratum_no - 1], "people of the area in its own places"
    body = recorded(db, SYSTEM_LOG, Event.PLACES_SETTLED)[0]
    assert differences(Event.PLACES_SETTLED.value, SYSTEM_LOG, body) == []


def test_findings_of_the_plan_are_about_drawn_places(db: Session) -> None:
    planned(db)
    run(db, "village")
    plan = service.name_of(ROUND, "village")
    line = progress.sheet(db, plan, at=AT, zone=ZONE).lines[0]
    inspector = Who("zhao", ("inspector",))

    def opened(unit: str, where: str) -> None:
        new = NewFinding(Kind.INSPECTION, unit, "公开栏未更新", place=where, plan=plan)
        findings.open_(db, new, who=inspector, at=AT, terms=Terms(ZONE))

    drawn = {one.entry for one in progress.sheet(db, plan, at=AT, zone=ZONE).lines}
    absent = next(row for row in VILLAGES if row["id"] not in drawn)
    for unit, where in ((absent["area"], absent["name"]), ("X-4", line.name), (line.unit_code, "")):
        with pytest.raises(Problem, match="inspection_not_drawn"):
            opened(unit, where)
    opened(line.unit_code, line.name)
    after = progress.sheet(db, plan, at=AT, zone=ZONE)
    assert [(one.problems, one.inspected_on is not None) for one in after.lines][:2] == [(1, True), (0, False)]


def test_every_fault_of_a_list_at_once_and_places_given_later(db: Session) -> None:
    wrong = [
        place("X-9", "bodies", 1),
        {**place("X-1", "bodies", 1), "kind": "villages"},
        place("X-1", "bodies", 2),
        place("X-1", "bodies", 2),
        place("X-1", "departments", 1, "镇1"),
        {"area": "X-1", "name": "?"},
    ]
    with pytest.raises(Problem) as refused, db.begin_nested():
        planned(db, party=wrong)
    assert refused.value.code == "plan_answers_faulty"
    keys = [one["key"] for one in refused.value.params["faults"]]  # type: ignore[attr-defined]
    assert keys == [f"draws.party.{no}" for no in (1, 2, 4, 5, 6)]
    planned(db)
    party = [place(area, kind, no) for area in AREAS for kind in ("bodies", "departments") for no in range(3)]
    with pytest.raises(Problem, match="plan_answers_faulty"):
        sites.add(db, ROUND, "party", party[1:9], by="office", at=AT)
    with pytest.raises(Problem, match="inspection_unknown"):
        sites.add(db, ROUND, "justice", party, by="office", at=AT)
    # As a clerk writes them: areas and kinds by their names.
    names = {unit["code"]: unit["name"] for unit in UNITS}
    words = {"bodies": "县区党委组成部门", "departments": "县（区）直部门"}
    said = [{**one, "area": names[one["area"]], "kind": words[one["kind"]]} for one in party]
    made = sites.add(db, ROUND, "party", said, by="office", at=AT)
    assert made.rules["takes"]["X-3/bodies"] == [1]
    assert [(one["unit"], one["kind"]) for one in made.sites or []] == [(one["area"], one["kind"]) for one in party]
    with pytest.raises(Problem, match="draw_exists"):
        sites.add(db, ROUND, "party", party, by="office", at=AT)
