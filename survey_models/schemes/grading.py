"""Grades (等次) and thresholds (达标): the first grade of the list that fits a unit is its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from survey_models.schemes.added import area_of
from survey_models.schemes.fitting import fits
from survey_models.schemes.inputs import Standing
from survey_models.schemes.language import Grade, Scheme
from survey_models.schemes.outcome import Border, Question, Scorecard
from survey_models.schemes.quotas import largest_remainder, rounded
from survey_models.schemes.ranking import Cut, Decided, cut, groups, ordered, rank_sets, ranked_on, tie_notes
from survey_models.schemes.tracing import HUNDRED, Both, fraction

CANCELLED: Both = ("已取消", "cancelled")


@dataclass
class Graded:
    """What the grades of a round come to, as they are given."""

    of: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    questions: list[Question] = field(default_factory=list)
    borders: list[Border] = field(default_factory=list)
    notes: dict[str, Both] = field(default_factory=dict)


def grades(
    scheme: Scheme, cards: Sequence[Scorecard], decided: Decided
) -> tuple[list[Scorecard], list[Question], list[Border]]:
    """The cards with their grades and whether they passed; questions and uncertain borders of graded places."""
    state = Graded()
    within = scheme.ranking.within if scheme.ranking else "all"
    for grade in scheme.grades:
        fitting = [card for card in cards if card.total is not None and _for(grade, card)]
        if grade.least is None:
            # Places of the document are for its own units and the city's: a county's have the bands alone.
            fitting = [card for card in fitting if area_of(card.unit.flags) is None]
        if grade.least is not None:
            least = fraction(grade.least)
            reached = [card for card in fitting if ranked_on(scheme, card) >= least]
            _give(state, grade, reached)
            continue
        by_category = "category" if isinstance(grade.first, dict) else within
        for name, group in groups((card for card in fitting if card.rank is not None), by_category).items():
            _by_place(scheme, grade, name, group, decided=decided, state=state)
    return [_with(scheme, card, state) for card in cards], state.questions, state.borders


def grade_title(scheme: Scheme, card: Scorecard) -> Both | None:
    """What is printed as the grade: its title, 已取消 for a cancelled result, None without one."""
    if card.unit.standing is Standing.CANCELLED:
        return CANCELLED
    return next(((one.title.zh, one.title.en) for one in scheme.grades if one.id == card.grade), None)


def _for(grade: Grade, card: Scorecard) -> bool:
    return fits(grade.when, category=card.unit.category, flags=card.unit.flags)


def _with(scheme: Scheme, card: Scorecard, state: Graded) -> Scorecard:
    grade, passed = state.of.get(card.unit.code), None
    if scheme.passes is not None and card.total is not None:
        asked = fits(scheme.passes.when, category=card.unit.category, flags=card.unit.flags)
        passed = ranked_on(scheme, card) >= fraction(scheme.passes.least) if asked else None
    if card.unit.code in state.notes:
        card = replace(card, notes=(*card.notes, state.notes[card.unit.code]))
    return card if grade is None and passed is None else replace(card, grade=grade, passed=passed)


def _give(state: Graded, grade: Grade, cards: Sequence[Scorecard]) -> None:
    for card in cards:
        if card.unit.code not in state.waiting:
            state.of.setdefault(card.unit.code, grade.id)


def _by_place(
    scheme: Scheme, grade: Grade, name: str, group: Sequence[Scorecard], *, decided: Decided, state: Graded
) -> None:
    """``first``: the first N of the group; ``share``: the next ones behind the grades before."""
    n = len(group)
    if grade.share is not None:
        group = [card for card in group if card.unit.code not in state.of and card.unit.code not in state.waiting]
        places = _share(scheme, grade, n)
    else:
        places = grade.first.get(name, 0) if isinstance(grade.first, dict) else grade.first or 0
    chain = scheme.ranking.chain if scheme.ranking else ()
    found = cut(
        ordered(scheme, group, name, decided),
        places,
        border=grade.border,
        chain=chain,
        order=decided.get((grade.id, name), ()),
    )
    _give(state, grade, found.given)
    state.notes |= tie_notes((grade.title.zh, grade.title.en), found, grade.border)
    if found.undecided:
        state.waiting |= {card.unit.code for card in found.undecided}
        state.questions.append(tie_question(grade.id, name, (grade.title.zh, grade.title.en), found))
    state.borders += border_of(scheme, grade.id, name, group, found.position)


def _share(scheme: Scheme, grade: Grade, n: int) -> int:
    shared = [one for one in scheme.grades if one.share is not None]
    exact = [fraction(one.share) * n / HUNDRED for one in shared if one.share is not None]
    place = shared.index(grade)
    if grade.rounding == "largest_remainder":
        return largest_remainder(exact)[place]
    return rounded(exact[place], grade.rounding)


def tie_question(about: str, category: str, title: Both, found: Cut) -> Question:
    """The question of an exact tie at a border."""
    names = "、".join(card.unit.name for card in found.undecided)
    english = ", ".join(card.unit.name for card in found.undecided)
    group = f"{category}，" if category else ""
    return Question(
        kind="tie",
        about=about,
        category=category,
        units=tuple(card.unit.code for card in found.undecided),
        places=found.places,
        text=(
            f"“{title[0]}”（{group}还有{found.places}个名额）：{names}同分，需要决定。",
            f"{title[1]}: {found.places} left for {len(found.undecided)} equals ({english}); decide.",
        ),
    )


def border_of(scheme: Scheme, about: str, category: str, group: Sequence[Scorecard], above: int) -> list[Border]:
    """The border behind the first ``above`` units of a group, if the places that the data allow reach across it."""
    if not 0 < above < len(group):
        return []
    sets = rank_sets(scheme, group)
    across = tuple(sorted(code for code, (low, high) in sets.items() if low <= above < high))
    return [Border(about=about, category=category, units=across)] if across else []
