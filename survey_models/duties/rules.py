"""Decisions about duties (报送任务): what is owed when, what a submission must hold, whether it is late. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from survey_models.core.errors import Problem
from survey_models.schemes.added import area_of
from survey_models.schemes.days import Span, due_on, spans
from survey_models.schemes.fitting import fits
from survey_models.schemes.language import Duty, Scheme

UNITS = "units"
MAIN = ""
DEED_LENGTH = 200


class State(StrEnum):
    """``open``: not due yet; ``in_time``; ``late``: came after its day; ``missing``: has not come, its day is over."""

    OPEN = "open"
    IN_TIME = "in_time"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True)
class Debtor:
    """Who owes: a unit by its code, or another body by its name. ``unit``: whether it is a rated unit."""

    id: str
    name: str
    unit: bool
    category: str = ""
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Owed:
    """One duty of one debtor in one period, with the day on which it is due."""

    duty: Duty
    debtor: Debtor
    span: Span
    due: date

    @property
    def key(self) -> tuple[str, str, str]:
        """Duty, debtor and period."""
        return (self.duty.id, self.debtor.id, self.span.label)


@dataclass(frozen=True)
class Draft:
    """What is submitted: text, deeds, and of each file its part of the checklist and its length (None: not counted)."""

    text: str
    characters: int
    deeds: Sequence[str]
    files: Sequence[tuple[str, int | None]]


def owed(
    scheme: Scheme,
    units: Iterable[Debtor],
    first: date,
    last: date,
    *,
    is_working: Callable[[date], bool] | None = None,
) -> list[Owed]:
    """Everything that is owed in a round from ``first`` to ``last``, duty by duty, period by period.

    ``is_working`` is asked only where the document moves a day off to the next working day.
    """
    known = list(units)
    found = []
    for duty in scheme.duties:
        for span, due in _falling_due(duty, first, last, is_working if duty.working else None):
            found += [Owed(duty, debtor, span, due) for debtor in _debtors(duty, known)]
    return found


def _falling_due(
    duty: Duty, first: date, last: date, is_working: Callable[[date], bool] | None
) -> Iterator[tuple[Span, date]]:
    """The periods of a duty in a round, with their days.

    A period that is longer than the round, or reaches over its ends, belongs to the round in which its day falls, or
    ends with its last day where the day comes after both: a year's duty is owed in one half-year.
    """
    inside = spans(duty.per, first, last)
    for span in inside:
        yield span, due_on(duty.due, span, is_working=is_working)
    if duty.per == "round":
        return
    for span in spans(duty.per, date(first.year, 1, 1), date(last.year, 12, 31)):
        if span not in inside and span.first <= last and span.last >= first:
            due = due_on(duty.due, span, is_working=is_working)
            if first <= due <= last or span.last <= last < due:
                yield span, due


def _debtors(duty: Duty, units: Sequence[Debtor]) -> list[Debtor]:
    if duty.who == UNITS:
        mine = [one for one in units if area_of(one.flags) is None]  # a county's own units report to their county
        return [one for one in mine if fits(duty.when, category=one.category, flags=one.flags)]
    return [Debtor(name, name, unit=False) for name in duty.names or (duty.who,)]


def state_of(due: date, sent_on: Sequence[date], today: date) -> State:
    """How an owed thing stands, by the days of the submissions that were not sent back. The day itself is in time."""
    if sent_on:
        return State.IN_TIME if min(sent_on) <= due else State.LATE
    return State.MISSING if today > due else State.OPEN


def faults(duty: Duty, draft: Draft) -> list[Problem]:
    """Everything that a submission lacks or has too much of."""
    found = []
    if not draft.text.strip() and not draft.files and not draft.deeds:
        found.append(Problem("duty_empty"))
    if duty.characters is not None:
        found += _too_long(duty.characters, draft)
    lacking = [part for part in duty.checklist if part not in {part for part, _ in draft.files}]
    if lacking:
        found.append(Problem("duty_parts_missing", parts="、".join(lacking)))
    if not (duty.least or 0) <= len(draft.deeds) <= (duty.most or duty.least or 0):
        least, most = duty.least or 0, duty.most or duty.least or 0
        found.append(Problem("duty_deeds_number", least=least, most=most, number=len(draft.deeds)))
    if any(not 0 < len(deed.strip()) <= DEED_LENGTH for deed in draft.deeds):
        found.append(Problem("duty_deed_unfit", limit=DEED_LENGTH))
    return found


def _too_long(limit: int, draft: Draft) -> list[Problem]:
    """What was typed and the document itself count together; parts of the checklist do not."""
    main = [length for part, length in draft.files if part == MAIN]
    length = draft.characters + sum(one for one in main if one is not None)
    if not length and main:
        return [Problem("duty_not_countable", limit=limit)]
    return [Problem("duty_too_long", limit=limit, length=length)] if length > limit else []


def check_part(duty: Duty, part: str) -> str:
    """A part of the checklist, or the document itself. Raises ``duty_part_unknown``."""
    kept = part.strip()
    if kept and kept not in duty.checklist:
        raise Problem("duty_part_unknown", part=kept[:40])
    return kept
