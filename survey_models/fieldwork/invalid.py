"""Sheets that came in and do not count (无效问卷): counters by cell, kept where it happens; no sheet is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.core.upsert import add_to, put
from survey_models.fieldwork.tables import Invalid, Why
from survey_models.gate.tables import GateQuota

Cell = tuple[int, int]
_KEY = ("campaign_id", "stratum_no", "point_no", "why")


def note(session: Session, campaign_id: str, cells: Mapping[Cell, int], why: Why) -> None:
    """Add so many sheets to each cell (stratum, point); a negative number takes back what was noted."""
    if rows := _rows(campaign_id, cells, why):
        add_to(session.connection(), Invalid, rows, key=_KEY, counters=("sheets",))


def state(session: Session, campaign_id: str, cells: Mapping[Cell, int], why: Why) -> None:
    """Say anew how many sheets of each cell there are, whatever was noted before."""
    if rows := _rows(campaign_id, cells, why):
        put(session.connection(), Invalid, rows, key=_KEY, values=("sheets",))


def _rows(campaign_id: str, cells: Mapping[Cell, int], why: Why) -> list[dict[str, str | int]]:
    return [
        {"campaign_id": campaign_id, "stratum_no": stratum, "point_no": point, "why": why.value, "sheets": sheets}
        for (stratum, point), sheets in sorted(cells.items())
        if sheets
    ]


def by_cell(session: Session, campaign_id: str) -> Counter[Cell]:
    """Sheets by cell: refused when they were typed, set aside, or over a full quota (配额)."""
    found: Counter[Cell] = Counter()
    noted = select(Invalid.stratum_no, Invalid.point_no, func.sum(Invalid.sheets))
    over = select(GateQuota.stratum_no, GateQuota.point_no, func.sum(GateQuota.over))
    for table, query in ((Invalid, noted), (GateQuota, over)):
        rows = query.where(table.campaign_id == campaign_id).group_by(table.stratum_no, table.point_no)
        for stratum, point, sheets in session.execute(rows):
            found[stratum, point] += int(sheets)
    return +found
