"""The way through the tree of a scheme for one unit (逐项计算): sources, missing data, sums, bonuses inside a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from survey_models.schemes.added import area_of
from survey_models.schemes.deductions import adjustment, cases
from survey_models.schemes.fitting import fits, leaves, leaves_of
from survey_models.schemes.inputs import Booked, Inputs, RatedUnit, Standing
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.outcome import Line
from survey_models.schemes.rank_points import Placed, by_place, by_tier, marks, places, tiers
from survey_models.schemes.sources import Cases, Decay, Marks, Ratings, Reference, Survey, Tiers
from survey_models.schemes.surveys import answers_of, survey
from survey_models.schemes.tracing import Errors, Found, added, brief, fraction, line, scaled, show
from survey_models.schemes.windows import ratings, reference

ZERO = Fraction(0)
NOT_LOOKED = ("本轮没有查这一项", "nobody looked for this in the round")
OF_A_COUNTY = ("县区增加的单位没有这一项", "a unit that a county added has no such line")


@dataclass(frozen=True)
class Node:
    """A line on its way up.

    ``lacking``: lines without data that wait for the office; ``withheld``: no total at all; ``dropped``: left out, its
    weight goes to its neighbours.
    """

    line: Line
    errors: Errors = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    withheld: bool = False
    dropped: bool = False


@dataclass(frozen=True)
class Run:
    """What the walks through the tree of one round share: cases by line and unit, places, figures found before."""

    scheme: Scheme
    inputs: Inputs
    units: tuple[RatedUnit, ...]
    """The rated ones: those cancelled or withheld take no place and enter no mean."""
    parts: Mapping[str, Mapping[str, Part]]
    """By unit: its lines with a source, by id."""
    booked: Mapping[tuple[str, str], Sequence[Booked]]
    placed: Mapping[str, Placed]
    found: dict[tuple[str, str], Found] = field(default_factory=dict)
    without: frozenset[tuple[str, str]] = frozenset()
    """Lines of units that have no data although their source would need none."""

    @classmethod
    def of(cls, scheme: Scheme, inputs: Inputs) -> Run:
        """Prepare a round."""
        units = tuple(sorted((one for one in inputs.units if one.standing is Standing.RATED), key=lambda one: one.code))
        parts = {one.code: leaves_of(scheme, category=one.category, flags=one.flags) for one in units}
        booked: dict[tuple[str, str], list[Booked]] = {}
        for case in inputs.booked:
            booked.setdefault((case.part, case.unit), []).append(case)
        return cls(scheme, inputs, units, parts, booked, _placed(scheme, inputs, units, parts))


def _placed(
    scheme: Scheme, inputs: Inputs, units: Sequence[RatedUnit], parts: Mapping[str, Mapping[str, Part]]
) -> dict[str, Placed]:
    """Places and tiers of the lines that compare units; one line may stand in two cases of a choice."""
    found: dict[str, Placed] = {}
    for part in leaves(scheme):
        if part.id in found or not isinstance(part.source, Decay | Tiers):
            continue
        having = [one for one in units if part.id in parts[one.code]]
        if isinstance(part.source, Decay):
            found[part.id] = places(part, part.source, having, inputs)
        else:
            found[part.id] = tiers(part, part.source, having, inputs)
    return found


def walk(run: Run, part: Part, unit: RatedUnit, above: str | None = None) -> Node | None:
    """The line of a unit with all below it; None: the unit does not have this line.

    ``above``: what the lines above say of missing data; None: as the scheme says.
    """
    if not fits(part.when, category=unit.category, flags=unit.flags):
        return None
    policy = part.missing or above or run.scheme.missing
    if part.source is not None:
        found = source_of(run, part, unit.code)
        node = _node(part, found) if found.value is not None else _missing(run, part, unit, found, policy)
    else:
        nodes = [below for one in _children(part, unit) if (below := walk(run, one, unit, policy)) is not None]
        if not nodes:
            return None
        node = _inner(run, part, unit, nodes, policy)
    return node if part.adjust is None or node.line.value is None else _with_bonus(run, part, unit, node)


def source_of(run: Run, part: Part, unit: str) -> Found:
    """What a line's source gives for a unit; kept, because means of a category ask again."""
    key = (part.id, unit)
    if key not in run.found:
        why = _nothing(run, part, unit)
        run.found[key] = Found(value=None, how=why) if why else _read(run, part, unit)
    return run.found[key]


def _nothing(run: Run, part: Part, unit: str) -> tuple[str, str] | None:
    """Why a line has no data although its source would need none; None: it is read."""
    if (part.id, unit) in run.without:
        return NOT_LOOKED
    return OF_A_COUNTY if isinstance(part.source, Cases) and part.id not in run.parts[unit] else None


def _read(run: Run, part: Part, unit: str) -> Found:
    source, inputs = part.source, run.inputs
    match source:
        case Survey():
            found = survey(run.scheme, part, source, unit, inputs)
        case Ratings():
            found = ratings(run.scheme, part, source, unit, inputs)
        case Reference():
            found = reference(part, unit, inputs)
        case Marks():
            found = marks(part, source, unit, inputs)
        case Cases():
            found = cases(part, source, run.booked.get((part.id, unit), ()), inputs)
        case Decay():
            found = by_place(part, source, unit, run.placed[part.id], inputs)
        case Tiers():
            found = by_tier(part, source, unit, run.placed[part.id], inputs)
        case None:
            raise AssertionError(f"{part.id} has no source")
    return found


def _children(part: Part, unit: RatedUnit) -> Sequence[Part]:
    if part.choose:
        chosen = (one for one in part.choose if fits(one.when, category=unit.category, flags=unit.flags))
        first = next(chosen, None)
        return first.parts if first else ()
    return part.parts or part.mean


def _node(part: Part, found: Found) -> Node:
    return Node(
        line(part, found, most=fraction(part.points), factor=fraction(part.factor)),
        found.errors,
    )


def _inner(run: Run, part: Part, unit: RatedUnit, nodes: Sequence[Node], policy: str) -> Node:
    """The sum, or the plain mean, of the lines below."""
    children = tuple(node.line for node in nodes)
    lacking = tuple(name for node in nodes for name in node.lacking)
    if lacking or any(node.withheld for node in nodes):
        names = "、".join(node.line.title[0] for node in nodes if node.lacking or node.withheld)
        english = ", ".join(node.line.title[1] for node in nodes if node.lacking or node.withheld)
        how = (f"暂缺：{names}", f"still missing: {english}")
        blank = line(
            part,
            Found(value=None, how=how, children=children),
            most=fraction(part.points),
            factor=fraction(part.factor),
        )
        return Node(blank, lacking=lacking, withheld=any(node.withheld for node in nodes))
    kept = [node for node in nodes if not node.dropped]
    if not kept:
        nothing = Found(value=None, how=("各项都没有数据", "no data in any of its lines"), children=children)
        return _missing(run, part, unit, nothing, policy)
    if not part.mean and not any(map(_most, kept)) and any(map(_most, nodes)):
        # Nobody is left to take the weight: the sum would be 0, and that is no result.
        nothing = Found(value=None, how=("有分值的各项没有数据", "no data in the lines with points"), children=children)
        return _missing(run, part, unit, nothing, policy)
    return _node(part, _mean(kept, children) if part.mean else _sum(nodes, kept, children))


def _mean(kept: Sequence[Node], children: tuple[Line, ...]) -> Found:
    n = len(kept)
    value = sum((_given(node) for node in kept), ZERO) / n
    sums = " + ".join(_term(node) for node in kept)
    told = f"({sums}) ÷ {n} = {show(value)}" if n > 1 else show(value)
    return Found(
        value=value,
        how=_with_dropped(told, children, len(children) - n),
        errors=added(scaled(node.errors, node.line.factor / n) for node in kept),
        children=children,
    )


def _sum(nodes: Sequence[Node], kept: Sequence[Node], children: tuple[Line, ...]) -> Found:
    plain = sum((_given(node) for node in kept), ZERO)
    most = sum((_most(node) for node in nodes), ZERO)
    left = sum((_most(node) for node in kept), ZERO)
    by = most / left if len(kept) < len(nodes) and left else Fraction(1)
    value = plain * by
    told = " + ".join(_term(node) for node in kept)
    if by != 1:
        told = f"({told}) × {brief(most)} ÷ {brief(left)}"
    if len(kept) > 1 or by != 1 or kept[0].line.factor != 1:
        told = f"{told} = {show(value)}"
    return Found(
        value=value,
        how=_with_dropped(told, children, len(nodes) - len(kept)),
        errors=added(scaled(node.errors, node.line.factor * by) for node in kept),
        children=children,
    )


def _given(node: Node) -> Fraction:
    """What a line gives to the one above."""
    value = node.line.value
    assert value is not None  # noqa: S101 - lines without a value were taken out before
    return value * node.line.factor if node.line.factor != 1 else value


def _most(node: Node) -> Fraction:
    return node.line.most * node.line.factor


def _term(node: Node) -> str:
    value = show(node.line.value if node.line.value is not None else ZERO)
    return value if node.line.factor == 1 else f"{value}×{brief(node.line.factor)}"


def _with_dropped(told: str, children: Iterable[Line], dropped: int) -> tuple[str, str]:
    if not dropped:
        return (told, told)
    names = [one.title for one in children if one.value is None]
    zh, en = "、".join(name[0] for name in names), ", ".join(name[1] for name in names)
    return (
        f"{told}（{zh}没有数据，其分值按比例分给其他各项）",
        f"{told} (no data on {en}: its weight goes to the others)",
    )


def _missing(run: Run, part: Part, unit: RatedUnit, found: Found, policy: str) -> Node:
    """What the document, or the office for this unit, says of a line without data."""
    policy = _decided(run, part, unit.code) or _of_a_county(run, part, unit) or policy
    zh, en = found.how
    value: Fraction | None = None
    if policy == "zero":
        value = ZERO
        zh, en = f"{zh}，按0分计", f"{en}: counts as 0"
    elif policy == "category_mean":
        value = _category_mean(run, part, unit)
        if value is not None:
            zh, en = f"{zh}，取同类单位平均{show(value)}", f"{en}: the mean of its category, {show(value)}"
    elif policy == "reweight":
        zh, en = f"{zh}，不计此项", f"{en}: left out"
    elif policy == "withhold":
        zh, en = f"{zh}，不出总分", f"{en}: no total"
    told = Found(value=value, how=(zh, en), counts=found.counts, children=found.children)
    node = _node(part, told)
    if value is not None or policy == "reweight":
        return Node(node.line, dropped=value is None)
    if policy == "withhold":
        return Node(node.line, withheld=True)
    return Node(node.line, lacking=(part.id,))


def _of_a_county(run: Run, part: Part, unit: RatedUnit) -> str | None:
    """The rule for what nobody gathers about a county's unit; of answers that were asked for, the document's holds."""
    added = run.scheme.units.added
    if added is None or area_of(unit.flags) is None:
        return None
    asked = isinstance(part.source, Survey) and answers_of(part.source, unit.code, run.inputs)
    return None if asked else added.areas.lacking


def _decided(run: Run, part: Part, unit: str) -> str | None:
    """The way out that is recorded for this unit."""
    for policy in ("reweight", "zero", "category_mean", "withhold"):
        if unit in run.inputs.decided.get((part.id, policy), ()):
            return policy
    return None


def _category_mean(run: Run, part: Part, unit: RatedUnit) -> Fraction | None:
    """The mean share of the points that the units of the category with data reached, in this line's points."""
    reached = []
    for other in run.units:
        own = run.parts[other.code].get(part.id) if other.category == unit.category else None
        value = source_of(run, own, other.code).value if own is not None and own.points else None
        if own is not None and value is not None:
            reached.append(value / fraction(own.points))
    return sum(reached, ZERO) / len(reached) * fraction(part.points) if reached else None


def _with_bonus(run: Run, part: Part, unit: RatedUnit, node: Node) -> Node:
    """A bonus or penalty inside a line, which then stays between 0 and its points."""
    inner = part.adjust
    assert inner is not None and node.line.value is not None  # noqa: S101, PT018 - asked by the caller
    found = adjustment(inner, run.booked.get((inner.id, unit.code), ()))
    bonus = line(inner, found, most=fraction(inner.high), factor=Fraction(1))
    before, change = node.line.value, found.value or ZERO
    value = min(max(before + change, ZERO), fraction(part.points))
    if not change:
        told = node.line.how
    else:
        sign = "+" if change > 0 else "−"
        sums = f"{show(before)} {sign} {show(abs(change))} = {show(before + change)}"
        if value != before + change:
            sums = f"{sums} → {show(value)}"
        told = (f"{node.line.how[0]}；{sums}", f"{node.line.how[1]}; {sums}")
    whole = Found(value, told, node.errors, node.line.counts, (*node.line.children, bonus))
    return _node(part, whole)
