"""Whether option scales are fair (选项是否公允): balanced, in order, each option itself and told from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from survey_models.questionnaires.findings import Finding
from survey_models.questionnaires.rules import CHOSEN, JUDGING, SINGLE, Form, Option
from survey_models.questionnaires.wording import bare, leading_word, says_satisfied

FEWEST, MOST, HIGHEST = 2, 5, 100


def look(form: Form) -> Iterator[Finding]:
    """Every scale that an item uses."""
    used: dict[str, set[str]] = {}
    for item in form.listing:
        if item.scale:
            used.setdefault(item.scale, set()).add(item.kind)
    for name, kinds in used.items():
        options = form.scales[name]
        yield from _labels(name, options, names=kinds <= CHOSEN)
        scored = [option for option in options if option.score is not None]
        if kinds & JUDGING or (scored and kinds & {SINGLE}):
            yield from _scored(name, scored)
    yield from _conflicts(form)


def _labels(name: str, options: Sequence[Option], *, names: bool) -> Iterator[Finding]:
    codes: set[str] = set()
    for option in options:
        if option.code in codes:
            yield Finding("code_repeated", name, code=option.code)
        codes.add(option.code)
        if not names and (word := leading_word(option.label)):
            yield Finding("leading_word", name, word=word)
    for left, right in combinations(options, 2):
        if bare(left.label) == bare(right.label):
            yield Finding("labels_near", name, left=left.label, right=right.label)


def _scored(name: str, scored: Sequence[Option]) -> Iterator[Finding]:
    """The middle one of an odd number is neither; of the others half are satisfied and half are not."""
    if not FEWEST <= len(scored) <= MOST:
        yield Finding("scale_size", name, count=len(scored))
        return
    scores = [option.score or 0 for option in scored]
    if not all(0 <= score <= HIGHEST for score in scores):
        yield Finding("score_range", name)
    steps = [after - before for before, after in pairwise(scores)]
    if not (all(step < 0 for step in steps) or all(step > 0 for step in steps)):
        yield Finding("scores_order", name)
        return
    best_first = sorted(scored, key=lambda option: -(option.score or 0))
    half = len(scored) // 2
    top, bottom = best_first[:half], best_first[-half:]
    good = sum(_is_satisfied(option) for option in scored)
    if not all(map(_is_satisfied, top)) or any(map(_is_satisfied, bottom)):
        yield Finding("unbalanced", name, good=good, bad=len(scored) - good)
    for option in scored:
        if says_satisfied(option.label) not in {None, option.satisfied}:
            yield Finding("tone_wrong", name, label=option.label)


def _is_satisfied(option: Option) -> bool:
    """What the words say, else what the document says: a mark alone does not balance a scale."""
    said = says_satisfied(option.label)
    return option.satisfied if said is None else said


def _conflicts(form: Form) -> Iterator[Finding]:
    """One code with two meanings in the scales of units: their tallies stand in one table."""
    known: dict[str, Option] = {}
    for name in dict.fromkeys(form.items[place].scale for place in form.units):
        for option in form.scales[name]:
            other = known.setdefault(option.code, option)
            if (other.score, other.satisfied) != (option.score, option.satisfied):
                yield Finding("scales_conflict", name, code=option.code)
