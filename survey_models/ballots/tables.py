"""Tables of ballots (评议票): sealed sheets as they came in, and the box (票箱) that counting fills from them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed, reference
from survey_models.core.columns import one_of


class Channel(StrEnum):
    """The way a sheet came in (渠道)."""

    PHONE = "phone"
    POINT = "point"
    PAPER = "paper"
    UPLOAD = "upload"
    OPEN = "open"


class KeptBy(StrEnum):
    """Who holds the key that opens sealed sheets: this server, or the counting office (计票处) away from it."""

    SERVER = "server"
    OFFICE = "office"


class SealingKey(Base):
    """The public half of the key to a campaign's sheets (密封公钥), 32 bytes; the private half is in no database."""

    __tablename__ = "sealing_keys"
    __table_args__ = (one_of("kept", KeptBy), {"info": reference()})

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    kept: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IntakeSheet(Base):
    """A sheet as it came in (密封票): sealed, beside the id it was sent with; written once, never changed.

    ``batch_no``: the ticket batch of its cell; 0 and -1 for the open QR. No reference to the campaign is checked row by
    row: the writer has read and locked its campaign.
    """

    __tablename__ = "intake_sheets"
    __table_args__ = (one_of("channel", Channel), {"info": distributed("campaign_id")})

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    batch_no: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8))
    questionnaire_version: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Mix(Base):
    """One opening and shuffling of a campaign's sealed sheets (开封混洗).

    ``intake_root``: RFC 6962 root over the digests of the sheets' ledger entries, sorted; ``box_root``: over the
    canonical bytes of the rows of the box, in the order of their ids.
    """

    __tablename__ = "mixes"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sheets: Mapped[int]
    box_root: Mapped[str] = mapped_column(String(64))
    intake_root: Mapped[str] = mapped_column(String(64))


class MixMember(Base):
    """A sealed sheet that a mix took in; which ballot of the box it became is written nowhere."""

    __tablename__ = "mix_members"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    mix_no: Mapped[int]


class Ballot(Base):
    """One ballot of the box (票箱): campaign, published cell and answers; no time, no ticket, no device.

    Ballots with a ticket come here at counting, under ids made then. ``answers`` holds one option code for each item
    of the questionnaire version. ``upload_id`` is set only for the lines of a contractor's file, which stand here from
    their entering on. ``set_aside``: its ticket batch or channel was voided before counting.
    No reference to the campaign is checked row by row, as with sealed sheets.
    """

    __tablename__ = "ballots"
    __table_args__ = (
        one_of("channel", Channel),
        Index("ix_ballots_campaign_id_upload_id", "campaign_id", "upload_id"),
        {"info": distributed("campaign_id")},
    )

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    stratum_no: Mapped[int]
    point_no: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8))
    questionnaire_version: Mapped[int]
    answers: Mapped[str] = mapped_column(Text)
    more: Mapped[dict[str, Any] | None] = mapped_column(Json)
    upload_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    line: Mapped[int | None]
    set_aside: Mapped[bool]


class BallotText(Base):
    """Words that somebody wrote (征求意见建议), detached from the ballot at counting: no cell, no ballot, no time.

    The id is drawn for it; ``item``: the key of the question; ``set_aside``: its ticket batch or channel was voided
    before counting.
    """

    __tablename__ = "ballot_texts"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    item: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(Text)
    set_aside: Mapped[bool]


class BallotVoid(Base):
    """A correction: cells set aside by two people, with the reason; nothing is deleted."""

    __tablename__ = "ballot_voids"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    scope: Mapped[dict[str, Any]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(400))
    act_number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
