"""The periods of a round (周期) and the days on which something is due (期限): plain dates, no clock, no database."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Per = Literal["round", "month", "quarter", "half_year", "year"]
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}

DUE = re.compile(r"(?P<next>\+1 )?(?P<month>\d\d)-(?P<day>\d\d)|end|day (?P<after>[1-9]|[12]\d|3[01])")
"""``MM-DD``, ``+1 MM-DD``, ``end``, ``day N``."""


@dataclass(frozen=True)
class Span:
    """One period, both days included. ``label``: ``2015-03``, ``2015Q1``, ``2015H1``, ``2015``; empty: the round."""

    label: str
    first: date
    last: date


def is_due_text(text: str) -> bool:
    """Whether ``text`` says a day: its form is right and some year has that day (``02-30`` is none)."""
    found = DUE.fullmatch(text)
    if found is None:
        return False
    if found["month"] is None:
        return True
    month, day = int(found["month"]), int(found["day"])
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else calendar.monthrange(2001, month)[1])


def spans(per: Per, first: date, last: date) -> tuple[Span, ...]:
    """The periods of a round from ``first`` to ``last``, in order; those that only partly lie in it are left out."""
    if per == "round":
        return (Span("", first, last),)
    length = MONTHS[per]
    found = []
    month = (first.month - 1) // length * length
    begins = date(first.year, month + 1, 1)
    while begins <= last:
        ends = _month_end(*_months_on(begins, length - 1))
        if begins >= first and ends <= last:
            found.append(Span(_label(per, begins), begins, ends))
        begins = ends + timedelta(days=1)
    return tuple(found)


def due_on(text: str, span: Span, *, is_working: Callable[[date], bool] | None = None) -> date:
    """The day that ``text`` names for a period.

    ``MM-DD`` lies in the year in which the period begins, ``+1 MM-DD`` in the next, ``end`` is its last day, ``day N``
    lies in the month after it (a month without that day: its last). ``is_working`` moves a day off to the next working
    day. Raises ValueError for any other text.
    """
    if not is_due_text(text):
        raise ValueError(f"{text!r} is none of MM-DD, +1 MM-DD, end, day N")
    day = _named_day(text, span)
    while is_working is not None and not is_working(day):
        day += timedelta(days=1)
    return day


def _named_day(text: str, span: Span) -> date:
    found = DUE.fullmatch(text)
    if found is None or text == "end":
        return span.last
    if found["after"]:
        year, month = _months_on(span.last, 1)
        return _in_month(year, month, int(found["after"]))
    return _in_month(span.first.year + bool(found["next"]), int(found["month"]), int(found["day"]))


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _months_on(day: date, months: int) -> tuple[int, int]:
    years, month = divmod(day.month - 1 + months, 12)
    return day.year + years, month + 1


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _label(per: Per, begins: date) -> str:
    match per:
        case "month":
            return f"{begins.year}-{begins.month:02}"
        case "quarter":
            return f"{begins.year}Q{(begins.month + 2) // 3}"
        case "half_year":
            return f"{begins.year}H{1 if begins.month == 1 else 2}"
        case _:
            return str(begins.year)
