"""Wire forms of a round's cards (周期的评议卡): what will be issued, and the sealed files, told once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.round_tickets import Expected, Issued
from survey_models.core.archives import archive


class ExpectedView(BaseModel):
    """A campaign in draft and the cards that it gets. ``issued``: they are out, only its key is lacking."""

    id: str
    title: str
    cards: int
    reserve: int
    issued: bool

    @classmethod
    def of(cls, one: Expected) -> ExpectedView:
        """The campaign."""
        return cls(
            id=one.campaign.id, title=one.campaign.title, cards=one.cards, reserve=one.reserve, issued=one.issued
        )


class RoundCardsView(BaseModel):
    """What is still to be issued. ``keys_here``: the server may make and keep the keys of the sheets."""

    keys_here: bool
    campaigns: list[ExpectedView]


class IssueRequest(BaseModel):
    """How the files are sealed, a passphrase or a public key; neither where the cards are out and keys are lacking.

    ``office_key``: the key of the sheets (密封公钥), 64 hex digits; null: the server makes one, where it may.
    """

    model_config = ConfigDict(extra="forbid")

    passphrase: str | None = Field(default=None, min_length=1, max_length=200, repr=False)
    public: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")
    office_key: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")

    @model_validator(mode="after")
    def _one_lock(self) -> IssueRequest:
        if self.passphrase is not None and self.public is not None:
            raise ValueError("a passphrase or a public key, not both")
        return self


class IssuedView(BaseModel):
    """One campaign. ``name`` and ``sha256`` of its sealed file are empty where its cards were issued before."""

    id: str
    cards: int
    ready: bool
    name: str
    sha256: str

    @classmethod
    def of(cls, one: Issued) -> IssuedView:
        """The campaign."""
        return cls(
            id=one.campaign,
            cards=one.cards,
            ready=one.ready,
            name=one.name if one.content else "",
            sha256=one.digest,
        )


class IssuedCardsView(BaseModel):
    """The campaigns, and a ZIP of their sealed files, which is told once and kept nowhere.

    ``file``: its bytes in base64, empty where nothing was issued; ``sha256``: of these bytes.
    """

    campaigns: list[IssuedView]
    name: str
    sha256: str
    file: str = Field(repr=False)

    @classmethod
    def of(cls, round_id: str, made: Sequence[Issued]) -> IssuedCardsView:
        """What was issued for a round, its sealed files in one archive."""
        files = {one.name: one.content for one in made if one.content}
        packed = archive(files) if files else b""
        return cls(
            campaigns=[IssuedView.of(one) for one in made],
            name=f"{round_id}-cards.zip",
            sha256=hashlib.sha256(packed).hexdigest() if packed else "",
            file=base64.b64encode(packed).decode("ascii"),
        )
