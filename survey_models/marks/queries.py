"""Questions about marks (评分)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.marks.tables import Mark, MarkSending, MarkState

Key = tuple[str, str, str]


def versions(session: Session, round_id: str, component: str | None = None) -> Sequence[Mark]:
    """Every version of every mark, the oldest of each first."""
    query = select(Mark).where(Mark.round_id == round_id)
    if component is not None:
        query = query.where(Mark.component == component)
    return session.scalars(query.order_by(Mark.component, Mark.unit_code, Mark.member, Mark.version)).all()


def newest(rows: Sequence[Mark]) -> dict[Key, Mark]:
    """The newest version by (part, unit, member)."""
    return {(row.component, row.unit_code, row.member): row for row in rows}


def counting(rows: Sequence[Mark]) -> dict[Key, Mark]:
    """The newest approved version by (part, unit, member): what a score run reads."""
    return newest([row for row in rows if row.state == MarkState.APPROVED])


def sendings(session: Session, round_id: str, component: str) -> Sequence[MarkSending]:
    """What was sent for a part, the newest first."""
    query = select(MarkSending).where(MarkSending.round_id == round_id, MarkSending.component == component)
    return session.scalars(query.order_by(MarkSending.sent_at.desc(), MarkSending.id)).all()
