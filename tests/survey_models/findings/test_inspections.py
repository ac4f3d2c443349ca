"""Inspections (明查暗访) of 宣直〔2019〕48号: notice, objection, rectification, what it costs, evidence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from survey_models.core.errors import Problem
from survey_models.core.walls import raise_walls
from survey_models.findings import acts, files, lists, service
from survey_models.findings.machines import Kind
from survey_models.findings.rules import Price
from survey_models.findings.tables import Finding, FindingFile
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Booked, Inputs, RatedUnit
from survey_models.schemes.outcome import Scorecard
from survey_models.uploads.tables import Blob
from tests.survey_models.findings.city import (
    DESK,
    INSPECTOR,
    JPEG,
    OFFICE,
    OTHER,
    RELEASE,
    ROUND,
    TERMS,
    UNIT,
    ZONE,
    City,
    city,
    day,
    price,
)


@pytest.fixture
def xc(sqlite_url: str) -> Iterator[City]:
    with city(sqlite_url) as made:
        yield made


def test_a_notice_is_carried_out(xc: City) -> None:
    finding = xc.noticed()
    assert finding.clocks["objection"]["on"] == "2019-09-30", "2 working days after Friday 2019-09-27"
    assert finding.due_on == date(2019, 10, 20)
    xc.take(finding, "sign", UNIT, "2019-09-29", note="")
    assert finding.signature == "signed"
    assert xc.refused(finding, "refuse", OTHER, "2019-09-29") == "not_own_unit"
    xc.take(finding, "rectify", UNIT, "2019-10-18")
    assert xc.refused(finding, "rectify", UNIT, "2019-10-18") == "finding_move_refused"
    xc.take(finding, "again", OFFICE, "2019-10-21", limit=date(2019, 11, 1))
    assert (finding.state, finding.due_on) == ("ordered", date(2019, 11, 1))
    xc.take(finding, "rectify", UNIT, "2019-10-30")
    xc.take(finding, "file", OFFICE, "2019-10-31")
    assert finding.state == "filed"
    assert [one.finding for one in lists.waiting(xc.session, who=OFFICE, at=day("2021-01-04"), terms=TERMS)] == []
    moves = [one.move for one in service.steps_of(xc.session, finding)]
    assert moves == ["open", "confirm", "notify", "sign", "rectify", "again", "rectify", "file"]


def test_an_objection_has_two_working_days_and_needs_evidence(xc: City) -> None:
    finding = xc.noticed()
    assert xc.refused(finding, "object", UNIT, "2019-09-30") == "finding_needs"
    proof = xc.file(finding, UNIT, "2019-09-30")
    foreign = xc.file(finding, OFFICE, "2019-09-30", content=JPEG + b"2")
    assert xc.refused(finding, "object", UNIT, "2019-09-30", files=[foreign]) == "finding_file_unknown"
    assert xc.refused(finding, "object", UNIT, "2019-10-01", files=[proof]) == "finding_too_late"
    assert "object" in service.moves_for(xc.session, finding, who=UNIT, at=day("2019-09-30"), terms=TERMS)
    assert "object" not in service.moves_for(xc.session, finding, who=UNIT, at=day("2019-10-01"), terms=TERMS)
    xc.take(finding, "object", UNIT, "2019-09-30", files=[proof])
    assert len(service.deductions_of(xc.session, ROUND)) == 1, "it counts until it is upheld"
    xc.take(finding, "uphold", OFFICE, "2019-10-08")
    assert finding.state == "withdrawn"
    assert service.deductions_of(xc.session, ROUND) == []
    other = xc.noticed()
    xc.take(other, "object", UNIT, "2019-09-29", files=[xc.file(other, UNIT, "2019-09-29")])
    xc.take(other, "reject", OFFICE, "2019-09-30")
    assert (other.state, len(service.deductions_of(xc.session, ROUND))) == ("ordered", 1)


def test_refusing_to_sign_blocks_nothing_and_is_a_violation_of_its_own(xc: City) -> None:
    finding = xc.open(Kind.SECRET_VISIT)
    xc.take(finding, "refuse", INSPECTOR, "2019-09-20", note="负责人拒绝签字")
    assert finding.signature == "refused"
    follows = xc.session.scalars(select(Finding).where(Finding.id != finding.id)).one()
    assert (follows.unit_code, follows.body["parent"]) == ("U-1", str(finding.id))
    xc.take(finding, "confirm", OFFICE, "2019-09-23", price=price("secret_visit"))
    xc.take(follows, "confirm", OFFICE, "2019-09-23", price=price("refusal"))
    assert sorted(one.rule for one in service.deductions_of(xc.session, ROUND)) == ["refusal", "secret_visit"]


def test_discretionary_points_need_a_reason_and_a_second_person(xc: City) -> None:
    finding = xc.open(text="通风报信")
    cost = price("obstruction", points=Decimal(5))
    assert xc.refused(finding, "confirm", OFFICE, "2019-09-23", price=cost) == "finding_needs_second"
    assert xc.refused(finding, "confirm", OFFICE, "2019-09-23", price=price("obstruction")) == "finding_points_unfit"
    assert xc.refused(finding, "confirm", OFFICE, "2019-09-23", price=price("no_such")) == "finding_rule_unknown"
    at = day("2019-09-23")
    with pytest.raises(Problem) as refused:
        acts.check_price(xc.session, acts.params_of(finding.id, "confirm", cost, " "), at=at, terms=TERMS)
    assert refused.value.code == "finding_needs"
    params = acts.params_of(finding.id, "confirm", cost, "向被查单位通风报信")
    acts.check_price(xc.session, params, at=at, terms=TERMS)
    assert finding.state == "found", "asking changes nothing"
    assert service.get(xc.session, finding.id, who=RELEASE).id == finding.id, "who confirms reads what it is for"
    assert service.moves_for(xc.session, finding, who=RELEASE, at=at, terms=TERMS) == []
    acts.price(xc.session, params, asked_by="li.wei", by="sun.hong", at=at, terms=TERMS)
    assert (finding.state, finding.lost) == ("confirmed", "merit"), "the award right is lost"
    last = service.steps_of(xc.session, finding)[-1]
    assert (last.by, last.body["asked_by"], last.note) == ("sun.hong", "li.wei", "向被查单位通风报信")
    [deduction] = service.deductions_of(xc.session, ROUND)
    assert (deduction.points, deduction.component, deduction.article) == (
        Decimal(5),
        "inspection",
        "明查暗访办法第五条",
    )


def test_a_published_round_is_corrected_by_two_people_or_not_at_all(xc: City) -> None:
    finding = xc.open()
    xc.publish()
    assert xc.refused(finding, "confirm", OFFICE, "2019-12-02", price=price("no_evidence")) == "finding_round_published"
    assert (finding.state, service.deductions_of(xc.session, ROUND)) == ("found", [])
    at, params = day("2019-12-02"), acts.params_of(finding.id, "confirm", price("no_evidence"), "公布后查实，更正")
    acts.check_price(xc.session, params, at=at, terms=TERMS)
    acts.price(xc.session, params, asked_by="li.wei", by="sun.hong", at=at, terms=TERMS)
    assert [one.rule for one in service.deductions_of(xc.session, ROUND)] == ["no_evidence"]


def test_a_year_is_made_of_its_rounds_and_takes_no_points(xc: City) -> None:
    xc.session.get_one(Round, ROUND).level = "year"
    xc.session.flush()
    assert xc.refused(xc.open(), "confirm", OFFICE, "2019-09-23", price=price("no_evidence")) == "round_of_year"


def test_a_line_by_quarter_is_told_whose_quarter_and_points_reach_a_rated_unit(xc: City) -> None:
    """Without either the whole round could not be scored, or the points would cost nobody."""
    scheme = schemes.store(xc.session, shelf.preset("nanyang-2014-27"), by="test", at=day("2019-01-02"))
    made = Round(id="ny", title="2019", scheme_id=scheme.id, scheme_version=scheme.version, period="2019H2")
    made.made_at = day("2019-01-02")
    xc.session.add(made)
    xc.session.flush()
    xc.session.add(RoundUnit(round_id="ny", unit_code="U-1", category="党委群团部门", position=1, flags=[]))
    xc.session.flush()
    cost = Price("ny", "C5", "no_measures", matter="科室")
    for unfit in ("", "2019Q2", "2019H2"):
        refused = xc.refused(xc.open(), "confirm", OFFICE, "2019-09-23", price=replace(cost, period=unfit))
        assert refused == "finding_period_unfit"
    right = replace(cost, period="2019Q3")
    stranger = xc.open(unit="U-2")
    assert xc.refused(stranger, "confirm", OFFICE, "2019-09-23", price=right) == "finding_unit_not_rated"
    award = replace(cost, component="C7", rule="central_award")
    xc.take(xc.open(), "confirm", OFFICE, "2019-09-23", price=right)
    xc.take(xc.open(), "confirm", OFFICE, "2019-09-23", price=award)
    found = service.deductions_of(xc.session, "ny")
    assert {(one.rule, one.period, one.matter) for one in found} == {
        ("no_measures", "2019Q3", "科室"),
        ("central_award", "", "科室"),
    }


def test_what_a_round_reads(xc: City) -> None:
    """The cases of worked example X1: self-check -3, four items -4, two secret visits -2."""
    plan = [(Kind.SELF_CHECK, "self_check_missing", "2019Q2"), *[(Kind.INSPECTION, "no_evidence", "")] * 4]
    for kind, rule, period in [*plan, *[(Kind.SECRET_VISIT, "secret_visit", "")] * 2]:
        finding = xc.open(kind)
        xc.take(finding, "confirm", OFFICE, "2019-09-23", price=price(rule, period=period))
    xc.open(), xc.take(xc.open(), "nothing", INSPECTOR, "2019-09-20", note="")
    found = service.deductions_of(xc.session, ROUND)
    assert sorted(one.rule for one in found) == ["no_evidence"] * 4 + ["secret_visit"] * 2 + ["self_check_missing"]
    assert {one.points for one in found} == {None}, "the rules say it"
    assert len({one.matter for one in found}) == 7, "each is a matter of its own"
    assert {one.period for one in found} == {"", "2019Q2"}


def test_worked_example_x1_from_the_findings_to_the_score(xc: City) -> None:
    """100 - 3 - 4 - 2 = 91; with 5 more at discretion, approved by a second person, 86 and the award right is lost."""

    def scored() -> Scorecard:
        row = schemes.get(xc.session, "xuancheng-2019-48")
        rated = tuple(RatedUnit(f"U-{no}", f"单位{no}", "市直单位") for no in (1, 2, 3))
        cases = service.deductions_of(xc.session, ROUND)
        booked = [Booked(one.unit_code, one.component, one.rule, one.matter, one.period, one.points) for one in cases]
        outcome = evaluate(schemes.document_of(row), row.digest, Inputs(units=rated, booked=tuple(booked)))
        return outcome.cards[0]

    plan = [(Kind.SELF_CHECK, "self_check_missing"), *[(Kind.INSPECTION, "no_evidence")] * 4]
    for kind, rule in [*plan, *[(Kind.SECRET_VISIT, "secret_visit")] * 2]:
        xc.take(xc.open(kind), "confirm", OFFICE, "2019-09-23", price=price(rule))
    assert scored().total == 91
    assert scored().lost == ()
    warned = xc.open(text="通风报信")
    params = acts.params_of(warned.id, "confirm", price("obstruction", points=Decimal(5)), "通风报信")
    assert scored().total == 91, "asking costs nothing"
    acts.price(xc.session, params, asked_by="li.wei", by="sun.hong", at=day("2019-09-23"), terms=TERMS)
    assert scored().total == 86
    assert scored().lost == ("merit",)


def test_units_with_a_problem_are_in_the_next_draw(xc: City) -> None:
    xc.take(xc.open(unit="U-2", plan="p1"), "dismiss", OFFICE, "2019-09-23")
    xc.take(xc.open(unit="U-3", plan="p1"), "nothing", INSPECTOR, "2019-09-23", note="")
    xc.open(plan="p1"), xc.open(plan="p0", unit="U-2")
    assert lists.must_check(xc.session, "p1") == ["U-1"]
    xc.open(Kind.SECRET_VISIT, unit="U-1")
    units = ["U-1", "U-2", "U-3", "U-4"]
    assert lists.not_inspected(xc.session, units, year=2019, zone=ZONE) == ["U-4"]
    assert lists.not_inspected(xc.session, units, year=2020, zone=ZONE) == units


def test_what_is_overdue_and_who_hears_of_it(xc: City) -> None:
    finding = xc.noticed()
    early, soon, late = (
        lists.waiting(xc.session, who=UNIT, at=day(at), terms=TERMS)
        for at in ("2019-10-10", "2019-10-18", "2019-10-21")
    )
    assert early == []
    assert [(one.finding.id, one.waits_for, one.overdue) for one in soon] == [(finding.id, "unit", False)]
    assert [one.overdue for one in late] == [True]
    assert lists.waiting(xc.session, who=OTHER, at=day("2019-10-21"), terms=TERMS) == []
    assert lists.waiting(xc.session, who=DESK, at=day("2019-10-21"), terms=TERMS) == []


def test_a_supervision_notice_needs_its_limit(xc: City) -> None:
    with pytest.raises(Problem) as refused:
        xc.open(Kind.SUPERVISION)
    assert refused.value.code == "finding_needs"
    with pytest.raises(Problem) as refused:
        xc.open(Kind.SUPERVISION, who=UNIT)
    assert refused.value.code == "forbidden"
    notice = xc.open(Kind.SUPERVISION, limit=date(2019, 9, 30))
    assert (notice.state, notice.due_on) == ("issued", date(2019, 9, 30))
    xc.take(notice, "report", UNIT, "2019-09-29")
    xc.take(notice, "file", OFFICE, "2019-09-30")


def test_evidence_is_locked_for_two_years_and_then_erased_by_two(xc: City) -> None:
    raise_walls(xc.session.connection())
    finding = xc.open(at="2019-09-27")
    with pytest.raises(Problem) as refused:
        xc.file(finding, INSPECTOR, "2019-09-27", sha256="0" * 64)
    assert refused.value.code == "finding_hash_differs"
    with pytest.raises(Problem) as refused:
        xc.file(finding, INSPECTOR, "2019-09-27", content=b"MZ")
    assert refused.value.code == "finding_file_unfit"
    kept = xc.session.get_one(FindingFile, xc.file(finding, INSPECTOR, "2019-09-27", taken_on=date(2019, 9, 26)))
    assert kept.late, "handed in a day after it was taken"
    with pytest.raises(DBAPIError, match="evidence"), xc.session.begin_nested():
        xc.session.execute(update(Blob).where(Blob.sha256 == kept.sha256).values(content=b""))
    with pytest.raises(DBAPIError, match="evidence"), xc.session.begin_nested():
        xc.session.execute(text("DELETE FROM finding_steps"))
    xc.take(finding, "nothing", INSPECTOR, "2019-09-27", note="")
    last = files.until(kept, years=2, zone=ZONE)
    assert last.astimezone().date() >= date(2021, 9, 27)
    with pytest.raises(Problem) as refused:
        files.erase(xc.session, years=2, zone=ZONE, asked_by="a", by="b", at=last - timedelta(seconds=1))
    assert refused.value.code == "evidence_kept"
    assert files.opened(xc.session, kept.id, who=OFFICE, at=last)[1] == JPEG
    with pytest.raises(Problem):
        files.opened(xc.session, kept.id, who=UNIT, at=last)
    assert files.erase(xc.session, years=2, zone=ZONE, asked_by="a", by="b", at=last) == 1
    xc.session.expire_all()
    assert xc.session.get_one(Blob, kept.sha256).content == b""
    with pytest.raises(Problem):
        files.opened(xc.session, kept.id, who=OFFICE, at=last)
