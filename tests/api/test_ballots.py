"""The ballot door over HTTP: stored once, replayed with the same receipt, refused with a code and a sentence."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.ledger.tables import LedgerEntry
from survey_models.tickets import codes as ticket_codes
from survey_models.tickets import service as tickets
from survey_models.tickets.tables import TicketCounter
from tests.poll import Shape, open_poll


async def test_a_sheet_is_stored_and_its_retry_gets_the_same_receipt(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        body = poll.body(poll.live[0], "1230")
        async with poll.client() as client:
            path = f"/api/campaigns/{poll.shape.id}/ballots"
            first = await client.post(path, json=body)
            second = await client.post(path, json=body)
        assert first.status_code == 201
        assert first.json()["replay"] is False
        assert second.status_code == 200
        assert second.json() == {**first.json(), "replay": True}
        assert poll.stored() == poll.spent() == 1
        with poll.look() as session:
            entry = session.scalars(select(LedgerEntry).where(LedgerEntry.event == "ballots:cast")).one()
            assert entry.at is None
            assert set(json.loads(entry.body)) == {"event", "log", "ballot", "sheet"}
            done = session.scalars(select(TicketCounter.done).where(TicketCounter.campaign_id == "poll")).all()
        assert sum(done) == 1


async def test_the_same_code_cannot_be_used_for_another_sheet(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        await poll.cast(poll.live[0], "1111")
        again = await poll.cast(poll.live[0], "3333")
        assert (again.status_code, again.json()["code"]) == (409, "ticket_used")
        assert again.headers["content-type"] == "application/problem+json"
        assert again.json()["detail"] == "这个评议码已经用过。"
        assert again.json()["detail_en"] == "This code has already been used."
        assert poll.stored() == 1


async def test_a_ballot_id_of_another_person_leaves_ticket_and_ballot_untouched(
    database_url: str, tmp_path: Path
) -> None:
    with open_poll(database_url, tmp_path) as poll:
        first = poll.body(poll.live[0], "1111")
        thief = {**poll.body(poll.live[1], "3333"), "id": first["id"]}
        async with poll.client() as client:
            await client.post("/api/campaigns/poll/ballots", json=first)
            answer = await client.post("/api/campaigns/poll/ballots", json=thief)
        assert (answer.status_code, answer.json()["code"]) == (409, "ballot_id_taken")
        assert poll.stored() == poll.spent() == 1
        assert (await poll.cast(poll.live[1], "2222")).status_code == 201


async def test_one_code_shown_by_forty_requests_at_once_gives_one_ballot(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        answers = await asyncio.gather(*(poll.cast(poll.live[0], "1111") for _ in range(40)))
        # After ten refusals the others hear no more about the code.
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 10 + [429] * 29
        assert poll.stored() == poll.spent() == 1


async def test_a_poisonous_sheet_does_not_take_its_neighbours_with_it(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        sheets = ["1111", "1x11", "1111", "----", "2222"]
        answers = await asyncio.gather(
            *(poll.cast(code, sheet) for code, sheet in zip(poll.live, sheets, strict=False))
        )
        assert [answer.status_code for answer in answers] == [201, 422, 201, 422, 201]
        assert poll.stored() == poll.spent() == 3


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ("1234", "option_outside_scale"),
        ("11!1", "option_outside_scale"),
        ("----", "ballot_empty"),
        ("11111", "answers_wrong_length"),
    ],
)
async def test_a_wrong_sheet_is_refused_and_its_ticket_stays_whole(
    answers: str, code: str, sqlite_url: str, tmp_path: Path
) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        refused = await poll.cast(poll.live[0], answers)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["next"]
        assert refused.json()["next_en"]
        assert (poll.stored(), poll.spent()) == (0, 0)


async def test_missing_units_are_named_where_all_are_required(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(blank_allowed=False)) as poll:
        refused = await poll.cast(poll.live[0], "1-1-")
        assert refused.json()["code"] == "answers_missing"
        assert refused.json()["count"] == 2
        assert "单位2、单位4" in refused.json()["detail"]
        assert (await poll.cast(poll.live[0], "1010")).status_code == 201


async def test_a_unit_outside_the_tickets_variant_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    shape = Shape(variants={"few": ["U-001", "U-002", "age", "sex"]})
    with open_poll(sqlite_url, tmp_path, shape) as poll:
        assert (await poll.cast(poll.live[0], "111-")).json()["code"] == "unit_not_in_variant"
        assert (await poll.cast(poll.live[0], "11--")).status_code == 201


async def test_codes_that_cannot_be_used(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        mistyped = poll.live[0].code[:-1] + ("0" if poll.live[0].code[-1] != "0" else "1")
        reserve = next(code for code in poll.codes if code.reserve)
        with poll.work() as session:
            tickets.void(session, "poll", poll.live[1].serial, reason="lost", by="setup", at=clock.now())
        expected = {
            mistyped: (422, "ticket_mistyped"),
            ticket_codes.new_code(): (404, "ticket_unknown"),
            reserve.code: (404, "ticket_unknown"),
            poll.live[1].code: (410, "ticket_void"),
        }
        for code, answer in expected.items():
            refused = await poll.cast(code, "1111")
            assert (refused.status_code, refused.json()["code"]) == answer
            assert refused.json()["detail"]
            assert refused.json()["detail_en"]
        assert poll.stored() == 0


async def test_an_expired_code_is_refused(database_url: str, tmp_path: Path) -> None:
    shape = Shape(expires_at=clock.now() + timedelta(hours=1))
    with open_poll(database_url, tmp_path, shape) as poll:
        assert (await poll.cast(poll.live[0], "1111")).status_code == 201
        with clock.frozen(clock.now() + timedelta(hours=2)):
            assert (await poll.cast(poll.live[1], "1111")).json()["code"] == "ticket_expired"


async def test_a_closed_campaign_takes_no_new_sheet_but_answers_the_retry(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        body = poll.body(poll.live[0], "1111")
        async with poll.client() as client:
            first = await client.post("/api/campaigns/poll/ballots", json=body)
            with poll.work() as session:
                campaigns.close(session, "poll", by="setup", at=clock.now())
            retry = await client.post("/api/campaigns/poll/ballots", json=body)
            late = await client.post("/api/campaigns/poll/ballots", json=poll.body(poll.live[1], "1111"))
        assert retry.json() == {**first.json(), "replay": True}
        assert (late.status_code, late.json()["code"]) == (409, "campaign_closed")
        assert poll.spent() == 1


async def test_malformed_and_oversized_requests(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            path = "/api/campaigns/poll/ballots"
            malformed = await client.post(path, json={"id": "x", "answers": "1"})
            huge = await client.post(path, content=b"x" * (poll.settings.max_body_bytes + 1))
            unknown = await client.post("/api/campaigns/none/ballots", json=poll.body(poll.live[0], "1111"))
            more = await client.post(path, json={**poll.body(poll.live[0], "1111"), "more": {"a": 1}})
        assert (malformed.status_code, malformed.json()["code"]) == (422, "request_malformed")
        assert "body.code" in malformed.json()["where"]
        assert (huge.status_code, huge.json()["code"]) == (413, "body_too_large")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "campaign_unknown")
        assert (more.status_code, more.json()["where"]) == (422, "more")
        assert poll.spent() == 0


async def test_checking_a_code_spends_nothing_and_is_limited(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        wanted = {"campaign": "poll", "code": poll.live[0].code.lower()}
        async with poll.client() as client:
            answers = [await client.post("/api/tickets/check", json=wanted) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert answers[0].json() == {"state": "live", "variant": "all"}
        assert answers[-1].json()["code"] == "check_too_often"
        with poll.look() as session:
            opened = session.scalars(select(TicketCounter.opened).where(TicketCounter.campaign_id == "poll")).all()
        assert sum(opened) == 10
        assert poll.spent() == 0
        assert (await poll.cast(poll.live[0], "1111")).status_code == 201


async def test_a_full_intake_answers_503_with_retry_after(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, intake_queue=1) as poll:
        with poll.work() as session:
            session.connection()  # holds the one write lock, so that the writer has to wait
            session.execute(select(1))
            tries = [asyncio.create_task(poll.cast(code, "1111")) for code in poll.live[:6]]
            # Nobody can be stored yet: who is answered now is refused.
            await asyncio.wait(tries, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        answers = await asyncio.gather(*tries)
        busy = [answer for answer in answers if answer.status_code == 503]
        assert busy
        assert busy[0].json()["code"] == "intake_busy"
        assert busy[0].headers["retry-after"] == "1"
        stored = [answer for answer in answers if answer.status_code == 201]
        assert len(stored) == poll.stored() == len(answers) - len(busy)


async def test_a_sheet_of_another_version_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        refused = await poll.cast(poll.live[0], "1111", version=2)
        assert (refused.status_code, refused.json()["code"]) == (409, "questionnaire_changed")
        assert (await poll.cast(poll.live[0], "1111", version=1)).status_code == 201


async def test_the_form_tells_the_place_of_every_answer(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            form = await client.get("/api/campaigns/poll/form")
        keys = [item["key"] for item in form.json()["questionnaire"]["items"]]
        assert keys == ["U-001", "U-002", "U-003", "U-004", "age", "sex"]
