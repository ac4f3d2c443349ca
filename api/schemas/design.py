"""Wire forms of units, frames, draws and ledger entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


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


class DrawView(_FromRow):
    """A draw (抽样): plan, seed, and the digest of what was drawn."""

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


class ReplayView(BaseModel):
    """Whether drawing again gives the same; else the first difference."""

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
