"""Decisions about marks (评分): whose part it is, what a value may be, what a correction needs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.sources import Decay, Marks, Tiers

DECIMALS = 4
MEMBER_LENGTH, REASON_LENGTH = 40, 200
WITHDRAWN = ""
# Nothing in a scheme limits the marks that only put units in order.
MOST = Decimal(1_000_000)
_NUMBER = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,24})?")

Markable = Marks | Decay | Tiers


@dataclass(frozen=True)
class Entry:
    """One mark as it was sent: decimal text, or empty to withdraw one. ``row``: of the file, None outside one."""

    unit: str
    value: str
    member: str = ""
    reason: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Field:
    """What may be entered for one part: the units that have it, by code, and the newest value of each mark so far."""

    part: Part
    source: Markable
    units: Mapping[str, str]
    known: Mapping[tuple[str, str], str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    """Units of the round that do not have this part."""


@dataclass(frozen=True)
class Taken:
    """What a list of entries comes to: new marks, corrections, and how many say what is known already."""

    new: tuple[Entry, ...]
    corrected: tuple[Entry, ...]
    unchanged: int


@dataclass(frozen=True)
class MarkFault:
    """One fault: the column it is in (``unit``, ``member``, ``value``, ``reason``), its code, what fills the words."""

    entry: Entry
    column: str
    problem: Problem


def markable(scheme: Scheme, part_id: str) -> Part:
    """The part that marks may be entered for. Raises ``mark_not_for_component`` for a survey and anything else."""
    found = next((part for part in leaves(scheme) if part.id == part_id), None)
    if found is None or not isinstance(found.source, Marks | Decay | Tiers):
        raise Problem("mark_not_for_component", part=part_id[:MEMBER_LENGTH])
    return found


def source_of(part: Part) -> Markable:
    """The source of a part that ``markable`` gave."""
    if not isinstance(part.source, Marks | Decay | Tiers):
        raise Problem("mark_not_for_component", part=part.id)
    return part.source


def check_office(part: Part, office: str | None) -> None:
    """Only the office that the document names enters marks. Raises ``mark_not_your_office``."""
    if office is None or office != source_of(part).office:
        raise Problem("mark_not_your_office", part=part.id, office=source_of(part).office)


def panel_of(source: Markable) -> int | None:
    """How many members a panel has at least; None: the office gives one mark."""
    return source.panel if isinstance(source, Marks) else None


def limits(source: Markable, units: int) -> tuple[Decimal, Decimal]:
    """The least and the largest value."""
    if isinstance(source, Marks):
        return Decimal(0), source.scale
    if isinstance(source, Decay) and source.enter == "places":
        return Decimal(1), Decimal(units)
    return Decimal(0), MOST


def written(value: str) -> str:
    """A number in its one spelling: no idle zeros. Raises ``mark_not_a_number``, ``mark_too_fine``."""
    if not _NUMBER.fullmatch(value):
        raise Problem("mark_not_a_number", value=value[:MEMBER_LENGTH])
    number = Decimal(value)
    if -int(number.as_tuple().exponent) > DECIMALS and number != round(number, DECIMALS):
        raise Problem("mark_too_fine", value=value[:MEMBER_LENGTH], decimals=DECIMALS)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def take(entries: Sequence[Entry], of: Field) -> tuple[Taken, list[MarkFault]]:
    """Look at every entry. What is taken is only meant where there is no fault."""
    new, corrected, faults = [], [], []
    unchanged = 0
    seen: dict[tuple[str, str], int] = {}
    for place, entry in enumerate(entries, start=1):
        try:
            clean = _checked(entry, of)
        except _At as fault:
            faults.append(MarkFault(entry, fault.column, fault.problem))
            continue
        key = (clean.unit, clean.member)
        if key in seen:
            faults.append(MarkFault(entry, "unit", Problem("mark_repeated", unit=clean.unit, first=seen[key])))
            continue
        seen[key] = entry.row or place
        before = of.known.get(key)
        if before == clean.value or (before is None and clean.value == WITHDRAWN):
            unchanged += 1
        elif before is None:
            new.append(clean)
        elif not clean.reason:
            faults.append(MarkFault(entry, "reason", Problem("mark_reason_missing", unit=clean.unit)))
        else:
            corrected.append(clean)
    return Taken(tuple(new), tuple(corrected), unchanged), faults


class _At(Exception):
    def __init__(self, column: str, problem: Problem) -> None:
        super().__init__(problem.code)
        self.column = column
        self.problem = problem


def _checked(entry: Entry, of: Field) -> Entry:
    if entry.unit in of.others:
        raise _At("unit", Problem("mark_not_for_unit", unit=entry.unit, part=of.part.id))
    if entry.unit not in of.units:
        raise _At("unit", Problem("mark_unit_unknown", unit=entry.unit[:MEMBER_LENGTH]))
    _check_member(entry, of)
    if len(entry.reason) > REASON_LENGTH:
        raise _At("reason", Problem("reason_unfit", limit=REASON_LENGTH))
    value = WITHDRAWN if entry.value == WITHDRAWN else _value(entry, of)
    return Entry(entry.unit, value, entry.member, entry.reason, entry.row)


def _check_member(entry: Entry, of: Field) -> None:
    panel = panel_of(of.source)
    if panel is None and entry.member:
        raise _At("member", Problem("mark_member_unwanted", part=of.part.id))
    if panel is not None and not 0 < len(entry.member) <= MEMBER_LENGTH:
        raise _At("member", Problem("mark_member_missing", part=of.part.id))


def _value(entry: Entry, of: Field) -> str:
    try:
        value = written(entry.value)
    except Problem as problem:
        raise _At("value", problem) from None
    low, high = limits(of.source, len(of.units))
    whole = isinstance(of.source, Decay) and of.source.enter == "places"
    if not low <= Decimal(value) <= high or (whole and "." in value):
        raise _At("value", Problem("mark_out_of_range", value=value, low=f"{low:f}", high=f"{high:f}"))
    return value


def digest_of(round_id: str, part: str, rows: Sequence[tuple[str, str, int, str]]) -> str:
    """The digest of (unit, member, version, value) rows, in one order, for the ledger."""
    return digest({"round": round_id, "part": part, "marks": [list(row) for row in sorted(rows)]})
