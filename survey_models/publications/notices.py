"""The notice about a finding (整改通知书, 督办通知), put together from its steps and the scheme of its round."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.calendar import rules as days
from survey_models.calendar import service as calendar
from survey_models.campaigns.tables import Purpose
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.findings import pricing, service
from survey_models.findings.machines import KIND_WORDS, Kind
from survey_models.findings.moves import Clock
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding, FindingStep
from survey_models.publications.sheets import OFFICE, office_of
from survey_models.reports.finding_notice import RECTIFICATION, SUPERVISION, TITLES, NoticeSheet, Until, notice
from survey_models.reports.paper import Paper
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes.language import NoticeKind, Scheme
from survey_models.schemes.tracing import brief
from survey_models.units.tables import Unit

_INSPECTED: tuple[Literal["rectification"], str] = (RECTIFICATION, "notify")
_SENT: dict[str, tuple[Literal["rectification", "supervision"], str]] = {
    Kind.INSPECTION: _INSPECTED,
    Kind.SECRET_VISIT: _INSPECTED,
    Kind.SELF_CHECK: _INSPECTED,
    Kind.SUPERVISION: (SUPERVISION, "open"),
}
"""Which notice a finding of a kind gets, and the step that sends it; the step ``again`` sends a further one."""
_AGAIN, _TAKEN_BACK = "again", "withdrawn"


def sent_by(finding: Finding, steps: Sequence[FindingStep]) -> FindingStep | None:
    """The step that sent the newest notice; None before there is one, and once it was taken back (收回)."""
    if finding.kind not in _SENT or finding.state == _TAKEN_BACK:
        return None
    moves = {_SENT[finding.kind][1], _AGAIN}
    return next((one for one in reversed(steps) if one.move in moves), None)


def paper_of(session: Session, finding_id: uuid.UUID, *, who: Who, zone: str) -> Paper:
    """The newest notice of a finding that somebody may see.

    Raises ``finding_unknown``, ``not_own_unit``, ``finding_without_notice``, ``calendar_ends``.
    """
    finding = service.get(session, finding_id, who=who)
    step = sent_by(finding, service.steps_of(session, finding))
    if step is None:
        raise Problem("finding_without_notice")
    return notice(_sheet(session, finding, step, zone=zone))


def _sheet(session: Session, finding: Finding, step: FindingStep, *, zone: str) -> NoticeSheet:
    kind, _ = _SENT[finding.kind]
    found, scheme = _round_of(session, finding, kind)
    named = _named(scheme, kind)
    cost, quoted = _cost(finding, scheme)
    sent_on, again = local_day(step.at, zone), step.move == _AGAIN
    return NoticeSheet(
        sheet=f"notice-{finding.unit_code}-{sent_on.isoformat()}",
        kind=kind,
        title=named.title.zh if named else TITLES[kind],
        office=named.office if named else office_of(scheme) if scheme else OFFICE,
        unit=session.get_one(Unit, finding.unit_code).name,
        found_on=local_day(finding.made_at, zone),
        found_by=KIND_WORDS[Kind(finding.kind)][0],
        text=str(finding.body.get("text", "")),
        place=str(finding.body.get("place", "")),
        # What opened a supervision notice is its matter already.
        words="" if step.move == "open" else step.note,
        sent_on=sent_on,
        limit=_until(session, step, Clock.LIMIT, sent_on),
        article=finding.article,
        quoted=quoted,
        cost=cost,
        document=named.document if named else "",
        basis=named,
        objecting=named.objection if named else None,
        objection=None if again or kind == SUPERVISION else _until(session, step, Clock.OBJECTION, sent_on),
        again=again,
        signature=finding.signature,
        made_up=found is not None and found.purpose in {Purpose.DEMO, Purpose.REHEARSAL},
    )


def _round_of(session: Session, finding: Finding, kind: str) -> tuple[Round | None, Scheme | None]:
    """The round that the finding is of, with its scheme; else the unit's newest one whose scheme has such a notice."""
    if finding.round_id is not None:
        found, scheme_id, version = rounds.with_scheme(session, finding.round_id)
        return found, schemes.document_of(schemes.get(session, scheme_id, version))
    query = select(Round).join(RoundUnit, RoundUnit.round_id == Round.id)
    query = query.where(RoundUnit.unit_code == finding.unit_code, Round.scheme_id.is_not(None))
    for one in session.scalars(query.order_by(Round.period_from.desc(), Round.made_at.desc(), Round.id)):
        scheme = schemes.document_of(schemes.get(session, one.scheme_id or "", one.scheme_version))
        if _named(scheme, kind) is not None:
            return one, scheme
    return None, None


def _named(scheme: Scheme | None, kind: str) -> NoticeKind | None:
    return next((one for one in scheme.notices if one.kind == kind), None) if scheme else None


def _cost(finding: Finding, scheme: Scheme | None) -> tuple[str, tuple[str, ...]]:
    """What the finding costs, in words, and the words of the policy that say so."""
    if scheme is None or not finding.rule:
        return "", ()
    rule = pricing.rule_of(scheme, finding.component, finding.rule)
    points = Decimal(finding.points) if finding.points else rule.points
    said = f"扣{brief(points)}分" if isinstance(points, Decimal) and points else ""
    if finding.lost:
        lost = [one.title.zh for one in scheme.consequences if one.lost == finding.lost]
        said = "，".join([part for part in (said, *lost) if part])
    return said, rule.cite


def _until(session: Session, step: FindingStep, clock: Clock, sent_on: date) -> Until:
    """A clock of the step that sent the notice, counted over the working-day calendar. Raises ``calendar_ends``."""
    told = step.body["clocks"][clock.value]
    day = date.fromisoformat(told["on"])
    known = calendar.load(session, since=sent_on, until=day)
    last = day
    while last > sent_on and not known.is_working(last):
        last -= timedelta(days=1)
    provisional = told["provisional"] or any(sent_on < one <= day for one in known.provisional)
    return Until(day, days.working_days_after(known, sent_on, day), last, provisional=provisional)
