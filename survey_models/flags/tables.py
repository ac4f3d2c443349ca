"""Table of flags (疑点). A flag points; it deletes nothing."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG, one_of


class Rule(StrEnum):
    """Every detector, by the id that it has in rules.yaml."""

    WINDOW_BURST = "window_burst"
    RATINGS_OVER_CASES = "ratings_over_cases"
    CELL_BURST = "cell_burst"
    LATE_SURGE = "late_surge"
    CHANNEL_MIX = "channel_mix"
    TOP_BOX = "top_box"
    STRAIGHT_LINING = "straight_lining"
    SPEEDING = "speeding"
    UNIT_SHIFT = "unit_shift"
    NEAR_DUPLICATES = "near_duplicates"


class FlagState(StrEnum):
    """A flag waits (open) until two people set it aside (dismissed) or void what it points at (voided)."""

    OPEN = "open"
    DISMISSED = "dismissed"
    VOIDED = "voided"


class Flag(Base):
    """One sign of stuffing: of a campaign (and there perhaps of one upload), or of a window.

    ``scope`` says where, in numbers that a correction can use (stratum_no, point_no, channel, unit, area, day, lines)
    and in ``label`` for people; ``evidence`` holds the numbers that were seen, text where they are not whole;
    ``rule_set`` is the hash of the rules it was found by; ``mark`` is the digest of target, rule and scope, by which
    the same finding of another day is the same flag. ``act_number``: the act of two people that decided it.
    """

    __tablename__ = "flags"
    __table_args__ = (
        one_of("rule", Rule),
        one_of("state", FlagState),
        Index("ix_flags_campaign_id_state", "campaign_id", "state"),
        Index("ix_flags_window_id_state", "window_id", "state"),
        {"info": reference()},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    window_id: Mapped[str | None] = mapped_column(String(SLUG), ForeignKey("windows.id"))
    upload_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("uploads.id"))
    rule: Mapped[str] = mapped_column(String(24))
    rule_set: Mapped[str] = mapped_column(String(64))
    scope: Mapped[dict[str, Any]] = mapped_column(Json)
    evidence: Mapped[dict[str, Any]] = mapped_column(Json)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    act_number: Mapped[int | None]
