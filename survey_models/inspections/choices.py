"""What an inspector chooses from on the spot (抽中的检查对象): the drawn units and places of the plans that run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.draws.tables import Draw
from survey_models.inspections import queries
from survey_models.inspections.tables import InspectionPlan
from survey_models.rounds import running
from survey_models.rounds import service as rounds

MOST_PLANS = 12
_BETWEEN = "/"


@dataclass(frozen=True)
class Lot:
    """A drawn unit, or a drawn place (``place``: its name, else empty) of a unit. ``done``: recorded under the plan."""

    plan: InspectionPlan
    entry: str
    unit_code: str
    unit: str
    place: str
    done: bool

    @property
    def id(self) -> str:
        """Plan and entry, as a form names them."""
        return f"{self.plan.id}{_BETWEEN}{self.entry}"


def drawn(session: Session) -> list[tuple[InspectionPlan, list[Lot]]]:
    """The drawn plans of rounds that are not published, the newest first, with their lots in the order drawn."""
    query = select(InspectionPlan).join(Draw, Draw.id == InspectionPlan.id).where(Draw.run_at.is_not(None))
    listed = session.scalars(query.order_by(InspectionPlan.made_at.desc(), InspectionPlan.id).limit(MOST_PLANS))
    running_ = [one for one in listed if rounds.published(session, one.round_id) is None]
    return [(one, list(_lots(session, one))) for one in running_]


def lot(session: Session, named: str) -> Lot:
    """The lot of an id. Raises ``inspection_unknown``, ``inspection_not_drawn``."""
    plan_id, _, entry = named.partition(_BETWEEN)
    plan = session.get(InspectionPlan, plan_id)
    if plan is None:
        raise Problem("inspection_unknown", plan=plan_id)
    found = next((one for one in _lots(session, plan) if one.entry == entry), None)
    if found is None:
        raise Problem("inspection_not_drawn", plan=plan_id, what=entry)
    return found


def _lots(session: Session, plan: InspectionPlan) -> Sequence[Lot]:
    names = {one.code: one.name for one in running.members_of(session, plan.round_id)}
    sites = {one["id"]: one for one in plan.sites or ()}
    recorded = queries.findings_of(session, plan.id)
    there = {(one.unit_code, str(one.body.get("place") or "")) for one in recorded}
    units = {one.unit_code for one in recorded}
    found = []
    for row in draws.drawn_rows(session, plan.id):
        site = sites.get(row.entry)
        code = site["unit"] if site else row.entry
        done = code in units if site is None else bool({(code, site["id"]), (code, site["name"])} & there)
        found.append(Lot(plan, row.entry, code, names.get(code, code), site["name"] if site else "", done))
    return found
