"""Reading findings, their steps and files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from survey_models.findings.tables import Complaint, Finding, FindingFile, FindingStep
from survey_models.ratings.tables import Rating, of_visitors
from survey_models.units.tables import Unit


def by_id(session: Session, finding_id: uuid.UUID, *, lock: bool = False) -> Finding | None:
    """A finding; ``lock`` holds its row until the transaction ends."""
    query = select(Finding).where(Finding.id == finding_id)
    return session.scalars(query.with_for_update() if lock else query).one_or_none()


def steps_of(session: Session, finding_id: uuid.UUID) -> Sequence[FindingStep]:
    """Its steps in order."""
    query = select(FindingStep).where(FindingStep.finding_id == finding_id).order_by(FindingStep.no)
    return session.scalars(query).all()


def files_of(session: Session, finding_id: uuid.UUID) -> Sequence[FindingFile]:
    """Its files, the oldest first."""
    query = select(FindingFile).where(FindingFile.finding_id == finding_id)
    return session.scalars(query.order_by(FindingFile.made_at, FindingFile.id)).all()


def listed(
    session: Session,
    *,
    kinds: Iterable[str],
    unit_code: str | None = None,
    states: Iterable[str] | None = None,
    area_code: str | None = None,
    limit: int | None = 400,
) -> Sequence[Finding]:
    """Findings of some kinds, the newest first; ``area_code``: of the units that belong to an area (区县)."""
    query = select(Finding).where(Finding.kind.in_(list(kinds)))
    if area_code is not None:
        query = query.where(Finding.unit_code.in_(_units_of(area_code)))
    if unit_code is not None:
        query = query.where(Finding.unit_code == unit_code)
    if states is not None:
        query = query.where(Finding.state.in_(list(states)))
    return session.scalars(query.order_by(Finding.made_at.desc(), Finding.id).limit(limit)).all()


def due_until(session: Session, day: date, *, kinds: Iterable[str], area_code: str | None = None) -> Sequence[Finding]:
    """Findings on which somebody has to act by ``day``, the earliest first; bad ratings that nobody looked at too."""
    query = select(Finding).where(Finding.kind.in_(list(kinds)), (Finding.due_on <= day) | (Finding.state == "new"))
    if area_code is not None:
        query = query.where(Finding.unit_code.in_(_units_of(area_code)))
    return session.scalars(query.order_by(Finding.due_on, Finding.id)).all()


def _units_of(area_code: str) -> Select[str]:
    return select(Unit.code).where(Unit.area_code == area_code)


def complaint_days(session: Session, unit_code: str, *, matter: str | None = None) -> list[date]:
    """The days on which the accepted complaints about a unit came; on one matter where it is named."""
    query = (
        select(Complaint.received_on)
        .join(Finding, Finding.id == Complaint.finding_id)
        .where(Finding.unit_code == unit_code, Finding.state.not_in(["received", "suggestion", "refused", "returned"]))
    )
    if matter is not None:
        query = query.where(Finding.matter == matter)
    return list(session.scalars(query))


def of_round(session: Session, round_id: str) -> Sequence[Finding]:
    """The priced findings of a round, in a stable order."""
    query = select(Finding).where(Finding.round_id == round_id, Finding.component != "", Finding.rule != "")
    return session.scalars(query.order_by(Finding.made_at, Finding.id)).all()


def of_plan(session: Session, plan: str) -> Sequence[Finding]:
    """The findings of an inspection plan."""
    return session.scalars(select(Finding).where(Finding.plan == plan).order_by(Finding.unit_code)).all()


def complaints_since(session: Session, since: datetime) -> Sequence[Finding]:
    """The complaints that came since an instant."""
    query = select(Finding).where(Finding.kind == "complaint", Finding.made_at >= since)
    return session.scalars(query.order_by(Finding.made_at, Finding.id)).all()


def inspected_units(session: Session, *, kind: str, since: datetime, until: datetime) -> set[str]:
    """Units that were inspected between two instants, with or without a problem."""
    query = select(Finding.unit_code).where(Finding.kind == kind, Finding.made_at >= since, Finding.made_at < until)
    return {code for code in session.scalars(query.distinct()) if code is not None}


def complaint_of(session: Session, digest: str) -> Complaint | None:
    """The complaint of a receipt code's digest."""
    return session.scalars(select(Complaint).where(Complaint.digest == digest)).one_or_none()


def outcomes(session: Session, window_id: str, *, since: date, until: date) -> dict[str, int]:
    """How many bad ratings of a window, that count, came to which outcome; empty: not verified yet."""
    same = (Rating.window_id == Finding.window_id) & (Rating.id == Finding.rating_id)
    query = select(Finding.outcome, func.count()).join(Rating, same).where(Finding.window_id == window_id)
    query = query.where(Rating.given_on >= since, Rating.given_on <= until, Rating.mark.is_(None), of_visitors())
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(Finding.outcome))}


def counted_ratings(session: Session, window_id: str, *, since: date, until: date) -> int:
    """How many ratings of a window count."""
    of_window = (Rating.window_id == window_id, Rating.given_on >= since, Rating.given_on <= until)
    query = select(func.count()).select_from(Rating).where(*of_window, Rating.mark.is_(None), of_visitors())
    return int(session.scalar(query) or 0)
