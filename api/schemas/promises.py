"""Wire forms of promised time limits and notices of leave."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from survey_models.promises import rules
from survey_models.promises.tables import LeaveNotice

Days = Annotated[int, Field(ge=0, le=3660)]
Line = Annotated[str, Field(min_length=1, max_length=80)]


class NewPromise(BaseModel):
    """A promised limit in working days; 0: at once."""

    item: Line
    promised_days: Days
    legal_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    basis: Annotated[str, Field(max_length=200)] = ""


class PromiseView(BaseModel):
    """A promise in force."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    item: str
    promised_days: int
    legal_days: int | None
    basis: str
    made_at: datetime


class NewLeave(BaseModel):
    """A notice of leave (离岗告示)."""

    post: Line
    left_at: AwareDatetime
    back_at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    contact: Line
    deputy: Annotated[str, Field(max_length=40)] = ""


class LeaveView(BaseModel):
    """A notice; ``needed``: so long an absence needs one; ``overdue``: not back when it said."""

    id: uuid.UUID
    post: str
    left_at: datetime
    back_at: datetime
    reason: str
    contact: str
    deputy: str
    returned_at: datetime | None
    needed: bool
    overdue: bool

    @classmethod
    def of(cls, notice: LeaveNotice, now: datetime) -> LeaveView:
        """From its row."""
        return cls(
            id=notice.id,
            post=notice.post,
            left_at=notice.left_at,
            back_at=notice.back_at,
            reason=notice.reason,
            contact=notice.contact,
            deputy=notice.deputy,
            returned_at=notice.returned_at,
            needed=rules.needs_notice(notice.left_at, notice.back_at),
            overdue=rules.is_overdue(notice.back_at, notice.returned_at, now),
        )
