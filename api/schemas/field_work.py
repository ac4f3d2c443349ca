"""Wire forms of field work (现场): rehearsals and reminders."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.setups import CardsRequest
from survey_models.fieldwork.gateways import Way
from survey_models.fieldwork.reminders import LONGEST, Reminded


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
    """What was handed to the gateway: messages, the sentence, to whom, the name in the outbox and its SHA-256.

    Of a dry run ``name`` and ``sha256`` are empty and telephones are only counted: ``messages`` at most, ``to`` empty.
    """

    messages: int
    text: str
    to: list[str]
    name: str
    sha256: str

    @classmethod
    def of(cls, made: Reminded) -> ReminderView:
        """The same on the wire."""
        name, sha256 = (made.sent.name, made.sent.sha256) if made.sent else ("", "")
        return cls(messages=made.number, text=made.text, to=list(made.to), name=name, sha256=sha256)
