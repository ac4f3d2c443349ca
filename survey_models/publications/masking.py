"""What of a round may leave the house (小样本遮盖): of units with a small cell the printed total alone. Pure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from survey_models.rounds.gathering import YearInputs
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.outcome import Outcome, Scorecard


def masked_inputs(inputs: Inputs, small: frozenset[str]) -> Inputs:
    """Without all answers about these units: from one component that is left out and the rest the other followed."""
    return replace(
        inputs,
        answers={key: found for key, found in inputs.answers.items() if key[1] not in small},
        aspects={key: found for key, found in inputs.aspects.items() if key[1] not in small},
    )


def masked_year(inputs: YearInputs, small: frozenset[str]) -> YearInputs:
    """The rounds of a year without what may not be printed."""
    return replace(inputs, rounds=tuple((name, masked_outcome(one, small)) for name, one in inputs.rounds))


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
