"""Which lines of a scheme are for which unit (适用范围): pure."""

from __future__ import annotations

from collections.abc import Iterator

from survey_models.schemes.added import area_of
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.sources import Cases
from survey_models.schemes.words import When


def fits(when: When | None, *, category: str, flags: frozenset[str]) -> bool:
    """Whether a condition is for a unit: all of its flags, none of those it is without, one of its categories."""
    if when is None:
        return True
    known = flags.issuperset(when.flags) and flags.isdisjoint(when.without)
    return known and (not when.categories or category in when.categories)


def leaves(scheme: Scheme) -> Iterator[Part]:
    """Every line with a source, in the order of the document; one id may come twice, in two cases of a choice."""
    return (part for part in lines(scheme) if part.source is not None)


def lines(scheme: Scheme) -> Iterator[Part]:
    """Every line, those with lines below them included, each before what is below it."""
    return _below(scheme.total)


def leaves_of(scheme: Scheme, *, category: str, flags: frozenset[str]) -> dict[str, Part]:
    """The lines with a source that one unit has, by id.

    A unit that a county added (县区增加的单位) owes the city nothing that cases could be booked against: it has no line
    of cases, which would else stand full for want of anybody who looked.
    """
    return {part.id: part for part in _fitting(scheme.total, category, flags)}


def _below(part: Part) -> Iterator[Part]:
    yield part
    for one in part.below:
        yield from _below(one)


def _fitting(part: Part, category: str, flags: frozenset[str]) -> Iterator[Part]:
    if not fits(part.when, category=category, flags=flags):
        return
    if part.source is not None and not (isinstance(part.source, Cases) and area_of(flags) is not None):
        yield part
    chosen = next((case.parts for case in part.choose if fits(case.when, category=category, flags=flags)), ())
    for one in (*part.parts, *part.mean, *chosen):
        yield from _fitting(one, category, flags)
