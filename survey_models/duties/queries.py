"""Questions about duties (报送任务)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey_models.duties.tables import DeedUpdate, DutySubmission

Key = tuple[str, str, str]


def at(table: type[DeedUpdate | DutySubmission], round_id: str, key: Key) -> list[ColumnElement[bool]]:
    """The conditions for one duty of one debtor in one period."""
    duty, debtor, period = key
    return [table.round_id == round_id, table.duty == duty, table.debtor == debtor, table.period == period]


def last_version(session: Session, round_id: str, duty: str, debtor: str, period: str) -> int:
    """The number of the newest submission, 0 before the first."""
    query = select(func.max(DutySubmission.version))
    return session.scalar(query.where(*at(DutySubmission, round_id, (duty, debtor, period)))) or 0


def submissions(
    session: Session, round_id: str, *, key: Key | None = None, kept: bool = False
) -> Sequence[DutySubmission]:
    """Submissions of a round, the newest version first; ``kept``: without those that were sent back."""
    query = select(DutySubmission).where(DutySubmission.round_id == round_id)
    if key is not None:
        query = query.where(*at(DutySubmission, round_id, key))
    if kept:
        query = query.where(DutySubmission.returned_at.is_(None))
    order = (DutySubmission.duty, DutySubmission.debtor, DutySubmission.period, DutySubmission.version.desc())
    return session.scalars(query.order_by(*order)).all()


def updates(session: Session, round_id: str, key: Key) -> Sequence[DeedUpdate]:
    """What was said of deeds, deed by deed, oldest first."""
    query = select(DeedUpdate).where(*at(DeedUpdate, round_id, key))
    return session.scalars(query.order_by(DeedUpdate.deed, DeedUpdate.no)).all()
