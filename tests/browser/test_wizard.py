"""A new office sets its first campaign up through the console alone, within the stated number of clicks and fields."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.empty_house import running_house
from tests.browser.wizard_walk import MOST_ACTS, SMALL, told, walk


def test_from_an_empty_database_to_an_opened_campaign(
    browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with running_house(data) as house:
        walked = walk(browser, house, tmp_path, SMALL)
    with capsys.disabled():
        sys.stdout.write(told(SMALL, walked))
    assert (walked.state, walked.cards, walked.reserve) == ("open", 231, 11)
    # The size of the lists changes none of it: `make audit-wizard` walks the same at full size.
    assert walked.acts <= MOST_ACTS
