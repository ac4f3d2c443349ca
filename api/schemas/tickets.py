"""Wire forms of cards (评议卡): batches, serial numbers and reasons; never a code."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class ReissueRequest(BaseModel):
    """How the hand-over file is sealed: under a passphrase, or to a public key of 64 hex digits; one of the two."""

    model_config = ConfigDict(extra="forbid")

    passphrase: str | None = Field(default=None, min_length=1, max_length=200, repr=False)
    public: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")

    @model_validator(mode="after")
    def _one_lock(self) -> ReissueRequest:
        if (self.passphrase is None) == (self.public is None):
            raise ValueError("a passphrase or a public key")
        return self


class ReissuedView(BaseModel):
    """The new batch and the sealed hand-over file, which is told once and kept nowhere.

    ``file``: its bytes in base64; ``sha256``: as it stands in the ledger.
    """

    batch: int
    instead_of: int
    count: int
    reserve: int
    name: str
    sha256: str
    file: str = Field(repr=False)


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
