"""Tables of ballots (评议票)."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed
from survey_models.core.columns import one_of


class Channel(StrEnum):
    """The way a sheet came in (渠道)."""

    PHONE = "phone"
    POINT = "point"
    PAPER = "paper"
    UPLOAD = "upload"
    OPEN = "open"


class Ballot(Base):
    """One sheet: campaign, cell and answers; no time, no ticket, no device.

    ``answers`` holds one option code for each item of the questionnaire version. ``upload_id`` is set
    only for the lines of a contractor's file.
    """

    __tablename__ = "ballots"
    __table_args__ = (
        one_of("channel", Channel),
        Index("ix_ballots_campaign_id_upload_id", "campaign_id", "upload_id"),
        {"info": distributed("campaign_id")},
    )

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    stratum_no: Mapped[int]
    point_no: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8))
    questionnaire_version: Mapped[int]
    answers: Mapped[str] = mapped_column(Text)
    more: Mapped[dict[str, Any] | None] = mapped_column(Json)
    upload_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    line: Mapped[int | None]


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
