"""Wire forms of corrections of window ratings (作废窗口评价): which span of time, and why."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.instants import Instant
from api.schemas.tickets import REASON
from survey_models.ratings.voids import VoidRow


class RatingVoidRequest(BaseModel):
    """Ask to set the ratings of a span aside, from ``begins`` to before ``ends``, 31 days at most.

    ``device``: of one terminal only; ``flag``: the flag that this decides.
    """

    model_config = ConfigDict(extra="forbid")

    begins: Instant
    ends: Instant
    device: uuid.UUID | None = None
    reason: str = REASON
    flag: uuid.UUID | None = Field(default=None)

    def params(self, window_id: str) -> dict[str, Any]:
        """The act's parameters."""
        return {"window": window_id, **self.model_dump(mode="json")}


class RatingVoidView(BaseModel):
    """A correction. ``ratings``: how many it set aside; those that an earlier one names are counted there."""

    id: uuid.UUID
    device: uuid.UUID | None
    begins: datetime
    ends: datetime
    ratings: int
    reason: str
    act: int
    made_at: datetime

    @classmethod
    def of(cls, row: VoidRow) -> RatingVoidView:
        """The stored correction."""
        void = row.void
        return cls(
            id=void.id,
            device=void.device_id,
            begins=void.begins,
            ends=void.ends,
            ratings=row.ratings,
            reason=void.reason,
            act=void.act_number,
            made_at=void.made_at,
        )
