"""Rounds one after the other (历次评议): consequences by unit through renames, mergers and splits, and their clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from survey_models.schemes.inputs import Earlier, Standing
from survey_models.schemes.outcome import Outcome, Scorecard
from survey_models.units.tables import UnitLink

NOTHING: frozenset[str] = frozenset()


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
    rows = [(one, _standing_result(session, one)) for one in reversed(earlier)]
    return [(one, outcome) for one, outcome in rows if outcome is not None]


def _standing_result(session: Session, found: Round) -> Outcome | None:
    """What stands of a round: the published result, before that the newest."""
    told = service.published(session, found.id)
    row = told[0] if told else service.latest(session, found.id)
    return None if row is None else outcome_of(row)


def earlier_of(session: Session, found: Round) -> tuple[Earlier, ...]:
    """The consequences of earlier rounds under the codes of today's units, the newest round first.

    A unit made by a merger has those of all it was merged from. A cancelled result neither adds nor clears: what the
    unit had the round before stands on (取消成绩不清零).
    """
    rounds = before(session, found)
    lines = predecessors(session, found.period_to)
    had: list[dict[str, frozenset[str]]] = []
    for _, outcome in reversed(rounds):
        last = had[-1] if had else {}
        had.append({card.unit.code: _kept(card, last, lines) for card in outcome.cards})
    codes = [link.unit_code for link, _ in service.units_of(session, found.id)]
    return tuple(
        Earlier(one.id, {code: kept for code in codes if (kept := _inherited(code, lines, of_round))})
        for (one, _), of_round in zip(rounds, reversed(had), strict=True)
    )


def _kept(card: Scorecard, last: Mapping[str, frozenset[str]], lines: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if card.unit.standing is Standing.CANCELLED:
        return _inherited(card.unit.code, lines, last)
    return frozenset(card.consequences)


def _inherited(
    code: str, lines: Mapping[str, frozenset[str]], of_round: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    if code in of_round:
        return of_round[code]
    return frozenset().union(*(of_round.get(one, NOTHING) for one in lines.get(code, ())))


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
    """Every lasting consequence of the published rounds of a scheme. The clock starts with the publication."""
    found = []
    for level in ("round", "year"):
        for one, _ in service.of_scheme(session, scheme_id, level=level):
            told = service.published(session, one.id)
            if told is None or one.scheme_version is None:
                continue
            scheme = schemes.document_of(schemes.get(session, scheme_id, one.scheme_version))
            since = local_day(told[1].made_at, zone)
            lasting = {rule.id: rule for rule in scheme.consequences if rule.months}
            for card in outcome_of(told[0]).cards:
                for name in (name for name in card.consequences if name in lasting):
                    rule = lasting[name]
                    until = months_later(since, rule.months or 0)
                    title = (rule.title.zh, rule.title.en)
                    found.append(Term(one.id, card.unit.code, card.unit.name, name, title, since, until))
    return found


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
