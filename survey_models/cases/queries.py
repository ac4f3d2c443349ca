"""Reading cases and the business systems that post them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from survey_models.cases.tables import Case, Machine


def newest(session: Session, window_id: str) -> Case | None:
    """The case that was posted last at a window."""
    query = select(Case).where(Case.window_id == window_id, Case.opened_at.is_not(None))
    return session.scalars(query.order_by(Case.opened_at.desc()).limit(1)).first()


def machines(session: Session) -> Sequence[Machine]:
    """Every business system, the newest first."""
    return session.scalars(select(Machine).order_by(Machine.made_at.desc(), Machine.id)).all()


def machine_by_digest(session: Session, token_digest: str) -> Machine | None:
    """The business system of a token, unless it was withdrawn."""
    query = select(Machine).where(Machine.token_digest == token_digest, Machine.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def finished(session: Session, *, since: date, until: date, rated_until: date) -> Sequence[Row[str, int, int]]:
    """Of each window, cases finished from ``since`` until before ``until``: all, and those rated before a day."""
    rated = func.count().filter(Case.rated_on < rated_until)
    query = select(Case.window_id, func.count(), rated).where(Case.finished_on >= since, Case.finished_on < until)
    return session.execute(query.group_by(Case.window_id)).all()
