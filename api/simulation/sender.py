"""Sends sheets over HTTP as phones would: many at once, each retried with its own id until it is answered."""

from __future__ import annotations

import asyncio
import random
import ssl
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx

from survey_models.core.catalogue import CATALOGUE
from survey_models.core.errors import Problem

TRIES = 9
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
TIMEOUT = 30.0
_JSON = {"content-type": "application/json"}
# A code that cannot be used is passed over, as a person with such a card is; anything else ends the simulation.
PASSED_OVER = frozenset({"ticket_used", "ticket_void", "ticket_expired"})


@dataclass(frozen=True)
class Sheet:
    """One person's sheet. ``twice``: the phone did not see the first answer and sends again."""

    ballot_id: uuid.UUID
    code: str = field(repr=False)
    answers: str = field(repr=False)
    twice: bool

    def body(self) -> bytes:
        """The request's JSON, put together by hand: none of its values needs escaping."""
        return (
            f'{{"id":"{self.ballot_id}","code":"{self.code}","answers":"{self.answers}","more":{{}},"channel":"phone"}}'
        ).encode()


@dataclass
class Sent:
    """What became of the sheets: ids that were acknowledged, replays, retries, and refusals by their code."""

    acknowledged: list[uuid.UUID] = field(default_factory=list)
    replays: int = 0
    retries: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Unanswered(Exception):
    """The service could not be reached, or answered what no phone could understand."""


async def send(
    sheets: Sequence[Sheet],
    *,
    base_url: str,
    campaign_id: str,
    wanted: int,
    concurrency: int = 32,
    on_stored: Callable[[], None] = lambda: None,
) -> Sent:
    """Send sheets in their order until ``wanted`` are acknowledged or none is left.

    Raises Problem when the campaign takes no sheets, Unanswered when the service stays away.
    """
    sent = Sent()
    line = iter(sheets)
    url = f"{base_url.rstrip('/')}/api/campaigns/{campaign_id}/ballots"
    while batch := list(islice(line, wanted - len(sent.acknowledged))):
        await _together(_Desk(url, sent, on_stored), iter(batch), concurrency=concurrency)
    return sent


@dataclass(frozen=True)
class _Desk:
    """Where sheets go, the tally of what became of them, and whom to tell."""

    url: str
    sent: Sent
    on_stored: Callable[[], None]


async def _together(desk: _Desk, line: Iterator[Sheet], *, concurrency: int) -> None:
    trust = ssl.create_default_context()

    async def work() -> None:
        # One client for each phone: a pool looks through all its connections at every request.
        async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=TIMEOUT) as phone:
            for sheet in line:
                if await _cast(phone, desk, sheet):
                    desk.on_stored()

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _cast(phone: httpx.AsyncClient, desk: _Desk, sheet: Sheet) -> bool:
    """Send one sheet; whether it is stored."""
    body = sheet.body()
    answer = await _post(phone, desk, body)
    if answer.status_code not in {httpx.codes.CREATED, httpx.codes.OK}:
        _note_refusal(answer, desk.sent)
        return False
    receipt = _receipt(answer, sheet)
    desk.sent.acknowledged.append(sheet.ballot_id)
    if sheet.twice:
        again = await _post(phone, desk, body)
        if again.status_code != httpx.codes.OK or _receipt(again, sheet) != receipt:
            raise Unanswered(f"a sheet sent twice was answered with {again.status_code} the second time")
        desk.sent.replays += 1
    return True


async def _post(phone: httpx.AsyncClient, desk: _Desk, body: bytes) -> httpx.Response:
    """Post until there is an answer other than "busy"; each pause about twice as long as the one before."""
    failure = ""
    for attempt in range(TRIES):
        if attempt:
            desk.sent.retries += 1
            pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
            await asyncio.sleep(pause * (0.5 + random.random()))
        try:
            answer = await phone.post(desk.url, content=body, headers=_JSON)
        except httpx.TransportError as error:
            failure = f"{type(error).__name__}: {error}"
            continue
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        failure = "the service is busy"
    raise Unanswered(f"no answer after {TRIES} tries: {failure}")


def _receipt(answer: httpx.Response, sheet: Sheet) -> str:
    content: dict[str, Any] = answer.json()
    if content.get("ballot_id") != str(sheet.ballot_id) or not content.get("receipt"):
        raise Unanswered(f"an answer with {answer.status_code} held no receipt of the sheet that was sent")
    return str(content["receipt"])


def _note_refusal(answer: httpx.Response, sent: Sent) -> None:
    try:
        content: dict[str, Any] = answer.json()
        code = str(content["code"])
    except (ValueError, KeyError, TypeError):
        raise Unanswered(f"the service answered {answer.status_code} without a reason") from None
    sent.refused[code] += 1
    if code not in PASSED_OVER:
        raise Problem(code) if code in CATALOGUE else Unanswered(f"the service refused a sheet: {code}")
