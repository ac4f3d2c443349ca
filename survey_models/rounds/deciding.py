"""Ways out of ties, standings of units, borders (定夺, 状态, 临界名次): by two people, or by who releases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import drawing, outcomes, service
from survey_models.rounds.tables import RoundBorders, RoundDecision, RoundResult, RoundStanding, Way
from survey_models.schemes.inputs import Standing
from survey_models.schemes.outcome import Question
from survey_models.tickets.rules import fit_reason

WITNESSES = 2


@dataclass(frozen=True)
class Decision:
    """A way out: ``order`` names the units best first; a ``draw`` names seed and two witnesses, its order follows.

    The order of a draw follows from the seed and from the house's share (see ``drawing``).
    """

    about: str
    category: str
    way: Way
    units: tuple[str, ...] = ()
    seed: str = ""
    witnesses: tuple[str, ...] = ()
    reason: str = ""


def question_of(session: Session, round_id: str, about: str, category: str) -> tuple[RoundResult, Question]:
    """The open question of the newest result, and that result. Raises ``round_question_unknown``."""
    result, asked = outcomes.questions(session, round_id)
    for one in asked:
        if (one.about, one.category) == (about, category):
            return result, one
    raise Problem("round_question_unknown", round=round_id, about=about, category=category)


def check(session: Session, round_id: str, decision: Decision) -> tuple[RoundResult, tuple[str, ...]]:
    """The order of the units that a decision gives, and the result whose question it answers.

    Raises ``round_question_unknown``, ``round_decision_unfit``, ``round_drawn`` where lots were drawn about these very
    units before, ``reason_unfit``.
    """
    result, question = question_of(session, round_id, decision.about, decision.category)
    if question.kind != "tie":
        raise _unfit("缺数据的事项要补数据，或把单位设为暂不公布", "a missing figure is sent in, or its unit withheld")
    fit_reason(decision.reason)
    _refuse_drawn(session, round_id, question)
    if decision.way is Way.ORDER:
        if sorted(decision.units) != sorted(question.units):
            raise _unfit("列出的单位与待定的单位不一致", "the units named are not those of the question")
        return result, decision.units
    people = {name.strip() for name in decision.witnesses} - {""}
    if len(people) != WITNESSES or len(decision.witnesses) != WITNESSES:
        raise _unfit("抽签要有两位不同的见证人", "a draw has two different witnesses")
    about, category = question.about, question.category
    share = drawing.share_of(result.blind, about, category)
    return result, drawing.order(round_id, about, category, question.units, seed=decision.seed, share=share)


def _refuse_drawn(session: Session, round_id: str, question: Question) -> None:
    """Lots are drawn once: an order that nobody likes is not drawn again, nor put aside."""
    for one in service.decisions_of(session, round_id):
        same = (one.about, one.category, sorted(one.units)) == (
            question.about,
            question.category,
            sorted(question.units),
        )
        if same and one.way == Way.DRAW:
            raise Problem("round_drawn", round=round_id, act=one.act_number)


def decide(
    session: Session, round_id: str, decision: Decision, *, act_number: int, asked_by: str, by: str, at: datetime
) -> RoundDecision:
    """Record the way out, an act of two people. The next run follows it; the result before stays as it was."""
    service.with_scheme(session, round_id, lock=True)
    result, order = check(session, round_id, decision)
    drawn = decision.way is Way.DRAW
    share = drawing.share_of(result.blind, decision.about, decision.category) if drawn else ""
    last = session.scalar(select(func.max(RoundDecision.no)).where(RoundDecision.round_id == round_id)) or 0
    row = RoundDecision(
        round_id=round_id,
        no=last + 1,
        about=decision.about,
        category=decision.category,
        way=decision.way.value,
        units=list(order),
        seed=decision.seed if drawn else "",
        share=share,
        result_no=result.no,
        witnesses=list(decision.witnesses),
        reason=fit_reason(decision.reason),
        act_number=act_number,
        made_at=at,
    )
    session.add(row)
    session.flush()
    body = {
        "round": round_id,
        "no": row.no,
        "about": row.about,
        "category": row.category,
        "way": row.way,
        "units": row.units,
        "seed": row.seed,
        "share": row.share,
        "result": row.result_no,
        "witnesses": row.witnesses,
        "reason": row.reason,
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, SYSTEM_LOG, Event.ROUND_DECIDED, body, at=at, by=by)
    return row


def check_standing(session: Session, round_id: str, unit: str, standing: str, reason: str) -> Standing:
    """Raises ``round_without_scheme``, ``round_unit_unknown``, ``round_standing_unfit``, ``reason_unfit``."""
    service.with_scheme(session, round_id)
    if standing not in {one.value for one in Standing}:
        raise Problem("round_standing_unfit", standing=standing)
    if unit not in {link.unit_code for link, _ in service.units_of(session, round_id)}:
        raise Problem("round_unit_unknown", round=round_id, unit=unit)
    fit_reason(reason)
    return Standing(standing)


def set_standing(
    session: Session,
    round_id: str,
    unit: str,
    standing: str,
    *,
    reason: str,
    act_number: int,
    asked_by: str,
    by: str,
    at: datetime,
) -> RoundStanding:
    """Cancel a unit's result (取消评议成绩), withhold it, or put it back: an act of two people with its reason."""
    service.with_scheme(session, round_id, lock=True)
    fit = check_standing(session, round_id, unit, standing, reason)
    mine = RoundStanding.round_id == round_id, RoundStanding.unit_code == unit
    last = session.scalar(select(func.max(RoundStanding.no)).where(*mine)) or 0
    row = RoundStanding(
        round_id=round_id,
        unit_code=unit,
        no=last + 1,
        standing=fit.value,
        reason=fit_reason(reason),
        act_number=act_number,
        made_at=at,
    )
    session.add(row)
    session.flush()
    body = {
        "round": round_id,
        "unit": unit,
        "standing": row.standing,
        "reason": row.reason,
        "act": act_number,
        "asked_by": asked_by,
    }
    record(session, SYSTEM_LOG, Event.ROUND_STANDING_SET, body, at=at, by=by)
    return row


def confirm_borders(session: Session, round_id: str, *, by: str, at: datetime) -> RoundBorders:
    """The person who releases confirms the uncertain borders of the newest result, once for its publication."""
    service.with_scheme(session, round_id, lock=True)
    result = outcomes.latest(session, round_id)
    found = session.get(RoundBorders, result.id)
    if found is not None:
        return found
    borders = outcomes.outcome_of(result).borders
    row = RoundBorders(result_id=result.id, borders=len(borders), confirmed_by=by, confirmed_at=at)
    session.add(row)
    session.flush()
    listed = [[one.about, one.category, list(one.units)] for one in borders]
    body = {"round": round_id, "no": result.no, "borders": listed}
    record(session, SYSTEM_LOG, Event.ROUND_BORDERS_CONFIRMED, body, at=at, by=by)
    return row


def borders_confirmed(session: Session, result_id: uuid.UUID) -> RoundBorders | None:
    """Who confirmed the borders of a result; None: nobody yet."""
    return session.get(RoundBorders, result_id)


def _unfit(why: str, why_en: str) -> Problem:
    return Problem("round_decision_unfit", why=why, why_en=why_en)
