"""Decisions about findings that need no database: who may take a step, which clocks run, repeats, what it costs."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from survey_models.accounts.rules import Role
from survey_models.calendar.rules import Calendar, Due, deadline
from survey_models.core.errors import Problem
from survey_models.findings.machines import Kind
from survey_models.findings.moves import Clock, Machine, Move, Need

NOTE_LENGTH = 2_000
MOST_POINTS = 1_000
_POINTS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?")
REPEAT_MATTER, REPEAT_MONTH = "repeat_matter", "repeat_month"
"""Triggers of 宣直〔2019〕48号, complaints, article 12(3): a special report (专题自查整改报告) and a 问责建议."""

REFUSAL = "refusal"
"""The scheme's rule for refusing to sign (拒不签字): a violation of its own."""


@dataclass(frozen=True)
class Limits:
    """Time limits in working days and the bounds of the repeat rules; settings of the installation."""

    objection: int = 2
    reply: int = 10
    extension: int = 5
    send_back: int = 3
    verify: int = 1
    rectify: int = 15
    repeat_matter: int = 3
    repeat_count: int = 3
    repeat_days: int = 30

    def days(self, clock: Clock) -> int:
        """Working days of a clock other than ``LIMIT``."""
        return {
            Clock.OBJECTION: self.objection,
            Clock.REPLY: self.reply,
            Clock.SEND_BACK: self.send_back,
            Clock.VERIFY: self.verify,
            Clock.RECTIFY: self.rectify,
        }[clock]


@dataclass(frozen=True)
class Terms:
    """What differs from one installation to the next: its time zone and its limits."""

    zone: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Price:
    """What a finding costs: the round, the line of its scheme and its rule; ``points`` None: as the rule says.

    ``period``: ``2015Q1``, ``2015-03``, empty: the round. ``matter``: cases of one matter are charged once where the
    scheme says so (不重复扣分); empty: the finding is a matter of its own. ``article``: what it rests on.
    """

    round_id: str
    component: str
    rule: str
    period: str = ""
    matter: str = ""
    points: Decimal | None = None
    article: str = ""


@dataclass(frozen=True)
class Given:
    """What comes with a move."""

    note: str = ""
    limit: date | None = None
    unit_code: str = ""
    matter: str = ""
    told: bool = False
    price: Price | None = None
    files: Sequence[Any] = ()


@dataclass(frozen=True)
class NewFinding:
    """What was found: kind, unit, words, where, whom it concerns; ``plan``: the inspection plan it belongs to."""

    kind: Kind
    unit_code: str
    text: str
    place: str = ""
    person: str = ""
    plan: str = ""
    matter: str = ""
    limit: date | None = None
    round_id: str | None = None
    parent: uuid.UUID | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class Taken:
    """A step that was taken before, as far as the rules look back."""

    move: str
    changed: bool


def move_of(machine: Machine, name: str, *, state: str) -> Move:
    """The move of that name from ``state``. Raises ``finding_move_unknown``, ``finding_move_refused``."""
    move = machine.moves.get(name)
    if move is None:
        raise Problem("finding_move_unknown", move=name, moves=", ".join(machine.moves))
    if state not in move.sources:
        raise Problem("finding_move_refused", move=move.words[0], state=machine.states[state].words[0])
    return move


def check_roles(move: Move, held: Iterable[str]) -> None:
    """Raise ``forbidden`` unless one of the move's roles is held."""
    if set(held).isdisjoint(move.roles):
        raise Problem("forbidden", roles=", ".join(move.roles))


def check_history(name: str, move: Move, taken: Sequence[Taken]) -> None:
    """``once`` and ``after`` look back. Raises ``finding_move_repeated``, ``finding_move_early``."""
    if move.once and any(one.move == name for one in taken):
        raise Problem("finding_move_repeated", move=move.words[0])
    if not move.after:
        return
    for one in reversed(taken):
        if one.move == move.after:
            return
        if one.changed:
            break
    raise Problem("finding_move_early", move=move.words[0], after=move.after)


def check_given(move: Move, given: Given, *, today: date) -> None:
    """Everything that the move needs is there. Raises ``finding_needs``, ``finding_limit_unfit``."""
    there = {
        Need.NOTE: bool(given.note.strip()),
        Need.LIMIT: given.limit is not None,
        Need.UNIT: bool(given.unit_code),
        Need.FILE: bool(given.files),
        Need.PRICE: given.price is not None,
        Need.TOLD: given.told,
    }
    missing = [need.value for need in move.needs if not there[need]]
    if missing:
        raise Problem("finding_needs", move=move.words[0], needs=", ".join(missing))
    if given.limit is not None and given.limit <= today:
        raise Problem("finding_limit_unfit", limit=given.limit.isoformat())


def check_in_time(move: Move, clocks: Mapping[str, Any], *, today: date) -> None:
    """Raise ``finding_too_late`` where the clock that the move must keep has run out: it ends with its day."""
    ends = ends_on(clocks, move.within) if move.within else None
    if ends is not None and today > ends:
        raise Problem("finding_too_late", move=move.words[0], limit=ends.isoformat())


def started(
    move: Move, clocks: Mapping[str, Any], *, limit: date | None, today: date, calendar: Calendar, limits: Limits
) -> dict[str, Any]:
    """The clocks after a move: those it starts run from ``today``, one it extends goes on from its own end."""
    running = dict(clocks)
    for clock in move.starts:
        if clock is not Clock.LIMIT:
            running[clock.value] = stored(deadline(calendar, today, limits.days(clock)))
        elif limit is not None:
            running[clock.value] = stored(Due(limit, provisional=False))
    if move.extends:
        ends = ends_on(clocks, move.extends) or today
        running[move.extends.value] = stored(deadline(calendar, ends, limits.extension))
    return running


def stored(due: Due) -> dict[str, Any]:
    """A time limit as the finding keeps it."""
    return {"on": due.day.isoformat(), "provisional": due.provisional}


def ends_on(clocks: Mapping[str, Any], clock: Clock) -> date | None:
    """The day on which a clock ends, None where it does not run."""
    found = clocks.get(clock.value)
    return date.fromisoformat(found["on"]) if found else None


def due_in(machine: Machine, state: str, clocks: Mapping[str, Any]) -> date | None:
    """The day by which somebody has to act in this state."""
    due = machine.states[state].due
    return ends_on(clocks, due) if due else None


def fit_note(sent: str) -> str:
    """The words of a step as they are kept, without control characters. Raises ``finding_note_too_long``."""
    whole = sent.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    said = "".join(one for one in whole if one == "\n" or unicodedata.category(one) not in {"Cc", "Cf"}).strip()
    if len(said) > NOTE_LENGTH:
        raise Problem("finding_note_too_long", limit=NOTE_LENGTH, length=len(said))
    return said


def points_of(text: str) -> Decimal | None:
    """Points as written, None where empty: as the rule says. Raises ``finding_points_unfit``."""
    if not text.strip():
        return None
    # No exponent: written out, 1e-999999999 fills the memory.
    if not _POINTS.fullmatch(text.strip()) or Decimal(text.strip()) > MOST_POINTS:
        raise Problem("finding_points_unfit", points=text[:24])
    return Decimal(text.strip())


def repeats(unit_days: Sequence[date], matter_days: Sequence[date], *, today: date, limits: Limits) -> list[str]:
    """The triggers that a unit's accepted complaints set off, today's among them.

    ``matter_days``: those on the same matter, ``unit_days``: all. Within a month: rolling ``repeat_days`` days.
    """
    since = today - timedelta(days=limits.repeat_days)
    found = [REPEAT_MATTER] if len(matter_days) >= limits.repeat_matter else []
    within = [day for day in unit_days if since < day <= today]
    return [*found, REPEAT_MONTH] if len(within) >= limits.repeat_count else found


def sees(held: Iterable[str], kind: str) -> bool:
    """Whether somebody with these roles sees findings of a kind; a unit's account sees its own alone besides.

    Who releases confirms discretionary points, and reads what they are for; complaints are the office's and the desk's.
    A district office (区县评议办) follows what was found at the units of its area.
    """
    roles = set(held)
    if kind == "rating":
        return not roles.isdisjoint({Role.DESK, Role.UNIT, Role.RELEASE})
    if kind == "complaint":
        return not roles.isdisjoint({Role.DESK, Role.SETUP, Role.AUDITOR, Role.UNIT})
    office = {Role.SETUP, Role.RELEASE, Role.INSPECTOR, Role.AUDITOR}
    return not roles.isdisjoint({*office, Role.UNIT, Role.DISTRICT})
