"""What other rules would have made of the same data (敏感性): another map, setting or scheme; who moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from survey_models.core.errors import Problem
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.feeding import Fed
from survey_models.schemes.fitting import leaves
from survey_models.schemes.inputs import Answers, Inputs
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome
from survey_models.schemes.sources import Survey
from survey_models.schemes.surveys import Options, rescored

# No id of a document has a point in it.
OTHER = "other."


@dataclass(frozen=True)
class Shift:
    """One unit under both rules. ``gained``, ``gone``: ids of consequences."""

    unit: str
    name: str
    category: str
    printed: tuple[Decimal | None, Decimal | None]
    rank: tuple[int | None, int | None]
    grade: tuple[str | None, str | None]
    gained: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether its place, grade or a consequence is another one."""
        return self.rank[0] != self.rank[1] or self.grade[0] != self.grade[1] or bool(self.gained or self.gone)


@dataclass(frozen=True)
class Sensitivity:
    """The outcome under the other rules, and every unit under both; ``flips``: pairs whose order turns round."""

    other: Outcome
    shifts: tuple[Shift, ...]
    flips: tuple[tuple[str, str], ...]

    @property
    def moved(self) -> tuple[Shift, ...]:
        """The units that stand elsewhere."""
        return tuple(shift for shift in self.shifts if shift.moves)


def with_map(scheme: Scheme, name: str, options: Mapping[str, int | Decimal | None]) -> Scheme:
    """The scheme with other numbers for the options of a map. Raises ``round_input_unfit`` for other options."""
    old = scheme.maps.get(name)
    if old is None or set(options) != set(old.options):
        raise Problem("round_input_unfit", what=f"“{name}”的选项不同", what_en=f"other options than those of {name}")
    numbers = {key: None if value is None else Decimal(value) for key, value in options.items()}
    changed = old.model_copy(update={"options": numbers})
    return scheme.model_copy(update={"maps": {**scheme.maps, name: changed}})


def compare(scheme: Scheme, digest: str, inputs: Inputs, other: Scheme) -> Sensitivity:
    """The same inputs under ``other``: the scheme with another map (`with_map`), or read with another setting.

    Exact under any map. Standard errors hold for the map that they were computed with: where it changes there are none.
    Raises ``round_input_unfit`` where answers are weighted and their shares by option are not known.
    """
    before = evaluate(scheme, digest, inputs)
    after = evaluate(other, digest, remapped(scheme, other, inputs))
    return Sensitivity(other=after, shifts=shifts(before, after), flips=flips(before, after))


def compare_with(scheme: Scheme, digest: str, inputs: Inputs, found: Fed) -> Sensitivity:
    """The same round under another scheme, fed as far as it can be (`feeding.fed`).

    Grades and consequences of the same name are the same; the ids of all others begin with `OTHER`.
    """
    before = evaluate(scheme, digest, inputs)
    after = evaluate(found.scheme, digest, found.inputs, without=found.without)
    same = alike(scheme, found.scheme)
    cards = tuple(
        replace(
            card,
            grade=None if card.grade is None else same[card.grade],
            consequences=tuple(same[one] for one in card.consequences),
        )
        for card in after.cards
    )
    after = replace(after, cards=cards)
    return Sensitivity(other=after, shifts=shifts(before, after), flips=flips(before, after))


def alike(scheme: Scheme, other: Scheme) -> dict[str, str]:
    """By the id of a grade or consequence of ``other``: that of its namesake in ``scheme``, or a new one."""
    found: dict[str, str] = {}
    for theirs, ours in ((other.grades, scheme.grades), (other.consequences, scheme.consequences)):
        named = {(one.title.zh, getattr(one, "kind", "")): one.id for one in ours}
        found |= {one.id: named.get((one.title.zh, getattr(one, "kind", "")), OTHER + one.id) for one in theirs}
    return found


def shifts(before: Outcome, after: Outcome) -> tuple[Shift, ...]:
    """Every unit of two outcomes, by code."""
    then = {card.unit.code: card for card in after.cards}
    return tuple(
        Shift(
            unit=card.unit.code,
            name=card.unit.name,
            category=card.unit.category,
            printed=(card.printed, then[card.unit.code].printed),
            rank=(card.rank, then[card.unit.code].rank),
            grade=(card.grade, then[card.unit.code].grade),
            gained=tuple(one for one in then[card.unit.code].consequences if one not in card.consequences),
            gone=tuple(one for one in card.consequences if one not in then[card.unit.code].consequences),
        )
        for card in before.cards
        if card.unit.code in then
    )


def flips(before: Outcome, after: Outcome) -> tuple[tuple[str, str], ...]:
    """Pairs of one category (first, second) of which the first stood before the second and now stands behind it."""
    moved = [one for one in shifts(before, after) if one.rank[0] is not None and one.rank[1] is not None]
    return tuple(
        (one.unit, two.unit)
        for one in moved
        for two in moved
        if one.category == two.category and _before(one, two, 0) and _before(two, one, 1)
    )


def _before(one: Shift, two: Shift, which: int) -> bool:
    return (one.rank[which] or 0) < (two.rank[which] or 0)


def remapped(scheme: Scheme, other: Scheme, inputs: Inputs) -> Inputs:
    """The inputs with the scores of questions whose option map is another one in ``other``."""
    changed = _changed(scheme, other)
    answers = {
        key: _under(answers, *changed[key[0], ""]) if (key[0], "") in changed else answers
        for key, answers in inputs.answers.items()
    }
    aspects = {
        key: _under(answers, *changed[key[0], key[2]]) if (key[0], key[2]) in changed else answers
        for key, answers in inputs.aspects.items()
    }
    return replace(inputs, answers=answers, aspects=aspects)


def _changed(scheme: Scheme, other: Scheme) -> dict[tuple[str, str], tuple[Options, Options]]:
    """The old and new map of each question (campaign, aspect) that is scored with another one."""
    old, new = _maps(scheme), _maps(other)
    return {name: (old[name], new[name]) for name in old if name in new and dict(old[name]) != dict(new[name])}


def _maps(scheme: Scheme) -> dict[tuple[str, str], Options]:
    return {
        (one.campaign, aspect): scheme.maps[part.source.map].options
        for part in leaves(scheme)
        if isinstance(part.source, Survey)
        for one in part.source.campaigns
        for aspect in part.source.aspects or ("",)
    }


def _under(answers: Answers, old: Options, new: Options) -> Answers:
    found = rescored(answers, old, new)
    if found is None:
        raise Problem(
            "round_input_unfit",
            what="加权的评价没有各选项的份额",
            what_en="weighted answers without shares by option",
        )
    return found
