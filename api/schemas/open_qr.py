"""Wire forms of the open QR (开放扫码)."""

from __future__ import annotations

from datetime import datetime

from pydantic import UUID4, BaseModel, ConfigDict, Field


class OpenTicketView(BaseModel):
    """A ticket for one visit. A sheet sent within ``seconds`` is refused: nobody fills it in so fast."""

    ticket: str
    expires_at: datetime
    seconds: int


class OpenCastRequest(BaseModel):
    """A sheet of the open QR. ``answers``: one option code per item, in the order of the form; ``-`` is blank."""

    model_config = ConfigDict(extra="forbid")

    id: UUID4 = Field(description="random, made by the client, kept for retries")
    ticket: str = Field(max_length=120, repr=False)
    answers: str = Field(max_length=4000, repr=False)
