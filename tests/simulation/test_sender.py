"""The sender against services that are busy, drop the line, refuse, or answer nonsense."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from api.simulation import sender
from api.simulation.sender import Sent, Sheet, Unanswered, send
from survey_models.core.errors import Problem
from tests.postgres import free_port
from tests.simulation.service import Receive, Scope, Send, served

Answer = tuple[int, Mapping[str, object]]
Rule = Callable[[dict[str, str], int], Answer]


class Service:
    """Answers the n-th time it sees a ballot id by ``rule(sheet, n)``, and remembers what it saw."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.seen: Counter[str] = Counter()
        self.together = self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["path"] == "/api/campaigns/luohe/ballots"
        message = await receive()
        sheet = json.loads(message["body"])
        self.seen[sheet["id"]] += 1
        self.together += 1
        self.most = max(self.most, self.together)
        await asyncio.sleep(0.005)
        self.together -= 1
        status, content = self.rule(sheet, self.seen[sheet["id"]])
        body = json.dumps(content).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def stored(sheet: dict[str, str], time: int) -> Answer:
    content = {"receipt": sheet["id"][:14], "ballot_id": sheet["id"], "replay": time > 1}
    return (201 if time == 1 else 200), content


def some(number: int, *, twice: bool = False) -> list[Sheet]:
    return [Sheet(uuid.uuid4(), f"CODE-{place:04}", "1230-", twice) for place in range(number)]


async def sent_to(
    rule: Rule, sheets: list[Sheet], *, wanted: int | None = None, phones: int = 8
) -> tuple[Sent, Service]:
    service = Service(rule)
    with served(service) as base_url:
        done = await send(
            sheets, base_url=base_url, campaign_id="luohe", wanted=wanted or len(sheets), concurrency=phones
        )
    return done, service


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(sender, "LONGEST_PAUSE", 0.01)


async def test_every_sheet_is_sent_once_by_so_many_phones() -> None:
    sheets = some(60)
    done, service = await sent_to(stored, sheets)
    assert set(done.acknowledged) == {sheet.ballot_id for sheet in sheets}
    assert set(service.seen.values()) == {1}
    assert 1 < service.most <= 8
    assert (done.replays, done.retries, dict(done.refused)) == (0, 0, {})


async def test_no_more_are_sent_than_are_wanted() -> None:
    done, service = await sent_to(stored, some(60), wanted=25)
    assert len(done.acknowledged) == len(service.seen) == 25


async def test_a_busy_service_is_asked_again_with_the_same_id() -> None:
    def busy_at_first(sheet: dict[str, str], time: int) -> Answer:
        return (503, {"code": "intake_busy"}) if time < 3 else stored(sheet, 1)

    done, service = await sent_to(busy_at_first, some(10))
    assert len(done.acknowledged) == 10
    assert set(service.seen.values()) == {3}
    assert done.retries == 20


async def test_some_phones_send_twice_and_get_the_first_receipt() -> None:
    done, service = await sent_to(stored, some(10, twice=True))
    assert done.replays == len(done.acknowledged) == 10
    assert set(service.seen.values()) == {2}


async def test_another_receipt_for_the_same_sheet_is_a_fault() -> None:
    def forgetful(sheet: dict[str, str], time: int) -> Answer:
        return 200 if time > 1 else 201, {"receipt": f"R{time}", "ballot_id": sheet["id"], "replay": time > 1}

    with pytest.raises(Unanswered, match="sent twice"):
        await sent_to(forgetful, some(1, twice=True))


async def test_used_cards_are_passed_over_for_the_next_in_the_queue() -> None:
    used = {f"CODE-{place:04}" for place in range(0, 20, 2)}

    def half_used(sheet: dict[str, str], time: int) -> Answer:
        return (409, {"code": "ticket_used"}) if sheet["code"] in used else stored(sheet, time)

    done, service = await sent_to(half_used, some(20), wanted=8)
    assert len(done.acknowledged) == 8
    assert len(service.seen) == 8 + done.refused["ticket_used"] < 20


async def test_when_all_cards_are_used_it_ends() -> None:
    done, _ = await sent_to(lambda *_: (409, {"code": "ticket_used"}), some(12))
    assert done.acknowledged == []
    assert done.refused["ticket_used"] == 12


async def test_a_closed_campaign_ends_it_at_once() -> None:
    service = Service(lambda *_: (409, {"code": "campaign_closed", "detail": "..."}))
    with served(service) as base_url, pytest.raises(Problem) as refused:
        await send(some(200), base_url=base_url, campaign_id="luohe", wanted=200, concurrency=4)
    assert refused.value.code == "campaign_closed"
    assert len(service.seen) < 20


@pytest.mark.parametrize("answer", [(201, {"receipt": "R"}), (500, {}), (409, {"code": "never heard of"})])
async def test_nonsense_is_not_taken_for_a_receipt(answer: Answer) -> None:
    with pytest.raises(Unanswered):
        await sent_to(lambda *_: answer, some(2))


async def test_a_service_that_is_away_is_given_up_after_some_tries() -> None:
    with pytest.raises(Unanswered, match="no answer after 9 tries"):
        await send(some(3), base_url=f"http://127.0.0.1:{free_port()}", campaign_id="luohe", wanted=3)


def test_codes_and_answers_stay_out_of_messages() -> None:
    sheet = some(1)[0]
    assert sheet.code not in repr(sheet)
    assert sheet.answers not in repr(sheet)
