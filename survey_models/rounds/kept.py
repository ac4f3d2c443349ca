"""Outcomes as they were kept (已存得分): a result never changes, so that it is read from its row once."""

from __future__ import annotations

from survey_models.rounds.records import from_json
from survey_models.rounds.tables import RoundResult
from survey_models.schemes.outcome import Outcome

MOST = 8
# By the digest of the result, which a blinding value makes its own.
_OUTCOMES: dict[str, Outcome] = {}


def outcome_of(row: RoundResult) -> Outcome:
    """The outcome that a result holds."""
    found = _OUTCOMES.get(row.result_digest)
    if found is None:
        found = from_json(Outcome, row.outcome)
        if len(_OUTCOMES) >= MOST:
            _OUTCOMES.pop(next(iter(_OUTCOMES), ""), None)
        _OUTCOMES[row.result_digest] = found
    return found
