"""Reading staff, duties and boards."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from survey_models.staff.tables import Duty, Staff


def present(session: Session) -> Sequence[Staff]:
    """Everybody who has not left, by number."""
    return session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.number)).all()


def under_way(session: Session) -> Sequence[Duty]:
    """Duties that have no end yet."""
    return session.scalars(select(Duty).where(Duty.ends_at.is_(None)).order_by(Duty.window_id)).all()


def on_duty(session: Session, window_id: str) -> Row[Duty, Staff] | None:
    """Who is on duty at a window now."""
    query = select(Duty, Staff).join(Staff, Staff.number == Duty.staff_number)
    return session.execute(query.where(Duty.window_id == window_id, Duty.ends_at.is_(None))).one_or_none()


def newest_of(session: Session, window_id: str) -> Duty | None:
    """The newest duty of a window, its row held until the transaction ends."""
    query = select(Duty).where(Duty.window_id == window_id).order_by(Duty.starts_at.desc()).limit(1)
    return session.scalars(query.with_for_update()).one_or_none()


def is_worn(session: Session, sha256: str) -> bool:
    """Whether a badge shows this photo."""
    return session.scalar(select(Staff.number).where(Staff.photo == sha256).limit(1)) is not None
