"""Rounds (评议周期). A stand-alone poll is a round with one component."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Campaign, Purpose
from survey_models.core.errors import Problem
from survey_models.duties.tables import DutySubmission
from survey_models.marks.tables import Mark
from survey_models.rounds.periods import Period, read_period
from survey_models.rounds.tables import (
    Round,
    RoundCampaign,
    RoundDecision,
    RoundPublication,
    RoundResult,
    RoundStanding,
    RoundUnit,
)
from survey_models.units.tables import Unit


class Rated(Protocol):
    """A unit that a round is to rate: in which category, at which place of the list."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def category(self) -> str:
        """The category that it is ranked in."""

    @property
    def position(self) -> int:
        """Its place in the list."""


def create(session: Session, round_id: str, *, title: str, units: Sequence[Rated], at: datetime) -> Round:
    """Make a round that rates ``units``, each in its category."""
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


def get(session: Session, round_id: str, *, lock: bool = False) -> Round:
    """A round; ``lock`` holds its row until the transaction ends. Raises ``round_unknown``."""
    query = select(Round).where(Round.id == round_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise Problem("round_unknown", round=round_id)
    return found


def with_scheme(session: Session, round_id: str, *, lock: bool = False) -> tuple[Round, str, int]:
    """A round that runs a scheme, with its id and version.

    Raises ``round_unknown``, ``round_without_scheme``, ``rehearsal_apart`` for the round that a rehearsal (演练) stands
    in: every way to a score and to a publication begins here.
    """
    found = get(session, round_id, lock=lock)
    if found.scheme_id is None and found.purpose == Purpose.REHEARSAL:
        raise Problem("rehearsal_apart", id=round_id)
    if found.scheme_id is None or found.scheme_version is None:
        raise Problem("round_without_scheme", round=round_id)
    return found, found.scheme_id, found.scheme_version


def listed(session: Session) -> Sequence[Round]:
    """Every round, the newest period first."""
    return session.scalars(select(Round).order_by(Round.period_from.desc(), Round.id)).all()


def of_scheme(session: Session, scheme_id: str, *, level: str, of: str | None = None) -> list[tuple[Round, Period]]:
    """The planned rounds of a scheme, of any version, in the order of their periods.

    ``of``: of the unit that runs its own rounds (机关科室评议), empty: of the office; None: of all.
    """
    query = select(Round).where(Round.scheme_id == scheme_id, Round.level == level)
    found = [
        (one, read_period(one.period))
        for one in session.scalars(query)
        if one.period is not None and of in {None, run_by(one)}
    ]
    return sorted(found, key=lambda pair: (pair[1].first is not None, pair[1].first, pair[0].id))


def run_by(found: Round) -> str:
    """The unit that runs the round itself; empty: the office."""
    return str((found.answers or {}).get("of") or "")


def period_of(found: Round) -> Period:
    """The period of a planned round. Raises ``round_without_scheme``."""
    if found.period is None:
        raise Problem("round_without_scheme", round=found.id)
    return read_period(found.period)


def units_of(session: Session, round_id: str) -> list[tuple[RoundUnit, str]]:
    """The units of a round with their names, in order."""
    query = (
        select(RoundUnit, Unit.name)
        .join(Unit, Unit.code == RoundUnit.unit_code)
        .where(RoundUnit.round_id == round_id)
        .order_by(RoundUnit.position)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def campaigns_of(session: Session, round_id: str) -> dict[str, Campaign]:
    """The campaigns of a planned round by their kind."""
    query = (
        select(RoundCampaign.kind, Campaign)
        .join(Campaign, Campaign.id == RoundCampaign.campaign_id)
        .where(RoundCampaign.round_id == round_id)
        .order_by(RoundCampaign.kind)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def latest(session: Session, round_id: str) -> RoundResult | None:
    """The newest result of a round; None before the first run."""
    query = select(RoundResult).where(RoundResult.round_id == round_id).order_by(RoundResult.no.desc()).limit(1)
    return session.scalars(query).one_or_none()


def results_of(session: Session, round_id: str) -> Sequence[RoundResult]:
    """Every result of a round, the newest first."""
    query = select(RoundResult).where(RoundResult.round_id == round_id)
    return session.scalars(query.order_by(RoundResult.no.desc())).all()


def published(session: Session, round_id: str) -> tuple[RoundResult, RoundPublication] | None:
    """The result that was published last, and by whom."""
    found = publications_of(session, round_id)
    return found[-1] if found else None


def publications_of(session: Session, round_id: str) -> list[tuple[RoundResult, RoundPublication]]:
    """Every result that was published, the first first: those after it are corrections (更正)."""
    query = (
        select(RoundResult, RoundPublication)
        .join(RoundPublication, RoundPublication.result_id == RoundResult.id)
        .where(RoundResult.round_id == round_id)
        .order_by(RoundResult.no)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def decisions_of(session: Session, round_id: str) -> Sequence[RoundDecision]:
    """Recorded ways out of questions, the first first."""
    query = select(RoundDecision).where(RoundDecision.round_id == round_id)
    return session.scalars(query.order_by(RoundDecision.no)).all()


def standings_of(session: Session, round_id: str) -> dict[str, RoundStanding]:
    """The newest standing that two people set, by unit."""
    query = select(RoundStanding).where(RoundStanding.round_id == round_id).order_by(RoundStanding.no)
    return {one.unit_code: one for one in session.scalars(query)}


def changed_at(session: Session, round_id: str) -> datetime | None:
    """When last a decision, a standing, an approved mark or a submission of the round changed."""
    instants = [
        session.scalar(select(func.max(table.made_at)).where(table.round_id == round_id))
        for table in (RoundDecision, RoundStanding)
    ]
    instants.append(session.scalar(select(func.max(Mark.approved_at)).where(Mark.round_id == round_id)))
    instants += [
        session.scalar(select(func.max(column)).where(DutySubmission.round_id == round_id))
        for column in (DutySubmission.sent_at, DutySubmission.returned_at)
    ]
    known = [one for one in instants if one is not None]
    return max(known) if known else None
