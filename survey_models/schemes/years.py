"""A year from its rounds (年度总得分): the mean of their totals, then places, grades and consequences as in a round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from survey_models.core.errors import Problem
from survey_models.schemes.consequences import History
from survey_models.schemes.evaluating import organiser_notes, printed, without_total
from survey_models.schemes.inputs import Earlier, RatedUnit, Standing
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Line, Outcome, Question, Scorecard
from survey_models.schemes.settling import settle
from survey_models.schemes.tracing import assumed_of, fraction, show, standard_error

YEAR = "year"
DEFAULTS_ZH = (
    "年度成绩：年内新设的单位按其参加过的各轮平均；由几个单位合并的，取它们当轮得分的平均；"
    "数据不足、按办法不出总分的轮次不计入平均；任一轮成绩被取消或决定不公布的，年度不计成绩"
)
DEFAULTS_EN = (
    "Year: a unit set up within it has the mean of the rounds it was in; one merged from several the mean of theirs in"
    " a round; a round that gave no total by the rules is left out; cancelled or withheld by decision in one round,"
    " there is no result for the year"
)


@dataclass(frozen=True)
class _Half:
    """One round of a unit: the cards of what it was then, one, or several where units were merged."""

    name: str
    cards: tuple[Scorecard, ...]
    waiting: bool
    """Something is still to be decided or sent in before it has a total."""

    @property
    def total(self) -> Fraction | None:
        totals = [card.total for card in self.cards if card.total is not None]
        return sum(totals, Fraction(0)) / len(totals) if len(totals) == len(self.cards) else None


def year(
    scheme: Scheme,
    digest: str,
    rounds: Sequence[Outcome],
    units: Sequence[RatedUnit],
    *,
    earlier: Sequence[Earlier] = (),
    decided: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
    names: Sequence[str] = (),
    successors: Mapping[str, str] | None = None,
    absent: Sequence[str] = (),
) -> Outcome:
    """The outcome of a year whose ``rounds`` stand in their order, ``names`` their names for readers.

    ``units``: those of the year, by whose codes the outcome goes; ``successors``: codes of the rounds that are another
    unit by now (renamed, merged); ``absent``: periods without a round, named in the outcome. A round that waits for
    something asks again; one that gave no total by the rules (a month with too few ratings) is left out. Raises
    ``round_input_unfit`` for a scheme without a year, or no round.
    """
    if scheme.cadence.year != "mean" or not rounds:
        raise Problem(
            "round_input_unfit", what="没有可以合成年度成绩的各轮", what_en="there are no rounds to make a year of"
        )
    now = successors or {}
    cards: list[Scorecard] = []
    open_units: dict[str, list[str]] = {}
    for unit in sorted(units, key=lambda one: one.code):
        halves = _halves(rounds, names, unit.code, now)
        standing = _standing(unit, halves)
        if standing.standing is not Standing.RATED or not halves:
            why = None if standing.standing is not Standing.RATED else ("年内没有参加评议", "in no round of the year")
            cards.append(replace(without_total(scheme, standing, why), lost=_lost(halves)))
        else:
            cards.append(_card(scheme, standing, halves))
            if any(half.waiting for half in halves):
                open_units.setdefault(unit.category, []).append(unit.code)
    questions = [_missing(category, codes) for category, codes in open_units.items()]
    history = History(at=YEAR, earlier=earlier, decided=decided or {})
    outcome = settle(scheme, digest, cards, questions=questions, history=history)
    return replace(outcome, assumed=(*outcome.assumed, (DEFAULTS_ZH, DEFAULTS_EN), *_absent(names, absent)))


def _absent(names: Sequence[str], absent: Sequence[str]) -> Iterator[tuple[str, str]]:
    """A mean of fewer rounds than its period has is told, never taken in silence."""
    if absent:
        yield (
            f"本期成绩由{'、'.join(names)}合成；{'、'.join(absent)}没有评议，不计入平均",
            f"The mean of {', '.join(names)}; there was no round in {', '.join(absent)}, which does not count",
        )


def _halves(rounds: Sequence[Outcome], names: Sequence[str], code: str, now: Mapping[str, str]) -> list[_Half]:
    found = []
    for k, outcome in enumerate(rounds):
        own = tuple(card for card in outcome.cards if now.get(card.unit.code, card.unit.code) == code)
        if own:
            asked = {name for question in outcome.questions for name in question.units}
            waiting = any(card.total is None and card.unit.code in asked for card in own)
            found.append(_Half(names[k] if k < len(names) else f"第{k + 1}轮", own, waiting))
    return found


def _standing(unit: RatedUnit, halves: Sequence[_Half]) -> RatedUnit:
    """A unit whose result was cancelled, or withheld, in one round has none for the year."""
    if unit.standing is not Standing.RATED:
        return unit
    for standing in (Standing.CANCELLED, Standing.WITHHELD):
        for half in halves:
            for card in half.cards:
                if card.unit.standing is standing:
                    return replace(unit, standing=standing, reason=f"{half.name} {card.unit.reason}".strip())
    return unit


def _card(scheme: Scheme, unit: RatedUnit, halves: Sequence[_Half]) -> Scorecard:
    counted = [half for half in halves if half.total is not None]
    known = [half.total for half in counted if half.total is not None]
    n = len(known)
    total = sum(known, Fraction(0)) / n if known and not any(half.waiting for half in halves) else None
    if total is None:
        how = ("没有可以平均的总分", "there are no totals to take the mean of")
    else:
        mean = f"({' + '.join(show(one) for one in known)}) ÷ {n} = {show(total)}" if n > 1 else show(total)
        shown = printed(scheme, total)
        how = (f"{mean}，显示为{shown}", f"{mean}, printed {shown}")
    most = fraction(scheme.total.points) * fraction(scheme.total.factor)
    root = Line(
        id=YEAR,
        title=("年度总得分", "Total of the year"),
        value=total,
        most=most,
        factor=Fraction(1),
        how=how,
        cite=scheme.cadence.cite,
        at=scheme.cadence.at,
        assumed=assumed_of(scheme.cadence),
        children=tuple(_line(half, most, Fraction(1, n) if half in counted else Fraction(0)) for half in halves),
    )
    shares = [card.satisfied for half in counted for card in half.cards if card.satisfied is not None]
    errors = {
        f"{half.name} {card.unit.code}": Fraction(card.se) / (n * len(half.cards))
        for half in counted
        for card in half.cards
        if card.se is not None
    }
    return Scorecard(
        unit=unit,
        total=total,
        printed=None if total is None else printed(scheme, total),
        root=root,
        se=None if total is None else standard_error(errors),
        notes=(how, *organiser_notes(scheme, unit)),
        satisfied=sum(shares, Fraction(0)) / len(shares) if shares else None,
        lost=_lost(halves),
    )


def _line(half: _Half, most: Fraction, factor: Fraction) -> Line:
    """One round under the year, with the whole scorecard below it."""
    told = [card.notes[0] for card in half.cards if card.notes]
    return Line(
        id=half.name,
        title=(half.name, half.name),
        value=half.total,
        most=most,
        factor=factor,
        how=("；".join(one[0] for one in told), "; ".join(one[1] for one in told)),
        children=tuple(line for card in half.cards for line in (card.root, *card.adjustments)),
    )


def _lost(halves: Sequence[_Half]) -> tuple[str, ...]:
    """Rights lost in one round are lost for the year."""
    return tuple(sorted({right for half in halves for card in half.cards for right in card.lost}))


def _missing(category: str, codes: Sequence[str]) -> Question:
    return Question(
        kind="missing",
        about=YEAR,
        category=category,
        units=tuple(codes),
        text=(
            f"{len(codes)}个单位有一轮还没有总分，年度成绩要等它。",
            f"{len(codes)} units lack the total of a round that the year waits for.",
        ),
    )
