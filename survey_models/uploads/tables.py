"""Tables of uploads (上传): the bytes by their hash, the faults, the state."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import one_of


class UploadState(StrEnum):
    """received → rejected, or checked → entering → accepted; withdrawn until counting."""

    RECEIVED = "received"
    REJECTED = "rejected"
    CHECKED = "checked"
    ENTERING = "entering"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Blob(Base):
    """Bytes as they came, kept under their SHA-256."""

    __tablename__ = "blobs"
    __table_args__ = ({"info": reference()},)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Upload(Base):
    """A contractor's file for one campaign; the same bytes are one upload, however often sent.

    ``columns``: what each column of the file stands for, where its heading alone does not say it. ``checked``: how far
    the check has come, in hundredths.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        UniqueConstraint("campaign_id", "sha256"),
        one_of("state", UploadState),
        {"info": reference()},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"))
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    state: Mapped[str] = mapped_column(String(12))
    rows: Mapped[int]
    entered: Mapped[int]
    checked: Mapped[int] = mapped_column(default=0, server_default="0")
    columns: Mapped[list[Any] | None] = mapped_column(Json)
    summary: Mapped[dict[str, Any]] = mapped_column(Json)
    sent_by: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(400))


class UploadMapping(Base):
    """What the columns of files with the same headings stand for (对列), as a person said it for a campaign."""

    __tablename__ = "upload_mappings"
    __table_args__ = ({"info": reference()},)

    account: Mapped[str] = mapped_column(String(40), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    headings: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[list[Any]] = mapped_column(Json)


class UploadFault(Base):
    """One fault of a file: where, which, and what fills its sentences."""

    __tablename__ = "upload_faults"
    __table_args__ = ({"info": reference()},)

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[int | None]
    column: Mapped[str | None] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(Json)
