"""Table of purges (证据销毁): which campaign's sealed evidence was erased, when, and how much it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class Purge(Base):
    """Sealed sheets and contractors' files of one campaign, erased together by two people; their hashes stay."""

    __tablename__ = "purges"
    __table_args__ = ({"info": reference()},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    act_number: Mapped[int]
    sheets: Mapped[int]
    files: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
