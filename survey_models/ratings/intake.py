"""Storing window ratings inside the intake's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from survey_models.cases.intake import Claim, claim
from survey_models.core.clock import local_day
from survey_models.core.upsert import insert_new
from survey_models.findings.intake import BadRating, open_findings
from survey_models.ratings.marking import marked, windows_of
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.rules import BAD
from survey_models.ratings.tables import Rating


@dataclass(frozen=True)
class RatingItem:
    """One tap at one window. ``case``: the token of the case (办件) that it rates, None without one."""

    window_id: str
    id: uuid.UUID
    device_id: uuid.UUID
    code: str
    reasons: list[str]
    device_time: datetime
    case: str | None = None
    channel: str = "terminal"


# Whether a rating is new; or, where it will never be taken, the code that says why.
Became = bool | str


def store_ratings(
    connection: Connection, items: Sequence[RatingItem], *, at: datetime, zone: str, counting: Counting = COUNTING
) -> list[Became]:
    """Store the items that are new, each with its mark; for each item what became of it.

    The same id twice is one rating; a second rating of one case is refused: ``case_rated``, ``case_unknown``,
    ``case_expired``. A bad one opens a finding.
    """
    day = local_day(at, zone)
    refused = _claim(connection, items, day)
    kept = {item.id: item for item in items if item.id not in refused}
    windows = windows_of(connection, list(kept.values()))
    modes = {window.id: window.mode for window in windows.values()}
    given = marked(connection, list(kept.values()), modes, counting=counting, at=at, zone=zone)
    rows = [{**_row(item, at, day), **given[item.id].columns} for item in kept.values()]
    new = insert_new(connection, Rating, rows, key="id") if rows else set()
    bad = [
        BadRating(item.id, item.window_id, windows[item.window_id].unit_code, item.code, item.reasons, given[id_].mark)
        for id_, item in kept.items()
        if id_ in new and item.code in BAD and not windows[item.window_id].canary
    ]
    open_findings(connection, bad, at=at)
    outcome: list[Became] = []
    for item in items:
        outcome.append(refused.get(item.id, item.id in new))
        new.discard(item.id)
    return outcome


def _claim(connection: Connection, items: Sequence[RatingItem], day: date) -> dict[uuid.UUID, str]:
    """Claim the cases of ratings that are not stored yet; by rating why it is refused."""
    with_case = {item.id: item for item in items if item.case is not None}
    if not with_case:
        return {}
    windows = {item.window_id for item in with_case.values()}
    query = select(Rating.id).where(Rating.window_id.in_(windows), Rating.id.in_(with_case))
    stored = set(connection.execute(query).scalars())
    claims = [
        Claim(id_, item.window_id, item.case or "", item.device_time)
        for id_, item in with_case.items()
        if id_ not in stored
    ]
    return claim(connection, claims, day=day) if claims else {}


def _row(item: RatingItem, at: datetime, day: date) -> dict[str, Any]:
    """The columns of a rating; which case it rated is not kept beside it."""
    row = asdict(item)
    del row["case"]
    return {**row, "received_at": at, "day": day}
