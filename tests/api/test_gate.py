"""The gate: what was handed out against what came back, back-checks, the office's signature before a file enters."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import httpx

from api.jobs.worker import Worker
from survey_models.accounts import assignments
from survey_models.core import clock
from survey_models.draws import service as draws
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from tests.docs.events import differences
from tests.poll import Poll, open_poll

LOTS = "/api/campaigns/poll/lots"
SAID = "账目相符，回访合格，同意录入"


def work_off(poll: Poll) -> None:
    worker = Worker(poll.engine, poll.app.state.intake, poll.settings)
    while worker.run_once():
        pass


def sheet(rows: int, start: int = 1) -> bytes:
    """Lines of 源汇区 城镇 under the headings of the template."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(
        ["问卷编号", "地区", "类别", "测评点", *(f"U-{no:03} 单位{no}" for no in range(1, 5)), "年龄段", "性别"]
    )
    for no in range(start, start + rows):
        answers = ["满意", "基本满意" if no % 2 else "不满意", "", "不了解"]
        table.writerow([str(no), "源汇区", "城镇", f"源汇区测评点{1 + no % 2}", *answers, "", ""])
    return written.getvalue().encode()


async def sent(contractor: httpx.AsyncClient, poll: Poll, rows: int, start: int = 1) -> str:
    """A checked file."""
    answer = await contractor.post(
        "/api/uploads?campaign=poll&filename=a.csv",
        content=sheet(rows, start),
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 201, answer.text
    work_off(poll)
    return str(answer.json().get("upload_id") or answer.json()["id"])


def assign(poll: Poll) -> None:
    with poll.work() as session:
        assignments.assign(session, "contractor", "poll", by="setup", at=clock.now())


async def handed(setup: httpx.AsyncClient, issued: int, **more: Any) -> httpx.Response:
    wish = {"contractor": "contractor", "stratum": 1, "issued": issued, "back_check": 0, **more}
    return await setup.post(LOTS, json=wish)


async def test_more_returned_than_issued_blocks_the_file(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        assign(poll)
        async with poll.signed_in("setup") as setup, poll.signed_in("contractor") as contractor:
            upload = await sent(contractor, poll, 6)
            path = f"/api/gate/files/{upload}"
            free = await setup.get(path)
            assert [one["code"] for one in free.json()["blockers"]] == ["gate_nothing_issued"]
            lot = (await handed(setup, 4)).json()
            assert (lot["issued"], lot["returned"], lot["open"]) == (4, 0, 4)
            alone = await contractor.post(f"/api/uploads/{upload}/accept")
            assert alone.json()["code"] == "gate_first"
            blocked = await setup.post(f"{path}/accept", json={"statement": SAID})
            assert (blocked.status_code, blocked.json()["code"]) == (409, "gate_more_returned")
            assert "发出 4 份，收回 6 份" in blocked.json()["detail"]
            assert (await handed(setup, 4)).json()["issued"] == 8, "more for the same place adds to the lot"
            over = await contractor.post(f"{LOTS}/1/report", json={"results": {"refused": 2, "no_contact": 1}})
            assert over.status_code == 200, "nothing is in yet"
            blocked = await setup.post(f"{path}/accept", json={"statement": SAID})
            assert blocked.json()["code"] == "gate_more_accounted"
            mended = await contractor.post(f"{LOTS}/1/report", json={"results": {"refused": 1}})
            assert mended.json()["open"] == 7
            assert (await setup.post(f"{path}/accept", json={"statement": " "})).json()["code"] == "reason_unfit"
            signed = await setup.post(f"{path}/accept", json={"statement": SAID})
            assert (signed.status_code, signed.json()["signed_by"]) == (202, "setup")
            work_off(poll)
            found = (await setup.get(path)).json()
            assert (found["file"]["state"], found["acceptance"]["statement"]) == ("accepted", SAID)
            (mine,) = (await contractor.get(LOTS)).json()
            account = mine["issued"], mine["returned"], mine["refused"], mine["open"]
            assert account == (8, 6, 1, 1)
            late = await contractor.post(f"{LOTS}/1/report", json={"results": {"refused": 3}})
            assert late.json()["code"] == "gate_more_accounted"
            second = await sent(contractor, poll, 2, start=50)
            refused = await setup.post(f"/api/gate/files/{second}/accept", json={"statement": SAID})
            assert refused.json()["code"] == "gate_more_accounted", "6 in, 2 more, 1 refused, 8 issued"
        with poll.look() as session:
            for event in (Event.GATE_HANDED_OUT, Event.GATE_REPORTED, Event.GATE_ACCEPTED):
                for body in recorded(session, "poll", event):
                    assert differences(event.value, "poll", body) == []
            (body,) = recorded(session, "poll", Event.GATE_ACCEPTED)
        assert (body["statement"], body["lots"], body["by"]) == (SAID, [[1, 8, 6, 1, 1]], "setup")


async def test_a_back_check_is_drawn_by_two_and_noted_before_the_signature(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        assign(poll)
        async with poll.signed_in("setup") as setup, poll.signed_in("contractor") as contractor:
            await handed(setup, 40, back_check=10)
            upload = await sent(contractor, poll, 25)
            path = f"/api/gate/files/{upload}"
            missing = await setup.post(f"{path}/accept", json={"statement": SAID})
            assert missing.json()["code"] == "gate_back_check_missing"
            fewer = await setup.post(f"{path}/back-check", json={"per_cent": 9})
            assert (fewer.status_code, fewer.json()["code"]) == (422, "request_malformed"), "ten were fixed before"
            made = await setup.post(f"{path}/back-check", json={"per_cent": 10})
            assert (made.status_code, made.json()["run"], made.json()["lines"]) == (201, False, [])
            again = await setup.post(f"{path}/back-check", json={"per_cent": 20})
            assert again.json()["code"] == "draw_exists"
            assert (await handed(setup, 1, back_check=0)).json()["back_check"] == 10, "more sheets lower nothing"
            late = await handed(setup, 1, back_check=20)
            assert (late.status_code, late.json()["code"]) == (409, "gate_back_check_drawn")
            assert "10%" in late.json()["detail"]
            with poll.work() as session:
                people = {"asked_by": "setup", "by": "release"}
                draws.run(session, made.json()["draw_id"], seed="20261122008", at=clock.now(), **people)
            drawn = (await setup.get(path)).json()["back_check"]
            lines = [one["line"] for one in drawn["lines"]]
            assert (len(lines), all(1 <= line <= 25 for line in lines)) == (3, True)
            wrong = next(line for line in range(1, 26) if line not in lines)
            strange = await setup.post(f"{path}/back-check/{wrong}", json={"outcome": "confirmed"})
            assert strange.json()["code"] == "gate_line_not_drawn"
            for line, outcome in zip(lines, ("confirmed", "confirmed", "differs"), strict=True):
                missing = await setup.post(f"{path}/accept", json={"statement": SAID})
                assert missing.json()["code"] == "gate_back_check_missing"
                done = await setup.post(f"{path}/back-check/{line}", json={"outcome": outcome})
                assert done.status_code == 204
            twice = await setup.post(f"{path}/back-check/{lines[0]}", json={"outcome": "never"})
            assert twice.json()["code"] == "gate_line_checked"
            assert (await setup.post(f"{path}/accept", json={"statement": SAID})).status_code == 202
        with poll.look() as session:
            assert draws.replay(session, made.json()["draw_id"]).equal
            (body,) = recorded(session, "poll", Event.GATE_ACCEPTED)
            for event in (Event.GATE_BACK_CHECK_PLANNED, Event.GATE_LINE_CHECKED):
                assert differences(event.value, "poll", recorded(session, "poll", event)[0]) == []
        assert body["back_check"] == {"open": 0, "confirmed": 2, "differs": 1, "never": 0, "not_reached": 0}


async def test_cards_go_out_by_serial_number_once(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            first, last = poll.live[0].serial, poll.live[9].serial
            for few in (first, last - 1):
                one = await handed(setup, 0, first_serial=first, last_serial=few)
                assert one.json()["code"] == "gate_range_small", "its account would be an answer about a person"
            lot = (await handed(setup, 0, first_serial=first, last_serial=last)).json()
            assert (lot["issued"], lot["returned"]) == (10, 0)
            taken = await handed(setup, 0, first_serial=last, last_serial=last + 2)
            assert taken.json()["code"] == "gate_range_taken"
            unknown = await handed(setup, 0, first_serial=900, last_serial=901)
            assert unknown.json()["code"] == "paper_serial_unknown"
            for wish, code in (({"contractor": "nobody"}, "account_unknown"), ({"stratum": 99}, "stratum_unknown")):
                assert (await handed(setup, 5, **wish)).json()["code"] == code
            assert (await handed(setup, 0)).json()["code"] == "request_malformed"
            assert (await poll.cast(poll.live[0], "1111")).status_code == 201
            (lot,) = (await setup.get(LOTS)).json()
            assert (lot["returned"], lot["open"]) == (1, 9)
