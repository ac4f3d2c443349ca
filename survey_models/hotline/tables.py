"""Table of reports of vote-buying and canvassing (拉票举报)."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import ForeignKey, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, reference


class HotlineReport(Base):
    """What somebody reported: text, perhaps the campaign, perhaps one file. No address, no device, no time of day.

    ``id`` comes with the form, so that sending twice is one report; ``number`` is what the person keeps.
    ``sha256`` and ``media``: the attachment's digest, under which its bytes are stored, and its kind by its content.
    """

    __tablename__ = "hotline_reports"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(14), unique=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    day: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"))
    media: Mapped[str | None] = mapped_column(String(20))
