"""Counters of tickets per cell and day: how many were issued, opened and done; never which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from survey_models.core.upsert import add_to
from survey_models.tickets.tables import TicketCounter

Cell = tuple[str, int, int]  # campaign, stratum, point


def count(connection: Connection, cells: Iterable[Cell], *, day: date, column: str) -> None:
    """Add one to ``column`` for each cell, in the order of their keys so that two writers never wait in a circle."""
    totals = Counter(cells)
    if not totals:
        return
    rows = [
        {
            "campaign_id": campaign,
            "stratum_no": stratum,
            "point_no": point,
            "day": day,
            "issued": 0,
            "opened": 0,
            "done": 0,
            column: number,
        }
        for (campaign, stratum, point), number in sorted(totals.items())
    ]
    add_to(
        connection,
        TicketCounter,
        rows,
        key=("campaign_id", "stratum_no", "point_no", "day"),
        counters=("issued", "opened", "done"),
    )
