"""How many people of each stratum of a roster are drawn (名册抽取): at least so many of them newly hired. Pure.

Source: the implementation opinion on 民主评议政风行风: new representatives make up one third of the total.
"""

from __future__ import annotations

from collections.abc import Mapping

from sampling.allocation import largest_remainder, proportional
from survey_models.core.errors import Problem

NEW, KEPT = "新聘", "续聘"
LONGEST_STRATUM = 40


def stratum_of(hirer: str, *, new: bool) -> str:
    """``新聘``, or with the hirer ``新聘·市政府纠风办``."""
    word = NEW if new else KEPT
    return f"{word}·{hirer}"[:LONGEST_STRATUM] if hirer else word


def new_least(people: int, one_in: int | None) -> int:
    """How many of those drawn are new at least: one in ``one_in``, rounded up; none where the scheme asks nothing."""
    return 0 if one_in is None else -(-people // one_in)


def sizes(strata: Mapping[str, int], people: int, one_in: int | None) -> dict[str, int]:
    """How many of each stratum, by eligible people of each.

    Between new and kept in proportion, but at least as many new ones as the scheme asks; inside either in proportion.
    Raises ``sample_too_large``, ``roster_draw_too_few_new``.
    """
    new = {name: size for name, size in strata.items() if name.split("·")[0] == NEW}
    kept = {name: size for name, size in strata.items() if name not in new}
    all_new, all_kept = sum(new.values()), sum(kept.values())
    if not 0 < people <= all_new + all_kept:
        raise Problem("sample_too_large", stratum="名册", wanted=people, available=all_new + all_kept)
    least = new_least(people, one_in)
    if least > all_new:
        raise Problem("roster_draw_too_few_new", needed=least, new=all_new, people=people)
    number = max(largest_remainder(people, [all_new, all_kept])[0], least, people - all_kept)
    found: dict[str, int] = {}
    for part, share in ((new, number), (kept, people - number)):
        found |= dict(zip(part, proportional(share, list(part.values())), strict=True))
    return found
