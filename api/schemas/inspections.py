"""Wire forms of inspection plans (检查计划)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from survey_models.draws.designs import ID
from survey_models.draws.tables import Draw
from survey_models.inspections.progress import Line, Sheet
from survey_models.inspections.rules import Reason
from survey_models.inspections.service import Wish
from survey_models.inspections.tables import InspectionPlan, PlanKind

Number = Annotated[int, Field(ge=0, le=100_000)]


class PlanWish(BaseModel):
    """A plan of units. ``more``: besides the must-check ones, one number or by stratum; null: as coverage asks."""

    model_config = ConfigDict(extra="forbid")

    round: Annotated[str, Field(max_length=60)]
    kind: Literal["inspection", "secret_visit"]
    period: Annotated[str, Field(max_length=20)]
    id: Annotated[str, Field(pattern=f"^({ID.pattern})?$")] = ""
    title: Annotated[str, Field(max_length=160)] = ""
    more: Number | Annotated[dict[str, Number], Field(max_length=100)] | None = None
    by: list[Reason] | None = None
    previous: Annotated[str | None, Field(max_length=60)] = None
    periods_left: Annotated[int | None, Field(ge=1, le=12)] = None

    def wish(self) -> Wish:
        """As the service asks for it."""
        return Wish(
            self.round,
            PlanKind(self.kind),
            self.period,
            id=self.id,
            title=self.title,
            more=self.more,
            by=self.by,
            previous=self.previous,
            periods_left=self.periods_left,
        )


class SiteRow(BaseModel):
    """A place to draw from: the area (code of a rated unit), kind, id, name, and the branch where two stages are."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[str, Field(max_length=20)]
    kind: Annotated[str, Field(max_length=40)]
    id: Annotated[str, Field(max_length=40)]
    name: Annotated[str, Field(max_length=80)]
    within: Annotated[str, Field(max_length=40)] = ""


class SitesWish(BaseModel):
    """The places of a draw that the scheme asks for, where the round was planned without them."""

    model_config = ConfigDict(extra="forbid")

    round: Annotated[str, Field(max_length=60)]
    draw: Annotated[str, Field(max_length=40)]
    sites: Annotated[list[SiteRow], Field(min_length=1, max_length=20_000)]


class InspectionPlanView(BaseModel):
    """A plan with what it was made from: reasons by must-check unit, numbers by stratum. Its draw has the same id."""

    id: str
    round: str
    kind: str
    title: str
    period: str
    previous: str | None
    must: dict[str, list[str]]
    more: dict[str, int]
    waiting: dict[str, int]
    by: list[str]
    periods_left: int | None
    made_by: str
    made_at: datetime
    run_at: datetime | None
    seed: str | None

    @classmethod
    def of(cls, plan: InspectionPlan, draw: Draw) -> InspectionPlanView:
        """The plan and its draw on the wire."""
        facts = {name: plan.rules.get(name, {}) for name in ("must", "more", "waiting")}
        return cls(
            id=plan.id,
            round=plan.round_id,
            kind=plan.kind,
            title=plan.title,
            period=plan.period,
            previous=plan.previous,
            **facts,
            by=plan.rules.get("by", []),
            periods_left=plan.rules.get("periods_left"),
            made_by=plan.made_by,
            made_at=plan.made_at,
            run_at=draw.run_at,
            seed=draw.seed,
        )


class InspectionLine(BaseModel):
    """One unit or place of a plan; ``reasons`` empty: drawn by lot."""

    entry: str
    name: str
    unit_code: str
    unit: str
    stratum: str
    reasons: list[str]
    lot: int | None
    probability: str | None
    inspected_on: date | None
    problems: int
    self_check: str | None

    @classmethod
    def of(cls, line: Line) -> InspectionLine:
        """The line on the wire."""
        return cls(**{**vars(line), "reasons": list(line.reasons)})


class InspectionSheet(InspectionPlanView):
    """A plan with its list: before the draw the must-check units, afterwards everything that was drawn."""

    inspected: int
    problems: int
    lines: list[InspectionLine]

    @classmethod
    def whole(cls, sheet: Sheet) -> InspectionSheet:
        """The sheet on the wire."""
        head = InspectionPlanView.of(sheet.plan, sheet.draw).model_dump()
        lines = [InspectionLine.of(line) for line in sheet.lines]
        return cls(**head, inspected=sheet.inspected, problems=sheet.problems, lines=lines)
