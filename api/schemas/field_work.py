"""Wire forms of field work (现场): rehearsals and reminders."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.setups import CardsRequest
from survey_models.fieldwork.gateways import Way
from survey_models.fieldwork.reminders import LONGEST


class RehearsalRequest(CardsRequest):
    """How many sheets a rehearsal (演练) has in all, and how its hand-over file is sealed."""

    sheets: int = Field(ge=1, le=1_000_000)


class ReminderRequest(BaseModel):
    """By which way whom to remind; ``stratum`` null: all of them; ``text`` empty: the usual sentence."""

    model_config = ConfigDict(extra="forbid")

    way: Way
    stratum: int | None = Field(default=None, ge=1)
    text: str = Field(default="", max_length=LONGEST)


class ReminderView(BaseModel):
    """What was handed to the gateway: messages, the name in the outbox, its SHA-256."""

    messages: int
    name: str
    sha256: str
