"""Complaints (效能投诉) of 宣直〔2019〕48号 and the 差评 loop: clocks, repeats, suggestions, receipts."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from survey_models.core.errors import Problem
from survey_models.findings import complaints, lists, service
from survey_models.findings.complaints import Draft, Filed
from survey_models.findings.intake import BadRating, open_findings
from survey_models.findings.machines import Kind
from survey_models.findings.tables import Complaint, Finding
from survey_models.ratings.tables import Rating
from survey_models.units.tables import Window
from tests.survey_models.findings.city import DESK, OFFICE, OTHER, RELEASE, TERMS, UNIT, ZONE, City, city, day, price

PEPPER = b"p" * 32


@pytest.fixture
def xc(sqlite_url: str) -> Iterator[City]:
    with city(sqlite_url) as made:
        yield made


def filed(xc: City, at: str = "2019-09-27", **more: object) -> Filed:
    draft = Draft(**{"about": "delay", "unit_code": "U-1", "matter": "办证超期", "reason": "三个月未办"} | NAMED | more)  # type: ignore[arg-type]
    return complaints.file(xc.session, draft, None, pepper=PEPPER, at=day(at), terms=TERMS, limit=1000)


NAMED = {"name": "王某", "contact": "13900000000"}


def test_ten_working_days_and_five_more_once(xc: City) -> None:
    finding = xc.take(filed(xc).finding, "forward", DESK, "2019-09-27", unit_code="U-1")
    assert finding.due_on == date(2019, 10, 16)
    assert finding.clocks["send_back"]["on"] == "2019-10-08"
    assert xc.refused(finding, "give_more_time", DESK, "2019-10-15") == "finding_move_early"
    assert xc.refused(finding, "ask_more_time", UNIT, "2019-10-15") == "finding_needs", "the complainant is told first"
    assert xc.refused(finding, "ask_more_time", UNIT, "2019-10-17", told=True) == "finding_too_late"
    xc.take(finding, "ask_more_time", UNIT, "2019-10-15", told=True)
    assert finding.due_on == date(2019, 10, 16), "asking gives no time"
    xc.take(finding, "give_more_time", DESK, "2019-10-15")
    assert finding.due_on == date(2019, 10, 23)
    assert xc.refused(finding, "ask_more_time", UNIT, "2019-10-20", told=True) == "finding_move_repeated"
    xc.take(finding, "answer", UNIT, "2019-10-22", told=True, note="已办结并道歉")
    xc.take(finding, "uphold", DESK, "2019-10-24", price=price("item_14"))
    [deduction] = service.deductions_of(xc.session, "xc-2019")
    assert (deduction.unit_code, deduction.rule) == ("U-1", "item_14")


def test_not_ours_within_three_working_days(xc: City) -> None:
    first = xc.take(filed(xc).finding, "forward", DESK, "2019-09-27", unit_code="U-1")
    xc.take(first, "send_back", UNIT, "2019-10-08")
    xc.take(first, "forward", DESK, "2019-10-09", unit_code="U-2")
    assert (first.unit_code, first.due_on) == ("U-2", date(2019, 10, 22))
    with pytest.raises(Problem) as refused:
        service.get(xc.session, first.id, who=UNIT)
    assert refused.value.code == "not_own_unit"
    assert service.get(xc.session, first.id, who=OTHER) is first
    second = xc.take(filed(xc).finding, "forward", DESK, "2019-09-27", unit_code="U-1")
    assert xc.refused(second, "send_back", UNIT, "2019-10-09") == "finding_too_late"


def test_anonymous_or_unconcerned_is_a_suggestion(xc: City) -> None:
    for more in ({"name": ""}, {"contact": " "}, {"concerned": False}):
        assert filed(xc, **more).finding.state == "suggestion"
    waiting = filed(xc).finding
    assert waiting.state == "received"
    xc.take(filed(xc).finding, "decline", DESK, "2019-09-27")
    assert service.listed(xc.session, who=UNIT) == [], "a unit does not see what was not forwarded to it"
    for more, where in (({"matter": " "}, "complaint_unfit"), ({"unit_code": "U-9"}, "unit_unknown")):
        with pytest.raises(Problem) as refused:
            filed(xc, **more)
        assert refused.value.code == where


def test_the_third_on_one_matter_or_within_thirty_days_raises_a_flag(xc: City) -> None:
    def forwarded(at: str, matter: str) -> str:
        return xc.take(filed(xc, at).finding, "forward", DESK, at, unit_code="U-1", matter=matter).flags

    assert [forwarded(at, "证照") for at in ("2019-03-01", "2019-05-05", "2019-07-01")] == ["", "", "repeat_matter"]
    flags = [forwarded(at, at) for at in ("2019-09-02", "2019-09-16", "2019-10-02", "2019-10-12")]
    assert flags == ["", "", "", "repeat_month"], "2 September is the 30th day before 2 October: outside"
    blamed = xc.take(filed(xc).finding, "forward", DESK, "2019-10-14", unit_code="U-2")
    xc.take(blamed, "blame", OFFICE, "2019-10-15")
    assert {one.flags for one in lists.flagged(xc.session, who=OFFICE)} == {
        "repeat_matter",
        "repeat_month",
        "accountability",
    }


def test_the_receipt_code_tells_how_far_it_is(xc: City) -> None:
    made = filed(xc)
    finding = xc.take(made.finding, "forward", DESK, "2019-09-27", unit_code="U-1")
    seen = complaints.progress(xc.session, made.code.lower().replace("-", " "), zone=ZONE)
    assert (seen.state[1], seen.due_on, seen.answer) == ("forwarded to the unit", date(2019, 10, 16), "")
    xc.take(finding, "answer", UNIT, "2019-10-08", told=True, note="已办结")
    assert complaints.progress(xc.session, made.code, zone=ZONE).answer == "", "not before the office has checked it"
    xc.take(finding, "close", DESK, "2019-10-09")
    seen = complaints.progress(xc.session, made.code, zone=ZONE)
    assert (seen.final, seen.answer, len(seen.steps)) == (True, "已办结", 4)
    with pytest.raises(Problem) as refused:
        complaints.progress(xc.session, "0000-0000-0000-0000", zone=ZONE)
    assert refused.value.code == "complaint_unknown"


def test_who_complained_is_sealed(xc: City) -> None:
    shared, kept = filed(xc, share=True).finding, filed(xc).finding
    for finding in (shared, kept):
        xc.take(finding, "forward", DESK, "2019-09-27", unit_code="U-1")
        stored = xc.session.get_one(Complaint, finding.id)
        assert "王某" not in str(finding.body)
        assert stored.sealed is not None
        assert "王某".encode() not in stored.sealed
    read = {"pepper": PEPPER, "at": day("2019-09-29")}
    assert complaints.contact(xc.session, shared.id, who=UNIT, **read) == ("王某", "13900000000")  # type: ignore[arg-type]
    assert complaints.contact(xc.session, kept.id, who=DESK, **read)[0] == "王某"  # type: ignore[arg-type]
    for finding, who in ((kept, UNIT), (shared, OFFICE)):
        with pytest.raises(Problem) as refused:
            complaints.contact(xc.session, finding.id, who=who, **read)  # type: ignore[arg-type]
        assert refused.value.code == "complaint_sealed"


def rated(xc: City, codes: str) -> list[Finding]:
    """Ratings of one window of U-1 on 2019-09-27, and the findings of the bad ones."""
    if xc.session.get(Window, "w1") is None:
        words = {"number": "1", "name": "综合窗口", "hall": "大厅", "business": "综合"}
        xc.session.add(Window(id="w1", unit_code="U-1", made_up=True, **words))
        xc.session.flush()
    at = datetime(2019, 9, 27, 2, tzinfo=UTC)
    ids = [uuid.uuid4() for _ in codes]
    for id_, code in zip(ids, codes, strict=True):
        row = Rating(window_id="w1", id=id_, device_id=uuid.uuid4(), code=code, reasons=[])
        row.device_time = row.received_at = at
        row.day = row.given_on = date(2019, 9, 27)
        xc.session.add(row)
    bad = [BadRating(id_, "w1", "U-1", code, [], None) for id_, code in zip(ids, codes, strict=True) if code in "12"]
    open_findings(xc.session.connection(), bad, at=at)
    return service.listed(xc.session, who=DESK, kind=Kind.RATING)


def test_the_loop_of_a_bad_rating_and_both_rates(xc: City) -> None:
    valid, mistaken, malicious, unseen = rated(xc, "5" * 16 + "1111")
    overdue = lists.waiting(xc.session, who=DESK, at=day("2019-09-30"), terms=TERMS)
    assert {(one.due_on, one.overdue) for one in overdue} == {(date(2019, 9, 29), True)}, "1 working day: a Sunday"
    assert service.listed(xc.session, who=UNIT, kind=Kind.RATING) == [], "the desk alone, until it is verified"
    xc.take(valid, "valid", DESK, "2019-09-29", note="")
    assert valid.due_on == date(2019, 10, 24), "15 working days"
    xc.take(mistaken, "mistaken", DESK, "2019-09-29")
    xc.take(malicious, "malicious", DESK, "2019-09-29")
    xc.take(unseen, "no_contact", DESK, "2019-09-29", note="")
    loop = lists.loop(xc.session, "w1", since=date(2019, 9, 1), until=date(2019, 9, 30))
    assert loop == lists.Loop(ratings=20, bad=4, verified=4, excluded=2, unreachable=1)
    assert loop.rates() == (Fraction(4, 20), Fraction(2, 18))
    assert lists.loop(xc.session, "w1", since=date(2019, 10, 1), until=date(2019, 10, 9)).rates() is None
    for name, who in (("rectify", UNIT), ("feed_back", DESK), ("call_back", DESK)):
        xc.take(valid, name, who, "2019-10-08")
    proof = xc.file(valid, UNIT, "2019-10-09")
    xc.take(valid, "appeal", UNIT, "2019-10-09", files=[proof])
    assert xc.refused(valid, "grant", DESK, "2019-10-10") == "forbidden"
    assert service.listed(xc.session, who=RELEASE, kind=Kind.RATING) == [valid], "the others are the desk's alone"
    xc.take(valid, "grant", RELEASE, "2019-10-10")
    xc.take(mistaken, "close", DESK, "2019-10-10")
    seen = service.listed(xc.session, who=UNIT, kind=Kind.RATING)
    assert {one.id for one in seen} == {valid.id, unseen.id}, "what was never its to rectify is not the unit's to read"
    xc.take(valid, "close", DESK, "2019-10-11")
    assert (valid.outcome, valid.body["level"], valid.rating_id) == ("mistaken", "1", valid.rating_id)
    assert lists.loop(xc.session, "w1", since=date(2019, 9, 1), until=date(2019, 9, 30)).excluded == 3
