"""Reading corrections of window ratings (作废的窗口评价), and the ratings that each of them names."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from survey_models.devices.tables import Device
from survey_models.ratings.tables import Rating, RatingVoid, of_visitors

# The place of ratings that no correction names.
NONE = -1


def voids_of(session: Session, window_id: str) -> Sequence[RatingVoid]:
    """The corrections of a window, in the order they were made."""
    query = select(RatingVoid).where(RatingVoid.window_id == window_id)
    return session.scalars(query.order_by(RatingVoid.made_at, RatingVoid.act_number)).all()


def has_device(session: Session, window_id: str, device_id: uuid.UUID) -> bool:
    """Whether a terminal stands or stood at a window: it is paired there, or ratings there came by it."""
    paired = select(Device.id).where(Device.id == device_id, Device.window_id == window_id)
    wanted = (Rating.window_id == window_id, Rating.device_id == device_id, of_visitors())
    rated = select(Rating.id).where(*wanted).limit(1)
    return session.scalar(paired) is not None or session.scalar(rated) is not None


def tapped_at() -> ColumnElement[datetime]:
    """When a rating was tapped, by the terminal's clock; one that ran ahead is put right by the arrival."""
    return case((Rating.device_time > Rating.received_at, Rating.received_at), else_=Rating.device_time)


def by_void(
    session: Session, window_id: str, voids: Sequence[RatingVoid], *only: ColumnElement[bool]
) -> Sequence[Row[date, str, int, int]]:
    """Ratings of a window by day, level and correction: the place in ``voids`` of the first that names them.

    ``only``: conditions on the ratings, such as ``counted()``.
    """
    places = [(_named(void), literal(place)) for place, void in enumerate(voids)]
    place = case(*places, else_=literal(NONE)) if places else literal(NONE)
    rows = select(Rating.day, Rating.code, place.label("place")).where(Rating.window_id == window_id, of_visitors())
    each = rows.where(*only).subquery()
    keys = (each.c.day, each.c.code, each.c.place)
    return session.execute(select(*keys, func.count()).group_by(*keys).order_by(*keys)).all()


def counted() -> ColumnElement[bool]:
    """Ratings without a mark: the others are kept and not counted."""
    return Rating.mark.is_(None)


def given(since: date, until: date) -> ColumnElement[bool]:
    """Ratings given from ``since`` until before ``until``."""
    return and_(Rating.given_on >= since, Rating.given_on < until)


def set_aside() -> ColumnElement[bool]:
    """Ratings that any correction names."""
    span = and_(tapped_at() >= RatingVoid.begins, tapped_at() < RatingVoid.ends)
    device = or_(RatingVoid.device_id.is_(None), RatingVoid.device_id == Rating.device_id)
    return exists().where(RatingVoid.window_id == Rating.window_id, span, device)


def windows_with_voids(session: Session) -> set[str]:
    """Ids of the windows with corrections."""
    return set(session.scalars(select(RatingVoid.window_id).distinct()))


def _named(void: RatingVoid) -> ColumnElement[bool]:
    inside = and_(tapped_at() >= void.begins, tapped_at() < void.ends)
    return inside if void.device_id is None else and_(inside, Rating.device_id == void.device_id)
