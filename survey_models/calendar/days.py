"""A day of the calendar (工作日历), as rules, tables and files share it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Whether offices work on a day: 休 or 班."""

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True)
class PlannedDay:
    """One day of the calendar; ``provisional``: the yearly notice was not out when it was entered."""

    day: date
    kind: Kind
    source: str
    provisional: bool
