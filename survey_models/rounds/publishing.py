"""Publishing a round's result (公布): asked by one person, confirmed by another; its marks are locked from then on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import deciding, freshness, outcomes, service
from survey_models.rounds.tables import RoundPublication, RoundResult


def check(session: Session, round_id: str, no: int) -> RoundResult:
    """Whether a result may be published now.

    Raises ``round_result_missing``, ``round_result_stale`` where it is not the newest or something it rests on is
    different by now (see ``freshness.is_stale``), ``round_questions_open``, ``round_borders_unconfirmed``,
    ``round_published``.
    """
    service.with_scheme(session, round_id)
    result = outcomes.latest(session, round_id)
    if result.no != no or freshness.is_stale(session, result):
        raise Problem("round_result_stale", round=round_id)
    outcome = outcomes.outcome_of(result)
    if outcome.questions:
        raise Problem("round_questions_open", round=round_id, count=len(outcome.questions))
    if outcome.borders and deciding.borders_confirmed(session, result.id) is None:
        raise Problem("round_borders_unconfirmed", round=round_id, count=len(outcome.borders))
    if session.get(RoundPublication, result.id) is not None:
        raise Problem("round_published", round=round_id)
    return result


def publish(
    session: Session, round_id: str, no: int, *, act_number: int, asked_by: str, by: str, at: datetime
) -> RoundPublication:
    """Publish the newest result, an act of two people."""
    service.with_scheme(session, round_id, lock=True)
    result = check(session, round_id, no)
    row = RoundPublication(
        result_id=result.id, round_id=round_id, act_number=act_number, asked_by=asked_by, confirmed_by=by, made_at=at
    )
    session.add(row)
    session.flush()
    body = {
        "round": round_id,
        "no": result.no,
        "scheme": result.scheme_digest,
        "inputs": result.inputs_digest,
        "digest": result.result_digest,
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, SYSTEM_LOG, Event.ROUND_PUBLISHED, body, at=at, by=by)
    return row


def is_published(session: Session, round_id: str) -> bool:
    """Whether any result of the round is public: marks are locked (送分锁定)."""
    return service.published(session, round_id) is not None
