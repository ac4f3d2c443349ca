"""Marks of offices: who may enter them, what they may be, two people, corrections, and what is still missing."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.core.walls import raise_walls
from survey_models.duties import service as duties
from survey_models.duties.service import Paper, Place
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.marks import service, sheets, standing
from survey_models.marks.rules import Entry
from survey_models.marks.service import Papers
from survey_models.marks.standing import State
from survey_models.marks.tables import Mark
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import Level, Round, RoundPublication, RoundResult, RoundStanding
from survey_models.schemes.inputs import Mark as ReadMark
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.uploads import blobs
from tests.docs.events import differences
from tests.survey_models.marks.city import INSPECTION, LEADERS, ORGANISATION, ROUND, START, make_round


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    yield from opened(database_url)


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Engine]:
    yield from opened(sqlite_url)


def opened(url: str) -> Iterator[Engine]:
    engine = make_engine(url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        make_round(session)
    yield engine
    engine.dispose()


@pytest.fixture
def db(small: Engine) -> Iterator[Session]:
    with unit_of_work(small) as session:
        yield session


def enter(session: Session, part: str, *entries: Entry, office: str | None, by: str = "ann") -> service.Sent:
    return service.enter(session, ROUND, part, entries, office=office, by=by, at=START)


def refusal(session: Session, part: str, *entries: Entry, office: str | None) -> str:
    with pytest.raises(Problem) as refused:
        enter(session, part, *entries, office=office)
    return refused.value.code


def test_two_people_and_only_approved_marks_count(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        sent = enter(session, "M", Entry("C-1", "92.50"), Entry("C-2", "100"), office=INSPECTION)
        assert (sent.entered, sent.corrected) == (2, 0)
        assert service.of_round(session, ROUND) == {}
    with unit_of_work(engine) as session:
        for units in (None, ["C-1"]):
            with pytest.raises(Problem, match="act_same_person"):
                service.approve(session, ROUND, "M", units=units, office=INSPECTION, by="ann", at=START)
        with pytest.raises(Problem, match="mark_not_your_office"):
            service.approve(session, ROUND, "M", office=LEADERS, by="bob", at=START)
        assert service.approve(session, ROUND, "M", units=["C-1"], office=INSPECTION, by="bob", at=START) == 1
        assert service.approve(session, ROUND, "M", office=None, release=True, by="rel", at=START) == 1
        with pytest.raises(Problem, match="marks_none_waiting"):
            service.approve(session, ROUND, "M", office=INSPECTION, by="bob", at=START)
    with unit_of_work(engine) as session:
        assert service.of_round(session, ROUND) == {
            ("M", "C-1"): (ReadMark(Decimal("92.5"), INSPECTION),),
            ("M", "C-2"): (ReadMark(Decimal(100), INSPECTION),),
        }


def test_a_correction_is_a_new_version_and_counts_once_approved(db: Session) -> None:
    enter(db, "M", Entry("C-1", "92"), office=INSPECTION)
    assert rounds.changed_at(db, ROUND) is None
    service.approve(db, ROUND, "M", office=INSPECTION, by="bob", at=START)
    # A result that was scored before cannot be published any more.
    assert rounds.changed_at(db, ROUND) == START
    assert refusal(db, "M", Entry("C-1", "80"), office=INSPECTION) == "mark_reason_missing"
    assert enter(db, "M", Entry("C-1", "92.0"), office=INSPECTION).unchanged == 1
    assert enter(db, "M", Entry("C-1", "80", reason="录错"), office=INSPECTION).corrected == 1
    assert service.of_round(db, ROUND)["M", "C-1"] == (ReadMark(Decimal(92), INSPECTION, 1),)
    service.approve(db, ROUND, "M", office=INSPECTION, by="bob", at=START)
    assert service.of_round(db, ROUND)["M", "C-1"] == (ReadMark(Decimal(80), INSPECTION, 2),)
    enter(db, "M", Entry("C-1", "", reason="该单位不参评"), office=INSPECTION)
    service.approve(db, ROUND, "M", office=INSPECTION, by="bob", at=START)
    assert service.of_round(db, ROUND) == {}
    kept = db.execute(select(Mark.version, Mark.value, Mark.reason).order_by(Mark.version)).all()
    assert [tuple(row) for row in kept] == [(1, "92", ""), (2, "80", "录错"), (3, "", "该单位不参评")]


@pytest.mark.parametrize("part", ["S", "C", "X", "total", "nothing"])
def test_a_mark_never_fills_a_survey_or_anything_else(db: Session, part: str) -> None:
    for office in (INSPECTION, ORGANISATION, None):
        assert refusal(db, part, Entry("C-1", "50"), office=office) == "mark_not_for_component"
    assert db.scalars(select(Mark)).all() == []


@pytest.mark.parametrize("office", [ORGANISATION, "", None])
def test_only_the_office_that_the_document_names(db: Session, office: str | None) -> None:
    assert refusal(db, "M", Entry("C-1", "50"), office=office) == "mark_not_your_office"


@pytest.mark.parametrize(
    ("part", "entry", "code"),
    [
        ("M", Entry("C-1", "100.0001"), "mark_out_of_range"),
        ("M", Entry("C-1", "-1"), "mark_out_of_range"),
        ("M", Entry("C-1", "17.00001"), "mark_too_fine"),
        ("M", Entry("C-1", "1,5"), "mark_not_a_number"),
        ("M", Entry("C-1", "1e2"), "mark_not_a_number"),
        ("M", Entry("C-9", "1"), "mark_unit_unknown"),
        ("M", Entry("C-1", "1", "评委1"), "mark_member_unwanted"),
        ("W", Entry("C-3", "1"), "mark_not_for_unit"),
        ("P", Entry("C-1", "20"), "mark_member_missing"),
        ("P", Entry("C-1", "20.5", "评委1"), "mark_out_of_range"),
        ("D", Entry("C-1", "0"), "mark_out_of_range"),
        ("D", Entry("C-1", "5"), "mark_out_of_range"),
        ("D", Entry("C-1", "1.5"), "mark_out_of_range"),
    ],
)
def test_what_a_value_may_be(db: Session, part: str, entry: Entry, code: str) -> None:
    office = {"P": ORGANISATION, "D": LEADERS}.get(part, INSPECTION)
    assert refusal(db, part, entry, office=office) == code


def test_a_panel_has_one_row_for_each_member(db: Session) -> None:
    panel = [Entry("C-1", value, f"评委{no}") for no, value in enumerate(["17", "18", "16.5"], start=1)]
    enter(db, "P", *panel[:2], office=ORGANISATION)
    service.approve(db, ROUND, "P", office=ORGANISATION, by="bob", at=START)
    by_unit = {one.unit: one.state for one in standing.of_round(db, ROUND) if one.part == "P"}
    assert (by_unit["C-1"], by_unit["C-2"]) == (State.FEW, State.MISSING)
    enter(db, "P", *panel, office=ORGANISATION)
    service.approve(db, ROUND, "P", office=ORGANISATION, by="bob", at=START)
    assert [mark.value for mark in service.of_round(db, ROUND)["P", "C-1"]] == [
        Decimal(17),
        Decimal(18),
        Decimal("16.5"),
    ]


def test_missing_and_late_ones_by_part_and_unit(db: Session) -> None:
    needed = standing.missing(db, ROUND)
    assert [(one.part, one.unit) for one in needed if one.part in {"M", "W"}] == [
        *(("M", f"C-{no}") for no in range(1, 5)),
        ("W", "C-1"),
        ("W", "C-2"),
    ]
    assert {one.part: one.due for one in needed} == {
        "M": date(2015, 6, 20),
        **dict.fromkeys("PDQW", date(2015, 6, 30)),
    }
    enter(db, "M", Entry("C-1", "92"), office=INSPECTION)
    late = START + timedelta(days=120)
    service.enter(db, ROUND, "M", [Entry("C-2", "90")], office=INSPECTION, by="ann", at=late)
    assert {one.unit: one.state for one in standing.missing(db, ROUND) if one.part == "M"}["C-1"] == State.WAITING
    service.approve(db, ROUND, "M", office=INSPECTION, by="bob", at=late)
    rows = {one.unit: one for one in standing.of_round(db, ROUND) if one.part == "M"}
    today = date(2015, 6, 21)
    assert [rows[f"C-{no}"].late(today) for no in range(1, 4)] == [False, True, True]
    assert rows["C-3"].late(date(2015, 6, 20)) is False
    fields = {"round_id": ROUND, "no": 1, "reason": "拉票", "act_number": 1, "made_at": START}
    db.add(RoundStanding(unit_code="C-4", standing="cancelled", **fields))
    db.flush()
    assert {one.unit for one in standing.missing(db, ROUND)} == {"C-1", "C-2", "C-3"}


def test_a_published_round_takes_no_mark(db: Session) -> None:
    enter(db, "M", Entry("C-1", "92"), office=INSPECTION)
    publish(db)
    assert refusal(db, "M", Entry("C-1", "80", reason="录错"), office=INSPECTION) == "round_locked"
    with pytest.raises(Problem, match="round_locked"):
        service.approve(db, ROUND, "M", office=INSPECTION, by="bob", at=START)


def test_a_year_is_made_of_its_rounds(db: Session) -> None:
    db.get_one(Round, ROUND).level = Level.YEAR
    db.flush()
    assert refusal(db, "M", Entry("C-1", "92"), office=INSPECTION) == "round_of_year"
    assert standing.of_round(db, ROUND) == []
    assert duties.owed_of(db, ROUND) == []


def publish(session: Session) -> None:
    fields = {column.name: "x" for column in RoundResult.__table__.columns if column.type.python_type is str}
    row = RoundResult(
        **{**fields, "round_id": ROUND},
        id=new_id(),
        no=1,
        scheme_version=1,
        inputs={},
        sources={},
        outcome={},
        made_at=START,
    )
    session.add(row)
    session.flush()
    session.add(
        RoundPublication(result_id=row.id, round_id=ROUND, act_number=1, asked_by="a", confirmed_by="b", made_at=START)
    )
    session.flush()


def test_the_template_comes_back_with_every_fault_and_then_counts(db: Session) -> None:
    of = service.field_of(db, ROUND, "M")
    blank = read(sheets.template(of, round_title="2015年上半年"), "t.xlsx")
    assert blank.header == ["单位代码", "单位名称", "评分", "更正原因"]
    assert [cells[0] for _, cells in blank.rows] == ["C-1", "C-2", "C-3", "C-4"]
    rows = [list(cells) for _, cells in blank.rows]
    for row, value in zip(rows, ["92.5", "很好", "101", "88"], strict=True):
        row[2] = value
    rows.append(["C-1", "", "3", ""])
    with pytest.raises(Problem) as refused:
        send_file(db, blank.header, rows)
    faults = refused.value.params["faults"]
    assert isinstance(faults, list)
    assert [(one["row"], one["cell"], one["column"], one["code"]) for one in faults] == [
        (3, "C3", "评分", "mark_not_a_number"),
        (4, "C4", "评分", "mark_out_of_range"),
        (6, "A6", "单位代码", "mark_repeated"),
    ]
    assert db.scalars(select(Mark)).all() == []
    rows = [[*row[:2], value, ""] for row, value in zip(rows, ["92.5", "", "100", "88"], strict=False)]
    assert send_file(db, blank.header, rows).entered == 3
    kept = service.sendings_of(db, ROUND, "M")[0]
    assert kept.sha256 is not None
    assert kept.attachment is not None
    assert read(blobs.content_of(db, kept.sha256), kept.filename).header == blank.header
    assert (kept.attachment_name, blobs.content_of(db, kept.attachment)) == ("盖章.pdf", b"%PDF-1")


def test_headings_that_differ_are_named(db: Session) -> None:
    with pytest.raises(Problem, match="file_faulty") as refused:
        send_file(db, ["单位代码", "分数", "备注"], [["C-1", "1", "x"]])
    faults = refused.value.params["faults"]
    assert isinstance(faults, list)
    assert [(one["row"], one["code"]) for one in faults] == [(1, "upload_columns_unknown")]


def send_file(session: Session, header: list[str], rows: list[list[str]]) -> service.Sent:
    content = xlsx_bytes([Table("评分", header, rows)])
    found = sheets.filled(read(content, "评分.xlsx"), service.field_of(session, ROUND, "M"))
    return service.enter(
        session,
        ROUND,
        "M",
        found.entries,
        office=INSPECTION,
        by="ann",
        at=START,
        papers=Papers("评分.xlsx", content, "盖章.pdf", b"%PDF-1"),
        columns=found.columns,
    )


def test_the_ledger_holds_digests_and_no_value(db: Session) -> None:
    enter(db, "M", Entry("C-1", "92.1234"), office=INSPECTION)
    enter(db, "M", Entry("C-1", "93.1234", reason="录错"), office=INSPECTION)
    service.approve(db, ROUND, "M", office=INSPECTION, by="bob", at=START)
    for event in (Event.MARKS_ENTERED, Event.MARKS_CORRECTED, Event.MARKS_APPROVED):
        bodies = recorded(db, SYSTEM_LOG, event)
        assert [body["marks"] for body in bodies] == [1]
        assert differences(event.value, SYSTEM_LOG, bodies[0]) == []
        assert not any(str(value).startswith("9") and "." in str(value) for value in bodies[0].values())
        assert "录错" not in str(bodies[0])


def test_marks_and_their_papers_cannot_be_changed_past_the_program(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        raise_walls(session.connection())
        papers = Papers("m.xlsx", b"workbook", "signed.pdf", b"%PDF-1")
        service.enter(session, ROUND, "M", [Entry("C-1", "92")], office=INSPECTION, by="ann", at=START, papers=papers)
        duties.submit(session, Place(ROUND, "check", "C-1", "2015Q1"), Paper("无问题。"), by="edu", at=START)
    with unit_of_work(engine) as session:
        service.approve(session, ROUND, "M", office=INSPECTION, by="bob", at=START)
    for statement in (
        "UPDATE marks SET value = '99'",
        "UPDATE marks SET state = 'entered'",
        "DELETE FROM marks",
        "UPDATE mark_sendings SET office = 'x'",
        "DELETE FROM mark_sendings",
        "UPDATE blobs SET content = content || content",
        "DELETE FROM blobs",
        "UPDATE duty_submissions SET sent_at = returned_at",
        "DELETE FROM duty_submissions",
    ):
        with pytest.raises(DBAPIError, match="evidence is written once"), engine.begin() as connection:
            connection.execute(text(statement))
