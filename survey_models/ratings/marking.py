"""Marks of ratings that are kept and not counted (只存不计), inside the intake's transaction.

The rule is published in docs/windows.md. Nothing is dropped: a marked rating stays in its table with its mark.
"""

from __future__ import annotations

import uuid
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, select

from survey_models.core.clock import local_day
from survey_models.ratings.rates import Counting, is_late
from survey_models.ratings.tables import Rating
from survey_models.units.tables import Mode, Window

if TYPE_CHECKING:
    from survey_models.ratings.intake import RatingItem


class MarkOf(StrEnum):
    """Why a rating is not counted: too soon after another, without a case where each has one, after its month."""

    TOO_SOON = "too_soon"
    NO_CASE = "no_case"
    LATE = "late"


@dataclass(frozen=True)
class Given:
    """Day on which a rating was given, and why it is not counted (None: it is)."""

    day: date
    mark: MarkOf | None

    @property
    def columns(self) -> dict[str, date | str | None]:
        """As they stand in the table."""
        return {"given_on": self.day, "mark": self.mark.value if self.mark else None}


def windows_of(connection: Connection, items: Sequence[RatingItem]) -> dict[str, Row[str, str, str | None, bool]]:
    """Id, mode, unit and whether it is the probe's, of the windows of these ratings."""
    query = select(Window.id, Window.mode, Window.unit_code, Window.canary)
    rows = connection.execute(query.where(Window.id.in_({item.window_id for item in items})))
    return {row.id: row for row in rows}


def marked(
    connection: Connection,
    items: Sequence[RatingItem],
    modes: Mapping[str, str],
    *,
    counting: Counting,
    at: datetime,
    zone: str,
) -> dict[uuid.UUID, Given]:
    """For every new rating its day and mark.

    Of two ratings of one terminal nearer than the gap, by the terminal's clock, the one that arrives first counts.
    """
    gaps = _Gaps(connection, items, counting.gap_seconds)
    found: dict[uuid.UUID, Given] = {}
    # Within a second the order of the list decides: terminals send in the order of the taps.
    for item in sorted(items, key=attrgetter("device_time")):
        day = local_day(min(item.device_time, at), zone)
        mark = None
        if is_late(day, at, counting, zone):
            mark = MarkOf.LATE
        elif item.case is None and modes.get(item.window_id) == Mode.CASE:
            mark = MarkOf.NO_CASE
        elif item.case is None and item.channel == "terminal" and gaps.too_near(item):
            mark = MarkOf.TOO_SOON
        found[item.id] = Given(day, mark)
    return found


class _Gaps:
    """Instants of counted ratings of the terminals, stored ones and those of this batch."""

    def __init__(self, connection: Connection, items: Sequence[RatingItem], seconds: int) -> None:
        self._gap = timedelta(seconds=seconds)
        self._times: dict[uuid.UUID, list[datetime]] = defaultdict(list)
        for window_id in sorted({item.window_id for item in items}) if seconds else ():
            own = [item for item in items if item.window_id == window_id]
            first, last = min(item.device_time for item in own), max(item.device_time for item in own)
            query = select(Rating.device_id, Rating.device_time).where(
                Rating.window_id == window_id,
                Rating.device_id.in_({item.device_id for item in own}),
                Rating.device_time > first - self._gap,
                Rating.device_time < last + self._gap,
                Rating.mark.is_(None),
                Rating.channel == "terminal",
            )
            for device_id, instant in connection.execute(query):
                insort(self._times[device_id], instant)

    def too_near(self, item: RatingItem) -> bool:
        """Whether a counted rating of the terminal is nearer than the gap; if not, this one is counted."""
        if not self._gap:
            return False
        times, instant = self._times[item.device_id], item.device_time
        place = bisect_left(times, instant)
        if any(abs(other - instant) < self._gap for other in times[max(0, place - 1) : place + 1]):
            return True
        times.insert(place, instant)
        return False
