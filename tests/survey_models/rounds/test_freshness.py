"""A result is stale once what it read is different: sheets and ratings set aside, findings, rounds scored anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.ballots.tables import BallotVoid
from survey_models.core.canonical import new_blind
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.findings.tables import Finding
from survey_models.ratings.tables import RatingVoid
from survey_models.rounds import freshness, made_up, plans, publishing, scoring
from survey_models.rounds.plans import Wish
from survey_models.rounds.records import to_json
from survey_models.rounds.tables import RoundResult
from survey_models.schemes import service as schemes
from survey_models.schemes.outcome import Outcome
from survey_models.units import service as units
from survey_models.units.tables import Window
from tests.small_round import ANSWERS, SCHEME

SUMMER = datetime(2026, 8, 1, tzinfo=UTC)
LATER = SUMMER + timedelta(days=1)
WINDOWS = "nanyang-2014-27-windows"


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as found:
        yield found
    engine.dispose()


@pytest.fixture
def result(session: Session) -> RoundResult:
    """Of the small round, as if its people had been read."""
    schemes.store(session, SCHEME, by="setup", at=SUMMER)
    planned = plans.plan(session, Wish("six-units", "2015H1"), ANSWERS, by="setup", at=SUMMER).round
    row = RoundResult(id=new_id(), round_id=planned.id, no=1, scheme_id="six-units", scheme_version=1)
    row.sources = {"campaigns": {"people": {"campaign": f"{planned.id}-people"}}, "rounds": {}}
    row.inputs, row.outcome = {"booked": [], "earlier": []}, to_json(Outcome("six-units", 1, "d", ()))
    row.scheme_digest = row.inputs_digest = row.code = "0" * 64
    row.result_digest, row.blind, row.made_by, row.made_at = new_blind(), new_blind(), "setup", SUMMER
    session.add(row)
    session.flush()
    return row


def publishable(session: Session, row: RoundResult) -> bool:
    try:
        publishing.check(session, row.round_id, row.no)
    except Problem as refused:
        return refused.code != "round_result_stale"
    return True


def test_sheets_set_aside_make_a_result_stale(session: Session, result: RoundResult) -> None:
    campaign = f"{result.round_id}-people"
    for other, at in ((f"{result.round_id}-peers", LATER), (campaign, SUMMER - timedelta(days=1))):
        void = BallotVoid(campaign_id=other, id=new_id(), scope={"channel": "phone"}, reason="测试", act_number=1)
        void.made_at = at
        session.add(void)
    session.flush()
    # Of a campaign that feeds nothing, or before the result was computed.
    assert publishable(session, result)
    void = BallotVoid(campaign_id=campaign, id=new_id(), scope={"channel": "paper"}, reason="测试", act_number=2)
    void.made_at = LATER
    session.add(void)
    session.flush()
    assert not publishable(session, result)


def test_findings_count_once_their_price_changes_and_not_with_every_step(session: Session, result: RoundResult) -> None:
    finding = Finding(id=new_id(), unit_code="U-1", kind="inspection", state="confirmed", body={}, clocks={})
    finding.made_by, finding.made_at, finding.article, finding.points = "setup", LATER, "", "2"
    session.add(finding)
    session.flush()
    assert not freshness.is_stale(session, result)
    finding.round_id, finding.component, finding.rule = result.round_id, "office", "late"
    session.flush()
    assert not publishable(session, result)
    finding.state = "filed"
    session.flush()
    case = {"unit": "U-1", "part": "office", "rule": "late", "matter": str(finding.id), "period": "", "points": "2"}
    # The second as results of an older version have it: nothing else changed, so they are not out of date for it.
    for ref in (f"findings/inspection/{finding.id}", f"findings/{finding.id}"):
        result.inputs = {**result.inputs, "booked": [{**case, "ref": ref}]}
        session.flush()
        assert publishable(session, result), "a step that gives nothing back"
    finding.state = "withdrawn"
    session.flush()
    assert not publishable(session, result)


def test_ratings_set_aside_make_the_month_and_what_reads_it_stale(session: Session) -> None:
    flags = {"flags": {"has_window": ["NY-001"], "serves_enterprises": []}}
    half = Wish("nanyang-2014-27", "2026H1")
    plans.plan(session, half, made_up.complete(session, half, flags), by="setup", at=SUMMER)
    for number in "12":
        window = Window(id=f"w{number}", unit_code="NY-001", number=number, name="综合", hall="大厅", business="综合")
        window.made_up = True
        units.add_window(session, window, by="setup", at=SUMMER)
    rows = {}
    for period in ("2026-01", "2026-03", "2026H1"):
        planned = plans.plan(session, Wish(WINDOWS, period), by="setup", at=SUMMER).round
        rows[period] = scoring.run(session, planned.id, by="setup", at=SUMMER)
    assert stale(session, rows) == []
    begins = datetime(2026, 1, 10, tzinfo=UTC)
    void = RatingVoid(window_id="w1", device_id=None, begins=begins, ends=begins + timedelta(hours=8))
    void.id, void.reason, void.act_number, void.made_at = new_id(), "测试", 1, LATER
    session.add(void)
    session.flush()
    # The half-year of the windows rests on the month; March does not.
    assert stale(session, rows) == ["2026-01", "2026H1"]
    scoring.run(session, rows["2026-01"].round_id, by="setup", at=LATER)
    assert stale(session, {"2026H1": rows["2026H1"]}) == ["2026H1"]
    again = scoring.run(session, rows["2026H1"].round_id, by="setup", at=LATER)
    assert (again.no, freshness.is_stale(session, again)) == (2, False)


def stale(session: Session, rows: dict[str, RoundResult]) -> list[str]:
    return [period for period, row in rows.items() if freshness.is_stale(session, row)]
