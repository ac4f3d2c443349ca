"""Awards, sanctions and flags (奖惩): whom they fall on, what an equal score at their border asks, what they bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from survey_models.schemes.added import area_of
from survey_models.schemes.fitting import fits
from survey_models.schemes.grading import border_of, tie_question
from survey_models.schemes.inputs import CANCELLED_THEN, Earlier, Standing
from survey_models.schemes.language import Consequence, Scheme
from survey_models.schemes.outcome import Border, Question, Scorecard
from survey_models.schemes.quotas import largest_remainder, rounded
from survey_models.schemes.ranking import Block, Cut, cut, groups, ordered, tie_notes
from survey_models.schemes.tracing import HUNDRED, Both, fraction


@dataclass(frozen=True)
class History:
    """What consequences rest on beside the scores. ``at``: ``round`` or ``year``."""

    at: str
    earlier: Sequence[Earlier] = ()
    decided: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@dataclass
class _Given:
    """Who has what, as it is worked out. ``open``: consequences with a question not answered yet, by group."""

    scheme: Scheme
    cards: Sequence[Scorecard]
    history: History
    holders: dict[str, set[str]] = field(default_factory=dict)
    waiting: dict[str, set[str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    borders: list[Border] = field(default_factory=list)
    notes: dict[str, list[Both]] = field(default_factory=dict)


def consequences(
    scheme: Scheme, cards: Sequence[Scorecard], history: History
) -> tuple[list[Scorecard], list[Question], list[Border]]:
    """The cards with the ids of their consequences, in the order of the document; questions and uncertain borders.

    A unit that another consequence or a lost right bars from an award does not get it, and nobody moves up: places are
    places of the ranking.
    """
    state = _Given(scheme, cards, history)
    due = {one.id: one for one in scheme.consequences if one.at == history.at}
    for one in due.values():
        _settle(state, due, one)
    barred = _barred(state, due)
    named = []
    for card in cards:
        code = card.unit.code
        mine = tuple(name for name in due if code in state.holders[name] and (code, name) not in barred)
        notes = (*card.notes, *state.notes.get(code, ()))
        named.append(replace(card, consequences=mine, notes=notes) if mine or code in state.notes else card)
    return named, state.questions, state.borders


def places_of(scheme: Scheme, one: Consequence, ranked: Mapping[str, Sequence[Scorecard]]) -> dict[str, int]:
    """How many places a consequence has in each group of ranked units."""
    if one.first_percent is None:
        return {name: _number(one, name) for name in ranked}
    exact = {
        name: fraction(one.first_percent) * _base(scheme, one, name, group) / HUNDRED for name, group in ranked.items()
    }
    if one.rounding == "largest_remainder":
        return dict(zip(exact, largest_remainder(list(exact.values())), strict=True))
    return {name: rounded(share, one.rounding) for name, share in exact.items()}


def _settle(state: _Given, due: Mapping[str, Consequence], one: Consequence) -> None:
    if one.id in state.holders:
        return
    state.holders[one.id], state.waiting[one.id] = set(), set()
    for needed in (one.after, one.consecutive.of if one.consecutive else None):
        if needed is not None and needed in due:
            _settle(state, due, due[needed])
    if one.first is not None or one.first_percent is not None or one.last is not None:
        _by_place(state, one)
    else:
        state.holders[one.id] = {
            card.unit.code for card in state.cards if _fits(one, card) and _without_place(state, one, card)
        }


def _without_place(state: _Given, one: Consequence, card: Scorecard) -> bool:
    """Consequences of a grade, a threshold, a lost right, a flag, or of the rounds before."""
    if one.grade is not None:
        return card.grade == one.grade
    if one.failed:
        return card.passed is False
    if one.lost is not None:
        return one.lost in card.lost
    if one.listed is not None:
        return one.listed in card.unit.flags
    return one.consecutive is not None and _running(state, one, card)


def _running(state: _Given, one: Consequence, card: Scorecard) -> bool:
    """So many times one after the other, of the rounds in which the unit has a result (取消的一期跳过).

    A unit whose result is cancelled now keeps what it had of this from the round before.
    """
    assert one.consecutive is not None  # noqa: S101 - asked by the caller
    code, nothing = card.unit.code, frozenset[str]()
    rounds = [had.consequences.get(code, nothing) for had in state.history.earlier]
    before = [had for had in rounds if CANCELLED_THEN not in had]
    if card.unit.standing is Standing.CANCELLED:
        return bool(before) and one.id in before[0]
    needed = one.consecutive.rounds - 1
    held = code in state.holders.get(one.consecutive.of, set())
    return held and len(before) >= needed and all(one.consecutive.of in had for had in before[:needed])


def _by_place(state: _Given, one: Consequence) -> None:
    """The first or the last so many, group by group."""
    fitting = [card for card in state.cards if card.rank is not None and _fits(one, card)]
    ranked = groups(fitting, "category" if isinstance(one.first, dict) else one.within)
    places = places_of(state.scheme, one, ranked)
    for name, group in ranked.items():
        before = _before(state, one, group)
        if before is None:
            continue
        behind, taken = before
        found = _cut(state, one, name, behind, places[name])
        state.holders[one.id] |= {card.unit.code for card in found.given}
        for code, note in tie_notes((one.title.zh, one.title.en), found, one.border).items():
            state.notes.setdefault(code, []).append(note)
        if found.undecided:
            state.waiting[one.id] |= {card.unit.code for card in found.undecided}
            if not _asked_already(state, found.undecided):
                state.questions.append(tie_question(one.id, name, (one.title.zh, one.title.en), found))
        above = len(group) - found.position if one.last is not None else taken + found.position
        if one.kind != "flag":
            state.borders += border_of(state.scheme, one.id, name, group, above)


def _cut(state: _Given, one: Consequence, name: str, group: Sequence[Scorecard], places: int) -> Cut:
    decided = state.history.decided
    order = ordered(state.scheme, group, name, decided)
    chain = state.scheme.ranking.chain if state.scheme.ranking else ()
    recorded = decided.get((one.id, name), ())
    if one.last is None:
        return cut(order, places, border=one.border, chain=chain, order=recorded)
    kept = cut(order, max(len(group) - places, 0), border=_turned(one.border), chain=chain, order=recorded)
    return _rest(order, kept, places)


def _turned(border: str) -> str:
    """What a border does, seen from the units above the last ones: who is not kept is hit."""
    return {"expand": "shrink", "shrink": "expand"}.get(border, border)


def _rest(order: Sequence[Block], kept: Cut, places: int) -> Cut:
    """The last units: all that are neither kept nor undecided."""
    apart = {card.unit.code for card in (*kept.given, *kept.undecided)}
    given = tuple(card for block in order for card in block if card.unit.code not in apart)
    left = places - len(given) if kept.undecided else 0
    return Cut(given, undecided=kept.undecided, tied=kept.tied, places=left)


def _before(state: _Given, one: Consequence, group: list[Scorecard]) -> tuple[list[Scorecard], int] | None:
    """The units behind those of the consequence that goes first, and how many it took; None: not known yet."""
    if one.after is None:
        return group, 0
    if any(card.unit.code in state.waiting.get(one.after, set()) for card in group):
        return None
    taken = state.holders.get(one.after, set())
    behind = [card for card in group if card.unit.code not in taken]
    return behind, len(group) - len(behind)


def _asked_already(state: _Given, undecided: Sequence[Scorecard]) -> bool:
    """Where no place may be shared, the question of the places asks for the order of these units."""
    ranking = state.scheme.ranking
    if ranking is None or ranking.ties != "no_tie":
        return False
    return len({card.rank for card in undecided}) < len(undecided)


def _number(one: Consequence, name: str) -> int:
    if isinstance(one.first, dict):
        return one.first.get(name, 0)
    return one.first if one.first is not None else one.last or 0


def _base(scheme: Scheme, one: Consequence, name: str, group: Sequence[Scorecard]) -> Fraction:
    """The units that a percentage is of: those ranked, or as many as the document states."""
    if one.base == "ranked":
        return Fraction(len(group))
    stated = scheme.units.stated
    return Fraction(stated.get(name, 0) if name else sum(stated.values()))


def _fits(one: Consequence, card: Scorecard) -> bool:
    """Whether it may fall on a unit; of those that a county added the county decides."""
    return area_of(card.unit.flags) is None and fits(one.when, category=card.unit.category, flags=card.unit.flags)


def _barred(state: _Given, due: Mapping[str, Consequence]) -> set[tuple[str, str]]:
    """Units that cannot have a consequence: barred by another one they have, or by a right lost in a case."""
    found = {(code, name) for one in due.values() for name in one.bars for code in state.holders[one.id]}
    return found | {(card.unit.code, name) for card in state.cards for name in card.lost}
