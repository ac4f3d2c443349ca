"""When the tree of a log grows (何时排序). Pure.

The system's log, and a campaign's while nobody can answer, grow at once. While sheets come in, entries gather into
windows, so that a place in the tree tells neither the minute nor the neighbour of a sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

WINDOW_ENTRIES = 50
WINDOW = timedelta(seconds=60)


class Due(StrEnum):
    """Why a log grows now."""

    AT_ONCE = "at_once"
    WINDOW = "window"
    CLOSING = "closing"
    END_OF_DAY = "end_of_day"


@dataclass(frozen=True)
class Growing:
    """What decides. ``opened_at`` is empty where no sheet can come in; ``day`` is the last local day seen to."""

    waiting: int
    opened_at: datetime | None
    closed_at: datetime | None
    last_head: datetime | None
    day: date | None


def due(log: Growing, *, at: datetime, today: date, opened_on: date | None) -> Due | None:
    """Why the log grows at ``at``; None when it waits. ``opened_on``: the local day of ``opened_at``.

    The end of a day is due once although nothing waits: a sheet of the new day must not be taken for it.
    """
    if log.opened_at is None or opened_on is None:
        return Due.AT_ONCE if log.waiting else None
    if log.waiting and log.closed_at is not None and (log.last_head is None or log.last_head < log.closed_at):
        return Due.CLOSING
    if max(log.day or opened_on, opened_on) < today or log.day is None:
        return Due.END_OF_DAY
    since = max(log.last_head or log.opened_at, log.opened_at)
    # A clock that was set back must not hold the log up.
    if log.waiting >= WINDOW_ENTRIES and abs(at - since) >= WINDOW:
        return Due.WINDOW
    return None
