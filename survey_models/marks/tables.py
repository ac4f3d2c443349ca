"""Tables of marks (评分): scores that other offices send in, and the sendings that brought them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference
from survey_models.core.columns import one_of


class MarkState(StrEnum):
    """A mark is entered by one person and approved by another; only approved ones count."""

    ENTERED = "entered"
    APPROVED = "approved"


class MarkSending(Base):
    """One act of sending (送分): a form, a list or a file, with its attachment; ``digest`` is over what was sent.

    ``sha256``: the workbook, ``attachment``: the signed paper beside it, both kept as they came.
    """

    __tablename__ = "mark_sendings"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    component: Mapped[str] = mapped_column(String(40))
    office: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"))
    attachment_name: Mapped[str] = mapped_column(String(200))
    attachment: Mapped[str | None] = mapped_column(ForeignKey("blobs.sha256"))
    sent_by: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Mark(Base):
    """One mark of one unit for one part of the scheme; a correction is a new version. ``value`` is decimal text.

    ``member``: who of a panel gave it; empty where the office gives one mark.
    """

    __tablename__ = "marks"
    __table_args__ = (one_of("state", MarkState), {"info": reference()})

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    component: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    member: Mapped[str] = mapped_column(String(40), primary_key=True, default="", server_default="")
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(10), default="entered", server_default="entered")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    sending_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("mark_sendings.id"))
    sent_by: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
