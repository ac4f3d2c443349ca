"""Wire forms of units, frames, draws and ledger entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from survey_models.draws.designs import ID, Method, Plan
from survey_models.draws.tables import DrawRow
from survey_models.frames.importing import Imported


class _FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class UnitView(_FromRow):
    """A rated unit (被评议单位)."""

    code: str
    name: str
    category: str
    position: int
    superior_led: bool


class FrameView(_FromRow):
    """A frozen frame (抽样框) and its digest."""

    id: str
    kind: str
    title: str
    source: str
    made_up: bool
    size: int
    digest: str
    frozen_at: datetime


Slug = Annotated[str, Field(pattern=f"^{ID.pattern}$")]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Number = Annotated[int, Field(ge=0, le=10**9)]


class DrawWish(BaseModel):
    """A draw to plan. ``sizes`` and ``reserve`` by stratum; ``takes`` and ``must`` for the method ``stages`` alone.

    A key of ``takes`` is the beginning of a stratum's path (``411121``), its numbers are those of each stage below.
    """

    model_config = ConfigDict(extra="forbid")

    id: Slug
    campaign_id: Slug
    frame_id: Slug
    what: Literal["rows", "points"] = "rows"
    method: Method = Method.STRATIFIED_SRS
    sizes: dict[Name, Number] = Field(default_factory=dict, max_length=2000)
    reserve: dict[Name, Number] = Field(default_factory=dict, max_length=2000)
    takes: dict[Name, Annotated[list[Number], Field(min_length=1, max_length=6)]] = Field(
        default_factory=dict, max_length=2000
    )
    must: list[Name] = Field(default_factory=list, max_length=2000)

    def plan(self) -> Plan:
        """As the service asks for it."""
        return Plan(**self.model_dump())


class SeedWish(BaseModel):
    """The public seed (公开种子), as it was thrown with dice or drawn by a lottery."""

    seed: Annotated[str, Field(max_length=80)]


class ExtensionWish(BaseModel):
    """How many further lots of one stratum to take into the sample."""

    stratum: Name
    more: Annotated[int, Field(ge=1, le=10**9)]


class ExtensionView(BaseModel):
    """Lots that were added after the run, and the digest of all lots after them."""

    stratum: str
    more: int
    result: str


class DrawView(_FromRow):
    """A draw (抽样): plan, seed, and the digest of what was drawn.

    ``design`` holds ``method``, ``what``, ``populations`` and the numbers of the method.
    """

    id: str
    campaign_id: str
    frame_id: str
    what: str
    design: dict[str, Any]
    frame_digest: str
    design_digest: str
    salt: str
    seed: str | None
    planned_at: datetime
    run_at: datetime | None
    result_digest: str | None
    extensions: list[ExtensionView]


class DrawRowView(BaseModel):
    """One lot. ``probability`` and ``weight`` (设计权数) are exact: ``3/10`` and ``10/3``; a reserve has none."""

    stratum: str
    lot: int
    entry: str
    name: str | None
    reserve: bool
    probability: str | None
    weight: str | None

    @classmethod
    def of(cls, row: DrawRow, *, names: Mapping[str, str]) -> DrawRowView:
        """The lot; ``names`` are those of test points."""
        return cls(
            stratum=row.stratum,
            lot=row.lot,
            entry=row.entry,
            name=names.get(row.entry),
            reserve=row.reserve,
            probability=row.probability,
            weight=None if row.probability is None else str(1 / Fraction(row.probability)),
        )


class DrawRowsView(BaseModel):
    """One page of what was drawn, by stratum and lot; ``total`` lots in all."""

    draw: str
    total: int
    limit: int
    offset: int
    rows: list[DrawRowView]


class ReplayView(BaseModel):
    """Whether drawing again gives the same; else the first difference.

    ``difference``: ``ledger``, ``frame``, ``design``, ``digest``, or a lot: ``stratum #lot: again ≠ stored``.
    """

    equal: bool
    drawn: int
    difference: str | None


class LedgerView(BaseModel):
    """One act of the ledger (台账)."""

    log: str
    id: str
    event: str
    at: datetime | None
    body: dict[str, Any]
    digest: str


class ImportedFrameView(BaseModel):
    """A frame of a file: its lines, candidate points, people or entries in all, and the digest that is published."""

    id: str
    kind: str
    rows: int
    points: int
    size: int
    digest: str
    repeated: bool

    @classmethod
    def of(cls, made: Imported) -> ImportedFrameView:
        """The same on the wire."""
        named = ("kind", "rows", "points", "size", "digest", "repeated")
        return cls(id=made.title.id, **{name: getattr(made, name) for name in named})
