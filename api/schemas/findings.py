"""Wire forms of findings that bad ratings opened."""

from __future__ import annotations

import uuid
from datetime import date

from pydantic import BaseModel

from survey_models.findings.bad_ratings import BadRatingFinding
from survey_models.ratings.rules import LEVELS, REASONS


class BadRatingView(BaseModel):
    """A bad rating for the complaint desk: the day, never the minute. ``mark``: why it is not counted, or null."""

    id: uuid.UUID
    state: str
    day: date
    window_id: str
    window: str
    number: str
    unit: str | None
    level: str
    level_label: str
    level_label_en: str
    reasons: list[str]
    reason_labels: list[str]
    reason_labels_en: list[str]
    mark: str | None

    @classmethod
    def of(cls, found: BadRatingFinding) -> BadRatingView:
        """The finding in both languages."""
        zh, en = LEVELS[found.level]
        words = [REASONS[reason] for reason in found.reasons]
        return cls(
            id=found.id,
            state=found.state,
            day=found.day,
            window_id=found.window.id,
            window=found.window.name,
            number=found.window.number,
            unit=found.unit.name if found.unit else None,
            level=found.level,
            level_label=zh,
            level_label_en=en,
            reasons=found.reasons,
            reason_labels=[pair[0] for pair in words],
            reason_labels_en=[pair[1] for pair in words],
            mark=found.mark,
        )
