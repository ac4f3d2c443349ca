"""From a file's bytes to counted ballots, on both databases: nothing of a faulty file, nothing twice, nothing lost."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api.db import make_engine, reading, unit_of_work
from api.jobs.worker import Worker
from api.settings import Settings
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.tables import Ballot
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.jobs.service import LEASE
from survey_models.jobs.tables import Job
from survey_models.ledger.tables import LedgerEntry
from survey_models.spreadsheets.read import read
from survey_models.uploads import service
from survey_models.uploads.kinds.ballots_check import check
from survey_models.uploads.tables import Blob, Upload
from tests import sealed
from tests.survey_models.uploads.paper import CAMPAIGN, CELLS, FORM, LAYOUT, PEPPER, START, file_of, make_campaign, rows


class House:
    """A running house of one campaign: engine, writer, worker."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(database_url=url, data_dir=folder)
        self.engine: Engine = make_engine(url, allow_unsafe=True)
        self.writer = IntakeWriter(self.engine, zone=self.settings.timezone, capacity=5000)
        self.writer.start()
        self.worker = Worker(self.engine, self.writer, self.settings)

    def send(self, content: bytes, *, campaign: str = CAMPAIGN, name: str = "a.csv") -> service.Received:
        arrival = service.examine(name, content)
        with unit_of_work(self.engine) as session:
            return service.receive(session, arrival, campaign_id=campaign, by="contractor", at=clock.now())

    def work(self) -> int:
        done = 0
        while self.worker.run_once():
            done += 1
        return done

    def upload(self, upload_id: uuid.UUID) -> Upload:
        with reading(self.engine) as session:
            found = service.get(session, upload_id)
            session.expunge(found)
        return found

    def accept(self, upload_id: uuid.UUID) -> None:
        with unit_of_work(self.engine) as session:
            service.accept(session, upload_id, by="contractor", at=clock.now())

    def withdraw(self, upload_id: uuid.UUID) -> None:
        with unit_of_work(self.engine) as session:
            service.withdraw(session, upload_id, reason="wrong file", by="contractor", at=clock.now())

    def entered(self, content: bytes, *, campaign: str = CAMPAIGN) -> uuid.UUID:
        upload_id = self.send(content, campaign=campaign).upload.id
        self.work()
        self.accept(upload_id)
        self.work()
        assert self.upload(upload_id).state == "accepted"
        return upload_id

    def ballots(self, campaign: str = CAMPAIGN) -> int:
        with reading(self.engine) as session:
            return session.scalar(select(func.count()).where(Ballot.campaign_id == campaign)) or 0

    def counted(self, campaign: str = CAMPAIGN) -> int:
        with reading(self.engine) as session:
            return int(tallies.tally(session, FORM, campaign).sheets.sum())

    def events(self) -> list[tuple[str, dict[str, object]]]:
        with reading(self.engine) as session:
            query = select(LedgerEntry).where(LedgerEntry.event.like("uploads:%")).order_by(LedgerEntry.at)
            return [(entry.event, json.loads(entry.body)) for entry in session.scalars(query)]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    made = House(database_url, tmp_path)
    with unit_of_work(made.engine) as session:
        make_campaign(session)
    with clock.frozen(START):
        yield made
    made.writer.stop()
    made.engine.dispose()


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_right_file_is_checked_confirmed_and_counted(house: House) -> None:
    content = file_of(rows(2300))
    upload = house.send(content).upload
    assert (upload.state, upload.rows, upload.kind, upload.filename) == ("received", 0, "ballots", "a.csv")
    assert house.work() == 1
    upload = house.upload(upload.id)
    assert (upload.state, upload.rows, upload.entered) == ("checked", 2300, 0)
    assert upload.summary["rows"] == 2300
    assert house.ballots() == 0
    house.accept(upload.id)
    assert house.upload(upload.id).state == "entering"
    assert house.work() == 1
    upload = house.upload(upload.id)
    assert (upload.state, upload.entered) == ("accepted", 2300)
    assert house.ballots() == house.counted() == 2300
    with reading(house.engine) as session:
        stored = session.execute(select(Ballot.line, Ballot.stratum_no, Ballot.point_no, Ballot.answers)).all()
        assert session.scalars(select(Ballot.channel).distinct()).all() == ["upload"]
    entries = check(read(content, "a.csv"), LAYOUT).entries
    assert sorted(stored) == [(e.line, e.stratum_no, e.point_no, e.answers) for e in entries]


def test_every_act_is_in_the_ledger(house: House) -> None:
    upload_id = house.entered(file_of(rows(3)))
    house.withdraw(upload_id)
    bad = house.send(file_of([["1"] * len(LAYOUT.printed)])).upload
    house.work()
    sha = house.upload(upload_id).sha256
    found = {(event, str(body["upload"])): body for event, body in house.events()}
    assert {event for event, upload in found if upload == str(upload_id)} == {
        f"uploads:{act}" for act in ("received", "checked", "entering", "accepted", "withdrawn")
    }
    assert {event for event, upload in found if upload == str(bad.id)} == {"uploads:received", "uploads:rejected"}
    accepted = found["uploads:accepted", str(upload_id)]
    assert (accepted["rows"], accepted["sha256"], accepted["by"]) == (3, sha, "contractor")
    assert found["uploads:withdrawn", str(upload_id)]["reason"] == "wrong file"


def test_nothing_of_a_faulty_file_becomes_a_ballot(house: House) -> None:
    body = rows(1200)
    body[700][9] = "很满意"
    body[900][1] = "舞阳县"
    upload = house.send(file_of(body)).upload
    house.work()
    assert house.upload(upload.id).state == "rejected"
    with reading(house.engine) as session:
        faults = service.faults_of(session, upload.id)
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [
        (702, LAYOUT.printed[9], "cell_not_an_option"),
        (902, "地区", "cell_area_unknown"),
    ]
    with pytest.raises(Problem, match="upload_state_wrong"):
        house.accept(upload.id)
    assert house.work() == 0
    assert house.ballots() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_at_most_five_thousand_faults_are_kept(house: House) -> None:
    body = [[*row[:4], *["x"] * (len(row) - 4)] for row in rows(300)]
    upload = house.send(file_of(body)).upload
    house.work()
    with reading(house.engine) as session:
        faults = service.faults_of(session, upload.id)
    # 26 faults a row: 192 rows and eight cells of the next.
    assert [(fault.row, fault.params["cell"]) for fault in (faults[0], faults[4991], faults[4999])] == [
        (2, "E2"),
        (193, "AD193"),
        (194, "L194"),
    ]
    assert len(faults) == 5000
    assert house.upload(upload.id).summary == {"rows": 300, "faults": 300 * 26}


def test_the_same_bytes_are_the_same_upload(house: House) -> None:
    content = file_of(rows(5))
    first, second = house.send(content), house.send(content, name="other name.csv")
    assert (first.repeated, second.repeated) == (False, True)
    assert first.upload.id == second.upload.id
    with reading(house.engine) as session:
        assert (count(session, Upload), count(session, Blob), count(session, Job)) == (1, 1, 1)
    house.work()
    house.accept(first.upload.id)
    house.accept(first.upload.id)
    house.work()
    assert house.send(content).upload.state == "accepted"
    assert house.work() == 0
    assert house.ballots() == 5
    with unit_of_work(house.engine) as session:
        make_campaign(session, "other")
    assert house.send(content, campaign="other").repeated is False
    with reading(house.engine) as session:
        assert (count(session, Upload), count(session, Blob)) == (2, 1)


def test_a_file_that_may_not_be_kept_leaves_no_byte(house: House) -> None:
    body = rows(3)
    with unit_of_work(house.engine) as session:
        code = make_campaign(session, "other")[0]
    body[1][0] = code
    with pytest.raises(Problem) as caught:
        house.send(file_of(body))
    assert (caught.value.code, caught.value.params["row"]) == ("upload_holds_codes", 3)
    with reading(house.engine) as session:
        assert (count(session, Upload), count(session, Blob)) == (0, 0)


def test_files_are_taken_while_the_campaign_takes_them(house: House) -> None:
    content = file_of(rows(3))
    with pytest.raises(Problem, match="campaign_unknown"):
        house.send(content, campaign="nowhere")
    with unit_of_work(house.engine) as session:
        make_campaign(session, "draft", opened=False)
        campaigns.close(session, CAMPAIGN, by="test", at=START, accept_until=START + timedelta(hours=1))
    with pytest.raises(Problem, match="act_not_allowed"):
        house.send(content, campaign="draft")
    with clock.frozen(START + timedelta(minutes=59)):
        house.entered(content)
    with clock.frozen(START + timedelta(minutes=61)):
        assert house.send(content).repeated
        with pytest.raises(Problem, match="act_not_allowed"):
            house.send(file_of(rows(4)))
    assert house.counted() == 3


def test_a_file_that_was_confirmed_in_time_enters_after_the_deadline(house: House) -> None:
    with unit_of_work(house.engine) as session:
        campaigns.close(session, CAMPAIGN, by="test", at=START, accept_until=START + timedelta(hours=1))
    upload_id = house.send(file_of(rows(3))).upload.id
    house.work()
    house.accept(upload_id)
    with clock.frozen(START + timedelta(hours=2)):
        with unit_of_work(house.engine) as session, pytest.raises(Problem, match="upload_state_wrong"):
            campaigns.begin_counting(session, CAMPAIGN, by="test", at=clock.now(), zone="Asia/Shanghai")
        house.work()
        assert (house.upload(upload_id).state, house.ballots()) == ("accepted", 3)
        with pytest.raises(Problem, match="act_not_allowed"):
            house.send(file_of(rows(3, first=50)))


def test_a_withdrawn_file_does_not_count(house: House) -> None:
    kept, gone = house.entered(file_of(rows(4))), house.entered(file_of(rows(7, first=100)))
    assert house.counted() == 11
    house.withdraw(gone)
    assert (house.counted(), house.ballots()) == (4, 11)
    for upload_id in (gone, kept):
        state = house.upload(upload_id).state
        assert state == ("withdrawn" if upload_id == gone else "accepted")
    with pytest.raises(Problem, match="upload_state_wrong"):
        house.accept(gone)
    with pytest.raises(Problem, match="upload_state_wrong"):
        house.withdraw(gone)


def test_nothing_is_withdrawn_after_counting(house: House) -> None:
    upload_id = house.entered(file_of(rows(6)))
    with unit_of_work(house.engine) as session:
        campaigns.close(session, CAMPAIGN, by="test", at=START)
        sealed.count(session, CAMPAIGN, at=START)
    with pytest.raises(Problem, match="act_not_allowed"):
        house.withdraw(upload_id)


class PowerCutError(BaseException):
    """Ends a worker as a power cut does: nothing after it runs."""


@pytest.mark.parametrize("cut", [1, 4, 6])
def test_a_worker_that_dies_midway_is_followed_by_another(
    house: House, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    """Cut before the first slice, in the middle, and between storing the last and writing it down."""
    monkeypatch.setattr(service, "SLICE", 100)
    upload_id = house.send(file_of(rows(210))).upload.id
    house.work()
    house.accept(upload_id)
    moments = iter(range(1, 100))
    note, submit = service.note_entered, house.writer.submit_rows

    def dying(act: object) -> object:
        def step(*args: object, **named: object) -> object:
            if next(moments) == cut:
                raise PowerCutError
            return act(*args, **named)  # type: ignore[operator]

        return step

    with monkeypatch.context() as patch:
        patch.setattr(service, "note_entered", dying(note))
        patch.setattr(house.writer, "submit_rows", dying(submit))
        with pytest.raises(PowerCutError):
            house.worker.run_once()
    assert house.upload(upload_id).state == "entering"
    assert house.ballots() == min(cut // 2 * 100, 210)
    assert house.counted() == 0, "a file counts when its last row is in"
    follower = Worker(house.engine, house.writer, house.settings)
    assert not follower.run_once(), "the lease still runs"
    with clock.frozen(START + LEASE):
        assert follower.run_once()
    assert house.upload(upload_id).state == "accepted"
    assert house.ballots() == house.counted() == 210


def test_a_file_withdrawn_midway_stops(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SLICE", 100)
    upload_id = house.send(file_of(rows(210))).upload.id
    house.work()
    house.accept(upload_id)
    submit = house.writer.submit_rows

    def withdrawing(part: object) -> object:
        future = submit(part)  # type: ignore[arg-type]
        future.result(10)
        house.withdraw(upload_id)
        return future

    monkeypatch.setattr(house.writer, "submit_rows", withdrawing)
    house.work()
    assert (house.upload(upload_id).state, house.ballots(), house.counted()) == ("withdrawn", 100, 0)


def test_counting_waits_for_a_file_on_its_way_in(house: House) -> None:
    upload_id = house.send(file_of(rows(6))).upload.id
    house.work()
    house.accept(upload_id)
    with unit_of_work(house.engine) as session:
        campaigns.close(session, CAMPAIGN, by="test", at=START)
    with reading(house.engine) as session, pytest.raises(Problem, match="upload_state_wrong"):
        campaigns.check_countable(session, CAMPAIGN, at=START, zone="Asia/Shanghai")
    house.work()
    with reading(house.engine) as session:
        campaigns.check_countable(session, CAMPAIGN, at=START, zone="Asia/Shanghai")


def test_a_file_tallies_as_the_same_answers_cast_through_the_door(house: House) -> None:
    """Two campaigns, the same sheets: one by file, one with tickets. Invalid cells exist only on paper."""
    body = [[("" if cell == "无效" else cell) for cell in row] for row in rows(240)]
    entries = check(read(file_of(body), "a.csv"), LAYOUT).entries
    with unit_of_work(house.engine) as session:
        codes = make_campaign(session, "door", count=80)
    cells = [(cell.no, point.no) for cell in CELLS for point in LAYOUT.points if point.area_code == cell.area_code]
    unspent = {place: codes[number * 80 : number * 80 + 80] for number, place in enumerate(cells)}
    door = BallotDoor(house.writer, pepper=PEPPER)
    futures = [
        door.cast(
            campaign_id="door",
            ballot_id=uuid.uuid4(),
            code=unspent[entry.stratum_no, entry.point_no].pop(),
            answers=entry.answers,
        )
        for entry in entries
    ]
    for future in futures:
        future.result(30)
    house.entered(file_of(body))
    with unit_of_work(house.engine) as session:
        campaigns.close(session, "door", by="test", at=START)
        sealed.count(session, "door", at=START)
    with reading(house.engine) as session:
        by_file, by_door = (tallies.tally(session, FORM, name) for name in (CAMPAIGN, "door"))
    assert [cell[:2] for cell in by_file.cells] == [cell[:2] for cell in by_door.cells]
    assert by_file.sheets.tolist() == by_door.sheets.tolist()
    assert int(by_file.sheets.sum()) == 240
    assert by_file.counts.tolist() == by_door.counts.tolist()
    assert {cell[2] for cell in by_file.cells} == {"upload"}
