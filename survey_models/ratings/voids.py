"""Setting window ratings aside (作废窗口评价), an act of two people with a reason: a window or terminal and a span.

The ratings stay as they are; tallies are shown with and without them. Fewer than ten are never set aside: the two
tallies side by side would show what those people said.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.flags import service as flags
from survey_models.flags.tables import FlagState
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.ratings import void_queries as queries
from survey_models.ratings.rules import SMALLEST
from survey_models.ratings.tables import RatingVoid
from survey_models.tickets.rules import fit_reason
from survey_models.units import service as units
from survey_models.units.tables import Window

LONGEST = timedelta(days=31)


@dataclass(frozen=True)
class Span:
    """What is set aside: taps of a window, or of one terminal there, from ``begins`` to before ``ends`` (UTC)."""

    window_id: str
    device_id: uuid.UUID | None
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class VoidRow:
    """A correction and how many ratings it set aside; one that an earlier correction names counts there."""

    void: RatingVoid
    ratings: int


def check(session: Session, span: Span, *, reason: str, flag: str | None, at: datetime) -> int:
    """Refuse what cannot be set aside; gives the number of ratings that would be.

    Raises:
        Problem: ``window_unknown``, ``reason_unfit``, ``rating_span_unfit``, ``device_unknown_id``, ``flag_unknown``,
            ``flag_decided``, ``void_repeated``, ``ratings_too_few``.
    """
    fit_reason(reason)
    units.get_window(session, span.window_id)
    if not span.begins < span.ends <= at or span.ends - span.begins > LONGEST:
        raise Problem("rating_span_unfit", days=LONGEST.days)
    if span.device_id is not None and not queries.has_device(session, span.window_id, span.device_id):
        raise Problem("device_unknown_id")
    if flag is not None:
        flags.undecided(session, flag, fits=lambda found: found.window_id == span.window_id)
    earlier = list(queries.voids_of(session, span.window_id))
    if any(_span_of(void) == span for void in earlier):
        raise Problem("void_repeated")
    ratings = _numbers(session, span.window_id, [*earlier, _row(span)])[len(earlier)]
    if ratings < SMALLEST:
        raise Problem("ratings_too_few", smallest=SMALLEST)
    return ratings


def void(
    session: Session,
    span: Span,
    *,
    reason: str,
    flag: str | None,
    act_number: int,
    asked_by: str,
    by: str,
    at: datetime,
) -> RatingVoid:
    """Set ratings aside, and decide the flag that pointed at them. Raises as ``check``."""
    # Two corrections of a window are made one after the other; ratings go on coming in meanwhile.
    session.execute(select(Window.id).where(Window.id == span.window_id).with_for_update(key_share=True))
    ratings = check(session, span, reason=reason, flag=flag, at=at)
    row = _row(span)
    row.id, row.reason, row.act_number, row.made_at = new_id(), fit_reason(reason), act_number, at
    session.add(row)
    if flag is not None:
        flags.decide(session, uuid.UUID(flag), FlagState.VOIDED, act_number)
    session.flush()
    body = {
        "void": str(row.id),
        "window": span.window_id,
        "device": span.device_id and str(span.device_id),
        "begins": span.begins.isoformat(),
        "ends": span.ends.isoformat(),
        "ratings": ratings,
        "reason": row.reason,
        "flag": flag,
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, SYSTEM_LOG, Event.RATINGS_VOIDED, body, at=at, by=by)
    return row


def listed(session: Session, window_id: str) -> list[VoidRow]:
    """The corrections of a window in their order, with their numbers of ratings. Raises ``window_unknown``."""
    units.get_window(session, window_id)
    found = list(queries.voids_of(session, window_id))
    numbers = _numbers(session, window_id, found)
    return [VoidRow(void, numbers[place]) for place, void in enumerate(found)]


def _numbers(session: Session, window_id: str, voids: list[RatingVoid]) -> Counter[int]:
    numbers: Counter[int] = Counter()
    for _, _, place, number in queries.by_void(session, window_id, voids):
        numbers[place] += number
    return numbers


def _row(span: Span) -> RatingVoid:
    return RatingVoid(window_id=span.window_id, device_id=span.device_id, begins=span.begins, ends=span.ends)


def _span_of(void: RatingVoid) -> Span:
    return Span(void.window_id, void.device_id, void.begins, void.ends)
