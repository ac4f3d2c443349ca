"""When a log grows: at once, or in windows of a minute and fifty entries while sheets come in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from survey_models.ledger.rules import Due, Growing, due

OPENED = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


def asked(*, at: timedelta = timedelta(hours=1), today: date = DAY, **facts: Any) -> Due | None:
    last = facts.pop("last_head", OPENED)
    log = Growing(**{"waiting": 60, "opened_at": OPENED, "closed_at": None, "last_head": last, "day": DAY, **facts})
    return due(log, at=OPENED + at, today=today, opened_on=DAY if log.opened_at else None)


def test_a_log_into_which_no_sheet_comes_grows_at_once() -> None:
    assert asked(opened_at=None, waiting=1) is Due.AT_ONCE
    assert asked(opened_at=None, waiting=0) is None


@pytest.mark.parametrize(
    ("waiting", "seconds", "expected"), [(49, 600, None), (50, 59, None), (50, 60, Due.WINDOW), (50, -60, Due.WINDOW)]
)
def test_sheets_gather_for_a_minute_and_fifty(waiting: int, seconds: int, expected: Due | None) -> None:
    assert asked(waiting=waiting, at=timedelta(seconds=seconds)) is expected


def test_a_head_from_before_the_opening_begins_no_window() -> None:
    before = OPENED - timedelta(days=3)
    assert asked(last_head=before, at=timedelta(seconds=59)) is None
    assert asked(last_head=before, at=timedelta(seconds=60)) is Due.WINDOW
    assert asked(last_head=before, day=DAY - timedelta(days=3), at=timedelta(seconds=59)) is None
    assert asked(last_head=None, at=timedelta(seconds=60)) is Due.WINDOW


def test_the_end_of_a_day_is_seen_to_once_and_although_nothing_waits() -> None:
    tomorrow = DAY + timedelta(days=1)
    assert asked(waiting=1, today=tomorrow) is Due.END_OF_DAY
    assert asked(waiting=0, today=tomorrow) is Due.END_OF_DAY
    assert asked(waiting=1, today=tomorrow, day=tomorrow) is None


def test_a_log_without_a_tree_catches_up() -> None:
    assert asked(day=None, last_head=None, waiting=3) is Due.END_OF_DAY


def test_closing_ends_the_window_once() -> None:
    closed = OPENED + timedelta(hours=1)
    assert asked(waiting=1, closed_at=closed) is Due.CLOSING
    assert asked(waiting=1, closed_at=closed, last_head=closed + timedelta(seconds=1)) is None
    assert asked(waiting=0, closed_at=closed) is None
