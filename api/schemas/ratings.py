"""Wire forms of signed batches of window ratings (窗口评价), of what is kept aside, and of call-backs."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from api.schemas.instants import Instant as InstantOnWire
from survey_models.core.errors import Problem
from survey_models.ratings.aside import AsideLot
from survey_models.ratings.chain import Link, public_key_of
from survey_models.tickets.rules import REASON_LENGTH

HASH = r"^[0-9a-f]{64}$"
# Every field of the chain is a line of its own, so none may hold an end of line.
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,12}(Z|[+-][0-9]{2}:[0-9]{2})$"
_as_instant: TypeAdapter[datetime] = TypeAdapter(InstantOnWire)


def instant_of(text: str) -> datetime:
    """The instant that a terminal wrote, in UTC. Raises ValueError."""
    return _as_instant.validate_python(text)


def fit_key(text: str) -> str:
    """The key as it came. Raises ``device_key_unfit``."""
    try:
        public_key_of(text)
    except ValueError:
        raise Problem("device_key_unfit") from None
    return text


def _checked(text: str) -> str:
    instant_of(text)
    return text


Instant = Annotated[str, Field(pattern=_INSTANT, max_length=40), AfterValidator(_checked)]


class SignedRating(BaseModel):
    """One tap as it stands in the terminal's chain. ``case``: the token of the case that it rates."""

    model_config = ConfigDict(extra="forbid")

    seq: int = Field(ge=1, le=2**31 - 2)
    id: uuid.UUID
    window_id: str = Field(max_length=60, pattern=r"^[0-9A-Za-z._-]+$")
    code: str = Field(pattern=r"^[0-9A-Za-z]$")
    reasons: list[Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]] = Field(default_factory=list, max_length=6)
    device_time: Instant
    case: str = Field(default="", max_length=80, pattern=r"^[0-9A-Za-z._-]*$")

    def link(self) -> Link:
        """What is hashed."""
        return Link(
            seq=self.seq,
            id=str(self.id),
            window_id=self.window_id,
            code=self.code,
            reasons=self.reasons,
            device_time=self.device_time,
            case=self.case,
        )


class SignedBatch(BaseModel):
    """Taps that follow each other in the chain of one device, under one signature of its own key.

    ``prev``: the hash before the first; ``sent_at``: the device's clock when it signed.
    """

    model_config = ConfigDict(extra="forbid")

    device: uuid.UUID
    first: int = Field(ge=1, le=2**31 - 2)
    prev: str = Field(pattern=HASH)
    items: list[SignedRating] = Field(min_length=1, max_length=500)
    sent_at: Instant
    sign: str = Field(min_length=86, max_length=88, pattern=r"^[0-9A-Za-z_-]+=*$")

    @model_validator(mode="after")
    def _without_gaps(self) -> SignedBatch:
        if any(item.seq != self.first + no for no, item in enumerate(self.items)):
            raise ValueError("the numbers of a batch follow each other from its first")
        return self


def batch_in(raw: bytes) -> SignedBatch:
    """The batch of an opened part. Raises ``outbox_file_unfit``."""
    try:
        return SignedBatch.model_validate_json(raw)
    except ValidationError:
        raise Problem("outbox_file_unfit") from None


class OutboxAnswer(BaseModel):
    """What became of a batch that the office brought in by file."""

    stored: int
    duplicate: int
    refused: int
    aside: int


class AsideView(BaseModel):
    """Taps of one device that wait for a decision; from and to which full hour they arrived."""

    device_id: uuid.UUID
    window_id: str
    why: str
    taps: int
    since: datetime
    until: datetime

    @classmethod
    def of(cls, lot: AsideLot) -> AsideView:
        """The lot."""
        return cls(
            device_id=lot.device_id,
            window_id=lot.window_id,
            why=lot.why,
            taps=lot.taps,
            since=_hour(lot.since),
            until=_hour(lot.until),
        )


def _hour(instant: datetime) -> datetime:
    """Its full hour: of a single tap the minute would say who it was."""
    return instant.replace(minute=0, second=0, microsecond=0)


class AsideDecision(BaseModel):
    """Count them, or leave them out; and why."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["count", "leave"]
    reason: str = Field(max_length=REASON_LENGTH)


class CallbackIn(BaseModel):
    """A number that a visitor left to be called back; its id is no rating's id."""

    model_config = ConfigDict(extra="forbid")

    id: uuid.UUID
    phone: str = Field(max_length=30, repr=False)


class CallbackView(BaseModel):
    """A number that waits for a call."""

    id: uuid.UUID
    window_id: str
    day: date
    phone: str = Field(repr=False)


class OnsiteView(BaseModel):
    """The changing code of one minute, with the path of its QR code on a square of ``side`` units."""

    code: str
    begins: datetime
    side: int
    path: str


class TerminalView(BaseModel):
    """What a terminal needs beside its badge. ``files_key``: what it seals files of its outbox to."""

    server_time: datetime
    files_key: str


class OutboxPart(BaseModel):
    """One sealed part of a file that a terminal wrote."""

    model_config = ConfigDict(extra="forbid")

    sealed: str = Field(min_length=120, max_length=262_000, pattern=r"^[0-9A-Za-z_-]+$")
