"""The rated units of a period (被评议单位): the preset's list through renames, mergers and splits, or the office's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.frames import service as frames
from survey_models.frames.tables import FrameCell
from survey_models.rounds import asking, service
from survey_models.rounds.periods import Period
from survey_models.rounds.tables import Round
from survey_models.schemes import loading
from survey_models.schemes.language import Scheme
from survey_models.units import service as units
from survey_models.units.tables import Unit, UnitLink

OFFICE, MADE_UP = "set by the office when the round was planned", "made up for a demo"
# Flags that are a column of a unit; the others live with the round.
COLUMNS = ("has_window", "serves_enterprises", "superior_led")
Row = Mapping[str, str]


@dataclass(frozen=True)
class Listed:
    """A unit as it is listed, in the database or still in the preset's list alone.

    ``category``: in this scheme; another one may group the same unit otherwise.
    """

    code: str
    name: str
    category: str
    row: Row
    unit: Unit | None = None


def rounds_in(session: Session, scheme_id: str, period: Period, of: str) -> list[Round]:
    """The rounds of a scheme inside a period, in order; ``of``: of a unit that runs its own."""
    return [one for one, other in service.of_scheme(session, scheme_id, level="round", of=of) if period.holds(other)]


def standing(session: Session, codes: Iterable[str], period: Period) -> dict[str, list[str]]:
    """For each code the units that stand for it in ``period``: itself, or the successors of one that was closed."""
    known = {unit.code: unit for unit in units.all_units(session)}
    next_ones: dict[str, list[str]] = {}
    for link in session.scalars(select(UnitLink).order_by(UnitLink.code)):
        next_ones.setdefault(link.predecessor, []).append(link.code)
    return {code: list(_standing(code, known, next_ones, period.first)) for code in codes}


def listed(session: Session, rows: Sequence[Row], period: Period) -> list[Listed]:
    """The list as it stands in ``period``: a unit that was closed before it gives way to its successors."""
    known = {unit.code: unit for unit in units.all_units(session)}
    stands = standing(session, [row["code"] for row in rows], period)
    found: dict[str, Listed] = {}
    for row in rows:
        for code in stands[row["code"]]:
            unit = known.get(code)
            found.setdefault(code, Listed(code, unit.name if unit else row["name"], row["category"], row, unit))
    return list(found.values())


def _standing(
    code: str, known: Mapping[str, Unit], next_ones: Mapping[str, Sequence[str]], first: date | None
) -> Iterable[str]:
    unit = known.get(code)
    if unit is None or unit.valid_to is None or (first is not None and unit.valid_to >= first):
        return [code]
    return [one for after in next_ones.get(code, ()) for one in _standing(after, known, next_ones, first)]


def with_flag(flag: str, rows: Sequence[Row], there: Mapping[str, Listed]) -> list[str] | None:
    """The units that have a flag, as far as anybody said so; None: nobody did."""
    if flag in COLUMNS:
        said = {code: getattr(one.unit, flag) for code, one in there.items() if one.unit is not None}
        if any(value is not None for value in said.values()):
            return [code for code, value in said.items() if value]
    if any(flag in row for row in rows):
        return [code for code, one in there.items() if one.row.get(flag) == "1"]
    return None


def bring(
    session: Session,
    scheme: Scheme,
    period: Period,
    answers: Mapping[str, Any],
    *,
    by: str,
    at: datetime,
    added: Sequence[Row] = (),
    of: str = "",
) -> list[Listed]:
    """The rated units in order, those that were missing imported, their flags as the office set them.

    ``added``: units beside those of the document, behind them (增加的评议对象). ``of``: the unit that runs the round
    itself, and lists departments (机关科室) of its own and nobody else.

    Raises ``plan_answers_faulty`` for an unfit list, ``units_count_differs`` where its number is not the stated one.
    """
    rows = loading.units_of(scheme)
    if not rows:
        rows = _stated(session, scheme, answers["units"], of=of)
    before = {unit.code for unit in units.all_units(session)}
    missing = [dict(row) for row in (*rows, *added) if row["code"] not in before]
    if missing:
        units.import_units(session, missing, stated=len(missing), by=by, at=at)
    found = listed(session, rows, period)
    _check_number(scheme, rows, found)
    there = {one.code for one in found}
    found += [one for one in listed(session, added, period) if one.code not in there]
    _set_flags([one.unit for one in found if one.unit is not None], answers)
    session.flush()
    return found


def _check_number(scheme: Scheme, rows: Sequence[Row], found: Sequence[Listed]) -> None:
    """The document's number binds its own list; after a merger or a split the list is no longer the document's."""
    stated = {category: number for category, number in scheme.units.stated.items() if number}
    if not stated or {one.code for one in found} != {row["code"] for row in rows}:
        return
    there = Counter(one.category for one in found)
    if any(there[category] != number for category, number in stated.items()):
        raise Problem("units_count_differs", found=len(found), stated=sum(stated.values()))


def _stated(session: Session, scheme: Scheme, answer: Any, *, of: str) -> list[dict[str, str]]:
    """The office's own list: its windows, or rows of code, name and category."""
    categories, own = list(scheme.units.stated), answer != asking.WINDOWS
    if not own and of:
        asking.refuse([{"key": "units", "zh": "请逐行写本单位的科室", "en": "list the departments of your own unit"}])
    if not own:
        answer = [
            {"code": one.id, "name": f"{one.hall} {one.number} {one.name}", "category": categories[0]}
            for one in units.all_windows(session)
        ]
    faults = _faults(answer, categories) or (_taken(session, answer) if own else [])
    if not faults and of:
        faults = _foreign(session, scheme, answer, of)
    if faults:
        asking.refuse(faults)
    return [
        {
            "code": str(row["code"]),
            "name": str(row["name"])[:80],
            "category": str(row["category"]),
            "order": str(position),
            "superior_led": "1" if str(row.get("superior_led", "0")) == "1" else "0",
            "flags_source": OFFICE,
        }
        for position, row in enumerate(answer, start=1)
    ]


def _taken(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Codes that are another unit's by now: a unit that lists its own departments would rate those of another one."""
    known = {unit.code: unit.name for unit in units.all_units(session)}
    return [
        {
            "key": f"units.{number}",
            "zh": f"代码 {row['code']} 已是“{known[str(row['code'])]}”，请另用代码",
            "en": f"the code {row['code']} is that of {known[str(row['code'])]}: take another one",
        }
        for number, row in enumerate(rows, start=1)
        if known.get(str(row["code"]), str(row["name"])[:80]) != str(row["name"])[:80]
    ]


def _foreign(session: Session, scheme: Scheme, rows: Sequence[Mapping[str, Any]], of: str) -> list[dict[str, str]]:
    """Rows that are no departments of the unit: another unit of the city, or a department of one, by code or by name.

    A unit that listed another one would issue cards and have a rating published over it.
    """
    departments: dict[str, set[str]] = {}
    for found, _ in service.of_scheme(session, scheme.scheme, level="round"):
        if unit := service.run_by(found):
            departments.setdefault(unit, set()).update(one.unit_code for one, _ in service.units_of(session, found.id))
    own, anybodys = departments.get(of, set()), set().union(*departments.values())
    known = {unit.code: unit.name for unit in units.all_units(session)}
    named = {name: code for code, name in known.items() if code not in anybodys}
    faults = []
    for number, row in enumerate(rows, start=1):
        code, name = str(row["code"]), str(row["name"])[:80]
        other = known[code] if code in known and code not in own else name if name in named else None
        if other is not None:
            said = {"zh": f"“{other}”不是本单位的科室", "en": f"{other} is no department of your unit"}
            faults.append({"key": f"units.{number}", **said})
    return faults


def _faults(answer: Any, categories: Sequence[str]) -> list[dict[str, str]]:
    if not isinstance(answer, list) or not answer:
        return [{"key": "units", "zh": "逐行写 code, name, category", "en": "rows of code, name and category"}]
    found = []
    for number, row in enumerate(answer, start=1):
        fits = isinstance(row, Mapping) and {"code", "name", "category"} <= set(row)
        if not fits or not units.fit(str(row["code"]), str(row["name"])) or row["category"] not in categories:
            named = "、".join(categories)
            found.append(
                {
                    "key": f"units.{number}",
                    "zh": f"代码（字母和数字）、名称、类别（{named}）",
                    "en": "code (ASCII), name, category",
                }
            )
    return found


def _set_flags(rated: Sequence[Unit], answers: Mapping[str, Any]) -> None:
    flags = answers.get("flags") or {}
    codes = {unit.code for unit in rated}
    unknown = sorted({str(code) for named in flags.values() for code in named} - codes)
    if unknown:
        said = "、".join(unknown[:5])
        asking.refuse([{"key": "flags", "zh": f"没有这些单位：{said}", "en": f"no such units: {said}"}])
    source = MADE_UP if answers.get("purpose") == Purpose.DEMO else OFFICE
    for unit in rated:
        for flag in COLUMNS:
            if flag in flags and getattr(unit, flag) != (unit.code in flags[flag]):
                setattr(unit, flag, unit.code in flags[flag])
                unit.flags_source = source


def cells_of(session: Session, frame_id: str) -> Sequence[FrameCell]:
    """The cells of a frozen counts frame, in order. Raises ``frame_unknown``."""
    frames.get(session, frame_id)
    return session.scalars(select(FrameCell).where(FrameCell.frame_id == frame_id).order_by(FrameCell.no)).all()
