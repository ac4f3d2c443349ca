"""Wire forms of field work (现场): rehearsals and reminders."""

from __future__ import annotations

from pydantic import Field

from api.schemas.setups import CardsRequest


class RehearsalRequest(CardsRequest):
    """How many sheets a rehearsal (演练) has in all, and how its hand-over file is sealed."""

    sheets: int = Field(ge=1, le=1_000_000)
