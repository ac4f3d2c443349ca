"""Rounds (评议周期). A stand-alone poll is a round with one component."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.rounds.tables import Round, RoundUnit
from survey_models.units.tables import Unit


def create(session: Session, round_id: str, *, title: str, units: Sequence[Unit], at: datetime) -> Round:
    """Make a round that rates ``units``, each in its own category."""
    found = Round(
        id=round_id,
        title=title,
        scheme_id=None,
        scheme_version=None,
        period_from=None,
        period_to=None,
        made_at=at,
    )
    session.add(found)
    session.flush()
    for unit in units:
        session.add(RoundUnit(round_id=round_id, unit_code=unit.code, category=unit.category, position=unit.position))
    session.flush()
    return found


def units_of(session: Session, round_id: str) -> list[tuple[RoundUnit, str]]:
    """The units of a round with their names, in order."""
    query = (
        select(RoundUnit, Unit.name)
        .join(Unit, Unit.code == RoundUnit.unit_code)
        .where(RoundUnit.round_id == round_id)
        .order_by(RoundUnit.position)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
