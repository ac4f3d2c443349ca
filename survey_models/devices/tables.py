"""Tables of terminals (评价器) and their pairing codes."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class Device(Base):
    """A paired terminal; only the digest of its token is kept.

    ``paused_at``: since when it may show no codes, after too many wrong ones; its window ratings go on.
    ``public_key``: of the pair that the device made itself and cannot give away; None for a tablet without one.
    ``unsigned``: paired before there were keys, or the daily probe: its lists are taken without a signature.
    ``quarantined_at``: since when its taps are kept aside, because two chains bear its number (隔离).
    """

    __tablename__ = "devices"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public_key: Mapped[str | None] = mapped_column(String(88))
    unsigned: Mapped[bool] = mapped_column(default=False)
    quarantined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DevicePairing(Base):
    """A pairing code (配对码): good for one window, once, until ``expires_at``.

    Tries are not counted: a wrong code belongs to no pairing, and 40 random bits outlast ten minutes of guessing.
    """

    __tablename__ = "device_pairings"
    __table_args__ = ({"info": reference()},)

    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
