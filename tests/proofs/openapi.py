"""Requests made from the description of the HTTP interface, sent as everybody who can call it; what comes back wrong.

`make proofs-openapi` (ARGS='--examples 20'). Values are made up by schemathesis, right and wrong ones; where a name of
something that exists is wanted it is mostly given, so that requests get further than to "no such campaign".
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.migrate import upgrade
from survey_models.core import clock
from survey_models.ledger.sequencer import integrate
from tests import box
from tests.poll import PASSWORD, Poll, Shape, add_campaign, open_poll
from tests.postgres import running_server

BASE = "http://127.0.0.1:8000"
EVERYBODY = "nobody in particular"
CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]

# By hand, and not from the guards: what anybody may get without a session, terminal, code or open-QR ticket.
PUBLIC = frozenset(
    {
        "read_form",
        "read_health",
        "read_readiness",
        "read_ledger_keys",
        "read_receipt_proof",
        "read_staff_photo",
        "read_inclusion_proof",
        "read_consistency_proof",
        "list_cosignatures",
        "read_checkpoint",
        "read_tile",
        "report_policy_violation",
        "read_provider",
        "begin_open_visit",
        "list_promises",
        "read_scheme_language",
    }
)
# What everybody may send, and gets an answer for only with a code or a password that is right.
WITH_A_SECRET = frozenset(
    {
        "cast_ballot",
        "cast_open_ballot",
        "check_ticket",
        "hand_in_cosignature",
        "pair_device",
        "sign_in",
        "sign_in_with_code",
    }
)
# These end or change a campaign for whoever comes later.
LAST = ("revoke_device", "close_campaign", "ask_to_reopen", "ask_to_count", "confirm_act", "sign_out")
PERCENT_KNOWN = 70
ALLOWED_ABOVE_500 = frozenset({503})


@dataclass
class Walk:
    """What came back: how many of which status, and everything that was wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    operations: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many were sent."""
        return self.statuses.total()


Tell = Callable[[Walk, int], object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk on both databases and print; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="requests for each operation, caller and database")
    examples: int = parser.parse_args(arguments).examples
    with tempfile.TemporaryDirectory(prefix="pingyi-openapi-") as folder:
        url = f"sqlite:///{folder}/pingyi.sqlite3"
        upgrade(url)
        bad = _report("SQLite", walk(url, Path(folder), examples=examples, tell=_progress))
    holding = tempfile.TemporaryDirectory(prefix="pingyi-openapi-")
    with holding as folder, running_server() as server, server.database() as url:
        upgrade(url)
        bad |= _report("PostgreSQL", walk(url, Path(folder), examples=examples, tell=_progress))
    return int(bad)


def _progress(done: Walk, walked: int) -> None:
    """The long form takes an hour beside other work."""
    if walked % 5 == 0:
        print(
            f"  {walked} of {done.operations} operations, {done.requests} requests, wrong {len(done.wrong)}", flush=True
        )


def _report(name: str, done: Walk) -> bool:
    print(f"{name}: {done.requests} requests to {done.operations} operations; {dict(sorted(done.statuses.items()))}")
    print(f"{name}: {len(done.reached)} operations answered 2xx or 3xx; wrong answers {len(done.wrong)} (limit 0)")
    for line in sorted(set(done.wrong)):
        print(f"  {line}")
    return bool(done.wrong)


def walk(url: str, folder: Path, *, examples: int, tell: Tell = lambda _done, _walked: None) -> Walk:
    """Every operation of the running application on the migrated database ``url``; so many requests of each caller."""
    with (
        open_poll(url, folder, Shape(open_channel=True), log_level="error") as poll,
        asyncio.Runner() as runner,
        _everybody(poll, runner) as callers,
    ):
        known = runner.run(_known(poll, callers))
        return explore(poll.app.openapi(), runner, callers, known, examples=examples, tell=tell)


def explore(
    description: dict[str, Any],
    runner: asyncio.Runner,
    callers: dict[str, httpx.AsyncClient],
    known: dict[str, list[Any]],
    *,
    examples: int,
    tell: Tell = lambda _done, _walked: None,
) -> Walk:
    """Every operation of a description, as each of the callers; ``tell`` hears after each how many are walked."""
    load_all_checks()
    schema = schemathesis.openapi.from_dict(description)
    found: list[Any] = list(schema.get_all_operations())
    operations = [one.ok() for one in found]
    operations.sort(key=lambda one: LAST.index(_name(one)) if _name(one) in LAST else -1)
    done = Walk(operations=len(operations))
    for walked, operation in enumerate(operations, start=1):
        _explore(operation, _Sender(runner, callers, known, done, random.Random(_name(operation))), examples)
        tell(done, walked)
    return done


def _name(operation: Any) -> str:
    return str(operation.definition.raw["operationId"])


def _explore(operation: Any, sender: _Sender, examples: int) -> None:
    """Right and wrong requests to one operation."""
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if operation.body else [GenerationMode.POSITIVE]
    made = [operation.as_strategy(generation_mode=mode) for mode in modes]

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(made))
    def explore(case: Any) -> None:
        sender.send(_name(operation), case)

    explore()


class _Sender:
    """Sends requests as everybody, and judges the answers."""

    def __init__(
        self,
        runner: asyncio.Runner,
        callers: dict[str, httpx.AsyncClient],
        known: dict[str, list[Any]],
        done: Walk,
        chance: random.Random,
    ) -> None:
        self._runner, self._callers, self._known, self._done, self._chance = runner, callers, known, done, chance

    def send(self, operation: str, case: Any) -> None:
        """Send one request as each of the callers, with other names for each."""
        for caller, client in self._callers.items():
            self._fill(case)
            try:
                prepared = requests.Request(**_sendable(case.as_transport_kwargs(base_url=BASE))).prepare()
            except (requests.RequestException, UnicodeError, ValueError):
                continue  # no client can send this
            self._judge(operation, caller, case, prepared, self._runner.run(_sent(client, prepared)))

    def _fill(self, case: Any) -> None:
        """Mostly names and codes of what exists, in the address and in the body."""
        for place in (case.path_parameters, case.query, case.body):
            if isinstance(place, dict):
                for name in place:
                    if name in self._known and self._chance.randrange(100) < PERCENT_KNOWN:
                        place[name] = self._chance.choice(self._known[name])

    def _judge(
        self, operation: str, caller: str, case: Any, prepared: requests.PreparedRequest, answer: httpx.Response
    ) -> None:
        done = self._done
        done.statuses[answer.status_code] += 1
        if answer.status_code < 400:
            done.reached[operation] += 1
            if caller == EVERYBODY and operation not in PUBLIC | WITH_A_SECRET:
                done.wrong.append(f"{operation}: {answer.status_code} for {EVERYBODY}")
        checks = list(CHECKS)
        if answer.status_code not in ALLOWED_ABOVE_500:
            checks.append(not_a_server_error)
        headers = {name: answer.headers.get_list(name) for name in answer.headers}
        seen = Response(answer.status_code, headers, answer.content, prepared, 0.0, verify=False)
        try:
            case.validate_response(seen, checks=checks)
        except (Failure, FailureGroup) as found:
            for one in found.exceptions if isinstance(found, FailureGroup) else [found]:
                said = " ".join(str(one).split())[:300]
                done.wrong.append(f"{operation} as {caller}: {answer.status_code} {said}")


def _sendable(kwargs: dict[str, Any]) -> dict[str, Any]:
    wanted = {"method", "url", "headers", "params", "data", "json", "files", "cookies"}
    return {name: value for name, value in kwargs.items() if name in wanted}


async def _sent(client: httpx.AsyncClient, prepared: requests.PreparedRequest) -> httpx.Response:
    own = {name: value for name, value in client.headers.items() if name in {"x-csrf-token", "authorization"}}
    body: Any = prepared.body
    content = body.encode() if isinstance(body, str) else body
    headers = {name: value.encode() if isinstance(value, str) else value for name, value in prepared.headers.items()}
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    whole: Any = {**headers, **own, **({"cookie": cookie} if cookie else {})}
    # The address as it is: the client would spell it in its own way.
    request = httpx.Request(str(prepared.method), str(prepared.url), headers=whole, content=content)
    return await client.send(request, follow_redirects=False)


@contextmanager
def _everybody(poll: Poll, runner: asyncio.Runner) -> Iterator[dict[str, httpx.AsyncClient]]:
    """A client for each that may call."""
    callers = {EVERYBODY: httpx.AsyncClient(transport=httpx.ASGITransport(app=poll.app), base_url=BASE)}
    for role in ("setup", "release", "auditor", "contractor"):
        callers[role] = runner.run(_signed_in(poll, role))
    callers["terminal"] = runner.run(_paired(poll, callers["setup"]))
    try:
        yield callers
    finally:
        for client in callers.values():
            runner.run(client.aclose())


async def _signed_in(poll: Poll, name: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=poll.app), base_url=BASE)
    answer = await client.post("/api/session", json={"name": name, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]
    return client


async def _paired(poll: Poll, setup: httpx.AsyncClient) -> httpx.AsyncClient:
    made = await setup.post("/api/windows/w1/pairing")
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=poll.app), base_url=BASE)
    paired = await client.post(
        "/api/devices/pair", json={"pairing_code": made.raise_for_status().json()["pairing_code"]}
    )
    client.headers["Authorization"] = f"Bearer {paired.raise_for_status().json()['token']}"
    return client


async def _known(poll: Poll, callers: dict[str, httpx.AsyncClient]) -> dict[str, list[Any]]:
    """Names, codes and tickets that exist: an open campaign with a sheet in its tree, and a counted one."""
    cast = [await poll.cast(code, "1230") for code in poll.live[:3]]
    receipts = [answer.raise_for_status().json()["receipt"] for answer in cast]
    _count_another(poll)
    for log in ("poll", "done", "system"):
        with poll.work() as session:
            at = clock.now()
            integrate(session, log, signer=poll.app.state.signer, host="h", at=at, today=clock.local_day(at, "UTC"))
    tickets = []
    with clock.frozen(clock.now() - timedelta(minutes=10)):
        for _ in range(5):
            visit = await callers[EVERYBODY].post("/api/campaigns/poll/open-tickets")
            tickets.append(visit.raise_for_status().json()["ticket"])
    return {
        "campaign_id": ["poll", "poll", "done"],
        "campaign": ["poll", "done"],
        "code": [code.code for code in poll.live[3:]],
        "ticket": tickets,
        "answers": ["123---", "1111--"],
        "log": ["poll", "system"],
        "receipt": receipts,
        "window_id": ["w1"],
        "unit_code": ["U-001"],
        "number": [1, 2],
        "serial": list(range(1, 40)),
        "reason": ["补发登记：卡片遗失"],
        "path": ["0/000.p/3", "0/000", "000.p/3"],
        "id": [str(uuid.UUID(int=number, version=4)) for number in range(20)],
    }


def _count_another(poll: Poll) -> None:
    shape = Shape(id="done")
    with poll.work() as session:
        codes = add_campaign(session, shape, poll.app.state.pepper, poll.settings.data_dir)
    done = Poll(poll.app, poll.settings, shape, codes)
    box.fill_and_count(done, box.sheets(done))


if __name__ == "__main__":
    sys.exit(main())
