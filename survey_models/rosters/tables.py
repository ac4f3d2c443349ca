"""Tables of rosters (名册): who may be invited. No column leads to a ticket."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed, reference
from survey_models.core.columns import SLUG


class Roster(Base):
    """A roster of one kind of people for a round. ``opens_on``: the day their test point or campaign opens."""

    __tablename__ = "rosters"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    opens_on: Mapped[date | None]


class RosterEntry(Base):
    """One person; ``sealed`` is the encrypted personal part, ``identity`` a keyed digest for overlaps.

    ``waiver``: why a second office may hire the same person (school and hospital reviews). Of a person removed only
    that the card was handed in is kept, never which card it was.
    """

    __tablename__ = "roster_entries"
    __table_args__ = (
        Index("ix_roster_entries_roster_id_identity", "roster_id", "identity", unique=True),
        {"info": distributed("roster_id")},
    )

    roster_id: Mapped[str] = mapped_column(ForeignKey("rosters.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    identity: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    hired_by: Mapped[str] = mapped_column(String(80))
    new_this_round: Mapped[bool]
    trained_on: Mapped[date | None]
    undertaking_on: Mapped[date | None]
    removed_on: Mapped[date | None]
    waiver: Mapped[str] = mapped_column(String(200), default="", server_default="")
    removal_reason: Mapped[str | None] = mapped_column(String(200))
    card_handed_in: Mapped[bool | None]


class RosterDraw(Base):
    """Some of a roster's people, drawn by lot (从名册抽取评议代表). Its draw (抽样) has the same id.

    ``rules``: ``people`` to draw, ``new_least`` of them newly hired, ``eligible``, and who was ``excluded`` and why.
    """

    __tablename__ = "roster_draws"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    roster_id: Mapped[str] = mapped_column(ForeignKey("rosters.id"), index=True)
    rules: Mapped[dict[str, Any]] = mapped_column(Json)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
