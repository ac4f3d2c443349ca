"""Points that cases take away or add (扣分、加分): rules, chains in one matter, periods, floors and limits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from survey_models.core.errors import Problem
from survey_models.schemes.inputs import Booked, Inputs
from survey_models.schemes.language import Adjustment, Part
from survey_models.schemes.sources import Cases, Range, Rule
from survey_models.schemes.tracing import Both, Found, brief, fraction, product, show

Priced = tuple[Booked, Rule, Fraction]
"""A case, its rule, and what it costs."""


def cases(part: Part, source: Cases, booked: Sequence[Booked], inputs: Inputs) -> Found:
    """The points that are left: every period starts full, the mean of the periods counts.

    ``start`` is the scale of the deductions; where it is not the line's points, what is left is converted. Raises
    ``round_input_unfit`` for a case of another period, and where the periods are not named.
    """
    start = fraction(part.points if source.start is None else source.start)
    rules = {rule.id: rule for rule in source.rules}
    priced = [(case, rules[case.rule], price(rules[case.rule], case)) for case in _in_order(booked, rules)]
    points = fraction(part.points)
    if source.per is None:
        left, told = _left(source, start, priced)
    else:
        left, told = _mean_of_periods(part, source, start, priced, inputs)
    value = left * points / start if start else Fraction(0)
    if start != points:
        turned = product(left, scale=start, points=points, value=value)
        told = (f"{told[0]}；{turned}", f"{told[1]}; {turned}")
    return Found(value=value, how=told, counts=_listed(priced))


def adjustment(part: Adjustment, booked: Sequence[Booked]) -> Found:
    """Bonuses up to ``high`` and penalties down to ``low``, each side held for itself."""
    bonuses, penalties = ({rule.id: rule for rule in side} for side in (part.bonuses, part.penalties))
    rules = bonuses | penalties
    priced = [(case, rules[case.rule], price(rules[case.rule], case)) for case in _in_order(booked, rules)]
    plus = sum((points for _, rule, points in priced if rule.id in bonuses), Fraction(0))
    minus = sum((points for _, rule, points in priced if rule.id in penalties), Fraction(0))
    high, low = fraction(part.high), fraction(part.low)
    value = min(plus, high) + max(-minus, low)
    if not priced:
        return Found(value=value, how=("没有加分或扣分", "nothing to add or take away"))
    held_zh = f"（加分以{brief(high)}分为限）" if plus > high else ""
    held_zh += f"（扣分以{brief(-low)}分为限）" if -minus < low else ""
    held_en = f" (at most {brief(high)} added)" if plus > high else ""
    held_en += f" (at most {brief(-low)} taken away)" if -minus < low else ""
    sums = f"+{brief(plus)} − {brief(minus)} = {show(value)}"
    return Found(value=value, how=(sums + held_zh, sums + held_en), counts=_listed(priced))


def price(rule: Rule, case: Booked) -> Fraction:
    """What one case costs or brings.

    Raises ``round_input_unfit``: no points where the rule leaves them open, or points that the rule does not know.
    """
    if isinstance(rule.points, Range):
        allowed = case.points is not None and rule.points.low <= case.points <= rule.points.high
    elif isinstance(rule.points, tuple):
        allowed = case.points in rule.points
    else:
        fixed = rule.points
        if case.points is not None and case.points != (fixed or 0):
            raise _unfit(case, "分值与规则不符", "points that the rule does not allow")
        return fraction(fixed) if fixed is not None else Fraction(0)
    if not allowed or case.points is None:
        raise _unfit(case, "没有在规则允许的范围内定分", "no points within what the rule allows")
    return fraction(case.points)


def _unfit(case: Booked, zh: str, en: str) -> Problem:
    return Problem("round_input_unfit", what=f"{case.unit} {case.part} {case.rule}：{zh}", what_en=f"{case.unit} {en}")


def _in_order(booked: Sequence[Booked], rules: dict[str, Rule]) -> list[Booked]:
    """The cases in an order of their own, so that the order of booking changes nothing, not even the trace."""
    place = {name: k for k, name in enumerate(rules)}
    for case in booked:
        if case.rule not in place:
            raise _unfit(case, "没有这条规则", f"{case.part} has no rule {case.rule}")
    return sorted(booked, key=lambda case: (case.period, case.matter, place[case.rule], case.ref, case.points or 0))


def _mean_of_periods(
    part: Part, source: Cases, start: Fraction, priced: Sequence[Priced], inputs: Inputs
) -> tuple[Fraction, Both]:
    periods = inputs.months if source.per == "month" else inputs.quarters
    if not periods:
        raise Problem(
            "round_input_unfit", what=f"{part.id}：没有给出各期名称", what_en=f"{part.id}: no periods are named"
        )
    for case, _, _ in priced:
        if case.period not in periods:
            raise _unfit(case, f"“{case.period}”不是本轮的一期", f"{case.period!r} is no period of this round")
    rests = [(p, _left(source, start, [one for one in priced if one[0].period == p])) for p in sorted(periods)]
    mean = sum((left for _, (left, _) in rests), Fraction(0)) / len(rests)
    sums = " + ".join(show(left) for _, (left, _) in rests)
    each_zh = "；".join(f"{name}：{told[0]}" for name, (_, told) in rests)
    each_en = "; ".join(f"{name}: {told[1]}" for name, (_, told) in rests)
    average = f"({sums}) ÷ {len(rests)} = {show(mean)}"
    return mean, (f"{each_zh}；平均 {average}", f"{each_en}; mean {average}")


def _left(source: Cases, start: Fraction, priced: Sequence[Priced]) -> tuple[Fraction, Both]:
    """What is left of one period, never below the floor."""
    voiding = next((rule for _, rule, _ in priced if rule.zero), None)
    if voiding is not None:
        return Fraction(0), (f"{voiding.title.zh}，计0分", f"{voiding.title.en}: 0")
    if not priced:
        return start, (f"没有扣分，{show(start)}", f"nothing taken away, {show(start)}")
    charged = _charges(source, priced)
    floor = fraction(source.floor)
    left = max(start - sum(charged, Fraction(0)), floor)
    sums = f"{brief(start)} − {' − '.join(brief(one) for one in charged)} = {show(left)}"
    held = left > start - sum(charged, Fraction(0))
    return left, (
        sums + (f"（不低于{brief(floor)}）" if held else ""),
        sums + (f" (not below {brief(floor)})" if held else ""),
    )


def _charges(source: Cases, priced: Sequence[Priced]) -> list[Fraction]:
    """What is taken away, case by case, or matter by matter where a matter is charged once."""
    if source.same_matter == "sum":
        return [points for _, _, points in priced]
    matters: dict[str, list[Priced]] = {}
    for k, one in enumerate(priced):
        # A case without a matter stands for itself.
        matters.setdefault(one[0].matter or f"\0{k}", []).append(one)
    return [_largest_chain(rows) for rows in matters.values()]


def _largest_chain(rows: Sequence[Priced]) -> Fraction:
    """The dearest chain of a matter: a rule with ``after`` is charged on top of the one before, if that is booked."""
    dearest: dict[str, Fraction] = {}
    before = {rule.id: rule.after for _, rule, _ in rows}
    for _, rule, points in rows:
        dearest[rule.id] = max(dearest.get(rule.id, Fraction(0)), points)
    largest = Fraction(0)
    for name in dearest:
        total, step, seen = Fraction(0), name, set[str]()
        while step in dearest and step not in seen:
            seen.add(step)
            total += dearest[step]
            step = before[step] or ""
        largest = max(largest, total)
    return largest


def _listed(priced: Sequence[Priced]) -> tuple[Both, ...]:
    return tuple(
        (" ".join(word for word in (case.period, rule.title.zh, case.matter, case.ref) if word), brief(points))
        for case, rule, points in priced
    )
