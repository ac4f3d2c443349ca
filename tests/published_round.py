"""A scored round in a database without field work: units, scheme, result, as a score run leaves them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache

from sqlalchemy.orm import Session

from survey_models.core.canonical import blinded, new_blind
from survey_models.core.ids import new_id
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds.records import to_json
from survey_models.rounds.scoring import code_digest
from survey_models.rounds.tables import Round, RoundPublication, RoundResult, RoundUnit
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.tables import Scheme
from survey_models.units.tables import Unit
from tests.simulated_rounds import simulated

ROUND, PRESET, FEW = "luohe-2015", "luohe-hangfeng", "LH-007"


@cache
def inputs() -> Inputs:
    """Luohe whole; about one unit seven representatives answered."""
    made = simulated(PRESET).inputs
    few = replace(made.answers["representatives", FEW], n=7, judging=7, counts={"满意": 4, "不满意": 3})
    # Seven are fewer than the least that count: the office decided for the mean of the category.
    decided = {("representatives", "category_mean"): (FEW,)}
    return replace(made, answers={**made.answers, ("representatives", FEW): few}, decided=decided)


def put(session: Session, *, at: datetime, read: Inputs | None = None) -> RoundResult:
    """The round with one result."""
    read = read or inputs()
    row = schemes.store(session, loading.preset(PRESET), by="setup", at=at)
    scheme = schemes.document_of(row)
    _round(session, row, read, at=at)
    outcome, blind = to_json(evaluate(scheme, row.digest, read)), new_blind()
    result = RoundResult(
        id=new_id(),
        round_id=ROUND,
        no=1,
        scheme_id=row.id,
        scheme_version=row.version,
        scheme_digest=row.digest,
        inputs_digest=blinded(to_json(read), blind),
        inputs=to_json(read),
        sources={},
        code=code_digest(),
        outcome=outcome,
        result_digest=blinded(outcome, blind),
        blind=blind,
        made_by="setup",
        made_at=at,
    )
    session.add(result)
    session.flush()
    body = {"round": ROUND, "no": 1, "inputs": result.inputs_digest, "digest": result.result_digest}
    record(session, SYSTEM_LOG, Event.ROUND_SCORED, body, at=at, by="setup")
    return result


def _round(session: Session, row: Scheme, read: Inputs, *, at: datetime) -> None:
    session.add(
        Round(
            id=ROUND,
            title="漯河市2015—2016年民主评议政风行风",
            scheme_id=row.id,
            scheme_version=row.version,
            period_from=date(2015, 1, 1),
            period_to=date(2016, 12, 31),
            made_at=at,
            period="2015-2016",
            level="round",
            purpose="official",
            answers={},
        )
    )
    for position, unit in enumerate(read.units):
        session.add(
            Unit(
                code=unit.code,
                name=unit.name,
                category=unit.category,
                position=position,
                superior_led="superior_led" in unit.flags,
                has_window=None,
                serves_enterprises=None,
                flags_source="test",
                valid_from=None,
                valid_to=None,
            )
        )
    session.flush()
    for position, unit in enumerate(read.units):
        session.add(
            RoundUnit(
                round_id=ROUND, unit_code=unit.code, category=unit.category, position=position, flags=sorted(unit.flags)
            )
        )
    session.flush()


def publish(session: Session, result: RoundResult, *, at: datetime) -> None:
    """As two people do."""
    session.add(
        RoundPublication(
            result_id=result.id, round_id=ROUND, act_number=1, asked_by="setup", confirmed_by="release", made_at=at
        )
    )
    session.flush()
