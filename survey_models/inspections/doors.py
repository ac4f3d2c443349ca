"""What a plan lets in (只查抽中的): a finding that names a stored plan is about a unit or place that was drawn."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.inspections.tables import InspectionPlan


def check(session: Session, plan: str, *, kind: str, unit_code: str, place: str) -> None:
    """Refuse a finding of a plan about who was not drawn; a plan that is not stored here is the office's own word.

    Raises ``draw_not_run``, ``inspection_not_drawn``, ``inspection_kind_unfit``.
    """
    found = session.get(InspectionPlan, plan) if plan else None
    if found is None:
        return
    if found.kind in {"inspection", "secret_visit"} and kind in {"inspection", "secret_visit"} and kind != found.kind:
        raise Problem("inspection_kind_unfit", plan=plan)
    if draws.get(session, plan).run_at is None:
        raise Problem("draw_not_run")
    drawn = {row.entry for row in draws.drawn_rows(session, plan)}
    if found.sites is None:
        if unit_code not in drawn:
            raise Problem("inspection_not_drawn", plan=plan, what=unit_code)
    elif not any(
        one["id"] in drawn and place in {one["id"], one["name"]} and one["unit"] == unit_code for one in found.sites
    ):
        raise Problem("inspection_not_drawn", plan=plan, what=place or unit_code)
