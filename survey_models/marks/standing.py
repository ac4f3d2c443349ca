"""Which marks are there, late, waiting or missing (到分情况): by part and unit, with the day on which they were due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.marks import queries, rules
from survey_models.marks.tables import Mark, MarkState
from survey_models.rounds import running
from survey_models.rounds import service as rounds
from survey_models.rounds.running import Member
from survey_models.rounds.tables import Round
from survey_models.schemes.added import area_of
from survey_models.schemes.days import Span, due_on
from survey_models.schemes.inputs import Standing as UnitStanding
from survey_models.schemes.language import Part
from survey_models.schemes.sources import Decay, Marks, Tiers

ZONE = "Asia/Shanghai"


class State(StrEnum):
    """``counted``: approved; ``waiting``: entered, not approved; ``few``: a panel lacks members; ``missing``."""

    COUNTED = "counted"
    WAITING = "waiting"
    FEW = "few"
    MISSING = "missing"


@dataclass(frozen=True)
class Standing:
    """How one unit's mark for one part stands. ``sent_on``: the day of its first sending."""

    part: str
    title: tuple[str, str]
    office: str
    unit: str
    name: str
    due: date
    state: State
    sent_on: date | None = None

    def late(self, today: date) -> bool:
        """Whether it came after its day, or has not come and the day is over."""
        return (self.sent_on or today) > self.due


def of_round(session: Session, round_id: str, *, zone: str = ZONE) -> list[Standing]:
    """Every mark that the round needs, part by part, units in their order; none of a unit whose result is cancelled.

    Raises ``round_unknown``, ``round_without_scheme``.
    """
    found, scheme = running.scheme_of(session, round_id)
    if running.is_year(found):
        return []
    marks: dict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in queries.versions(session, round_id):
        marks[mark.component, mark.unit_code].append(mark)
    set_to = rounds.standings_of(session, round_id)
    cancelled = {code for code, row in set_to.items() if row.standing == UnitStanding.CANCELLED}
    listed: list[Standing] = []
    for unit in running.members_of(session, round_id):
        if unit.code in cancelled:
            continue
        listed.extend(
            _standing(part, unit, found, marks[part.id, unit.code], zone)
            for part in unit.parts_in(scheme).values()
            if isinstance(part.source, Marks | Decay | Tiers)
            # Nobody has to send marks of a unit that a county added; one that came counts.
            and (area_of(unit.flags) is None or marks[part.id, unit.code])
        )
    parts = list(dict.fromkeys(one.part for one in listed))
    return sorted(listed, key=lambda one: parts.index(one.part))


def missing(session: Session, round_id: str, *, zone: str = ZONE) -> list[Standing]:
    """The marks that a score run would lack: not sent, not approved, or too few members of a panel."""
    return [one for one in of_round(session, round_id, zone=zone) if one.state != State.COUNTED]


def _standing(part: Part, unit: Member, of: Round, versions: Sequence[Mark], zone: str) -> Standing:
    source = rules.source_of(part)
    due = due_on(source.due or "end", Span("", *running.days_of(of, zone)))
    title = (part.title.zh, part.title.en)
    sent = [mark for mark in versions if mark.value != rules.WITHDRAWN]
    sent_on = min((local_day(mark.sent_at, zone) for mark in sent), default=None)
    return Standing(part.id, title, source.office, unit.code, unit.name, due, _state(source, versions), sent_on)


def _state(source: rules.Markable, versions: Sequence[Mark]) -> State:
    counting = [mark for mark in queries.counting(versions).values() if mark.value != rules.WITHDRAWN]
    newest = queries.newest(versions).values()
    waiting = any(mark.state == MarkState.ENTERED for mark in newest)
    enough = len(counting) >= (rules.panel_of(source) or 1)
    if enough:
        return State.COUNTED
    if waiting:
        return State.WAITING
    return State.FEW if counting else State.MISSING
