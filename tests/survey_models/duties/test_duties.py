"""Duties: what is owed when, what a submission must hold, receipts, late and missing, what they book."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.duties import rules, service, texts
from survey_models.duties.rules import State
from survey_models.duties.service import Paper, Place
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.rounds import running
from survey_models.rounds.gathering import gather
from survey_models.rounds.streams import Stage
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Booked
from survey_models.schemes.loading import read
from survey_models.schemes.outcome import Line
from tests.docs.events import differences
from tests.survey_models.marks.city import ROUND, SCHEME, START, make_round

ZONE = "Asia/Shanghai"
CHECK = Place(ROUND, "check", "C-1", "2015Q1")
DEEDS = Place(ROUND, "deeds", "C-1")
BOUND = Place(ROUND, "bound", "C-1")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        make_round(session)
        yield session
    engine.dispose()


def submit(session: Session, place: Place, text: str = "本季度自查无问题。", at: datetime = START) -> str:
    return service.submit(session, place, Paper(text), by="edu", at=at).receipt


def docx(*paragraphs: str, doctype: str = "") -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    deleted = "<w:p><w:del><w:r><w:delText>删去的字不算</w:delText></w:r></w:del></w:p>"
    root = f'<w:document xmlns:w="{W}"><w:body>{body}{deleted}</w:body></w:document>'
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{doctype}{root}'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return out.getvalue()


def test_what_is_owed_and_when(db: Session) -> None:
    owed = {(one.duty.id, one.debtor.id, one.span.label): one.due for one in service.owed_of(db, ROUND)}
    assert len(owed) == 4 * 2 + 4 + 2 + 2
    assert owed["check", "C-3", "2015Q1"] == date(2015, 4, 10)
    assert owed["check", "C-3", "2015Q2"] == date(2015, 7, 10)
    assert owed["deeds", "C-4", ""] == date(2015, 4, 30)
    assert [key[1] for key in owed if key[0] == "bound"] == ["C-1", "C-2"]
    assert owed["bound", "C-1", ""] == date(2016, 1, 15)
    assert owed["plan", "东县", ""] == date(2015, 6, 30)


@pytest.mark.parametrize(
    ("first", "last", "due", "days"),
    [
        # 宛办〔2014〕27号: due on 20 September of each year, rounds by half-years.
        (date(2015, 1, 1), date(2015, 6, 30), "09-20", []),
        (date(2015, 7, 1), date(2015, 12, 31), "09-20", [date(2015, 9, 20)]),
        (date(2015, 1, 1), date(2015, 6, 30), "day 10", []),
        (date(2015, 7, 1), date(2015, 12, 31), "day 10", [date(2016, 1, 10)]),
        (date(2015, 1, 1), date(2015, 12, 31), "end", [date(2015, 12, 31)]),
        (date(2014, 1, 1), date(2015, 12, 31), "+1 01-15", [date(2015, 1, 15), date(2016, 1, 15)]),
    ],
)
def test_a_duty_of_the_year_is_owed_in_one_round(first: date, last: date, due: str, days: list[date]) -> None:
    scheme = read(
        SCHEME.replace(
            "who: 县区\n    names: [东县, 西县]\n    due: end", f'who: 县区\n    per: year\n    due: "{due}"'
        )
    )
    found = rules.owed(scheme.scheme, [], first, last)
    assert [one.due for one in found if one.duty.id == "plan"] == days


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("本季度自查，无问题。", 10),
        (" a b\n\t c　全角 ", 5),
        ("2015年 Q1", 7),
        ("\u200b不可见\ufeff", 3),
        ("e\u0301", 1),
    ],
)
def test_what_counts_as_a_character(text: str, length: int) -> None:
    assert texts.characters(text) == length


def test_characters_of_files() -> None:
    assert texts.characters_in("总结.docx", docx("本季度 自查", "无问题。")) == 9
    assert texts.characters_in("a.TXT", "自查\n报告".encode("gb18030")) == 4
    assert texts.characters_in("a.pdf", b"%PDF") is None


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        docx("&amp;")[:-30],
        docx("a", doctype='<!DOCTYPE d [<!ENTITY e "eeee">]>'),
        docx("<broken>"),
        # The compressed data itself.
        docx("x").replace(docx("x")[47:57], b"\xff" * 10),
    ],
)
def test_a_document_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(Problem, match="upload_not_readable"):
        texts.characters_in("a.docx", content)


def test_a_receipt_for_what_was_submitted(db: Session) -> None:
    report = docx("自查报告")
    file = service.attach(db, CHECK, "报告.docx", report, by="edu", at=START)
    row = service.submit(db, CHECK, Paper("附报告。", files=(file.id,)), by="edu", at=START)
    assert (row.version, row.characters, len(row.receipt)) == (1, 8, 14)
    assert service.by_receipt(db, row.receipt.lower().replace("-", " ")) is row
    assert [found.filename for found in service.files_of(db, row)] == ["报告.docx"]
    assert service.file_at(db, file.id)[1] == report
    bodies = recorded(db, SYSTEM_LOG, Event.DUTY_SUBMITTED)
    assert differences(Event.DUTY_SUBMITTED.value, SYSTEM_LOG, bodies[0]) == []
    assert service.submit(db, CHECK, Paper("更正。"), by="edu", at=START).version == 2


def refused(session: Session, place: Place, paper: Paper) -> Problem:
    with pytest.raises(Problem) as found:
        service.submit(session, place, paper, by="edu", at=START)
    return found.value


def test_a_text_is_no_longer_than_allowed(db: Session) -> None:
    submit(db, CHECK, "字" * 20)
    long = refused(db, CHECK, Paper("字" * 21))
    assert (long.code, long.params["length"], long.params["limit"]) == ("duty_too_long", 21, 20)
    paper = service.attach(db, CHECK, "报告.docx", docx("字" * 15), by="edu", at=START)
    assert refused(db, CHECK, Paper("字" * 6, files=(paper.id,))).code == "duty_too_long"
    scan = service.attach(db, CHECK, "扫描.pdf", b"%PDF", by="edu", at=START)
    assert refused(db, CHECK, Paper(files=(scan.id,))).code == "duty_not_countable"
    assert refused(db, CHECK, Paper()).code == "duty_empty"


def test_a_checklist_is_complete_or_refused(db: Session) -> None:
    with pytest.raises(Problem, match="duty_part_unknown"):
        service.attach(db, BOUND, "a.pdf", b"%PDF", part="照片", by="edu", at=START)
    files = [
        service.attach(db, BOUND, f"{part}.pdf", b"%PDF", part=part, by="edu", at=START).id
        for part in ("方案", "机构", "总结")
    ]
    lacking = refused(db, BOUND, Paper(files=tuple(files[:1])))
    assert (lacking.code, lacking.params["parts"]) == ("duty_parts_missing", "机构、总结")
    both = refused(db, BOUND, Paper(deeds=("修路",)))
    assert both.code == "file_faulty"
    faults = both.params["faults"]
    assert isinstance(faults, list)
    assert {one["code"] for one in faults} == {"duty_parts_missing", "duty_deeds_number"}
    service.submit(db, BOUND, Paper(files=tuple(files)), by="edu", at=START)
    other = service.attach(db, CHECK, "a.txt", b"x", by="edu", at=START)
    assert refused(db, BOUND, Paper(files=(*files, other.id))).code == "duty_file_unknown"


@pytest.mark.parametrize("number", [1, 6])
def test_two_to_five_deeds(db: Session, number: int) -> None:
    few = refused(db, DEEDS, Paper(deeds=tuple(f"实事{no}" for no in range(number))))
    assert (few.code, few.params["number"]) == ("duty_deeds_number", number)


def test_deeds_go_on_and_nothing_is_overwritten(db: Session) -> None:
    with pytest.raises(Problem, match="duty_deed_unknown"):
        service.update_deed(db, DEEDS, 1, percent=10, text="开工", by="edu", at=START)
    service.submit(db, DEEDS, Paper(deeds=("新建两所幼儿园", "改造食堂")), by="edu", at=START)
    for percent, text in ((10, "开工"), (60, "封顶")):
        service.update_deed(db, DEEDS, 1, percent=percent, text=text, by="edu", at=START)
    with pytest.raises(Problem, match="duty_deed_unknown"):
        service.update_deed(db, DEEDS, 3, percent=10, text="x", by="edu", at=START)
    promise = service.progress(db, ROUND)[0]
    assert promise.name == "市教育局"
    assert promise.submission.deeds == ["新建两所幼儿园", "改造食堂"]
    assert [(one.deed, one.no, one.percent, one.text) for one in promise.progress] == [
        (1, 1, 10, "开工"),
        (1, 2, 60, "封顶"),
    ]
    body = recorded(db, SYSTEM_LOG, Event.DEED_UPDATED)[0]
    assert differences(Event.DEED_UPDATED.value, SYSTEM_LOG, body) == []


def states(session: Session, at: datetime) -> dict[str, State]:
    found = service.listed(session, ROUND, at=at, zone=ZONE)
    return {one.owed.debtor.id: one.state for one in found if one.owed.key[::2] == ("check", "2015Q1")}


def test_late_missing_and_what_they_book(db: Session) -> None:
    # The last minute of 10 April in the city, and the first of the 11th.
    due = datetime(2015, 4, 10, 15, 59, tzinfo=UTC)
    assert set(states(db, due).values()) == {State.OPEN}
    assert service.booked_of(db, ROUND, at=due) == []
    submit(db, CHECK, at=due)
    submit(db, Place(ROUND, "check", "C-2", "2015Q1"), at=due + timedelta(minutes=1))
    submit(db, Place(ROUND, "check", "C-3", "2015Q1"), at=due)
    after = due + timedelta(days=3)
    receipt = submit(db, Place(ROUND, "check", "C-3", "2015Q1"), at=due)
    assert states(db, after) == {
        "C-1": State.IN_TIME,
        "C-2": State.LATE,
        "C-3": State.IN_TIME,
        "C-4": State.MISSING,
    }
    service.send_back(db, receipt, reason="缺盖章", by="setup", at=after)
    assert states(db, after)["C-3"] == State.IN_TIME
    with pytest.raises(Problem, match="duty_returned"):
        service.send_back(db, receipt, reason="缺盖章", by="setup", at=after)
    assert service.booked_of(db, ROUND, at=after) == [
        Booked("C-2", "C", "late", "check:2015Q1", "2015Q1", ref="duties/check/C-2/2015Q1"),
        Booked("C-4", "C", "late", "check:2015Q1", "2015Q1", ref="duties/check/C-4/2015Q1"),
    ]
    bodies = recorded(db, SYSTEM_LOG, Event.DUTY_RETURNED)
    assert differences(Event.DUTY_RETURNED.value, SYSTEM_LOG, bodies[0]) == []


def test_a_late_self_check_costs_its_points_in_the_score(db: Session) -> None:
    at = START + timedelta(days=40)
    submit(db, CHECK)
    scheme = running.scheme_of(db, ROUND)[1]
    outcome = evaluate(scheme, "digest", gather(db, ROUND, Stage(at, ZONE)))
    found = {card.unit.code: line.value for card in outcome.cards for line in lines(card.root) if line.id == "C"}
    # The first quarter has 10 - 3 (5 - 3 for units with windows); the second is not over. The mean counts.
    assert found == {
        "C-1": Fraction(5),
        "C-2": Fraction(7, 2),
        "C-3": Fraction(17, 2),
        "C-4": Fraction(17, 2),
    }


def lines(line: Line) -> Iterator[Line]:
    yield line
    for child in line.children:
        yield from lines(child)


def test_a_submission_that_was_sent_back_counts_as_none(db: Session) -> None:
    receipt = submit(db, CHECK)
    service.send_back(db, receipt, reason="不是本季度的", by="setup", at=START)
    assert states(db, START + timedelta(days=60))["C-1"] == State.MISSING


def test_reminders_come_before_the_day_and_after_it(db: Session) -> None:
    at = datetime(2015, 4, 8, 1, 0, tzinfo=UTC)
    submit(db, CHECK, at=at)
    soon = service.reminders(db, ROUND, days=3, at=at, zone=ZONE)
    assert [one.owed.key for one in soon] == [("check", f"C-{no}", "2015Q1") for no in (2, 3, 4)]
    later = service.reminders(db, ROUND, days=3, at=at + timedelta(days=30), zone=ZONE)
    assert {one.owed.duty.id for one in later} == {"check", "deeds"}
    assert {service.days_over(one, date(2015, 5, 8)) for one in later} == {28, 8}


@pytest.mark.parametrize(
    "place",
    [
        Place(ROUND, "check", "C-1", "2015Q3"),
        Place(ROUND, "check", "东县", "2015Q1"),
        Place(ROUND, "bound", "C-3"),
        Place(ROUND, "nothing", "C-1"),
    ],
)
def test_what_is_not_owed_is_not_taken(db: Session, place: Place) -> None:
    assert refused(db, place, Paper("x")).code == "duty_unknown"
