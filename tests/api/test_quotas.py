"""Quotas: never over, whoever enters at the same moment; what is over is kept and counts nowhere."""

from __future__ import annotations

import hashlib
import threading
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from survey_models.accounts import assignments
from survey_models.ballots.engines import statements_for
from survey_models.ballots.tables import Ballot
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.gate import holds, quotas
from survey_models.gate.quotas import Claim, QuotaWish
from survey_models.gate.tables import GateQuota, GateQuotaUse
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.reports import interviewer_sheet
from survey_models.spreadsheets.read import read as read_sheet
from survey_models.uploads import blobs
from survey_models.uploads import service as uploads
from survey_models.uploads.tables import Upload, UploadState
from tests.api.test_gate import SAID, assign, handed, sent, work_off
from tests.docs.events import differences
from tests.poll import Poll, open_poll

PATH = "/api/campaigns/poll/quotas"


def quota(poll: Poll, no: int = 1) -> tuple[int, int, int]:
    with poll.look() as session:
        found = session.get_one(GateQuota, ("poll", no))
        return found.target, found.counted, found.over


def test_many_at_once_never_pass_the_target(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        with poll.work() as session:
            quotas.put(session, "poll", QuotaWish(1, 100), by="setup", at=clock.now())
        together, granted = threading.Barrier(8), []

        def contractor(seed: int) -> None:
            together.wait(60)
            for wanted in (1, 7, 3, 12, 2):
                with poll.work() as session:
                    granted.append(quotas.grant(session.connection(), "poll", 1, wanted + seed % 2))

        threads = [threading.Thread(target=contractor, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # 8 × 25 and 20 more were wanted.
        assert (sum(granted), quota(poll)) == (100, (100, 100, 0))
        with poll.work() as session:
            assert quotas.grant(session.connection(), "poll", 1, 5) == 0


def test_a_file_given_up_beside_its_last_slice_leaves_no_places_taken(postgres_url: str, tmp_path: Path) -> None:
    with open_poll(postgres_url, tmp_path) as poll:
        sha256 = hashlib.sha256(b"a file").hexdigest()
        entering = Upload(
            id=uuid.uuid4(), campaign_id="poll", kind="ballots", filename="a.csv", sha256=sha256, rows=9, entered=0,
            checked=100, columns=None, summary={}, sent_by="contractor", received_at=clock.now(), reason=None,
            state=UploadState.ENTERING.value,
        )  # fmt: skip
        upload_id = entering.id
        with poll.work() as session:
            quotas.put(session, "poll", QuotaWish(1, 10), by="setup", at=clock.now())
            blobs.keep(session, b"a file")
            session.add(entering)
        stored, given_up = threading.Event(), threading.Event()

        def give_up() -> None:
            stored.wait(60)
            with poll.work() as session:
                uploads.give_up(session, upload_id, Problem("act_not_allowed"), at=clock.now())
            given_up.set()

        other = threading.Thread(target=give_up)
        other.start()
        # The writer, in the middle of a slice: the campaign held against closing, places claimed, not committed.
        with poll.work() as session:
            assert statements_for(session.connection()).campaign(session.connection(), "poll") is not None
            assert all(quotas.claimed(session.connection(), "poll", upload_id, [Claim(1, 1, "1111--")] * 4))
            stored.set()
            assert not given_up.wait(1), "it waits for the slice"
        other.join(60)
        assert quota(poll) == (10, 0, 0)


async def test_lines_over_the_quota_are_kept_and_not_counted(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_poll(database_url, tmp_path) as poll:
        assign(poll)
        async with poll.signed_in("setup") as setup, poll.signed_in("contractor") as contractor:
            await handed(setup, 40)
            made = await setup.post(PATH, json={"stratum": 1, "target": 8})
            narrow = await setup.post(PATH, json={"stratum": 1, "point": 2, "target": 2})
            assert (made.status_code, narrow.json()["no"]) == (201, 2)
            assert (await contractor.post(PATH, json={"stratum": 1, "target": 1})).status_code == 403
            strange = await setup.post(PATH, json={"stratum": 1, "target": 1, "answers": {"U-001": "1"}})
            assert strange.json()["code"] == "request_malformed"
            for start in (1, 101):
                upload = await sent(contractor, poll, 9, start=start)
                signed = await setup.post(f"/api/gate/files/{upload}/accept", json={"statement": SAID})
                assert signed.status_code == 202
                work_off(poll)
            # Odd numbers are of point 2, five in each file; even ones, four in each, of point 1.
            assert (quota(poll, 1), quota(poll, 2)) == ((8, 8, 0), (2, 2, 8))
            sheet = await contractor.get("/api/campaigns/poll/lots/1/sheet.xlsx")
            read = read_sheet(sheet.content, "a.xlsx")
            assert (len(read.rows), read.rows[3][1][0], read.rows[3][1][3]) == (120, "2", "1")
            beyond = await contractor.get("/api/campaigns/poll/lots/1/sheet.xlsx?part=2")
            assert beyond.json()["code"] == "gate_sheet_part"
            monkeypatch.setattr(interviewer_sheet, "PART", 25)
            last = await contractor.get("/api/campaigns/poll/lots/1/sheet.xlsx?part=2")
            assert [row[1][0] for row in read_sheet(last.content, "a.xlsx").rows][::3] == [
                str(no) for no in range(26, 41)
            ]
            assert (await contractor.get("/api/campaigns/poll/lots/2/sheet.xlsx")).json()["code"] == "gate_lot_unknown"
            lower = await setup.post(PATH, json={"stratum": 1, "target": 7})
            assert lower.json()["code"] == "quota_below_count"
            await setup.post(PATH, json={"stratum": 1, "point": 2, "target": 4})
            with poll.look() as session:
                kept = session.scalar(select(func.count()).select_from(Ballot)) or 0
                whole = sum(cell.sheets for cell in campaigns.cells_with_aside(session, "poll"))
                counted = sum(cell.sheets for cell in campaigns.cells_of(session, "poll"))
            assert (kept, counted, whole) == (18, 10, 10)
            gone = await setup.post(f"/api/uploads/{upload}/withdraw", json={"reason": "重复"})
            assert gone.status_code == 200
            assert (quota(poll, 1), quota(poll, 2)) == ((8, 4, 0), (4, 2, 3))
            assert [one["over"] for one in (await contractor.get(PATH)).json()] == [0, 3]
            with poll.work() as session:
                assignments.assign(session, "contractor", "poll", strata=[2], by="setup", at=clock.now())
            assert (await contractor.get(PATH)).json() == [], "quotas of other strata are no business of its"
            assert len((await setup.get(PATH)).json()) == 2
        with poll.look() as session:
            assert session.scalars(select(GateQuotaUse.upload_id)).all().count(uuid.UUID(upload)) == 0
            for body in recorded(session, "poll", Event.GATE_QUOTA_SET):
                assert differences("gate:quota_set", "poll", body) == []


async def test_a_place_that_is_held_is_nobody_elses_and_the_next_file_uses_it_up(
    database_url: str, tmp_path: Path
) -> None:
    with open_poll(database_url, tmp_path) as poll:
        assign(poll)
        async with poll.signed_in("setup") as setup, poll.signed_in("contractor") as contractor:
            await handed(setup, 40)
            await setup.post(PATH, json={"stratum": 1, "target": 6})
            assert (await setup.post(f"{PATH}/1/hold")).status_code == 403
            assert (await contractor.post(f"{PATH}/9/hold")).json()["code"] == "quota_unknown"
            for left in (5, 4, 3):
                taken = (await contractor.post(f"{PATH}/1/hold")).json()
                assert (taken["left"], taken["mine"], taken["room"]) == (left, 6 - left, "open")
            assert (await contractor.post(f"{PATH}/1/give-back")).json()["mine"] == 2
            # Another one's lines find four places, not six.
            with poll.work() as session:
                assert quotas.grant(session.connection(), "poll", 1, 6) == 4
            assert (await contractor.post(f"{PATH}/1/hold")).json()["code"] == "quota_full"
            lower = await setup.post(PATH, json={"stratum": 1, "target": 5})
            assert lower.json()["code"] == "quota_below_count"
            upload = await sent(contractor, poll, 3)
            await setup.post(f"/api/gate/files/{upload}/accept", json={"statement": SAID})
            work_off(poll)
            now = (await contractor.get(PATH)).json()[0]
            assert (now["counted"], now["held"], now["mine"], now["over"], now["room"]) == (6, 0, 0, 1, "full")
            assert (await contractor.post(f"{PATH}/1/give-back")).json()["code"] == "quota_not_held"
            await setup.post(PATH, json={"stratum": 1, "target": 9})
            await contractor.post(f"{PATH}/1/hold")
            assert (await setup.post(f"{PATH}/1/let-go")).json()["held"] == 0
            with poll.work() as session:
                assignments.assign(session, "contractor", "poll", strata=[2], by="setup", at=clock.now())
            assert (await contractor.post(f"{PATH}/1/hold")).json()["code"] == "quota_unknown"


def test_the_last_place_goes_to_one_of_many(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        with poll.work() as session:
            quotas.put(session, "poll", QuotaWish(1, 5), by="setup", at=clock.now())
        together, got = threading.Barrier(8), []

        def interviewer(number: int) -> None:
            together.wait(60)
            for _ in range(2):
                with suppress(Problem), poll.work() as session:
                    holds.hold(session, "poll", 1, contractor=f"c{number % 2}")
                    got.append(1)

        threads = [threading.Thread(target=interviewer, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with poll.look() as session:
            assert (len(got), session.get_one(GateQuota, ("poll", 1)).held) == (5, 5)
