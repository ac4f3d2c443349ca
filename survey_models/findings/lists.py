"""What waits and what follows (清单): overdue findings, reminders, must-check units, figures of the 差评 loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from survey_models.accounts.rules import Role
from survey_models.calendar import service as calendar
from survey_models.calendar.rules import Calendar, deadline
from survey_models.core.clock import day_ends, local_day
from survey_models.core.errors import Problem
from survey_models.findings import queries, rules
from survey_models.findings.machines import Kind, counts, machine_of
from survey_models.findings.moves import Clock
from survey_models.findings.rules import Terms
from survey_models.findings.service import Who, area_of, is_hidden, listed
from survey_models.findings.tables import Finding
from survey_models.ratings.rules import SMALLEST

REMIND_DAYS = 3


@dataclass(frozen=True)
class Waiting:
    """A finding on which somebody has to act by ``due_on``; ``overdue`` once that day is over."""

    finding: Finding
    due_on: date
    waits_for: str
    overdue: bool


@dataclass(frozen=True)
class Loop:
    """The 差评 loop of a window between two days: its counted ratings, the bad ones, and what became of them.

    ``excluded``: mistaken or malicious ones. The ratings stay as they are; both rates are shown.
    """

    ratings: int
    bad: int
    verified: int
    excluded: int
    unreachable: int

    def rates(self) -> tuple[Fraction, Fraction] | None:
        """差评率 of all ratings, and without the excluded ones; None under 10 ratings."""
        if self.ratings - self.excluded < SMALLEST:
            return None
        rest = self.ratings - self.excluded
        return Fraction(self.bad, self.ratings), Fraction(self.bad - self.excluded, rest)


def due_of(finding: Finding, days: Calendar, *, terms: Terms) -> date | None:
    """The day by which somebody has to act; a bad rating is to be verified from the day it came.

    Raises ``calendar_ends``.
    """
    if not _unseen(finding):
        return finding.due_on
    return deadline(days, local_day(finding.made_at, terms.zone), terms.limits.days(Clock.VERIFY)).day


def _unseen(finding: Finding) -> bool:
    return finding.kind == Kind.RATING and finding.state == "new"


def waiting(session: Session, *, who: Who, at: datetime, terms: Terms, days: int = REMIND_DAYS) -> list[Waiting]:
    """What is overdue or falls due within ``days`` days, of what somebody may see, the earliest first."""
    today = local_day(at, terms.zone)
    until = today + timedelta(days=days)
    kinds = [one.value for one in Kind if rules.sees(who.roles, one)]
    area = area_of(who)
    rows = [one for one in queries.due_until(session, until, kinds=kinds, area_code=area) if not is_hidden(one, who)]
    oldest = min((local_day(one.made_at, terms.zone) for one in rows if _unseen(one)), default=date.max)
    known = calendar.load(session, since=oldest)
    found = []
    for finding in rows:
        state = machine_of(finding.kind).states[finding.state]
        due = due_of(finding, known, terms=terms)
        if due is None or due > until:
            continue
        if Role.UNIT in who.roles and (finding.unit_code != who.unit_code or state.waits_for != Role.UNIT):
            continue
        found.append(Waiting(finding, due, str(state.waits_for or ""), due < today))
    return sorted(found, key=lambda one: (one.due_on, str(one.finding.id)))


def must_check(session: Session, plan: str) -> list[str]:
    """Units with a problem in an inspection plan: they are in the next draw (上次发现问题的单位下次为必查单位).

    A problem that was dismissed, or whose notice was withdrawn after an objection, is none.
    """
    none = {"clear", "dismissed", "withdrawn"}
    found = queries.of_plan(session, plan)
    return sorted({one.unit_code for one in found if one.unit_code is not None and one.state not in none})


def complained(session: Session, *, since: datetime) -> list[str]:
    """Units with a complaint since then that was upheld, or that set off a repeat trigger: must-check units too."""
    found = queries.complaints_since(session, since)
    return sorted({one.unit_code for one in found if one.unit_code and (one.flags or counts(one.kind, one.state))})


def not_inspected(session: Session, units: Iterable[str], *, year: int, zone: str) -> list[str]:
    """Units that no open inspection (明查) reached in a year, though each must be reached once."""
    since, until = day_ends(date(year - 1, 12, 31), zone), day_ends(date(year, 12, 31), zone)
    reached = queries.inspected_units(session, kind=Kind.INSPECTION.value, since=since, until=until)
    return sorted(set(units) - reached)


def flagged(session: Session, *, who: Who) -> list[Finding]:
    """Complaints that set off a repeat trigger, or that bear a 问责建议."""
    return [one for one in listed(session, who=who, kind=Kind.COMPLAINT) if one.flags]


def loop(session: Session, window_id: str, *, since: date, until: date) -> Loop:
    """The figures of a window's loop, of ratings given from ``since`` to ``until``. Raises ``request_malformed``."""
    if until < since:
        raise Problem("request_malformed", where="until")
    found = queries.outcomes(session, window_id, since=since, until=until)
    excluded = found.get("mistaken", 0) + found.get("malicious", 0)
    ratings = queries.counted_ratings(session, window_id, since=since, until=until)
    total = sum(found.values())
    return Loop(ratings, total, total - found.get("", 0), excluded, found.get("unreachable", 0))
