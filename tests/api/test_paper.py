"""Paper entry: two clerks blind to each other, a third who settles, and one sheet in the box for every card."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth import passwords
from api.jobs.worker import Worker
from api.keys import load_sealing_key
from survey_models.accounts import service as accounts
from survey_models.ballots import paper_intake
from survey_models.ballots.sealing import bound_to, open_sealed, unpadded
from survey_models.ballots.tables import IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.jobs.service import TRACELESS
from survey_models.jobs.tables import Job
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.paper import queries, service
from survey_models.paper.sealing import EntrySealer
from survey_models.paper.service import Typed
from survey_models.paper.tables import PaperEntry, PaperSheet
from survey_models.tickets import service as tickets
from tests.docs.events import differences
from tests.poll import PASSWORD, Poll, Shape, open_poll

CLERKS = ("甲录入", "乙录入", "丙录入")
BASE = "/api/paper/campaigns/poll"
SWORN = date(2026, 1, 5)


@contextmanager
def paper_poll(url: str, folder: Path, shape: Shape | None = None) -> Iterator[Poll]:
    """An open poll with three sworn clerks and one who has signed nothing."""
    with open_poll(url, folder, shape) as poll:
        with poll.work() as session:
            at = clock.now()
            for name in (*CLERKS, "新来的"):
                day = SWORN if name in CLERKS else None
                accounts.create(
                    session,
                    name,
                    password_hash=passwords.new_hash(PASSWORD, name=name),
                    roles=["paper"],
                    at=at,
                    demo=True,
                    trained_on=day,
                    undertaking_on=day,
                )
        yield poll


def values(units: str, **more: Any) -> dict[str, Any]:
    return {**{f"U-{no:03}": code for no, code in enumerate(units, start=1)}, **more}


async def send(clerk: httpx.AsyncClient, serial: int | str, units: str, **more: Any) -> httpx.Response:
    return await clerk.post(f"{BASE}/entries", json={"serial": str(serial), "values": values(units, **more)})


def work_off(poll: Poll) -> None:
    """Do every waiting job, as the worker does."""
    worker = Worker(poll.engine, poll.app.state.intake, poll.settings)
    while worker.run_once():
        pass


def sheet(poll: Poll, serial: int) -> PaperSheet:
    with poll.look() as session:
        return session.scalars(select(PaperSheet).where(PaperSheet.serial == serial)).one()


def entries(poll: Poll) -> list[PaperEntry]:
    with poll.look() as session:
        return list(session.scalars(select(PaperEntry)))


def box(poll: Poll) -> list[tuple[str, str]]:
    """Channel and answers of every sealed sheet."""
    key = load_sealing_key(poll.settings.data_dir, "poll")
    with poll.look() as session:
        rows = session.scalars(select(IntakeSheet)).all()
    bound = [bound_to("poll", row.id, row.batch_no, row.channel, row.questionnaire_version) for row in rows]
    opened = [unpadded(open_sealed(key, row.sealed, aad)) for row, aad in zip(rows, bound, strict=True)]
    return sorted((row.channel, plain.answers) for row, plain in zip(rows, opened, strict=True))


async def test_two_agree_and_the_sheet_is_in_once(database_url: str, tmp_path: Path) -> None:
    with paper_poll(database_url, tmp_path) as poll:
        serial = poll.live[0].serial
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            blank = (await first.post(f"{BASE}/blank", json={"serial": f"No. {serial:06}"})).json()
            assert [(place["no"], place["key"]) for place in blank["places"]][-1] == (6, "sex")
            assert [option["code"] for option in blank["places"][0]["options"]] == ["1", "2", "3", "0"]
            kept = await send(first, serial, "1!-0", age="2")
            again = await send(first, f"poll-{serial:06}", "1!-0", age="2")
            assert (kept.status_code, again.status_code, kept.json()["typed"]) == (201, 201, 1)
            other = await send(first, serial, "1110")
            assert other.json()["code"] == "paper_entry_yours"
            work_off(poll)
            assert (len(entries(poll)), poll.stored()) == (1, 0)
            waiting = entries(poll)[0]
            assert b"1!-0" not in waiting.sealed
            told = await send(second, serial, "1!-0", age="2")
            assert told.json() == {"serial": serial, "typed": 1}, "nobody is told whether the entries agree"
            assert len(entries(poll)) == 2
            work_off(poll)
            assert (box(poll), entries(poll), poll.spent()) == ([("paper", "1!-02-")], [], 1)
            assert sheet(poll, serial).state == "entered"
            with poll.look() as session:
                kinds = set(session.scalars(select(Job.kind)))
            assert service.ENTER in TRACELESS - kinds, "number and time beside each other join a card to its ballot"
            refused = [await send(clerk, serial, "1!-0", age="2") for clerk in (first, second)]
            assert [answer.json()["code"] for answer in refused] == ["paper_entry_yours"] * 2
            async with poll.signed_in(CLERKS[2]) as third:
                assert (await send(third, serial, "1111")).json()["code"] == "paper_sheet_full"
        spent = await poll.cast(poll.live[0], "1111")
        assert spent.json()["code"] == "ticket_used", "the same card on the phone"
        with poll.work() as session:
            service.send_agreed(session, "poll", at=clock.now())
        work_off(poll)
        assert poll.stored() == 1


async def test_a_third_person_settles_what_differs(database_url: str, tmp_path: Path) -> None:
    with paper_poll(database_url, tmp_path) as poll:
        serial = poll.live[0].serial
        path = f"{BASE}/differences/{serial}"
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            await send(first, serial, "1230")
            await send(second, serial, "1330", sex="1")
            work_off(poll)
            assert poll.stored() == 0
            for clerk in (first, second):
                assert (await clerk.get(f"{BASE}/differences")).json() == []
                assert (await clerk.get(path)).json()["code"] == "paper_own_difference"
        async with poll.signed_in(CLERKS[2]) as third:
            assert (await send(third, serial, "1230")).json()["code"] == "paper_sheet_full"
            assert (await third.get("/api/paper/campaigns")).json() == [
                {"id": "poll", "title": "测试评议", "typed": 0, "to_settle": 1}
            ]
            shown = (await third.get(path)).json()
            assert [(row["key"], row["first"], row["second"]) for row in shown] == [
                ("U-002", "2", "3"),
                ("sex", "-", "1"),
            ]
            part = await third.post(path, json={"values": {"U-002": "3"}})
            beyond = await third.post(path, json={"values": {"U-002": "3", "sex": "1", "U-001": "3"}})
            wrong = await third.post(path, json={"values": {"U-002": "7", "sex": "1"}})
            codes = [answer.json()["code"] for answer in (part, beyond, wrong)]
            assert codes == ["paper_not_settled", "paper_not_settled", "option_outside_scale"]
            assert (await third.post(path, json={"values": {"U-002": "3", "sex": "1"}})).status_code == 204
            assert (await third.get(path)).json()["code"] == "paper_nothing_differs"
        work_off(poll)
        assert (box(poll), entries(poll)) == ([("paper", "1330-1")], [])
        async with poll.signed_in("auditor") as auditor:
            found = (await auditor.get("/api/campaigns/poll/paper")).json()
        assert found["states"] == {"waiting": 0, "differs": 0, "agreed": 0, "entered": 1, "refused": 0}
        (pair,) = found["pairs"]
        assert (sorted(pair["clerks"]), pair["places"], pair["differing"]) == (sorted(CLERKS[:2]), 6, 2)
        assert (pair["rate"], found["whole"]["differed"]) == ("333.33", 1)
        assert "1330" not in str(found)


async def test_cards_that_cannot_be_entered_are_refused_in_words(sqlite_url: str, tmp_path: Path) -> None:
    with paper_poll(sqlite_url, tmp_path) as poll:
        good = poll.live[2]
        reserve = next(code for code in poll.codes if code.reserve)
        wrong = {
            str(reserve.serial): "ticket_in_reserve",
            "9999": "paper_serial_unknown",
            f"other-2026-{good.serial:06}": "paper_other_campaign",
            "0": "paper_serial_malformed",
            good.code: "paper_serial_malformed",
        }
        async with poll.signed_in(CLERKS[0]) as clerk:
            for typed, code in wrong.items():
                blank = await clerk.post(f"{BASE}/blank", json={"serial": typed})
                sent = await send(clerk, typed, "1111")
                assert (blank.json()["code"], sent.json()["code"]) == (code, code), typed
                assert good.code not in blank.text
            for units, more in (("----", {}), ("1117", {}), ("1111", {"U-009": "1"}), ("1111", {"age": "12"})):
                assert (await send(clerk, good.serial, units, **more)).status_code == 422
        async with poll.signed_in("新来的") as unsworn, poll.signed_in("setup") as setup:
            assert (await send(unsworn, good.serial, "1111")).json()["code"] == "clerk_not_sworn"
            assert (await send(setup, good.serial, "1111")).status_code == 403
        assert entries(poll) == []


async def test_typing_a_number_tells_nobody_whether_its_card_was_used(sqlite_url: str, tmp_path: Path) -> None:
    with paper_poll(sqlite_url, tmp_path) as poll:
        used, void, live, typed = poll.live[:4]
        assert (await poll.cast(used, "1111")).status_code == 201
        with poll.work() as session:
            tickets.void(session, "poll", void.serial, reason="污损", by="setup", at=clock.now())
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            for clerk in (first, second):
                assert (await send(clerk, typed.serial, "1230")).status_code == 201
        work_off(poll)
        numbers = [used.serial, void.serial, live.serial, typed.serial]
        async with poll.signed_in(CLERKS[2]) as clerk:
            blanks = [await clerk.post(f"{BASE}/blank", json={"serial": str(number)}) for number in numbers]
            told = [(answer.status_code, answer.json()["variant"], answer.json()["places"]) for answer in blanks]
            assert told.count(told[0]) == 4, "used, withdrawn, out, in on paper: one answer"
            sent = [await send(clerk, number, "1111") for number in numbers[:3]]
            assert [answer.status_code for answer in sent] == [201] * 3
        async with poll.signed_in(CLERKS[0]) as other:
            assert [(await send(other, number, "1111")).status_code for number in numbers[:3]] == [201] * 3
        work_off(poll)
        async with poll.signed_in("setup") as setup:
            found = (await setup.get("/api/campaigns/poll/paper")).json()
        refused = {one["serial"]: one["refused"] for one in found["unfinished"]}
        assert refused == {used.serial: "ticket_used", void.serial: "ticket_void"}, "the office hears of it"
        assert (found["states"]["entered"], found["more"], poll.stored()) == (2, False, 3)


async def test_lists_of_sheets_go_on_where_a_page_ends(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    with paper_poll(sqlite_url, tmp_path) as poll:
        serials = sorted(code.serial for code in poll.live[:5])
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            for serial in serials:
                await send(first, serial, "1230")
                await send(second, serial, "1330")
        async with poll.signed_in(CLERKS[2]) as third, poll.signed_in("setup") as setup:
            found: list[int] = []
            while page := (await third.get(f"{BASE}/differences", params={"after": found[-1] if found else 0})).json():
                found += page
            assert found == serials
            assert (await third.get("/api/paper/campaigns")).json()[0]["to_settle"] == 5
            path = "/api/campaigns/poll/paper"
            shown = (await setup.get(path)).json()
            assert ([one["serial"] for one in shown["unfinished"]], shown["more"]) == (serials[:2], True)
            last = (await setup.get(path, params={"after": serials[3]})).json()
            assert ([one["serial"] for one in last["unfinished"]], last["more"]) == (serials[4:], False)
            done = (await setup.post(f"{path}/set-aside", json={"reason": "重录"})).json()
            assert done == {"serials": serials}, "all means all"


async def test_a_card_used_meanwhile_counts_once(sqlite_url: str, tmp_path: Path) -> None:
    with paper_poll(sqlite_url, tmp_path) as poll:
        serial = poll.live[0].serial
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            await send(first, serial, "1111")
            await send(second, serial, "1111")
        assert (await poll.cast(poll.live[0], "3333")).status_code == 201
        work_off(poll)
        assert (box(poll), entries(poll)) == ([("phone", "3333--")], [])
        assert (sheet(poll, serial).state, sheet(poll, serial).refused) == ("refused", "ticket_used")


async def test_a_job_killed_before_or_after_the_commit_enters_once(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with paper_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            for code in poll.live[:2]:
                await send(first, code.serial, "1230")
                await send(second, code.serial, "1230")
        whole = paper_intake.entered

        def torn(*args: Any) -> None:
            raise RuntimeError("power cut")

        monkeypatch.setattr(paper_intake, "entered", torn)
        work_off(poll)
        assert (poll.stored(), poll.spent(), len(entries(poll))) == (0, 0, 4), "all of it or nothing"
        for hours in (1, 2):
            with clock.frozen(clock.now() + timedelta(hours=hours)):
                work_off(poll)
        with poll.look() as session:
            kept = session.scalars(select(Job).where(Job.kind == service.ENTER)).all()
        assert kept == [], "tried three times and given up: number and time are not kept either"
        monkeypatch.setattr(paper_intake, "entered", whole)
        with poll.work() as session:
            assert service.send_agreed(session, "poll", at=clock.now()) == 2
        with poll.look() as session:
            sealer = EntrySealer(poll.app.state.pepper)
            stale = service.cast_of(session, "poll", poll.live[0].serial, sealer=sealer)
        assert stale is not None
        with clock.frozen(clock.now() + timedelta(hours=1)):
            work_off(poll)
        assert (poll.stored(), poll.spent(), entries(poll)) == (2, 2, [])
        with pytest.raises(Problem) as late:
            poll.app.state.intake.submit(stale).result(timeout=60)
        assert late.value.code == "paper_sheet_unknown"
        assert poll.stored() == 2


def test_two_clerks_at_the_same_moment(database_url: str, tmp_path: Path) -> None:
    with paper_poll(database_url, tmp_path) as poll:
        sealer = EntrySealer(poll.app.state.pepper)
        serials = [code.serial for code in poll.live[:6]]
        meeting = threading.Barrier(3)
        refused: list[str] = []

        def clerk(name: str) -> None:
            for serial in serials:
                meeting.wait(60)
                try:
                    with poll.work() as session:
                        typed = Typed("1230--")
                        service.keep(session, "poll", str(serial), typed, sealer=sealer, by=name, at=clock.now())
                except Problem as problem:
                    refused.append(problem.code)

        threads = [threading.Thread(target=clerk, args=(name,)) for name in CLERKS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == ["paper_sheet_full"] * len(serials)
        assert sorted(entry.turn for entry in entries(poll)) == [1] * 6 + [2] * 6
        work_off(poll)
        assert (poll.stored(), poll.spent(), entries(poll)) == (6, 6, [])


def test_who_looked_before_the_second_came_is_no_third_one(postgres_url: str, tmp_path: Path) -> None:
    with paper_poll(postgres_url, tmp_path) as poll:
        sealer, serial = EntrySealer(poll.app.state.pepper), str(poll.live[0].serial)

        def keep(session: Session, name: str) -> int:
            return service.keep(session, "poll", serial, Typed("1230--"), sealer=sealer, by=name, at=clock.now())

        with poll.work() as session:
            keep(session, CLERKS[0])
        with poll.work() as third:
            seen = third.get_one(PaperSheet, ("poll", int(serial)))
            assert seen.second_by is None
            with poll.work() as session:
                keep(session, CLERKS[1])
            with pytest.raises(Problem) as late:
                keep(third, CLERKS[2])
        assert (late.value.code, len(entries(poll))) == ("paper_sheet_full", 2)


async def test_counting_waits_for_paper_or_a_reason(sqlite_url: str, tmp_path: Path) -> None:
    with paper_poll(sqlite_url, tmp_path) as poll:
        serials = [code.serial for code in poll.live[:2]]
        async with poll.signed_in(CLERKS[0]) as first, poll.signed_in(CLERKS[1]) as second:
            await send(first, serials[0], "1230")
            with poll.work() as session:
                campaigns.close(
                    session, "poll", by="setup", at=clock.now(), accept_until=clock.now() + timedelta(days=1)
                )
            await send(first, serials[1], "1230")
            await send(second, serials[1], "1230")
            work_off(poll)
            assert box(poll) == [("paper", "1230--")], "paper comes in after closing, until accept_until"
            with poll.work() as session:
                session.get_one(Campaign, "poll").accept_until = clock.now() - timedelta(minutes=1)
            assert (await send(second, serials[0], "1230")).json()["code"] == "act_not_allowed"
            assert (await second.get("/api/paper/campaigns")).json() == []
        with poll.look() as session, pytest.raises(Problem) as refused:
            campaigns.check_countable(session, "poll", at=clock.now(), zone="UTC")
        assert (refused.value.code, refused.value.params) == ("paper_waiting", {"count": 1})
        async with poll.signed_in("setup") as setup:
            path = "/api/campaigns/poll/paper/set-aside"
            entered = await setup.post(path, json={"serials": [serials[1]], "reason": "重录"})
            assert entered.json()["code"] == "paper_sheet_entered"
            done = await setup.post(path, json={"reason": "第二遍没有录"})
            assert done.json() == {"serials": [serials[0]]}
        with poll.look() as session:
            campaigns.check_countable(session, "poll", at=clock.now(), zone="UTC")
            (body,) = recorded(session, "poll", Event.PAPER_SET_ASIDE)
            assert differences("paper:set_aside", "poll", body) == []
