"""Reading results."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.results.tables import Result, ResultRow
from survey_models.units.tables import Unit


def latest(session: Session, campaign_id: str) -> Result | None:
    """The newest result of a campaign."""
    query = select(Result).where(Result.campaign_id == campaign_id).order_by(Result.no.desc()).limit(1)
    return session.scalars(query).one_or_none()


def count_of(session: Session, campaign_id: str) -> int:
    """How many results a campaign has."""
    return int(session.scalar(select(func.count()).where(Result.campaign_id == campaign_id)) or 0)


def rows_of(session: Session, result_id: uuid.UUID) -> list[tuple[ResultRow, str]]:
    """The rows of a result with the units' names, in the order of the questionnaire."""
    query = (
        select(ResultRow, Unit.name)
        .join(Unit, Unit.code == ResultRow.unit_code)
        .where(ResultRow.result_id == result_id)
        .order_by(ResultRow.position)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
