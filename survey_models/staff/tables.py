"""Tables of window staff (窗口工作人员), their photos and duties, and of units' boards (亮承诺)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class Staff(Base):
    """A person at a window (窗口工作人员) by staff number, as the badge shows them; a number is never given to another.

    ``political``: 政治面貌. ``mobile``: shown only where somebody chose to enter it. ``left_at``: no longer on duty.
    """

    __tablename__ = "staff"
    __table_args__ = ({"info": reference()},)

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    post: Mapped[str] = mapped_column(String(60))
    political: Mapped[str] = mapped_column(String(20))
    mobile: Mapped[str | None] = mapped_column(String(20))
    photo: Mapped[str | None] = mapped_column(ForeignKey("staff_photos.sha256"))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffPhoto(Base):
    """A badge photo under the SHA-256 of its cleaned bytes; ``media`` is ``image/jpeg`` or ``image/png``."""

    __tablename__ = "staff_photos"
    __table_args__ = ({"info": reference()},)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media: Mapped[str] = mapped_column(String(10))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Duty(Base):
    """Who is on duty (在岗) at a window, from ``starts_at`` until ``ends_at``; None: still. Never changed once over."""

    __tablename__ = "duties"
    __table_args__ = (Index("ix_duties_staff_number", "staff_number"), {"info": reference()})

    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    staff_number: Mapped[str] = mapped_column(ForeignKey("staff.number"))
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UnitBoard(Base):
    """What a unit shows to everybody at its windows: 承诺 and 便民服务指南, plain text."""

    __tablename__ = "unit_boards"
    __table_args__ = ({"info": reference()},)

    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    promise: Mapped[str] = mapped_column(Text)
    guide: Mapped[str] = mapped_column(Text)
