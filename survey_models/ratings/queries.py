"""Reading window ratings."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from survey_models.devices.tables import Device
from survey_models.ratings.tables import Rating, of_visitors
from survey_models.ratings.void_queries import counted, given, set_aside
from survey_models.staff.tables import Duty


def totals(session: Session, day: date) -> dict[str, tuple[int, int]]:
    """For every window the number of ratings, and of those on ``day``."""
    numbers = select(Rating.window_id, func.count()).where(of_visitors())
    found = {window: int(number) for window, number in session.execute(numbers.group_by(Rating.window_id))}
    query = numbers.where(Rating.day == day).group_by(Rating.window_id)
    today = {window: int(number) for window, number in session.execute(query)}
    return {window: (number, today.get(window, 0)) for window, number in found.items()}


def numbers(session: Session, window_id: str, today: date) -> Sequence[Row[str | None, int, int]]:
    """Ratings of a window by their mark: all, and those of today."""
    query = select(Rating.mark, func.count(), func.count().filter(Rating.day == today))
    return session.execute(query.where(Rating.window_id == window_id, of_visitors()).group_by(Rating.mark)).all()


def first_given(session: Session) -> date | None:
    """The first day on which anybody rated."""
    return session.scalar(select(func.min(Rating.given_on)).where(of_visitors()))


def by_level(session: Session, *, since: date, until: date) -> Sequence[Row[str, str, int]]:
    """Counted ratings given from ``since`` until before ``until``, by window and level."""
    query = select(Rating.window_id, Rating.code, func.count()).where(given(since, until), counted(), of_visitors())
    return session.execute(query.group_by(Rating.window_id, Rating.code)).all()


def by_mark(session: Session, *, since: date, until: date) -> Sequence[Row[str, str | None, int]]:
    """Ratings of the same time that are kept and not counted, by window and mark."""
    query = select(Rating.window_id, Rating.mark, func.count()).where(given(since, until), ~counted(), of_visitors())
    return session.execute(query.group_by(Rating.window_id, Rating.mark)).all()


def by_person(session: Session, *, since: date, until: date) -> Sequence[Row[str, str, str, int]]:
    """Counted ratings of the same time by staff number, window and level: whoever was on duty when they were given.

    What two people set aside is left out.
    """
    on_duty = and_(
        Duty.window_id == Rating.window_id,
        Duty.starts_at <= Rating.device_time,
        or_(Duty.ends_at.is_(None), Rating.device_time < Duty.ends_at),
    )
    query = (
        select(Duty.staff_number, Rating.window_id, Rating.code, func.count())
        .select_from(Rating)
        .join(Duty, on_duty)
        .where(given(since, until), counted(), ~set_aside(), of_visitors())
        .group_by(Duty.staff_number, Rating.window_id, Rating.code)
    )
    return session.execute(query).all()


def last_by_device(session: Session) -> dict[uuid.UUID, datetime]:
    """When each terminal took its last rating, by its own clock; one look into the index for each terminal."""
    mine = Rating.window_id == Device.window_id, Rating.device_id == Device.id, of_visitors()
    last = select(func.max(Rating.device_time)).where(*mine).correlate(Device).scalar_subquery()
    rows = session.execute(select(Device.id, last.label("last")).where(Device.revoked_at.is_(None)))
    return {row.id: row.last for row in rows if row.last is not None}
