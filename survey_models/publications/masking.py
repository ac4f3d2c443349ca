"""What of a round may leave the house (遮盖): no names, no words of cases, of small cells the total. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from survey_models.reports.round_matters import FINDING
from survey_models.rounds.gathering import YearInputs
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.outcome import Line, Outcome, Scorecard


def masked_inputs(inputs: Inputs, small: frozenset[str]) -> Inputs:
    """Without all answers about these units: from one component that is left out and the rest the other followed."""
    return replace(
        inputs,
        answers={key: found for key, found in inputs.answers.items() if key[1] not in small},
        aspects={key: found for key, found in inputs.aspects.items() if key[1] not in small},
    )


def members(inputs: Inputs) -> dict[str, str]:
    """Members of panels (评审组成员) and the numbers that stand for them, in the order in which cards list them."""
    named = sorted({mark.who for marks in inputs.marks.values() if len(marks) > 1 for mark in marks})
    return {who: f"评审人{number:03}" for number, who in enumerate(named, start=1)}


def without_names(inputs: Inputs, numbers: Mapping[str, str]) -> Inputs:
    """The inputs with numbers instead of members' names."""
    marks = {
        key: tuple(replace(mark, who=numbers.get(mark.who, mark.who)) if len(several) > 1 else mark for mark in several)
        for key, several in inputs.marks.items()
    }
    return replace(inputs, marks=marks)


def without_named_lines(outcome: Outcome, numbers: Mapping[str, str]) -> Outcome:
    """The scorecards with numbers instead of members' names."""
    if not numbers:
        return outcome
    cards = (replace(card, root=_line(card.root, numbers)) for card in outcome.cards)
    return replace(outcome, cards=tuple(cards))


def _line(line: Line, numbers: Mapping[str, str]) -> Line:
    counts = (
        tuple((_numbered(label, numbers), figure) for label, figure in line.counts) if len(line.counts) > 1 else None
    )
    return replace(line, counts=counts or line.counts, children=tuple(_line(one, numbers) for one in line.children))


def _numbered(label: str, numbers: Mapping[str, str]) -> str:
    """A member's label on a card: the name, and the version of the mark."""
    who, mark, version = label.rpartition("（第")
    return f"{numbers[who]}{mark}{version}" if who in numbers else label


def masked_year(inputs: YearInputs, small: frozenset[str]) -> YearInputs:
    """The rounds of a year without what may not be printed."""
    return replace(inputs, rounds=tuple((name, masked_outcome(one, small)) for name, one in inputs.rounds))


def without_counts(inputs: YearInputs, outcome: Outcome) -> tuple[YearInputs, Outcome]:
    """A year without the counts of its cards and its rounds', where these name members or tell of cases.

    No year is made of them: it follows from the points alone.
    """
    if not any(_names(line) for _, one in inputs.rounds for card in one.cards for line in _every(card)):
        return inputs, outcome
    rounds = tuple((name, _uncounted(one)) for name, one in inputs.rounds)
    return replace(inputs, rounds=rounds), _uncounted(outcome)


def _uncounted(outcome: Outcome) -> Outcome:
    cards = (
        replace(card, root=_bare(card.root), adjustments=tuple(_bare(one) for one in card.adjustments))
        for card in outcome.cards
    )
    return replace(outcome, cards=tuple(cards))


def _every(card: Scorecard) -> Iterator[Line]:
    waiting = [card.root, *card.adjustments]
    while waiting:
        line = waiting.pop()
        yield line
        waiting += line.children


def _names(line: Line) -> bool:
    several = len(line.counts) > 1
    return any(FINDING in label or (several and label.endswith("版）")) for label, _ in line.counts)


def _bare(line: Line) -> Line:
    return replace(line, counts=(), children=tuple(_bare(one) for one in line.children))


def masked_outcome(outcome: Outcome, small: frozenset[str]) -> Outcome:
    """Scorecards of these units with nothing but what is printed: total, place, grade, awards and sanctions."""
    if not small:
        return outcome
    return replace(outcome, cards=tuple(masked(card) if card.unit.code in small else card for card in outcome.cards))


def masked(card: Scorecard) -> Scorecard:
    """One of them. The exact total would tell how many answered: its denominator holds their number."""
    bare = replace(card.root, value=None, how=("", ""), counts=(), se=None, children=())
    total = None if card.printed is None else Fraction(card.printed)
    notes = tuple(one for one in card.notes if not one[0].startswith("总分"))
    return replace(card, total=total, root=bare, adjustments=(), se=None, satisfied=None, notes=notes)
