"""Requests that nobody sends by accident: none of them may end in an error that nobody foresaw (500)."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.poll import Poll, Shape, open_poll
from tests.terminal import Terminal

pytestmark = pytest.mark.anyio

NUL = "a%00b"
ADDRESSES = (
    f"/api/campaigns/{NUL}",
    f"/api/campaigns/{NUL}/form",
    f"/api/campaigns/{NUL}/results.xlsx",
    "/api/campaigns/poll/tallies?by=%00",
    "/api/campaigns/poll/charts/%00.svg",
    f"/api/draws/{NUL}/rows?stratum=%00",
    f"/api/windows/{NUL}/tallies",
    "/api/ledger?log=%00",
    "/api/uploads?campaign=%00",
    "/api/uploads/templates/%00.csv",
    f"/b/{NUL}",
    "/b/poll/receipt/%00",
    "/console/%00",
    "/console/assets/%00",
    "/static/phone/%00",
)
JSON = {"Content-Type": "application/json"}
BROKEN_BODIES = (
    b'{"\\ud800": 1}',
    b'{"pairing_code": "\\ud800"}',
    b"\xff\xfe{}",
    b"[" * 100_000,
    b'{"pairing_code": ' + b"9" * 5_000 + b"}",
)
NO_REPORTS = (
    b"\xff",
    b"[1]",
    b"[" * 16_000,
    b'{"csp-report": {"document-uri": "http://["}}',
    b'[{"body": {"blockedURL": "http://["}}]',
)


async def test_no_text_with_a_nul_reaches_the_database(database_url: str, tmp_path: Path) -> None:
    """PostgreSQL refuses such text with an error that SQLite does not know."""
    with open_poll(database_url, tmp_path) as poll:
        code = poll.live[0]
        async with poll.signed_in("setup") as setup:
            answers = [await setup.get(path) for path in ADDRESSES]
            answers.append(await setup.post(f"/api/campaigns/{NUL}/ballots", json=poll.body(code, "1111")))
            answers.append(await setup.post(f"/api/campaigns/{NUL}/count"))
            answers.append(await setup.post("/api/tickets/check", json={"campaign": "\0", "code": code.code}))
        assert {answer.status_code for answer in answers} <= {404, 422}
        assert (await poll.cast(code, "1111")).status_code == 201


async def test_a_reason_with_a_nul_is_refused_or_kept(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            template = (await setup.get("/api/uploads/templates/poll.csv")).content
            upload = (await setup.post("/api/uploads?campaign=poll&filename=a.csv", content=template)).json()["id"]
            answer = await setup.post(f"/api/uploads/{upload}/withdraw", json={"reason": "\0"})
    assert answer.status_code in {200, 422}


@pytest.mark.parametrize("body", BROKEN_BODIES)
async def test_bodies_that_are_no_text(body: bytes, sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            for path in ("/api/devices/pair", "/api/tickets/check", "/api/campaigns/poll/ballots", "/api/session"):
                answer = await client.post(path, content=body, headers=JSON)
                assert (answer.status_code, answer.json()["code"]) == (422, "request_malformed")


async def test_reports_that_are_none(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            answers = [await client.post("/csp-reports", content=body) for body in NO_REPORTS]
    assert {answer.status_code for answer in answers} == {204}


async def test_addresses_and_origins_that_are_none(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            long = await client.get(f"/console/{'a' * 300}")
            password = {"name": "setup", "password": "x"}
            origin = await client.post("/api/session", json=password, headers={"Origin": "http://["})
    assert long.status_code in {200, 404}
    assert (origin.status_code, origin.json()["code"]) == (403, "csrf_refused")


async def test_a_form_in_parts_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    """Its parts may be in UTF-7, in which half a character can be written that no page can show again."""
    part = b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n+2AA-\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=utf-7"}
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            answer = await client.post("/b/poll", content=part, headers=headers)
    assert answer.status_code == 422


async def test_a_card_of_another_kind_than_the_form(sqlite_url: str, tmp_path: Path) -> None:
    """The form was drawn for two units, the card asks about four, and nothing of the two is missing."""
    shape = Shape(blank_allowed=False, variants={"whole": None, "half": ["U-001", "U-002"]})
    with open_poll(sqlite_url, tmp_path, shape) as poll:
        fields = {"variant": "half", "code": poll.live[0].code, "q_U-001": "1", "q_U-002": "1"}
        async with poll.client() as client:
            answer = await client.post("/b/poll", data=fields)
        assert answer.status_code == 422
        assert poll.spent() == 0


async def test_what_the_database_says_of_a_sheet_is_not_logged(
    database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL quotes the whole row in the message of a violated constraint."""
    with open_poll(database_url, tmp_path) as poll:
        with poll.work() as session:
            session.execute(text("CREATE UNIQUE INDEX one_of_a_kind ON intake_sheets (questionnaire_version)"))
        first, second = poll.live[:2]
        assert (await poll.cast(first, "1321")).status_code == 201
        answer = await poll.cast(second, "1321")
        assert (answer.status_code, poll.spent()) == (500, 1)
    logged = capfd.readouterr().err
    assert answer.json()["request_id"] in logged
    assert "IntegrityError" in logged
    assert "statements.write" in logged
    # Standing alone: times and ids hold any four digits by chance.
    assert not re.search(r"(?<![\w.-])1321(?![\w-])", logged)


async def _terminal(poll: Poll) -> Terminal:
    terminal = Terminal()
    async with poll.signed_in("setup") as setup:
        code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
        device = await setup.post("/api/devices/pair", json=terminal.asking(code))
    return terminal.paired(device.json())


async def _tap(poll: Poll, terminal: Terminal, device_time: str) -> httpx.Response:
    number = terminal.tap(device_time=device_time)["seq"]
    async with poll.client() as client:
        return await client.post("/api/ratings", json=terminal.batch(number), headers=terminal.headers)


async def test_a_terminal_at_the_end_of_the_calendar(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        terminal = await _terminal(poll)
        for beyond in ("0001-01-01T00:00:00+14:00", "0001-01-01T12:00:00Z", "9999-12-31T23:59:59-12:00"):
            assert (await _tap(poll, terminal, beyond)).status_code == 422
        assert (await _tap(poll, terminal, "2026-11-22T10:00:00+08:00")).status_code == 200


async def test_nothing_is_kept_by_caches_unless_it_says_so(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup:
            for path in ("/api/campaigns", "/api/accounts", "/api/acts", "/api/campaigns/poll/tallies", "/healthz"):
                assert (await setup.get(path)).headers["Cache-Control"] == "no-store"
            progress = await setup.get("/api/campaigns/poll/progress")
    assert progress.headers["Cache-Control"] == "private, no-cache"
