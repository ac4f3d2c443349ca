"""Wire forms of the ledger's tree: keys, receipts and proofs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="32 bytes as hex")]


class LogKey(BaseModel):
    """A log and the key its checkpoints are checked with, as c2sp.org/signed-note writes it."""

    log: str
    origin: str
    vkey: str
    size: int


class KeyChangeView(BaseModel):
    """A change of the key (换钥): an entry of the system's log that the old and the new key signed, and its proof."""

    entry: Annotated[str, Field(description="the entry as its bytes stand in the log, UTF-8")]
    seq: int
    proof: list[Hash]


class AnnouncedView(BaseModel):
    """Every change so far, in order; the proofs lead to ``checkpoint``, a head of the system's log."""

    changes: list[KeyChangeView]
    checkpoint: str


class WitnessKey(BaseModel):
    """A witness (见证人) that the office knows, and the key of its cosignatures. No new ones after ``removed_at``."""

    name: str
    vkey: str
    removed_at: datetime | None


class CosignedNote(BaseModel):
    """A checkpoint as it was served, with the witness's line under it (c2sp.org/tlog-cosignature)."""

    note: Annotated[str, Field(max_length=4000)]


class CosignatureView(BaseModel):
    """A witness's signature under the head of ``log`` at ``size``; ``at`` by its own clock."""

    log: str
    size: int
    witness: str
    at: datetime


class CosignedView(BaseModel):
    """A head with the signatures of witnesses under it."""

    size: int
    checkpoint: str
    witnesses: list[CosignatureView]


class LedgerKeys(BaseModel):
    """The public key (Ed25519, 32 bytes as hex), its short name in promises, and every log that it signs."""

    public: Hash
    key: str
    logs: list[LogKey]
    announced: AnnouncedView
    witnesses: list[WitnessKey]


class ReceiptView(BaseModel):
    """What the log holds for a receipt. ``promised``: the place in the tree follows, at the latest on the next day."""

    log: str
    entry: Annotated[str, Field(description="the entry as its bytes stand in the log, UTF-8")]
    digest: Annotated[Hash, Field(description="SHA-256 of the entry; the receipt is its first 60 bits")]
    state: Literal["promised", "included"]
    seq: int | None
    size: int | None
    proof: list[Hash]
    checkpoint: str | None
    at: Annotated[datetime | None, Field(description="when the checkpoint was made, by the server's clock")]


class InclusionView(BaseModel):
    """That the entry at place ``seq`` is in the tree of ``size`` entries."""

    seq: int
    size: int
    proof: list[Hash]


class ConsistencyView(BaseModel):
    """That the first ``old`` entries are the beginning of the first ``new``."""

    old: int
    new: int
    proof: list[Hash]
