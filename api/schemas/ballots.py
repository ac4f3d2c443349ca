"""Wire forms of sheets and codes."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import UUID4, BaseModel, ConfigDict, Field

from survey_models.ballots.intake import Receipt


class CastRequest(BaseModel):
    """A sheet. ``answers``: one option code per item, in the order of the form; ``-`` is blank."""

    model_config = ConfigDict(extra="forbid")

    id: UUID4 = Field(description="random, made by the client, kept for retries")
    code: str = Field(max_length=64, repr=False, description="the code of the card, dashes and case as you like")
    answers: str = Field(max_length=4000, repr=False)
    more: dict[str, Any] = Field(default_factory=dict, repr=False)
    channel: Literal["phone", "point"] = Field(default="phone", description="point: believed of paired devices only")
    version: int | None = Field(default=None, description="questionnaire version that the person saw")


class SealedSheet(BaseModel):
    """A sheet that waited in a tablet of a test point, sealed to the server: base64url.

    Inside, after ECDH on P-256, HKDF-SHA-256 (``pingyi-sheet/1``) and AES-256-GCM: ``{"campaign": …, "sheet": …}``.
    """

    model_config = ConfigDict(extra="forbid")

    sealed: str = Field(max_length=65_536, pattern="^[0-9A-Za-z_-]+$", repr=False)


class Unsealed(BaseModel):
    """What is inside."""

    model_config = ConfigDict(extra="forbid")

    campaign: str = Field(max_length=60)
    sheet: CastRequest


Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PromiseView(BaseModel):
    """That the ledger's tree will hold the sheet's entry at the latest tomorrow: keep it as evidence.

    ``path`` leads from ``entry`` at place ``index`` of ``size`` to ``root`` (RFC 6962); ``signature`` (Ed25519, base64)
    is made over ``pingyi/promise/v1``, the campaign and ``root``, one a line, under the key of that short name.
    """

    entry: Hash
    path: list[Hash]
    index: int
    size: int
    root: Hash
    signature: str
    key: str


class CastReceipt(BaseModel):
    """The sheet is stored and durable. ``replay``: it had been stored before; the receipt is the first one."""

    receipt: str = Field(examples=["7KQ4-M2TX-9D3H"])
    ballot_id: uuid.UUID
    replay: bool
    promise: PromiseView | None


def wire(receipt: Receipt) -> dict[str, Any]:
    """A receipt as ``CastReceipt`` writes it."""
    return {
        "receipt": receipt.code,
        "ballot_id": receipt.ballot_id,
        "replay": receipt.replay,
        "promise": None if receipt.promise is None else receipt.promise.wire(),
    }


class CheckRequest(BaseModel):
    """A code to look at."""

    model_config = ConfigDict(extra="forbid")

    campaign: str = Field(max_length=60)
    code: str = Field(max_length=64, repr=False)


class CheckView(BaseModel):
    """Whether a code can still be used."""

    state: Literal["live", "spent", "void", "expired"]
    variant: str
