"""Errors that nobody foresaw: one form, the security headers, and not a word of the request in the log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from survey_models.ballots.door import BallotDoor
from tests.poll import open_poll


async def test_an_unforeseen_error_is_answered_and_logged_without_the_request(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(BallotDoor, "post", broken)
    with open_poll(sqlite_url, tmp_path) as poll:
        answer = await poll.cast(poll.live[0], "1231")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    logged = capfd.readouterr().err
    assert answer.json()["request_id"] in logged
    assert "ZeroDivisionError" in logged
    assert poll.live[0].code not in logged
    # Standing alone: times and ids hold any four digits by chance.
    assert not re.search(r"(?<![\w.-])1231(?![\w-])", logged)


async def test_unknown_addresses_and_methods(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            assert (await client.get("/nothing")).json()["code"] == "not_found"
            wrong = await client.put("/api/campaigns/poll/ballots")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
