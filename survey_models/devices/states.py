"""Table of what terminals say of themselves (心跳)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class DeviceState(Base):
    """What a terminal last said of itself (心跳): when, its program, ratings that wait or were refused, its clock.

    ``clock_offset``: seconds that its clock is ahead of the server's.
    """

    __tablename__ = "device_states"
    __table_args__ = ({"info": reference()},)

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(40))
    waiting: Mapped[int]
    refused: Mapped[int]
    clock_offset: Mapped[int]
