"""Rosters: every fault at once, what is kept of a person, who is hired twice, removal and its printed counts."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.rosters import queries, service
from survey_models.rosters.sealing import Sealer
from survey_models.rosters.service import Card, Counts
from survey_models.rosters.tables import Roster
from survey_models.rounds.tables import Round, RoundCampaign
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.tickets.tables import Ticket, TicketState
from tests.docs.events import differences
from tests.survey_models.marks.city import ROUND, START, make_round
from tests.survey_models.uploads.paper import CAMPAIGN, make_campaign

SEALER = Sealer(b"pepper of the tests, 32 bytes ok")
OPENS = date(2015, 5, 4)
ZONE = "Asia/Shanghai"
OFFICE, UNIT = "市政府纠风办", "市教育局"
Cells = list[str]


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        make_round(session)
        for name in ("city", "schools"):
            service.make(session, name, round_id=ROUND, kind="representatives", title="评议代表")
        yield session
    engine.dispose()


def person(number: int, *, new: str = "否", hirer: str = OFFICE, **cells: str) -> Cells:
    phone, trained, bound = cells.get("phone", ""), cells.get("trained", "2015-04-20"), cells.get("bound", "2015/4/21")
    review, why = cells.get("review", ""), cells.get("why", "")
    identity = cells.get("identity", f"4111021980010112{number:02}")
    return [cells.get("name", f"张{number}"), identity, phone, hirer, new, trained, bound, review, why]


def nine(**cells: str) -> list[Cells]:
    return [person(number, new="是" if number <= 3 else "否", **cells) for number in range(1, 10)]


def bring(session: Session, rows: list[Cells], roster: str = "city", *, opens_on: date | None = OPENS) -> Counts:
    header = read(service.template(session, roster), "t.xlsx").header
    content = xlsx_bytes([Table("名册", header, rows)])
    people = {"sealer": SEALER, "by": "setup", "at": START, "zone": ZONE}
    return service.import_sheet(session, roster, read(content, "r.xlsx"), content, opens_on=opens_on, **people)  # type: ignore[arg-type]


def faults(session: Session, rows: list[Cells], roster: str = "city") -> list[tuple[object, object, object]]:
    with pytest.raises(Problem) as refused:
        bring(session, rows, roster)
    assert refused.value.code == "file_faulty"
    found = refused.value.params["faults"]
    assert isinstance(found, list)
    return [(one["row"], one["cell"], one["code"]) for one in found]


def test_a_roster_is_imported_and_nobody_stands_in_the_clear(db: Session) -> None:
    assert bring(db, nine(phone="138 0000 1234")) == Counts(9, 3, 0, 0, 0)
    rows = queries.entries(db, "city")
    for row in rows:
        assert len(row.identity) == 64
        assert "张".encode() not in row.sealed
        assert b"13800001234" not in row.sealed
    assert len({len(row.sealed) for row in rows}) == 1
    found = service.people(db, "city", sealer=SEALER, by="setup", at=START)
    assert [who.name for _, who in found] == [f"张{number}" for number in range(1, 10)]
    assert {who.phone for _, who in found} == {"13800001234"}
    for event in (Event.ROSTER_IMPORTED, Event.ROSTER_READ):
        body = recorded(db, SYSTEM_LOG, event)[0]
        assert differences(event.value, SYSTEM_LOG, body) == []
        assert "张" not in str(body)


def test_a_campaign_waits_for_those_who_are_not_trained(db: Session) -> None:
    make_campaign(db)
    db.add(RoundCampaign(round_id=ROUND, kind="representatives", campaign_id=CAMPAIGN))
    db.flush()
    bring(db, nine())
    service.refuse_unready(db, CAMPAIGN)
    queries.entries(db, "city")[0].trained_on = None
    with pytest.raises(Problem, match="roster_unready"):
        service.refuse_unready(db, CAMPAIGN)
    service.refuse_unready(db, "another")


def test_another_key_opens_nothing(db: Session) -> None:
    bring(db, nine())
    other = Sealer(b"another pepper, of 32 bytes also")
    with pytest.raises(InvalidTag):
        service.people(db, "city", sealer=other, by="setup", at=START)
    assert other.identity("411102198001011201") != SEALER.identity("411102198001011201")
    assert SEALER.identity("４１１１ 0219-8001011x") == SEALER.identity("411102198001011X")


def test_names_are_erased_and_who_was_there_is_still_known(db: Session) -> None:
    bring(db, nine())
    assert service.forget(db, "city", by="setup", at=START) == 9
    assert service.people(db, "city", sealer=SEALER, by="setup", at=START) == []
    assert service.counts_of(db, "city").people == 9
    assert faults(db, [person(1, new="是", hirer=UNIT)], "schools") == [(2, "D2", "roster_hired_twice")]
    body = recorded(db, SYSTEM_LOG, Event.ROSTER_FORGOTTEN)[0]
    assert differences(Event.ROSTER_FORGOTTEN.value, SYSTEM_LOG, body) == []


def test_every_fault_at_once(db: Session) -> None:
    rows = nine()
    rows[0][0] = ""
    rows[1][1] = "12"
    rows[2][2] = "call me"
    rows[3][4] = "也许"
    rows[4][5] = "2015-02-30"
    rows[5][5] = "2015-05-04"
    rows[6][6] = ""
    rows[7][1] = rows[6][1]
    rows[8][7:] = ["公安", "人手不够"]
    assert sorted(faults(db, rows), key=str) == sorted(
        [
            (2, "A2", "roster_name_unfit"),
            (3, "B3", "roster_identity_unfit"),
            (4, "C4", "roster_phone_unfit"),
            (5, "E5", "roster_new_unfit"),
            (6, "F6", "roster_date_unfit"),
            (7, "F7", "roster_not_trained"),
            (8, "G8", "roster_not_bound"),
            (9, "B9", "roster_identity_repeated"),
            (10, "H10", "roster_waiver_unfit"),
            (None, None, "roster_too_few_new"),
        ],
        key=str,
    )
    assert queries.entries(db, "city") == []


@pytest.mark.parametrize(("new", "enough"), [(2, False), (3, True)])
def test_a_third_is_new(db: Session, new: int, *, enough: bool) -> None:
    rows = [person(number, new="是" if number <= new else "否") for number in range(1, 10)]
    if enough:
        assert bring(db, rows).new == new
    else:
        assert faults(db, rows) == [(None, None, "roster_too_few_new")]


def test_nobody_is_hired_twice_except_for_schools_with_a_reason(db: Session) -> None:
    bring(db, nine())
    again = [person(1, new="是", hirer=UNIT)]
    assert faults(db, again, "schools") == [(2, "D2", "roster_hired_twice")]
    assert faults(db, [person(1, new="是", hirer=UNIT, review="学校")], "schools") == [(2, "H2", "roster_waiver_unfit")]
    assert bring(db, [person(1, new="是", hirer=UNIT, review="学校", why="专项评议")], "schools").waived == 1
    assert queries.entries(db, "schools")[0].waiver == "学校：专项评议"


def test_new_means_not_on_an_earlier_roster(db: Session) -> None:
    fields = {"title": "上一轮", "scheme_id": None, "scheme_version": None, "period_to": None}
    begins = date(2013, 1, 1)
    db.add(Round(id="before", period_from=begins, made_at=START - timedelta(days=700), **fields))
    db.flush()
    db.add(Roster(id="old", round_id="before", kind="representatives", title="旧名册", opens_on=None))
    db.flush()
    bring(db, [person(1), person(2)], "old", opens_on=None)
    assert faults(db, nine()) == [(2, "E2", "roster_not_new"), (3, "E3", "roster_not_new")]


def test_training_may_follow_the_import_but_not_the_opening(db: Session) -> None:
    bring(db, nine(trained="", bound=""), opens_on=None)
    assert [codes for _, codes in service.unready(db, "city")] == [["roster_not_trained", "roster_not_bound"]] * 9
    ids = {row.id for row in queries.entries(db, "city")}
    bring(db, nine())
    assert service.unready(db, "city") == []
    assert {row.id for row in queries.entries(db, "city")} == ids
    db.get_one(Roster, "city").opens_on = START.date()
    db.flush()
    with pytest.raises(Problem, match="roster_in_use"):
        bring(db, nine())


def test_removal_and_its_printed_counts(db: Session) -> None:
    bring(db, nine())
    rows = queries.entries(db, "city")
    for row, handed_in in zip(rows[:3], (True, False, False), strict=True):
        service.remove(db, "city", row.id, reason="接受宴请", handed_in=handed_in, by="setup", at=START, zone=ZONE)
    counts = service.counts_of(db, "city")
    assert (counts.people, counts.removed, counts.cards_not_handed_in) == (6, 3, 2)
    with pytest.raises(Problem, match="roster_removed_before"):
        service.remove(db, "city", rows[0].id, reason="x", handed_in=True, by="setup", at=START, zone=ZONE)
    back = faults(db, nine())
    assert [code for _, _, code in back] == ["roster_removed_before"] * 3
    body = recorded(db, SYSTEM_LOG, Event.ROSTER_REMOVED)[0]
    assert differences(Event.ROSTER_REMOVED.value, SYSTEM_LOG, body) == []


def test_the_card_that_came_back_is_voided_and_leaves_no_trace_at_the_person(db: Session) -> None:
    bring(db, nine())
    entry = queries.entries(db, "city")[0]
    make_campaign(db)
    done = {"reason": "谋取私利", "handed_in": True, "by": "setup", "at": START, "zone": ZONE}
    with pytest.raises(Problem, match="ticket_unknown"):
        service.remove(db, "city", entry.id, card=Card(CAMPAIGN, 99_999), **done)  # type: ignore[arg-type]
    service.remove(db, "city", entry.id, card=Card(CAMPAIGN, 17), **done)  # type: ignore[arg-type]
    state = db.scalar(select(Ticket.state).where(Ticket.campaign_id == CAMPAIGN, Ticket.serial == 17))
    assert state == TicketState.VOID
    assert not any("serial" in column.name or "ticket" in column.name for column in entry.__table__.columns)
