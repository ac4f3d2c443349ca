"""Matters of cases (事项) for everybody: a number instead of words that name people or what a complaint said. Pure.

What is public of a case is its unit, the rule with its article in the scheme, the period, the points and the kind of
finding. Numbers follow the order of the words, so that everything is computed again as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from survey_models.schemes.inputs import Inputs
from survey_models.schemes.outcome import Line, Outcome

FINDING = "findings/"
"""How the reference of a finding begins; those of duties are the program's own words."""


def numbers(inputs: Inputs) -> dict[str, str]:
    """For each matter the number that stands for it; none where no finding has words of its own."""
    told = {one.matter for one in inputs.booked if one.matter}
    free = (one for one in inputs.booked if one.ref.startswith(FINDING))
    if all(one.ref.endswith(one.matter) for one in free):
        return {}
    width = max(3, len(str(len(told))))
    return {matter: f"事项{number:0{width}}" for number, matter in enumerate(sorted(told), start=1)}


def without_matters(inputs: Inputs) -> Inputs:
    """The inputs with numbers instead of matters."""
    found = numbers(inputs)
    if not found:
        return inputs
    return replace(inputs, booked=tuple(replace(one, matter=found.get(one.matter, "")) for one in inputs.booked))


def unworded(outcome: Outcome, inputs: Inputs) -> Outcome:
    """The scorecards with numbers instead of matters; ``inputs``: with their words, as they were read."""
    found = numbers(inputs)
    if not found:
        return outcome
    words = {one.ref: (one.matter, found.get(one.matter, "")) for one in inputs.booked}

    def line(one: Line) -> Line:
        counts = tuple((_label(label, words), figure) for label, figure in one.counts)
        return replace(one, counts=counts, children=tuple(line(below) for below in one.children))

    cards = (
        replace(card, root=line(card.root), adjustments=tuple(line(one) for one in card.adjustments))
        for card in outcome.cards
    )
    return replace(outcome, cards=tuple(cards))


def _label(label: str, words: Mapping[str, tuple[str, str]]) -> str:
    """A case on a card: period, rule, matter, reference. What does not look like one is none."""
    before, _, ref = label.rpartition(" ")
    matter, number = words.get(ref, ("", ""))
    if not matter or not before.endswith(f" {matter}"):
        return label
    return f"{before.removesuffix(matter)}{number} {ref}"
