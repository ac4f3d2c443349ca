"""Reading corrections of window ratings (作废的窗口评价), and the ratings that each of them names."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, select
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


def by_void(session: Session, window_id: str, voids: Sequence[RatingVoid]) -> Sequence[Row[date, str, int, int]]:
    """Ratings of a window by day, level and correction: the place in ``voids`` of the first that names them."""
    places = [(_named(void), literal(place)) for place, void in enumerate(voids)]
    place = case(*places, else_=literal(NONE)) if places else literal(NONE)
    rows = select(Rating.day, Rating.code, place.label("place")).where(Rating.window_id == window_id, of_visitors())
    each = rows.subquery()
    keys = (each.c.day, each.c.code, each.c.place)
    return session.execute(select(*keys, func.count()).group_by(*keys).order_by(*keys)).all()


def _named(void: RatingVoid) -> ColumnElement[bool]:
    inside = and_(tapped_at() >= void.begins, tapped_at() < void.ends)
    return inside if void.device_id is None else and_(inside, Rating.device_id == void.device_id)
