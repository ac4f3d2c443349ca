"""A voided batch issued anew: as many codes as were withdrawn, sealed, told once; by console, HTTP and command line."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import httpx
import pytest

from api import handover
from survey_models.ballots.sealing import new_keypair
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Purpose
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.tickets import codes, reissue, service
from survey_models.tickets.tables import TicketBatch
from tests.docs.events import differences
from tests.poll import Poll, Shape, open_poll

PATH = "/api/campaigns/poll/tickets"
PASSPHRASE = "eight cranes over the river"


def void_batch(poll: Poll, number: int) -> None:
    with poll.work() as session:
        people = {"asked_by": "setup", "by": "release"}
        service.void_batch(session, "poll", number, reason="交接文件遗失", at=clock.now(), **people)


def refusal(poll: Poll, number: int) -> str:
    with pytest.raises(Problem) as caught, poll.work() as session:
        reissue.reissue(session, "poll", number, pepper=poll.app.state.pepper, by="setup", at=clock.now())
    return caught.value.code


def lines(answer: httpx.Response, folder: Path, private: bytes | None = None) -> list[handover.Line]:
    body = answer.raise_for_status().json()
    path = folder / body["name"]
    path.write_bytes(base64.b64decode(body["file"]))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == body["sha256"]
    return handover.open_with_key(path, private) if private else handover.open_sealed(path, passphrase=PASSPHRASE)


async def test_as_many_as_were_withdrawn_under_new_codes(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        old = [code for code in poll.codes if code.stratum_no == 1 and code.point_no == 1]
        assert (await poll.cast(old[0].code, "1111")).status_code == 201
        void_batch(poll, 1)
        async with poll.signed_in("setup") as setup:
            answer = await setup.post(f"{PATH}/batches/1/reissue", json={"passphrase": PASSPHRASE})
            assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
            made = lines(answer, tmp_path)
            again = await setup.post(f"{PATH}/batches/1/reissue", json={"passphrase": PASSPHRASE})
            assert (again.status_code, again.json()["code"]) == (409, "ticket_batch_exists")
            listed = {row["no"]: row for row in (await setup.get(f"{PATH}/batches")).json()}
        # Five cards were out, one of them used; one lay in reserve.
        assert [line.reserve for line in made] == [False] * 4 + [True]
        assert {(line.area, line.kind, line.point) for line in made} == {("源汇区", "城镇", "源汇区测评点1")}
        assert min(line.serial for line in made) > max(code.serial for code in poll.codes)
        assert (listed[9]["count"], listed[9]["reserve_left"], listed[9]["voided_at"]) == (4, 1, None)
        assert (await poll.cast(made[0].code, "2222")).status_code == 201
        assert (await poll.cast(made[4].code, "2222")).json()["code"] == "ticket_unknown"
        assert (await poll.cast(old[1].code, "2222")).json()["code"] == "ticket_void"
        with poll.look() as session:
            (body,) = recorded(session, "poll", Event.TICKETS_REISSUED)
            assert differences("tickets:reissued", "poll", body) == []
            assert (body["batch"], body["instead_of"], body["count"], body["reserve"]) == (9, 1, 4, 1)
            assert body["file"] == answer.json()["sha256"]
            (issued,) = [one for one in recorded(session, "poll", Event.TICKETS_ISSUED) if one["batch"] == 9]
            pepper, kept = poll.app.state.pepper, session.get_one(TicketBatch, ("poll", 9)).root
        digests = sorted(codes.digest(codes.normalise(one.code), campaign_id="poll", pepper=pepper) for one in made)
        assert issued["root"] == kept == hashlib.sha256(b"".join(digests)).hexdigest()


async def test_sealed_to_a_key_it_opens_with_that_key_alone(sqlite_url: str, tmp_path: Path) -> None:
    private, public = new_keypair()
    with open_poll(sqlite_url, tmp_path) as poll:
        void_batch(poll, 2)
        async with poll.signed_in("setup") as setup:
            for body in ({}, {"passphrase": PASSPHRASE, "public": public.hex()}, {"public": "f00"}):
                assert (await setup.post(f"{PATH}/batches/2/reissue", json=body)).status_code == 422
            weak = await setup.post(f"{PATH}/batches/2/reissue", json={"passphrase": "poll poll poll"})
            assert weak.json()["code"] == "password_weak"
            none = await setup.post(f"{PATH}/batches/2/reissue", json={"public": "00" * 32})
            assert none.json()["code"] == "sealing_key_malformed"
            answer = await setup.post(f"{PATH}/batches/2/reissue", json={"public": public.hex()})
            # What was refused before has issued nothing.
            assert answer.json()["batch"] == 9
        made = lines(answer, tmp_path, private)
        assert len(made) == 6
        path = tmp_path / answer.json()["name"]
        assert handover.is_sealed_to_key(path)
        with pytest.raises(ValueError, match="another key"):
            handover.open_with_key(path, new_keypair()[0])
        assert (await poll.cast(made[0].code, "2222")).status_code == 201
        async with poll.signed_in("release") as release:
            refused = await release.post(f"{PATH}/batches/2/reissue", json={"passphrase": PASSPHRASE})
            assert refused.json()["code"] == "forbidden"


def test_only_what_two_people_voided_and_only_while_codes_can_be_used(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        assert refusal(poll, 99) == "batch_unknown"
        assert refusal(poll, 1) == "batch_not_voided"
        with poll.work() as session:
            for code in poll.codes:
                if (code.stratum_no, code.point_no) == (1, 1):
                    service.void(session, "poll", code.serial, reason="污损", by="setup", at=clock.now())
        void_batch(poll, 1)
        assert refusal(poll, 1) == "nothing_to_reissue"
        void_batch(poll, 2)
        with poll.work() as session:
            campaigns.close(session, "poll", by="setup", at=clock.now())
        assert refusal(poll, 2) == "act_not_allowed"


def test_a_handful_is_no_batch_of_its_own_where_it_is_in_earnest(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(purpose=Purpose.REAL, per_cell=12, reserve=0)) as poll:
        cell = [code for code in poll.codes if (code.stratum_no, code.point_no) == (1, 1)]
        with poll.work() as session:
            for code in cell[:3]:
                service.void(session, "poll", code.serial, reason="污损", by="setup", at=clock.now())
        void_batch(poll, 1)
        assert len(cell) == 12
        assert refusal(poll, 1) == "reissue_too_small"
        void_batch(poll, 2)
        with poll.work() as session:
            made = reissue.reissue(session, "poll", 2, pepper=poll.app.state.pepper, by="setup", at=clock.now())
        assert made.count == 12
