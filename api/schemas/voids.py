"""Wire forms of corrections (剔除): which sheets are set aside, and why."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.tickets import REASON
from survey_models.ballots.voids import VoidRow

_NUMBER = Field(default=None, ge=0, le=2**31 - 1)


class VoidScope(BaseModel):
    """Before counting ``batch`` or ``channel`` alone; after it ``stratum``, ``point``, ``channel``, or ``upload``."""

    model_config = ConfigDict(extra="forbid")

    batch: int | None = _NUMBER
    stratum: int | None = _NUMBER
    point: int | None = _NUMBER
    channel: str | None = Field(default=None, max_length=8)
    upload: uuid.UUID | None = None

    def as_dict(self) -> dict[str, Any]:
        """What was given, as it is stored."""
        return self.model_dump(mode="json", exclude_none=True)


class VoidRequest(BaseModel):
    """Ask to set sheets aside; ``flag``: the flag that this decides."""

    model_config = ConfigDict(extra="forbid")

    scope: VoidScope
    reason: str = REASON
    flag: uuid.UUID | None = None

    def params(self) -> dict[str, Any]:
        """The act's parameters."""
        return {"scope": self.scope.as_dict(), "reason": self.reason, "flag": self.flag and str(self.flag)}


class DismissRequest(BaseModel):
    """Why a flag means nothing."""

    model_config = ConfigDict(extra="forbid")

    reason: str = REASON


class VoidView(BaseModel):
    """A correction. ``sheets``: how many it set aside; sheets that an earlier one names are counted there."""

    id: uuid.UUID
    scope: dict[str, Any]
    sheets: int
    reason: str
    act: int
    made_at: datetime

    @classmethod
    def of(cls, row: VoidRow) -> VoidView:
        """The stored correction."""
        void = row.void
        return cls(
            id=void.id,
            scope=void.scope,
            sheets=row.sheets,
            reason=void.reason,
            act=void.act_number,
            made_at=void.made_at,
        )
