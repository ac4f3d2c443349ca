"""Units (被评议单位) and windows (窗口): import with a stated count, listing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units.tables import Unit, Window

# It stands in file names, addresses and headers of answers.
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")


def fit(code: str, name: str) -> bool:
    """Whether somebody may call a unit so: a code of ASCII letters, digits and ``._-``, a name in which all prints."""
    return _CODE.fullmatch(code) is not None and bool(name.strip()) and name.isprintable()


def import_units(
    session: Session, rows: Sequence[Mapping[str, str]], *, stated: int, by: str, at: datetime
) -> list[Unit]:
    """Import a unit list. Its length must be the stated count; otherwise nothing is imported.

    Columns: code, name, category, order, superior_led (0/1), flags_source, and where it has one area_code (区县).
    """
    if len(rows) != stated or len({row["code"] for row in rows}) != len(rows):
        raise Problem("units_count_differs", found=len({row["code"] for row in rows}), stated=stated)
    units = [
        Unit(
            code=row["code"],
            name=row["name"],
            category=row["category"],
            position=int(row["order"]),
            superior_led=row["superior_led"] == "1",
            has_window=None,
            serves_enterprises=None,
            flags_source=row["flags_source"],
            # A list without the column leaves what is known.
            **({"area_code": row["area_code"] or None} if "area_code" in row else {}),
            valid_from=None,
            valid_to=None,
        )
        for row in rows
    ]
    for unit in units:
        session.merge(unit)
    session.flush()
    body = {"count": len(units), "codes": [unit.code for unit in units]}
    record(session, SYSTEM_LOG, Event.UNITS_IMPORTED, body, at=at, by=by)
    return units


def all_units(session: Session) -> Sequence[Unit]:
    """Every unit in its order."""
    return session.scalars(select(Unit).order_by(Unit.position, Unit.code)).all()


def add_window(session: Session, window: Window, *, by: str | None, at: datetime) -> Window:
    """Register a service window."""
    session.add(window)
    session.flush()
    record(session, SYSTEM_LOG, Event.WINDOW_MADE, {"window": window.id, "name": window.name}, at=at, by=by)
    return window


def get_window(session: Session, window_id: str) -> Window:
    """A window. Raises ``window_unknown``, also for the one of the daily probe."""
    found = session.get(Window, window_id)
    if found is None or found.canary:
        raise Problem("window_unknown")
    return found


def all_windows(session: Session) -> Sequence[Window]:
    """Every window by its number, that of the daily probe apart."""
    return session.scalars(select(Window).where(Window.canary.is_(False)).order_by(Window.number, Window.id)).all()
