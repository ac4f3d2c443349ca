"""Tables of duties (报送任务). What is owed stands in the scheme; here is what was sent, and how deeds go on."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference


class DutyFile(Base):
    """A file that a debtor handed in for one duty and period; ``part`` of the checklist, empty: the document itself."""

    __tablename__ = "duty_files"
    __table_args__ = (Index("ix_duty_files_round_id_duty_debtor", "round_id", "duty", "debtor"), {"info": reference()})

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    duty: Mapped[str] = mapped_column(String(40))
    debtor: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(10))
    part: Mapped[str] = mapped_column(String(120))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    size: Mapped[int]
    characters: Mapped[int | None]
    sent_by: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DutySubmission(Base):
    """What was submitted, with its receipt; a later one is a new version, and the earlier ones stay.

    ``files``: ids of ``duty_files``; ``deeds``: what is promised in public, in order. A submission that was sent back
    (退回) counts as none.
    """

    __tablename__ = "duty_submissions"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(String(40), primary_key=True)
    debtor: Mapped[str] = mapped_column(String(80), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    receipt: Mapped[str] = mapped_column(String(14), unique=True)
    text: Mapped[str] = mapped_column(Text)
    characters: Mapped[int | None]
    deeds: Mapped[list[Any]] = mapped_column(Json)
    files: Mapped[list[Any]] = mapped_column(Json)
    sent_by: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    returned_by: Mapped[str | None] = mapped_column(String(40))
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_reason: Mapped[str | None] = mapped_column(String(200))


class DeedUpdate(Base):
    """How a deed promised in public (公开承诺的实事) goes on: percent done and words; nothing is overwritten."""

    __tablename__ = "deed_updates"
    __table_args__ = (CheckConstraint("percent BETWEEN 0 AND 100", name="percent_of_100"), {"info": reference()})

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(String(40), primary_key=True)
    debtor: Mapped[str] = mapped_column(String(80), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    deed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    percent: Mapped[int]
    text: Mapped[str] = mapped_column(String(400))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
