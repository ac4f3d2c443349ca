"""Reading acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.acts.tables import Act, ActState


def by_number(session: Session, number: int) -> Act | None:
    """One act, its row held until the transaction ends, so that it is confirmed once."""
    return session.scalars(select(Act).where(Act.number == number).with_for_update()).one_or_none()


def newest(session: Session, *, limit: int) -> Sequence[Act]:
    """The newest acts first."""
    return session.scalars(select(Act).order_by(Act.number.desc()).limit(limit)).all()


def highest_number(session: Session) -> int:
    """The highest number given so far; 0 at the start."""
    return session.scalar(select(func.max(Act.number))) or 0


def waiting(session: Session, *, kind: str, target: str, asked_by: str, since: datetime) -> Sequence[Act]:
    """Acts of this kind and target that one person asked after ``since`` and nobody has confirmed."""
    query = select(Act).where(
        Act.kind == kind,
        Act.target == target,
        Act.asked_by == asked_by,
        Act.asked_at > since,
        Act.state == ActState.ASKED.value,
    )
    return session.scalars(query.order_by(Act.number)).all()
