"""Wire forms of the fleet of terminals (评价器一览)."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.instants import Instant
from survey_models.devices.fleet import Beat, Condition, Terminal


class HeartbeatIn(BaseModel):
    """What a terminal says of itself."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(max_length=40, pattern=r"^[0-9A-Za-z .+_-]*$")
    waiting: int = Field(ge=0, le=10_000_000)
    refused: int = Field(default=0, ge=0, le=10_000_000)
    device_time: Instant

    def said(self) -> Beat:
        """The same for the service."""
        return Beat(self.version, self.waiting, self.refused, self.device_time)


class TerminalRow(BaseModel):
    """A terminal. ``last_rating``: the full hour of its last one; ``clock_offset``: seconds ahead of the server."""

    id: uuid.UUID
    window_id: str
    window: str
    number: str
    hall: str
    condition: Condition
    paired_at: datetime
    seen_at: datetime | None
    version: str | None
    waiting: int | None
    refused: int | None
    clock_offset: int | None
    last_rating: datetime | None

    @classmethod
    def of(cls, one: Terminal, last_rating: datetime | None) -> TerminalRow:
        """The terminal with the hour of its last rating."""
        said = one.said
        return cls(
            id=one.device.id,
            window_id=one.window.id,
            window=one.window.name,
            number=one.window.number,
            hall=one.window.hall,
            condition=one.condition,
            paired_at=one.device.paired_at,
            seen_at=said and said.seen_at,
            version=said and said.version,
            waiting=None if said is None else said.waiting,
            refused=None if said is None else said.refused,
            clock_offset=None if said is None else said.clock_offset,
            last_rating=last_rating,
        )
