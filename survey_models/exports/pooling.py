"""Which strata of an export stand under their own names (合并与次级抑制). Pure.

A sheet that holds no answer where a questionnaire variant (问卷类型) has no question shows which variant it was. So few
sheets of a variant in a stratum are looked for as few sheets of the stratum are: both stand among enough others or
under the common heading, and under that heading they are enough again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from survey_models.questionnaires.rules import BLANK, Form

# What a sheet shows that fits several variants: nobody can tell which one it was.
ANY = ""
Numbers = Mapping[int, Mapping[str, int]]


class Variants:
    """Tells from the answers of a sheet which variant it shows, looking at these places alone."""

    def __init__(self, form: Form, places: Sequence[int]) -> None:
        carried = {name: form.carried(name) for name in form.variants}
        told = {place: frozenset(name for name, has in carried.items() if has[place]) for place in places}
        # Places that the same variants carry say the same; those of all of them say nothing.
        self._groups: dict[frozenset[str], list[int]] = {}
        for place, names in told.items():
            if len(names) < len(carried):
                self._groups.setdefault(names, []).append(place)
        self._all = frozenset(carried)
        self._asked = {name: sum(has[place] for place in places) for name, has in carried.items()}

    @property
    def apart(self) -> bool:
        """Whether variants can be told apart at all."""
        return bool(self._groups)

    def of(self, answers: str) -> str:
        """The variant that the sheet shows: of those that fit, the one that asks least; ``ANY`` where none is it."""
        fitting = self._all
        for names, places in self._groups.items():
            if any(answers[place] != BLANK for place in places):
                fitting &= names
        # One that asks more would have been left blank in all that it asks more: hardly anybody will guess that.
        least = min((self._asked[name] for name in fitting), default=0)
        found = [name for name in fitting if self._asked[name] == least]
        return found[0] if len(found) == 1 else ANY


def counted(sheets: Iterable[tuple[int, str]], variants: Variants) -> dict[int, Counter[str]]:
    """Sheets by stratum and variant shown, of pairs of stratum and answers."""
    found: dict[int, Counter[str]] = {}
    for stratum, answers in sheets:
        found.setdefault(stratum, Counter())[variants.of(answers)] += 1
    return found


def told_strata(numbers: Numbers, *, least: int, floor: int) -> frozenset[int] | None:
    """The strata that stand under their own names; the others stand together, and they too are ``least`` or none.

    ``numbers``: sheets of each stratum by variant. One small stratum alone under the common heading would have a name
    after all: the smallest of the others join it until nobody stands among too few (次级抑制), and so with a variant.
    None: a variant stays below ``floor`` whatever is joined, and nothing may be told.
    """
    kept = {no for no, by in numbers.items() if _short(Counter(by), least) is None}
    while True:
        pooled: Counter[str] = sum((Counter(numbers[no]) for no in numbers if no not in kept), Counter())
        short = _short(pooled, least)
        helping = [no for no in kept if short is not None and (not short or numbers[no].get(short))]
        if not helping:
            break
        kept.remove(min(helping, key=lambda no: (sum(numbers[no].values()), no)))
    if any(name and number < floor for name, number in pooled.items()):
        return None
    return frozenset(kept)


def _short(by: Counter[str], least: int) -> str | None:
    """A variant of which there are some and too few; ``ANY``: all of them together are; None: none."""
    few = [name for name, number in sorted(by.items()) if name and 0 < number < least]
    if few:
        return few[0]
    return ANY if 0 < by.total() < least else None
