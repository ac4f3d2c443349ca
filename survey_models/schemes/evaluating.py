"""One round, evaluated (计算一轮得分): exact, and the same for the same inputs, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from sampling.ranks import round_half_up
from survey_models.schemes.checking import adjustments, check
from survey_models.schemes.consequences import History
from survey_models.schemes.deductions import adjustment
from survey_models.schemes.fitting import leaves, lines
from survey_models.schemes.inputs import Inputs, RatedUnit, Standing
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Line, Outcome, Question, Scorecard
from survey_models.schemes.settling import settle
from survey_models.schemes.sources import Cases, Rule
from survey_models.schemes.surveys import mostly_unknown, satisfied_share
from survey_models.schemes.tracing import Both, Found, brief, fraction, line, scaled, show, standard_error
from survey_models.schemes.walking import Node, Run, walk

ROUND = "round"
NO_TOTAL: dict[Standing, Both] = {
    Standing.CANCELLED: ("评议成绩已取消", "the result is cancelled"),
    Standing.WITHHELD: ("不公布评议成绩", "the result is withheld"),
}


def evaluate(
    scheme: Scheme, digest: str, inputs: Inputs, *, without: frozenset[tuple[str, str]] = frozenset()
) -> Outcome:
    """The outcome of a round: a scorecard for each unit (sorted by code), what must be decided, what is uncertain.

    ``without``: lines (by unit) that have no data although their source would need none, as cases do. Pure: no clock,
    no database, no chance. Raises ``mark_not_for_component`` and ``round_input_unfit``.
    """
    check(scheme, inputs)
    run = replace(Run.of(scheme, inputs), without=without)
    missing: dict[tuple[str, str], list[str]] = {}
    lost = _lost(run)
    cards = []
    for unit in sorted(inputs.units, key=lambda one: one.code):
        card = _card(run, unit, missing)
        cards.append(replace(card, lost=tuple(sorted(lost[unit.code]))) if unit.code in lost else card)
    questions = [question for placed in run.placed.values() for question in placed.questions]
    questions += [_missing(scheme, part, category, units) for (part, category), units in missing.items()]
    history = History(at=ROUND, earlier=inputs.earlier, decided=inputs.decided)
    return settle(scheme, digest, cards, questions=questions, history=history)


def _card(run: Run, unit: RatedUnit, missing: dict[tuple[str, str], list[str]]) -> Scorecard:
    if unit.standing is not Standing.RATED:
        return without_total(run.scheme, unit)
    root = walk(run, run.scheme.total, unit)
    if root is None:
        return without_total(run.scheme, unit, ("没有适用于该单位的指标", "no line of the scheme is for this unit"))
    for name in root.lacking:
        placed = run.placed.get(name)
        if placed is not None and any(unit.code in question.units for question in placed.questions):
            continue  # its figure is there: an equal one at the border of a tier is asked about already
        missing.setdefault((name, unit.category), []).append(unit.code)
    outside = tuple(_outside(run, unit))
    satisfied = satisfied_share(run.scheme, run.parts[unit.code], unit.code, run.inputs)
    unknown = mostly_unknown(run.scheme, run.parts[unit.code], unit.code, run.inputs)
    notes = (*unknown, *organiser_notes(run.scheme, unit))
    if root.line.value is None:
        return Scorecard(
            unit=unit, total=None, printed=None, root=root.line, adjustments=outside, satisfied=satisfied, notes=notes
        )
    total, told = _total(run.scheme, root, outside)
    return Scorecard(
        unit=unit,
        total=total,
        printed=printed(run.scheme, total),
        root=root.line,
        adjustments=outside,
        se=standard_error(scaled(root.errors, root.line.factor)),
        satisfied=satisfied,
        notes=(told, *notes),
    )


def printed(scheme: Scheme, total: Fraction) -> Decimal:
    """The total as it is printed: rounded half up."""
    return round_half_up(total, scheme.ranking.decimals if scheme.ranking else 2)


def without_total(scheme: Scheme, unit: RatedUnit, why: Both | None = None) -> Scorecard:
    """The card of a unit without a score: cancelled, withheld."""
    how = why or NO_TOTAL[unit.standing]
    if unit.reason:
        how = (f"{how[0]}：{unit.reason}", f"{how[1]}: {unit.reason}")
    most, factor = fraction(scheme.total.points), fraction(scheme.total.factor)
    blank = line(scheme.total, Found(value=None, how=how), most=most, factor=factor)
    return Scorecard(unit=unit, total=None, printed=None, root=blank, notes=(how, *organiser_notes(scheme, unit)))


def _outside(run: Run, unit: RatedUnit) -> Iterator[Line]:
    for one in run.scheme.adjustments:
        found = adjustment(one, run.booked.get((one.id, unit.code), ()))
        yield line(one, found, most=fraction(one.high), factor=Fraction(1))


def _total(scheme: Scheme, root: Node, outside: tuple[Line, ...]) -> tuple[Fraction, Both]:
    """The total within its cap, and the sentence from the tree's sum to what is printed."""
    value = root.line.value or Fraction(0)
    terms = show(value) if root.line.factor == 1 else f"{show(value)} × {brief(root.line.factor)}"
    total = value * root.line.factor
    for one in outside:
        change = one.value or Fraction(0)
        total += change
        if change:
            terms += f" {'+' if change > 0 else '−'} {show(abs(change))}"
    held = total
    if scheme.cap is not None:
        held = min(max(total, fraction(scheme.cap.low)), fraction(scheme.cap.high))
    exact = f"{terms} = {show(total)}" if terms != show(total) else show(total)
    if held != total:
        exact = f"{exact} → {show(held)}"
    shown = printed(scheme, held)
    return held, (f"总分：{exact}，显示为{shown}", f"total: {exact}, printed {shown}")


def _lost(run: Run) -> dict[str, set[str]]:
    """Rights lost by cases (取消评优资格), by unit; also by one whose score is cancelled."""
    costing = {
        (owner, rule.id): rule.lost for owner, rules in _rules(run.scheme) for rule in rules if rule.lost is not None
    }
    found: dict[str, set[str]] = {}
    for case in run.inputs.booked:
        right = costing.get((case.part, case.rule))
        if right is not None:
            found.setdefault(case.unit, set()).add(right)
    return found


def _rules(scheme: Scheme) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    for one in adjustments(scheme):
        yield one.id, (*one.bonuses, *one.penalties)
    for part in leaves(scheme):
        if isinstance(part.source, Cases):
            yield part.id, part.source.rules


def _missing(scheme: Scheme, part: str, category: str, units: list[str]) -> Question:
    title = next(one.title for one in lines(scheme) if one.id == part)
    return Question(
        kind="missing",
        about=part,
        category=category,
        units=tuple(units),
        text=(
            f"“{title.zh}”：{len(units)}个单位没有数据，补齐或决定之前没有总分。",
            f"{title.en}: no data on {len(units)} units; they have no total until it is there or decided.",
        ),
    )


def organiser_notes(scheme: Scheme, unit: RatedUnit) -> tuple[Both, ...]:
    """What is printed beside a rated unit that has a hand in the rating (利益冲突)."""
    return tuple(
        (f"该单位参与组织评议：{one.does.zh}", f"this unit has a hand in the rating: {one.does.en}")
        for one in scheme.organisers
        if one.unit in {unit.code, unit.name}
    )
