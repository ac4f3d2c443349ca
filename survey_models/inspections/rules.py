"""How many units of each stratum an inspection plan takes (必查, 再抽): pure.

Source: 宣直〔2019〕48号, article 4: within the year every unit is openly inspected once, and who had a problem the last
time is inspected again; secret visits are a plain random draw.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sampling.allocation import proportional
from survey_models.core.errors import Problem
from survey_models.rounds.periods import LENGTHS, Period

STRATUM, ALL = 40, "全部"


class Reason(StrEnum):
    """Why a unit must be checked.

    ``found``: a problem in the plan before, the document's own rule; ``complaint``: an upheld or repeated one since
    then; ``last``: the last place of its category in the round before.
    """

    FOUND = "found"
    COMPLAINT = "complaint"
    LAST = "last"


@dataclass(frozen=True)
class Share:
    """One stratum of a plan: the units in the frame, how many of them must be checked, how many more are drawn."""

    frame: tuple[str, ...]
    must: int
    more: int


def stratum_of(category: str) -> str:
    """A category as the stratum of a frame: a slash would divide it into stages."""
    return category.replace("/", "／")[:STRATUM]


def periods_left(period: Period) -> int:
    """How many periods of this length the year still has, this one counted; 1 for a year and for none."""
    months = LENGTHS.get(period.each, 12)
    return 1 if period.first is None or months >= 12 else (12 - period.first.month) // months + 1


def shares(
    strata: Mapping[str, Sequence[str]],
    *,
    must: Collection[str],
    done: Collection[str],
    more: int | Mapping[str, int] | None,
    left: int,
) -> dict[str, Share]:
    """Each stratum that gives a unit to the plan.

    ``more`` None: of those whom nobody inspected yet this year, the musts among them counted, one in ``left``, rounded
    up, so that after the last period everybody was inspected (年内全覆盖). A number is shared over the strata by their
    waiting units; once everybody was inspected, all can be drawn again. Raises ``stratum_unknown``,
    ``sample_too_large``.
    """
    waiting = {name: [code for code in codes if code not in done] for name, codes in strata.items()}
    if more is None:
        numbers = {name: _due(codes, must, left) for name, codes in waiting.items()}
        rest = {name: [code for code in codes if code not in must] for name, codes in waiting.items()}
    else:
        rest = {name: [code for code in waiting[name] if code not in must] for name in strata}
        for name, codes in strata.items():
            rest[name] = rest[name] or [code for code in codes if code not in must]
        numbers = _stated(rest, more)
    found = {}
    for name, codes in strata.items():
        own = [code for code in codes if code in must]
        number = numbers[name]
        if own or number:
            found[name] = Share((*own, *(rest[name] if number else ())), len(own), number)
    return found


def _due(waiting: Sequence[str], must: Collection[str], left: int) -> int:
    already = sum(code in must for code in waiting)
    return max(math.ceil(len(waiting) / max(left, 1)) - already, 0)


def _stated(rest: Mapping[str, Sequence[str]], more: int | Mapping[str, int]) -> dict[str, int]:
    sizes = {name: len(codes) for name, codes in rest.items()}
    if isinstance(more, int):
        if more > sum(sizes.values()):
            raise Problem("sample_too_large", stratum=ALL, wanted=more, available=sum(sizes.values()))
        return dict(zip(sizes, proportional(more, list(sizes.values())), strict=True))
    unknown = set(more) - set(sizes)
    if unknown:
        raise Problem("stratum_unknown", strata=", ".join(sorted(unknown)))
    for name, number in more.items():
        if number > sizes[name]:
            raise Problem("sample_too_large", stratum=name, wanted=number, available=sizes[name])
    return {name: more.get(name, 0) for name in sizes}
