"""Renames, mergers and splits of units (更名, 合并, 分设): the old code is closed, a link leads to the new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.units import service as units
from survey_models.units.tables import Unit, UnitLink, Window

LONGEST_NAME = 80


@dataclass(frozen=True)
class Successor:
    """A unit after the change: code and name; a code that is there already goes on as it is (并入)."""

    code: str
    name: str = ""


def succeed(
    session: Session, past: Sequence[str], after: Sequence[Successor], *, since: date, by: str, at: datetime
) -> list[Unit]:
    """Close the units ``past`` on the day before ``since`` and link ``after``: one to one, many to one, one to many.

    The new ones have category, place in the list and flags of the first one closed; windows go along unless the unit
    was split. Raises ``units_succession_unfit``.
    """
    closed = [_open_unit(session, code) for code in past]
    _check(past, after, since, closed)
    made = [_unit(session, one, closed[0], since) for one in after]
    session.flush()
    for old in closed:
        old.valid_to = since - timedelta(days=1)
        for new in made:
            session.add(UnitLink(code=new.code, predecessor=old.code, since=since))
    if len(made) == 1:
        for window in session.scalars(select(Window).where(Window.unit_code.in_(past))):
            window.unit_code = made[0].code
    session.flush()
    body = {"past": list(past), "after": [one.code for one in made], "since": since.isoformat()}
    record(session, SYSTEM_LOG, Event.UNITS_SUCCEEDED, body, at=at, by=by)
    return made


def _open_unit(session: Session, code: str) -> Unit:
    found = session.get(Unit, code)
    if found is None or found.valid_to is not None:
        raise _unfit(f"没有在用的单位 {code}", f"there is no unit {code} in force")
    return found


def _check(past: Sequence[str], after: Sequence[Successor], since: date, closed: Sequence[Unit]) -> None:
    codes = [one.code for one in after]
    if not past or not after or (len(past) > 1 and len(after) > 1):
        raise _unfit("只能一对一、多对一或一对多", "it is one to one, many to one or one to many")
    if len({*past, *codes}) != len(past) + len(codes):
        raise _unfit("原单位和新单位的代码不能相同", "old and new codes differ")
    if any(unit.valid_from is not None and unit.valid_from >= since for unit in closed):
        raise _unfit("日期早于原单位的设立", "the day lies before the old unit began")


def _unit(session: Session, wanted: Successor, like: Unit, since: date) -> Unit:
    there = session.get(Unit, wanted.code)
    if there is not None:
        if there.valid_to is not None:
            raise _unfit(f"{wanted.code} 已经撤销", f"{wanted.code} is closed")
        return there
    if not units.fit(wanted.code, wanted.name) or len(wanted.name) > LONGEST_NAME:
        raise _unfit("新单位要有代码和名称", "a new unit has a code and a name")
    made = Unit(
        code=wanted.code,
        name=wanted.name,
        category=like.category,
        position=like.position,
        superior_led=like.superior_led,
        has_window=like.has_window,
        serves_enterprises=like.serves_enterprises,
        flags_source=like.flags_source,
        area_code=like.area_code,
        valid_from=since,
        valid_to=None,
    )
    session.add(made)
    return made


def _unfit(why: str, why_en: str) -> Problem:
    return Problem("units_succession_unfit", why=why, why_en=why_en)
