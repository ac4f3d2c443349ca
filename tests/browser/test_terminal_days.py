"""The short form of three days offline: the browser is killed, the line loses and repeats; every tap counts once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.terminal_days import Days, _check, prove
from tests.browser.server import Server

TAPS, CUTS = 60, 3


@pytest.mark.proof
def test_every_tap_counts_once(browser: Browser, server: Server, tmp_path: Path) -> None:
    found = prove(
        browser.browser_type,
        shutil.which("chromium") or "",
        target=server.base_url,
        database=server.data_dir / "pingyi.sqlite3",
        folder=tmp_path,
        pairing=lambda: server.pairing_code("hall-02"),
        taps=TAPS,
        cuts=CUTS,
    )
    assert found.faults == []
    assert (found.stored, found.cuts) == (TAPS, CUTS)


def test_a_lost_or_invented_tap_is_seen() -> None:
    for thanked, taken in ((5, 4), (5, 7)):
        days = Days(10, cuts=1, thanked=thanked)
        _check(days, taken)
        assert days.faults
