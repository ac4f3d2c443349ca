"""What can be checked of the eight duty rules (效能工作八项制度, 宣直〔2019〕48号): pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from survey_models.calendar.rules import Calendar, add_working_days
from survey_models.core.errors import Problem

NOTICE_FROM = timedelta(minutes=30)
"""离岗告示制第一条: leaving for longer needs a notice."""
A_DAY = timedelta(days=1)
"""AB岗工作制第三条: from then on somebody stands in."""
LONGEST_LEAVE = timedelta(days=366)


def check_limit(item: str, promised: int, legal: int | None) -> None:
    """A promised limit is shorter than the legal one (所承诺时限只能少于规定时限). Raises ``promise_too_long``."""
    if legal is not None and promised >= legal:
        raise Problem("promise_too_long", item=item, promised=promised, legal=legal)


def check_leave(left_at: datetime, back_at: datetime, deputy: str) -> None:
    """The times of a notice fit; away for a day or more, somebody stands in (AB岗工作制第三条).

    Raises ``leave_times_unfit``, ``leave_needs_deputy``.
    """
    if not timedelta(0) < back_at - left_at <= LONGEST_LEAVE:
        raise Problem("leave_times_unfit")
    if not deputy and back_at - left_at >= A_DAY:
        raise Problem("leave_needs_deputy")


def needs_notice(left_at: datetime, back_at: datetime) -> bool:
    """Whether an absence needs a notice: longer than 30 minutes."""
    return back_at - left_at > NOTICE_FROM


def is_overdue(back_at: datetime, returned_at: datetime | None, now: datetime) -> bool:
    """Not back when the notice said (未按时到岗): a ground for a case, which an inspector books."""
    return (returned_at or now) > back_at


def agreed_on(calendar: Calendar, received: date, days: int) -> date:
    """The last day to answer a request or paper; unanswered after it, it counts as agreed (视为默认或同意)."""
    return add_working_days(calendar, received, days)
