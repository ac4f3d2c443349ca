"""Table of window ratings (窗口评价)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed, reference
from survey_models.core.columns import one_of
from survey_models.units.tables import Window


def _day_of_arrival(context: Any) -> date:
    day: date = context.get_current_parameters()["day"]
    return day


class Rating(Base):
    """One visit rated at one window. ``id`` is made by the terminal, so that sending twice counts once.

    ``channel``: ``terminal``, or ``onsite`` for a person's own phone that scanned the terminal's changing code.
    ``day``: of its arrival; ``given_on``: on which it was given, by the terminal's clock. ``mark``: why it is kept and
    not counted (``too_soon``, ``no_case``, ``late``); None: it counts.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        Index("ix_ratings_window_id_day", "window_id", "day"),
        Index("ix_ratings_window_id_given_on", "window_id", "given_on"),
        Index("ix_ratings_window_id_device_id_device_time", "window_id", "device_id", "device_time"),
        {"info": distributed("window_id")},
    )

    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    device_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    code: Mapped[str] = mapped_column(String(1))
    reasons: Mapped[list[Any]] = mapped_column(Json)
    device_time: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[date]
    channel: Mapped[str] = mapped_column(String(8), default="terminal")
    given_on: Mapped[date] = mapped_column(default=_day_of_arrival)
    mark: Mapped[str | None] = mapped_column(String(10))


class DeviceTap(Base):
    """One number of a terminal's outbox: which tap bears it, its hash and the hash before it.

    Kept for refused taps too, so that a gap in the numbers is a tap that has not come yet.
    """

    __tablename__ = "device_taps"
    __table_args__ = ({"info": distributed("device_id")},)

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)


class Why(StrEnum):
    """Why a tap waits for the office.

    Another one bears its number; its chain does not continue; its device is quarantined, or withdrawn; it was given at
    another window than the one its device stands at now.
    """

    FORK = "fork"
    CHAIN = "chain"
    QUARANTINE = "quarantine"
    REVOKED = "revoked"
    OTHER_WINDOW = "other_window"


class AsideRating(Base):
    """A tap kept aside until two people decide (待定评价); it enters no number before. ``outcome``: counted or left."""

    __tablename__ = "aside_ratings"
    __table_args__ = (one_of("why", Why), {"info": distributed("device_id")})

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int]
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"))
    code: Mapped[str] = mapped_column(String(1))
    reasons: Mapped[list[Any]] = mapped_column(Json)
    case: Mapped[str] = mapped_column(String(80))
    device_time: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(12))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(8))


class OnsiteCode(Base):
    """A changing code of a terminal (现场动态码) that was spent: device, minute, and the one rating it brought."""

    __tablename__ = "onsite_codes"
    __table_args__ = ({"info": distributed("device_id")},)

    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)


class Callback(Base):
    """A telephone number that somebody left to be called back (回访电话), under an id of its own.

    It stands beside no rating: window and day are all that is known. ``sealed``: the number, encrypted with a key of
    the data folder; None once the call was made or its time is over.
    """

    __tablename__ = "callbacks"
    __table_args__ = ({"info": distributed("window_id")},)

    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    day: Mapped[date]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class CanaryRun(Base):
    """One daily probe (每日探测): every level was sent as a terminal sends it, and looked for in the database.

    ``problem``: the code or kind of what went wrong, None where all were stored as sent.
    """

    __tablename__ = "canary_runs"
    __table_args__ = (Index("ix_canary_runs_at", "at"), {"info": reference()})

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent: Mapped[int]
    stored: Mapped[int]
    problem: Mapped[str | None] = mapped_column(String(60))


class RatingVoid(Base):
    """A correction (作废窗口评价): the ratings of a window tapped from ``begins`` to before ``ends``, set aside by two.

    ``device_id``: of one terminal only. The rows of the ratings stay as they are; this row marks them.
    """

    __tablename__ = "rating_voids"
    __table_args__ = ({"info": distributed("window_id")},)

    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    device_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    begins: Mapped[datetime] = mapped_column(UtcDateTime)
    ends: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(400))
    act_number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


def of_visitors() -> ColumnElement[bool]:
    """Ratings that people gave; those of the daily probe enter no number."""
    return Rating.window_id.not_in(select(Window.id).where(Window.canary))
