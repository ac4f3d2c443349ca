"""Score runs (计算得分): frozen inputs in, an immutable result out, with the digests of scheme, inputs and code."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy.orm import Session

from survey_models.core.canonical import blinded, new_blind
from survey_models.core.ids import new_id
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import freshness, gathering, service
from survey_models.rounds.gathering import YearInputs
from survey_models.rounds.outcomes import latest, outcome_of
from survey_models.rounds.records import to_json
from survey_models.rounds.streams import Stage
from survey_models.rounds.tables import Level, Round, RoundResult
from survey_models.schemes import service as schemes
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome
from survey_models.schemes.years import year

_CODE = ("schemes", "rounds")


def run(session: Session, round_id: str, *, by: str, at: datetime, stage: Stage | None = None) -> RoundResult:
    """Score a round, or a year from its rounds. A second run is a second result; nothing is overwritten.

    Raises ``round_not_counted`` while a campaign of the round is open or uncounted, ``round_part_missing`` for a year,
    and whatever the results of its campaigns raise.
    """
    found, scheme_id, version = service.with_scheme(session, round_id, lock=True)
    row = schemes.get(session, scheme_id, version)
    scheme = schemes.document_of(row)
    inputs = _inputs(session, found, scheme, stage or Stage(at), by=by)
    outcome = score(scheme, row.digest, inputs)
    kept, blind, newest = to_json(outcome), new_blind(), service.latest(session, round_id)
    read = to_json(inputs)
    result = RoundResult(
        id=new_id(),
        round_id=round_id,
        no=newest.no + 1 if newest else 1,
        scheme_id=scheme_id,
        scheme_version=version,
        scheme_digest=row.digest,
        # Blinded as well: from all the other figures a few hidden answers could be tried out against it.
        inputs_digest=blinded(read, blind),
        inputs=read,
        sources={**gathering.sources_of(session, found, scheme), **freshness.marks_of(read)},
        code=code_digest(),
        outcome=kept,
        result_digest=blinded(kept, blind),
        blind=blind,
        made_by=by,
        made_at=at,
    )
    session.add(result)
    session.flush()
    body = {
        "round": round_id,
        "no": result.no,
        "scheme": row.digest,
        "inputs": result.inputs_digest,
        "digest": result.result_digest,
        "code": result.code,
        "questions": len(outcome.questions),
        "borders": len(outcome.borders),
    }
    record(session, SYSTEM_LOG, Event.ROUND_SCORED, body, at=at, by=by)
    return result


def _inputs(session: Session, found: Round, scheme: Scheme, stage: Stage, *, by: str) -> Inputs | YearInputs:
    if found.level == Level.YEAR:
        return gathering.gather_year(session, found.id)
    gathering.refuse_before_counted(session, found.id, scheme)
    gathering.refresh(session, found.id, scheme, by=by, at=stage.at)
    return gathering.gather(session, found.id, stage)


def score(scheme: Scheme, scheme_digest: str, inputs: Inputs | YearInputs) -> Outcome:
    """The outcome of a round's inputs, or of a year's."""
    if isinstance(inputs, Inputs):
        return evaluate(scheme, scheme_digest, inputs)
    return year(
        scheme if inputs.year else scheme.model_copy(update={"consequences": ()}),
        scheme_digest,
        [outcome for _, outcome in inputs.rounds],
        inputs.units,
        earlier=inputs.earlier,
        decided=inputs.decided,
        names=[name for name, _ in inputs.rounds],
        successors=inputs.successors,
        absent=inputs.absent,
    )


@cache
def code_digest() -> str:
    """SHA-256 of the sources that score: those of schemes and rounds, by name."""
    whole = hashlib.sha256()
    for folder in _CODE:
        for one in sorted(files("survey_models").joinpath(folder).iterdir(), key=lambda one: one.name):
            if one.name.endswith(".py"):
                whole.update(f"{folder}/{one.name}\n".encode() + one.read_bytes())
    return whole.hexdigest()


__all__ = ["code_digest", "latest", "outcome_of", "run", "score"]
