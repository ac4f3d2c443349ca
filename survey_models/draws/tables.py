"""Tables of draws (抽样)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed, reference
from survey_models.core.columns import SLUG


class Draw(Base):
    """A draw: design and frame digest are fixed when planned, the seed comes after, in public.

    ``what`` is ``rows`` or ``points``; ``design`` holds the method and its numbers (see ``designs``);
    ``salt`` stands in every order key; ``result_digest`` covers the entries drawn when it was run, in order.
    ``extensions`` are the lots added later: ``{"stratum", "more", "result"}``, the digest of all lots after it.
    """

    __tablename__ = "draws"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(SLUG), index=True)
    frame_id: Mapped[str] = mapped_column(ForeignKey("frames.id"))
    what: Mapped[str] = mapped_column(String(10))
    design: Mapped[dict[str, Any]] = mapped_column(Json)
    frame_digest: Mapped[str] = mapped_column(String(64))
    design_digest: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(60))
    seed: Mapped[str | None] = mapped_column(String(80))
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result_digest: Mapped[str | None] = mapped_column(String(64))
    extensions: Mapped[list[dict[str, Any]]] = mapped_column(Json)


class DrawRow(Base):
    """One drawn entry: its stratum, its lot number in it (1 = first), and whether it is a reserve.

    ``probability`` is the inclusion probability (入样概率) as an exact fraction, ``3/10``; a reserve has none.
    """

    __tablename__ = "draw_rows"
    __table_args__ = ({"info": distributed("draw_id")},)

    draw_id: Mapped[str] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    entry: Mapped[str] = mapped_column(String(40), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(40))
    lot: Mapped[int]
    reserve: Mapped[bool]
    probability: Mapped[str | None] = mapped_column(String(80))
