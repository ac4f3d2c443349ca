"""Reading draws."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.draws.tables import Draw, DrawRow


def all_draws(session: Session) -> Sequence[Draw]:
    """Every draw, newest first."""
    return session.scalars(select(Draw).order_by(Draw.planned_at.desc(), Draw.id)).all()


def rows(
    session: Session, draw_id: str, *, stratum: str | None = None, limit: int | None = None, offset: int = 0
) -> Sequence[DrawRow]:
    """What was drawn, by stratum and lot; all of it, or one page of it or of one stratum."""
    query = select(DrawRow).where(DrawRow.draw_id == draw_id).order_by(DrawRow.stratum, DrawRow.lot)
    if stratum is not None:
        query = query.where(DrawRow.stratum == stratum)
    return session.scalars(query.limit(limit).offset(offset)).all()


def row_count(session: Session, draw_id: str, *, stratum: str | None = None) -> int:
    """How many entries were drawn, reserves counted."""
    query = select(func.count()).select_from(DrawRow).where(DrawRow.draw_id == draw_id)
    if stratum is not None:
        query = query.where(DrawRow.stratum == stratum)
    return session.scalar(query) or 0
