"""Points from an office's marks (部门评分): as they are, by place (排名赋分) or by tiers of fixed size (按比例分档)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from survey_models.core.errors import Problem
from survey_models.schemes.inputs import Inputs, Mark, RatedUnit
from survey_models.schemes.language import Part
from survey_models.schemes.outcome import Question
from survey_models.schemes.quotas import largest_remainder, rounded
from survey_models.schemes.sources import Decay, Marks, Tiers
from survey_models.schemes.tracing import HUNDRED, Found, brief, fraction, product, show

NO_MARK = ("没有评分", "no mark")


@dataclass(frozen=True)
class Placed:
    """Where the marks put the units: place or index of the tier by unit, and what must be decided first."""

    of: Mapping[str, int] = field(default_factory=dict)
    among: Mapping[str, int] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()


def marks(part: Part, source: Marks, unit: str, inputs: Inputs) -> Found:
    """The office's mark, or the mean of a panel with enough members, turned into the line's points."""
    given = inputs.marks.get((part.id, unit), ())
    if not given:
        return Found(value=None, how=(f"{source.office}尚未评分", f"no mark by {source.office} yet"))
    scale, points = fraction(source.scale), fraction(part.points)
    for mark in given:
        if not 0 <= mark.value <= source.scale:
            raise _unfit(part, unit, f"评分{mark.value}不在0至{source.scale}之间", f"{mark.value} is out of range")
    if source.panel is not None and len(given) < source.panel:
        few = f"{len(given)}/{source.panel}"
        return Found(value=None, how=(f"评分人数不足（{few}）", f"too few members of the panel have marked ({few})"))
    if source.panel is None:
        _single(part, unit, given)
    score = sum((fraction(mark.value) for mark in given), Fraction(0)) / len(given)
    value = score * points / scale
    turned = product(score, scale=scale, points=points, value=value)
    mean = ""
    if len(given) > 1:
        members = sorted(fraction(mark.value) for mark in given)
        mean = f"({' + '.join(brief(one) for one in members)}) ÷ {len(given)} = {show(score)}"
    told = "; ".join(text for text in (mean, "" if mean == turned else turned) if text)
    return Found(value=value, how=(told.replace("; ", "；"), told), counts=_told(given))


def by_place(part: Part, source: Decay, unit: str, placed: Placed, inputs: Inputs) -> Found:
    """Points by place: the first gets all, each lower place a step less, of the full points or of the place before."""
    if unit not in placed.of:
        return Found(value=None, how=NO_MARK)
    place, points, step = placed.of[unit], fraction(part.points), fraction(source.step) / HUNDRED
    if source.shape == "linear":
        value = points * (1 - step * (place - 1))
        way = f"{brief(points)} × (1 − {brief(HUNDRED * step)}% × {place - 1})"
    else:
        value = points * (1 - step) ** (place - 1)
        way = f"{brief(points)} × {brief(1 - step)}^{place - 1}"
    held = max(value, fraction(source.floor))
    low = "" if held == value else f"（不低于{brief(source.floor)}）"
    low_en = "" if held == value else f" (not below {brief(source.floor)})"
    return Found(
        value=held,
        how=(f"第{place}名：{way} = {show(held)}{low}", f"place {place}: {way} = {show(held)}{low_en}"),
        counts=_told(inputs.marks[part.id, unit]),
    )


def by_tier(part: Part, source: Tiers, unit: str, placed: Placed, inputs: Inputs) -> Found:
    """Points of the tier that the unit's mark falls into."""
    if (part.id, unit) not in inputs.marks:
        return Found(value=None, how=NO_MARK)
    if unit not in placed.of:
        return Found(
            value=None, how=("档次界线上同分，尚未决定", "equal marks at the border of a tier, not decided yet")
        )
    tier, n = source.tiers[placed.of[unit]], placed.among[unit]
    value = fraction(tier.points)
    return Found(
        value=value,
        how=(
            f"{n}个单位按比例分档，列“{tier.title.zh}”（{brief(tier.share)}%），得{show(value)}分",
            f"{n} units by tiers: {tier.title.en} ({brief(tier.share)}%), {show(value)} points",
        ),
        counts=_told(inputs.marks[part.id, unit]),
    )


def places(part: Part, source: Decay, units: Sequence[RatedUnit], inputs: Inputs) -> Placed:
    """The places of a line: as the office entered them, or by its marks, the better place shared by equals."""
    found: dict[str, int] = {}
    for group in _groups(source.within, units).values():
        marked = _values(part, group, inputs)
        rising = sorted(marked.values())
        for unit, value in marked.items():
            if source.enter == "places":
                if value < 1 or value.denominator != 1:
                    raise _unfit(part, unit, f"{brief(value)}不是名次", f"{brief(value)} is no place")
                found[unit] = int(value)
            else:
                found[unit] = 1 + len(rising) - bisect_right(rising, value)
    return Placed(of=found)


def tiers(part: Part, source: Tiers, units: Sequence[RatedUnit], inputs: Inputs) -> Placed:
    """The tier of each marked unit, best first. Equal marks on both sides of a border ask, unless it is decided."""
    found: dict[str, int] = {}
    among: dict[str, int] = {}
    questions: list[Question] = []
    for name, group in _groups(source.within, units).items():
        sizes = tier_sizes(source, len(group))
        marked = _values(part, group, inputs)
        among |= dict.fromkeys(marked, len(group))
        start = 0
        for value in sorted(set(marked.values()), reverse=True):
            tied = sorted(unit for unit, own in marked.items() if own == value)
            order = _decided(tied, inputs.decided.get((part.id, name), ()))
            spots = [_tier_at(sizes, start + k) for k in range(len(tied))]
            start += len(tied)
            if len(set(spots)) == 1:
                order = tied
            if order:
                found |= dict(zip(order, spots, strict=True))
            else:
                better = sum(spot == spots[0] for spot in spots)
                questions.append(_question(part, name, tied, better))
    return Placed(of=found, among=among, questions=tuple(questions))


def tier_sizes(source: Tiers, n: int) -> list[int]:
    """How many of ``n`` units each tier holds; with largest remainder they add up to the sum of the shares of n."""
    exact = [fraction(tier.share) * n / HUNDRED for tier in source.tiers]
    if source.rounding == "largest_remainder":
        return largest_remainder(exact)
    return [rounded(one, source.rounding) for one in exact]


def _tier_at(sizes: Sequence[int], place: int) -> int:
    """The tier of the unit at a place counted from 0; whoever is left over is in the last."""
    for tier, size in enumerate(sizes):
        if place < size:
            return tier
        place -= size
    return len(sizes) - 1


def _groups(within: str, units: Sequence[RatedUnit]) -> dict[str, list[RatedUnit]]:
    groups: dict[str, list[RatedUnit]] = {}
    for unit in units:
        groups.setdefault(unit.category if within == "category" else "", []).append(unit)
    return groups


def _values(part: Part, group: Sequence[RatedUnit], inputs: Inputs) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for unit in group:
        given = inputs.marks.get((part.id, unit.code), ())
        if given:
            found[unit.code] = fraction(_single(part, unit.code, given).value)
    return found


def _single(part: Part, unit: str, given: Sequence[Mark]) -> Mark:
    if len(given) > 1:
        raise _unfit(part, unit, "只能有一个评分", "one mark only")
    return given[0]


def _unfit(part: Part, unit: str, zh: str, en: str) -> Problem:
    return Problem("round_input_unfit", what=f"{part.id} {unit}：{zh}", what_en=f"{part.id} {unit}: {en}")


def _decided(tied: Sequence[str], order: Sequence[str]) -> list[str]:
    """The tied units in the order decided; nothing when that does not name them all."""
    found = [unit for unit in order if unit in tied]
    return found if sorted(found) == list(tied) else []


def _question(part: Part, group: str, tied: Sequence[str], better: int) -> Question:
    return Question(
        kind="tie",
        about=part.id,
        category=group,
        units=tuple(tied),
        places=better,
        text=(
            f"“{part.title.zh}”：{len(tied)}个单位同分，较高一档只有{better}个名额。",
            f"{part.title.en}: {len(tied)} units with the same mark, {better} of them in the better tier.",
        ),
    )


def _told(given: Sequence[Mark]) -> tuple[tuple[str, str], ...]:
    ordered = sorted(given, key=lambda mark: (mark.who, mark.value, mark.version))
    return tuple((f"{mark.who}（第{mark.version}版）", brief(mark.value)) for mark in ordered)
