"""The one clock. Time is read here and nowhere else, so that a test can set it (时钟)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_frozen: list[datetime] = []


def now() -> datetime:
    """The present instant in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day of ``instant`` in the city's time zone (an IANA name)."""
    return instant.astimezone(ZoneInfo(zone)).date()


def day_ends(day: date, zone: str) -> datetime:
    """The instant at which ``day`` is over in the city's time zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def local_minute(instant: datetime, zone: str) -> float:
    """Minutes after the midnight before ``instant`` in the city's time zone."""
    there = instant.astimezone(ZoneInfo(zone))
    return there.hour * 60 + there.minute + there.second / 60


def local_text(instant: datetime, zone: str) -> str:
    """``instant`` as people in the city read it: ``2026-11-22 10:05``."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at ``instant`` inside the block (tests and replays)."""
    _frozen.append(instant)
    try:
        yield
    finally:
        _frozen.pop()
