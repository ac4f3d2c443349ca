"""Table of window ratings (窗口评价)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed, reference
from survey_models.units.tables import Window


class Rating(Base):
    """One visit rated at one window. ``id`` is made by the terminal, so that sending twice counts once."""

    __tablename__ = "ratings"
    __table_args__ = (
        Index("ix_ratings_window_id_day", "window_id", "day"),
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


def of_visitors() -> ColumnElement[bool]:
    """Ratings that people gave; those of the daily probe enter no number."""
    return Rating.window_id.not_in(select(Window.id).where(Window.canary))
