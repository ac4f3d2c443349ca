"""How far a plan is (检查进度): each drawn unit or place with its reason, and what inspectors recorded there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.draws import service as draws
from survey_models.draws.tables import Draw
from survey_models.duties import service as duties
from survey_models.duties.rules import State as DutyState
from survey_models.findings.tables import Finding
from survey_models.inspections import queries, service
from survey_models.inspections.tables import InspectionPlan
from survey_models.rounds import running
from survey_models.rounds import service as rounds

# What came to nothing: no problem found, not one, or its notice withdrawn.
NO_PROBLEM = frozenset({"clear", "dismissed", "withdrawn"})


@dataclass(frozen=True)
class Line:
    """One unit or place of a plan. ``reasons``: why it must be checked, empty: drawn by lot.

    ``lot`` and ``probability`` are None before the draw; ``inspected_on``: the first day on which somebody recorded
    anything there under this plan; ``self_check``: how its self-check report of the period stands.
    """

    entry: str
    name: str
    unit_code: str
    unit: str
    stratum: str
    reasons: tuple[str, ...]
    lot: int | None
    probability: str | None
    inspected_on: date | None
    problems: int
    self_check: str | None


@dataclass(frozen=True)
class Sheet:
    """A plan with its draw and its lines: before the draw those that are certain, afterwards all that were drawn."""

    plan: InspectionPlan
    draw: Draw
    lines: tuple[Line, ...]

    @property
    def inspected(self) -> int:
        """How many were inspected."""
        return sum(one.inspected_on is not None for one in self.lines)

    @property
    def problems(self) -> int:
        """In how many there was a problem."""
        return sum(one.problems > 0 for one in self.lines)


@dataclass(frozen=True)
class _Place:
    entry: str
    stratum: str
    lot: int | None = None
    probability: str | None = None


def sheet(session: Session, plan_id: str, *, at: datetime, zone: str) -> Sheet:
    """The list of a plan. Raises ``inspection_unknown``."""
    found, draw = service.get(session, plan_id)
    names = {one.code: one.name for one in running.members_of(session, found.round_id)}
    sites = {one["id"]: one for one in found.sites or ()}
    checks = _self_checks(session, found, at=at, zone=zone)
    recorded = queries.findings_of(session, plan_id)
    must = found.rules.get("must", {})
    lines = []
    for place in _places(session, found, draw):
        site = sites.get(place.entry)
        code = site["unit"] if site else place.entry
        own = [one for one in recorded if _is_at(one, code, site)]
        lines.append(
            Line(
                entry=place.entry,
                name=site["name"] if site else names.get(code, code),
                unit_code=code,
                unit=names.get(code, code),
                stratum=place.stratum,
                reasons=tuple(must.get(place.entry, ())),
                lot=place.lot,
                probability=place.probability,
                inspected_on=local_day(own[0].made_at, zone) if own else None,
                problems=sum(one.state not in NO_PROBLEM for one in own),
                self_check=checks.get(code),
            )
        )
    return Sheet(found, draw, tuple(lines))


def _places(session: Session, found: InspectionPlan, draw: Draw) -> Sequence[_Place]:
    if draw.run_at is None:
        return [_Place(code, "") for code in sorted(found.rules.get("must", {}))]
    rows = draws.drawn_rows(session, found.id)
    return [_Place(row.entry, row.stratum, row.lot, row.probability) for row in rows]


def _is_at(finding: Finding, code: str, site: dict[str, str] | None) -> bool:
    if finding.unit_code != code:
        return False
    return site is None or finding.body.get("place") in {site["id"], site["name"]}


def _self_checks(session: Session, found: InspectionPlan, *, at: datetime, zone: str) -> dict[str, str]:
    """How the self-check reports (自查报告) of the plan's period stand, by unit; of an open inspection alone.

    They are the duty whose missing costs the scheme's self-check rule: what every unit hands in, period by period.
    """
    if found.kind != "inspection" or rounds.get(session, found.round_id).scheme_id is None:
        return {}
    _, scheme = running.scheme_of(session, found.round_id)
    asked = {duty.id for duty in scheme.duties if duty.who == "units" and duty.per != "round" and duty.feeds}
    if not asked:
        return {}
    states: dict[str, DutyState] = {}
    for one in duties.listed(session, found.round_id, at=at, zone=zone):
        if one.owed.duty.id in asked and one.owed.span.label == found.period:
            states[one.owed.debtor.id] = one.state
    return {code: state.value for code, state in states.items()}
