"""Rounds one after the other (历次评议): consequences by unit through renames, mergers and splits, and their clocks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.rounds import service
from survey_models.rounds.kept import outcome_of
from survey_models.rounds.periods import months_later
from survey_models.rounds.tables import Round
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import CANCELLED_THEN, Earlier, Standing
from survey_models.schemes.outcome import Outcome, Scorecard
from survey_models.units.tables import UnitLink

CANCELLED = frozenset({CANCELLED_THEN})


def predecessors(session: Session, until: date | None) -> dict[str, frozenset[str]]:
    """For each unit all units that it comes from (前身), link by link; links after ``until`` are left out."""
    query = select(UnitLink)
    if until is not None:
        query = query.where(UnitLink.since <= until)
    direct: dict[str, set[str]] = {}
    for link in session.scalars(query):
        direct.setdefault(link.code, set()).add(link.predecessor)
    return {code: frozenset(_reached(code, direct)) for code in direct}


def _reached(code: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(direct.get(code, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += direct.get(one, ())
    return found


def successors(session: Session, codes: Sequence[str], until: date | None) -> dict[str, str]:
    """For each unit of the past the one of ``codes`` that it became; one that was split became none of them alone."""
    lines = predecessors(session, until)
    found: dict[str, list[str]] = {}
    for code in codes:
        for past in lines.get(code, ()):
            found.setdefault(past, []).append(code)
    return {past: after[0] for past, after in found.items() if len(after) == 1 and past not in codes}


def before(session: Session, found: Round) -> list[tuple[Round, Outcome]]:
    """The rounds of the same scheme and level before this one that have a result, the newest first."""
    if found.scheme_id is None or found.period_from is None or found.level is None:
        return []
    each = service.period_of(found).each
    earlier = [
        one
        for one, period in service.of_scheme(session, found.scheme_id, level=found.level, of=service.run_by(found))
        if period.first is not None and period.first < found.period_from and period.each == each
    ]
    rows = [(one, standing_result(session, one)) for one in reversed(earlier)]
    return [(one, outcome) for one, outcome in rows if outcome is not None]


def standing_result(session: Session, found: Round) -> Outcome | None:
    """What stands of a round: the published result, before that the newest."""
    told = service.published(session, found.id)
    row = told[0] if told else service.latest(session, found.id)
    return None if row is None else outcome_of(row)


def earlier_of(session: Session, found: Round) -> tuple[Earlier, ...]:
    """The consequences of earlier rounds under the codes of today's units, the newest round first.

    A unit made by a merger has those of all it was merged from. A cancelled result neither adds nor clears: that
    round is passed over, the one before it is the unit's last (取消成绩不清零、不计次).
    """
    lines = predecessors(session, found.period_to)
    codes = [link.unit_code for link, _ in service.units_of(session, found.id)]
    earlier = []
    for one, outcome in before(session, found):
        had = {card.unit.code: _had(card) for card in outcome.cards}
        earlier.append(Earlier(one.id, {code: kept for code in codes if (kept := _inherited(code, lines, had))}))
    return tuple(earlier)


def _had(card: Scorecard) -> frozenset[str]:
    return CANCELLED if card.unit.standing is Standing.CANCELLED else frozenset(card.consequences)


def _inherited(
    code: str, lines: Mapping[str, frozenset[str]], of_round: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    if code in of_round:
        return of_round[code]
    past = [of_round[one] for one in sorted(lines.get(code, ())) if one in of_round]
    # Of several that were merged those with a result tell.
    return frozenset().union(*([one for one in past if one != CANCELLED] or past))


@dataclass(frozen=True)
class Term:
    """A consequence that lasts (黄牌警告期): of which round, from the day it was published to its last day."""

    round_id: str
    unit: str
    name: str
    consequence: str
    title: tuple[str, str]
    since: date
    until: date


def terms(session: Session, scheme_id: str, *, zone: str) -> list[Term]:
    """Every lasting consequence of the published rounds of a scheme.

    The clock starts with the publication that first told it; a correction that repeats it starts nothing anew. Of a
    unit whose result is cancelled after that, it runs on: who cheats does not shed a yellow card. One that a
    correction takes back, for a unit with a result, has never been.
    """
    found = []
    for level in ("round", "year"):
        for one, _ in service.of_scheme(session, scheme_id, level=level):
            if one.scheme_version is None:
                continue
            scheme = schemes.document_of(schemes.get(session, scheme_id, one.scheme_version))
            lasting = {rule.id: rule for rule in scheme.consequences if rule.months}
            for (unit, rule_id), (name, since) in _told(session, one.id, lasting, zone).items():
                rule = lasting[rule_id]
                title, until = (rule.title.zh, rule.title.en), months_later(since, rule.months or 0)
                found.append(Term(one.id, unit, name, rule_id, title, since, until))
    return found


Told = dict[tuple[str, str], tuple[str, date]]
"""By unit and consequence: the unit's name, and the day on which it was first published."""


def _told(session: Session, round_id: str, lasting: Collection[str], zone: str) -> Told:
    """What stands after the last publication of a round."""
    stands: Told = {}
    for row, publication in service.publications_of(session, round_id):
        day, now = local_day(publication.made_at, zone), Told()
        for card in outcome_of(row).cards:
            unit = card.unit.code
            if card.unit.standing is Standing.CANCELLED:
                names = [name for code, name in stands if code == unit]
            else:
                names = [name for name in card.consequences if name in lasting]
            now |= {(unit, name): stands.get((unit, name), (card.unit.name, day)) for name in names}
        stands = now
    return stands


@dataclass(frozen=True)
class Change:
    """One unit now and in the round before (与上期比较); the unit before is its predecessor where it has a new code."""

    unit: str
    name: str
    printed: Decimal | None
    rank: int | None
    was: tuple[str, ...]
    printed_before: Decimal | None
    rank_before: int | None

    @property
    def difference(self) -> Decimal | None:
        """Points gained or lost, as printed."""
        if self.printed is None or self.printed_before is None:
            return None
        return self.printed - self.printed_before


def changes(session: Session, round_id: str) -> tuple[str | None, list[Change]]:
    """The round before, and every unit of the newest result beside it. Raises ``round_result_missing``."""
    found = service.get(session, round_id)
    now = service.latest(session, round_id)
    if now is None:
        raise Problem("round_result_missing", round=round_id)
    rounds = before(session, found)
    lines = predecessors(session, found.period_to)
    old = {card.unit.code: card for card in rounds[0][1].cards} if rounds else {}
    cards = outcome_of(now).cards
    return (rounds[0][0].id if rounds else None), [_change(card, old, lines) for card in cards]


def _change(
    card: Scorecard, old: Mapping[str, Scorecard], lines: Mapping[str, Sequence[str] | frozenset[str]]
) -> Change:
    code = card.unit.code
    was = (code,) if code in old else tuple(sorted(one for one in lines.get(code, ()) if one in old))
    # Of several predecessors none is the unit's own past.
    one = old[was[0]] if len(was) == 1 else None
    return Change(
        unit=code,
        name=card.unit.name,
        printed=card.printed,
        rank=card.rank,
        was=was,
        printed_before=one.printed if one else None,
        rank_before=one.rank if one else None,
    )
