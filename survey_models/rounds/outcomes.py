"""What score runs gave (得分的结果): stored results, their scorecards and what they leave to be decided."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.rounds import service
from survey_models.rounds.gathering import YearInputs
from survey_models.rounds.kept import outcome_of
from survey_models.rounds.records import from_json
from survey_models.rounds.tables import Level, RoundResult
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.outcome import Question, Scorecard


def latest(session: Session, round_id: str, no: int | None = None) -> RoundResult:
    """The newest result of a round, or that of a number. Raises ``round_unknown``, ``round_result_missing``."""
    service.get(session, round_id)
    for row in service.results_of(session, round_id):
        if no is None or row.no == no:
            return row
    raise Problem("round_result_missing", round=round_id)


def inputs_of(session: Session, row: RoundResult) -> Inputs | YearInputs:
    """What a result read."""
    if service.get(session, row.round_id).level == Level.YEAR:
        return from_json(YearInputs, row.inputs)
    return from_json(Inputs, row.inputs)


def scorecard(session: Session, round_id: str, unit_code: str, no: int | None = None) -> tuple[RoundResult, Scorecard]:
    """One unit's scorecard (得分卡). Raises as ``latest``, and ``round_unit_unknown``."""
    row = latest(session, round_id, no)
    for card in outcome_of(row).cards:
        if card.unit.code == unit_code:
            return row, card
    raise Problem("round_unit_unknown", round=round_id, unit=unit_code)


def questions(session: Session, round_id: str) -> tuple[RoundResult, tuple[Question, ...]]:
    """What must be decided before the newest result can be published."""
    row = latest(session, round_id)
    return row, outcome_of(row).questions


__all__ = ["inputs_of", "latest", "outcome_of", "questions", "scorecard"]
