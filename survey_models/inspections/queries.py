"""Reading inspection plans, and the findings that were made under one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.draws.tables import Draw
from survey_models.findings.tables import Finding
from survey_models.inspections.tables import InspectionPlan
from survey_models.rounds.tables import Round


def of_round(session: Session, round_id: str) -> Sequence[InspectionPlan]:
    """The plans of a round, the newest first."""
    query = select(InspectionPlan).where(InspectionPlan.round_id == round_id)
    return session.scalars(query.order_by(InspectionPlan.made_at.desc(), InspectionPlan.id)).all()


def newest_run(session: Session, scheme_id: str | None, kind: str) -> InspectionPlan | None:
    """The newest plan of a kind that was drawn, in any round of a scheme."""
    query = (
        select(InspectionPlan)
        .join(Round, Round.id == InspectionPlan.round_id)
        .join(Draw, Draw.id == InspectionPlan.id)
        .where(Round.scheme_id == scheme_id, InspectionPlan.kind == kind, Draw.run_at.is_not(None))
    )
    return session.scalars(query.order_by(InspectionPlan.made_at.desc(), InspectionPlan.id).limit(1)).one_or_none()


def findings_of(session: Session, plan: str) -> Sequence[Finding]:
    """What inspectors recorded under a plan, in the order of time."""
    return session.scalars(select(Finding).where(Finding.plan == plan).order_by(Finding.made_at, Finding.id)).all()
