"""A bad rating opens a finding (差评), in the transaction that stores the rating."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from survey_models.core.ids import new_id
from survey_models.core.upsert import insert_new
from survey_models.findings.tables import NEW, RATING, Finding


@dataclass(frozen=True)
class BadRating:
    """What the complaint desk hears of a rating; ``mark``: why it is not counted, None where it is."""

    rating_id: uuid.UUID
    window_id: str
    unit_code: str | None
    code: str
    reasons: Sequence[str]
    mark: str | None


def open_findings(connection: Connection, ratings: Sequence[BadRating], *, at: datetime) -> None:
    """Open a finding for each rating that has none yet. Nobody waits for it, so it stands or falls with the rating."""
    rows = [
        {
            "id": new_id(),
            "round_id": None,
            "unit_code": one.unit_code,
            "window_id": one.window_id,
            "rating_id": one.rating_id,
            "kind": RATING,
            "article": "",
            "points": "",
            "state": NEW,
            "due_on": None,
            "body": {"level": one.code, "reasons": list(one.reasons), "mark": one.mark},
            "made_by": "system",
            "made_at": at,
        }
        for one in ratings
    ]
    if rows:
        insert_new(connection, Finding, rows, key="id")
