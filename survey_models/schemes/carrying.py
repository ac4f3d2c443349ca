"""Marks and cases of a round under another scheme (评分与扣分事项的对应): by the office and the name of their line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey_models.schemes.checking import adjustments
from survey_models.schemes.fitting import leaves
from survey_models.schemes.inputs import Booked, Inputs
from survey_models.schemes.language import Adjustment, Duty, Part, Scheme
from survey_models.schemes.sources import Cases, Decay, Marks, Range, Rule, Tiers
from survey_models.schemes.tracing import Both

DUTIES = "duties"
Line = Part | Adjustment
"""Where cases are booked: a line of the tree, or a bonus and penalty."""


@dataclass(frozen=True)
class Lack:
    """What a line of cases lacks for some units. ``whole``: then it has no data; else some grounds alone."""

    part: Line
    wants: Both
    why: Both
    units: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Carried:
    """The cases as the other scheme books them, what its lines lack, and cases that it does not price."""

    booked: tuple[Booked, ...]
    lacks: tuple[Lack, ...]
    notes: tuple[Both, ...]


@dataclass(frozen=True)
class _Line:
    """A line of the other scheme with its units, the round's line of that name, and rules by the round's rules."""

    part: Line
    units: tuple[str, ...]
    mine: Line | None
    rules: Mapping[str, Rule]
    by_duty: Mapping[str, Rule] = field(default_factory=dict)
    """By the id of the round's duty: what a late or missing one books here."""

    @property
    def whole(self) -> bool:
        """Whether its points start full, so that without cases of any kind it would look perfect."""
        return isinstance(self.part, Part)


def marked(own: Scheme, part: Part, source: Marks | Decay | Tiers) -> Part | Both:
    """The round's line of the same office and name, whose marks this one can read; else why there is none."""
    found: dict[str, Part] = {}
    for one in leaves(own):
        if isinstance(one.source, Marks | Decay | Tiers) and _alike(one, part):
            found.setdefault(one.id, one)
    if not found:
        return ("本轮没有这项评分", "the round has no such marks")
    if len(found) > 1 and part.id not in found:
        return ("本轮有几项同名的评分，不知是哪一项", "the round has several of that name")
    mine = found.get(part.id) or next(iter(found.values()))
    if _form(mine.source) != _form(source) or (isinstance(source, Marks) and not isinstance(mine.source, Marks)):
        return ("本轮这项评分的形式不同", "the round's are of another form")
    return mine


def _form(source: object) -> str:
    """Places, marks of a panel, or single marks."""
    if isinstance(source, Decay) and source.enter == "places":
        return "places"
    return "panel" if isinstance(source, Marks) and source.panel is not None else "marks"


def cases(own: Scheme, other: Scheme, inputs: Inputs, having: Mapping[str, Mapping[str, Part]]) -> Carried:
    """Every case under the other scheme's lines and rules. ``having``: by unit, its lines of the other scheme."""
    booked: list[Booked] = []
    lacks: list[Lack] = []
    used: set[Booked] = set()
    for line in _lines(own, other, having):
        used |= {case for case in inputs.booked if _rule_of(line, case) is not None}
        missing = _missing_rules(line) or _missing_periods(line, inputs)
        if missing is not None:
            lacks.append(missing)
            if missing.whole or not (line.rules or line.by_duty):
                continue
        for unit in line.units:
            found, why = _of_unit(line, unit, inputs)
            if why is None:
                booked += found
            else:
                lacks.append(Lack(line.part, _wants(line.part), why, (unit,), whole=line.whole))
    return Carried(tuple(booked), tuple(lacks), tuple(_left(own, inputs, used)))


def _lines(own: Scheme, other: Scheme, having: Mapping[str, Mapping[str, Part]]) -> Iterator[_Line]:
    for part in leaves(other):
        units = tuple(unit for unit, parts in having.items() if parts.get(part.id) is part)
        if isinstance(part.source, Cases) and units:
            mine = _one([one for one in leaves(own) if isinstance(one.source, Cases) and _alike(one, part)], part.id)
            yield _line(own, other, part, units, mine)
    for one in adjustments(other):
        found = _one([his for his in adjustments(own) if _alike(his, one)], one.id)
        yield _line(own, other, one, tuple(having), found)


def _one(found: Sequence[Line], name: str) -> Line | None:
    return next((one for one in found if one.id == name), found[0] if found else None)


def _line(own: Scheme, other: Scheme, part: Line, units: tuple[str, ...], mine: Line | None) -> _Line:
    rules = {rule.id: rule for rule in _rules(part)}
    pairs: dict[str, Rule] = {}
    for his in _rules(mine) if mine is not None else ():
        named = next((rule for rule in rules.values() if rule.title.zh == his.title.zh), rules.get(his.id))
        if named is not None:
            pairs[his.id] = named
    by_duty = {
        his.id: rules[duty.feeds[1]]
        for duty in other.duties
        if duty.feeds is not None and duty.feeds[0] == part.id and duty.feeds[1] in rules
        for his in _same_duty(own, duty)
    }
    return _Line(part, units, mine, pairs, by_duty)


def _same_duty(own: Scheme, duty: Duty) -> list[Duty]:
    found = [one for one in own.duties if one.feeds and (one.title.zh == duty.title.zh or one.id == duty.id)]
    return found[:1]


def _missing_rules(line: _Line) -> Lack | None:
    """Grounds that the round did not look for; the line as a whole, where it looked for none of them."""
    known = {rule.id for rule in (*line.rules.values(), *line.by_duty.values())}
    lacking = [rule.title for rule in _rules(line.part) if rule.id not in known]
    if not lacking:
        return None
    none = not known or (line.mine is None and line.whole)
    if none:
        why = ("本轮没有查这些事项", "the round did not look for any of it")
        return Lack(line.part, _wants(line.part), why, line.units, whole=line.whole)
    zh, en = "、".join(one.zh for one in lacking), ", ".join(one.en for one in lacking)
    wants = (f"事项：{zh}", f"cases of: {en}")
    return Lack(
        line.part, wants, ("本轮没有查，只计其他事项", "not looked for; the others count"), line.units, whole=False
    )


def _missing_periods(line: _Line, inputs: Inputs) -> Lack | None:
    source = line.part.source if isinstance(line.part, Part) else None
    if not isinstance(source, Cases) or source.per is None or _periods(source, inputs):
        return None
    why = ("本轮不分月或季度", "the round has no months or quarters")
    return Lack(line.part, _wants(line.part), why, line.units, whole=True)


def _periods(source: Cases, inputs: Inputs) -> tuple[str, ...]:
    return inputs.months if source.per == "month" else inputs.quarters


def _wants(part: Line) -> Both:
    return (f"“{part.title.zh}”的事项", f"cases of {part.title.en}")


def _of_unit(line: _Line, unit: str, inputs: Inputs) -> tuple[list[Booked], Both | None]:
    """The cases of a unit under the other scheme's rules, and why they cannot be read where one cannot."""
    found: list[Booked] = []
    for case in inputs.booked:
        rule = _rule_of(line, case) if case.unit == unit else None
        carried = None if rule is None else _carried(line, case, rule, inputs)
        if isinstance(carried, tuple):
            return [], carried
        if carried is not None:
            found.append(carried)
    return found, None


def _rule_of(line: _Line, case: Booked) -> Rule | None:
    origin, _, rest = case.ref.partition("/")
    duty = line.by_duty.get(rest.partition("/")[0]) if origin == DUTIES else None
    if duty is not None:
        return duty
    return line.rules.get(case.rule) if line.mine is not None and case.part == line.mine.id else None


def _carried(line: _Line, case: Booked, rule: Rule, inputs: Inputs) -> Booked | Both:
    source = line.part.source if isinstance(line.part, Part) else None
    period = case.period
    if isinstance(source, Cases) and source.per is not None:
        period = _period(case.period, _periods(source, inputs))
        if not period:
            return ("有的事项没有写明该办法要的月份或季度", "some cases lack the month or quarter that it needs")
    if not _allowed(rule, case):
        return ("有的事项没有按该办法定分", "some cases have no points that it allows")
    points = case.points if isinstance(rule.points, Range | tuple) else None
    return replace(case, part=line.part.id, rule=rule.id, period=period, points=points)


def _allowed(rule: Rule, case: Booked) -> bool:
    """Whether the rule has a price for the case: its own, or what was set for it within the rule's limits."""
    if isinstance(rule.points, Range):
        return case.points is not None and rule.points.low <= case.points <= rule.points.high
    return case.points in rule.points if isinstance(rule.points, tuple) else True


def _period(name: str, periods: Sequence[str]) -> str:
    """The period that a case belongs to, of those of the round; empty: not known."""
    if name in periods:
        return name
    year, _, month = name.partition("-")
    quarter = f"{year}Q{(int(month) + 2) // 3}" if month.isdigit() else ""
    return quarter if quarter in periods else ""


def _left(own: Scheme, inputs: Inputs, used: set[Booked]) -> Iterator[Both]:
    """Cases of the round that the other scheme does not price."""
    titles = {(part.id, rule.id): (rule.title.zh, rule.title.en) for part in _all_lines(own) for rule in _rules(part)}
    left = Counter((case.part, case.rule) for case in inputs.booked if case not in used)
    for (part, rule), number in left.items():
        zh, en = titles.get((part, rule), (rule, rule))
        yield f"该办法不计“{zh}”，本轮有{number}件", f"it does not price {en}; the round has {number}"


def _all_lines(scheme: Scheme) -> Iterator[Line]:
    yield from (part for part in leaves(scheme) if isinstance(part.source, Cases))
    yield from adjustments(scheme)


def _rules(part: Line) -> tuple[Rule, ...]:
    if isinstance(part, Adjustment):
        return (*part.bonuses, *part.penalties)
    return part.source.rules if isinstance(part.source, Cases) else ()


def _alike(mine: Line, theirs: Line) -> bool:
    return mine.title.zh == theirs.title.zh and _office(mine) == _office(theirs)


def _office(part: Line) -> str | None:
    if isinstance(part, Adjustment):
        return part.office
    source = part.source
    return source.office if isinstance(source, Marks | Decay | Tiers | Cases) else None
