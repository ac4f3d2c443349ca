"""Wire forms of cards (评议卡): batches, serial numbers and reasons; never a code."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

SERIAL = Field(ge=1, le=2**31 - 1, description="serial number on the back of the card")
REASON = Field(min_length=1, max_length=400, description="why; it stays in the ledger, so no codes and no names")


class CardRequest(BaseModel):
    """A card that was lost or spoilt."""

    model_config = ConfigDict(extra="forbid")

    serial: int = SERIAL
    reason: str = REASON


class BatchRequest(BaseModel):
    """Why a whole batch is withdrawn."""

    model_config = ConfigDict(extra="forbid")

    reason: str = REASON


class VoidedView(BaseModel):
    """The card is withdrawn."""

    serial: int


class ReplacedView(BaseModel):
    """The lost card is withdrawn; the sealed card ``replacement`` is good instead and is handed over unopened."""

    serial: int
    replacement: int


class BatchView(BaseModel):
    """A batch of cards: one stratum, point and variant. ``reserve_left`` lie sealed."""

    no: int
    stratum_no: int
    point_no: int
    variant: str
    count: int
    reserve: int
    reserve_left: int
    voided_at: datetime | None
