"""What the documents of a round are written from (评议文书的底稿): its scheme, its outcome, and what is around them.

Plain data: whoever writes a document asks no database. Figures are exact until ``two`` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from pydantic import BaseModel

from survey_models.rounds import averages
from survey_models.rounds.averages import means
from survey_models.rounds.hiding import small
from survey_models.schemes.inputs import Inputs, Standing
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.outcome import Line, Outcome, Scorecard
from survey_models.schemes.words import Cited, Text
from survey_models.schemes.years import YEAR

NOTHING = "—"
STANDINGS = {Standing.WITHHELD: "暂不公布", Standing.CANCELLED: "已取消"}


@dataclass(frozen=True)
class Asked:
    """One campaign of the round (评议活动): its kind in the scheme, and how many sheets came back (份数)."""

    kind: str
    title: str
    sheets: int | None = None
    issued: int | None = None


@dataclass(frozen=True)
class Listed:
    """The rosters of one kind of people (名册), in numbers; nobody's name.

    ``kind``: of raters, ``title``: what they are asked for; ``cards_out``: of those removed, who kept the card.
    """

    kind: str
    title: str
    rosters: int
    people: int
    new: int
    waived: int
    removed: int
    cards_out: int


@dataclass(frozen=True)
class RoundSheet:
    """A round as its documents need it.

    ``period``: as people say it (2015年上半年); ``result``: SHA-256 of the stored result; ``small``: units of which a
    cell is too small to print, see ``small_units``; ``made_up``: a demo or a rehearsal, said on every page.
    """

    title: str
    period: str
    office: str
    scheme: Scheme
    outcome: Outcome
    result: str = ""
    published: date | None = None
    asked: tuple[Asked, ...] = ()
    listed: tuple[Listed, ...] = ()
    small: frozenset[str] = field(default=frozenset())
    made_up: bool = False

    @property
    def foot(self) -> str:
        """What stands at the foot of every page: of which result it is."""
        warning = "演示数据，不是评议结果　" if self.made_up else ""
        return f"{warning}{self.title}　结果校验码 {self.result[:16] or NOTHING}"

    @cached_property
    def silences(self) -> Sequence[tuple[str, str]]:
        """Every default that the policy document does not state: what it is about, and what was set (Chinese).

        Those of the scheme, whatever part of it they stand on, then those of the run, each once.
        """
        found = list(dict.fromkeys(silences_of(self.scheme)))
        told = {text for _, text in found}
        return [*found, *(("", zh) for zh, _ in self.outcome.assumed if zh not in told)]

    def categories(self) -> Iterator[tuple[str, list[Scorecard]]]:
        """Categories in the order of the units, each with its units by place; without a place they come last."""
        for category in dict.fromkeys(card.unit.category for card in self.outcome.cards):
            members = [card for card in self.outcome.cards if card.unit.category == category]
            yield category, sorted(members, key=lambda card: (card.rank is None, card.rank or 0, card.unit.code))

    @cached_property
    def means(self) -> Mapping[str, Mapping[str, Fraction]]:
        """By category the mean of each line over the units of which it may be printed (同类平均)."""
        return {
            category: means([by_round(card) for card in cards if self.shown(card)])
            for category, cards in self.categories()
        }

    def shown(self, card: Scorecard) -> bool:
        """Whether more than the total of a unit may be printed."""
        return card.unit.code not in self.small and card.unit.standing is Standing.RATED

    def title_of(self, consequence: str) -> str:
        """The words of an award, a sanction, a flag, by its id."""
        named = {one.id: one.title.zh for one in self.scheme.consequences}
        return named.get(consequence, consequence)

    def grade_of(self, card: Scorecard) -> str:
        """A unit's grade, or what stands in its place."""
        if card.unit.standing is not Standing.RATED:
            return STANDINGS[card.unit.standing]
        named = {one.id: one.title.zh for one in self.scheme.grades}
        passed = {None: "", True: "达标", False: "未达标"}[card.passed]
        return named.get(card.grade or "", card.grade or "") or passed or NOTHING


def two(value: Fraction | Decimal | None) -> str:
    """A figure as printed: two decimals, half up (四舍五入); a dash where there is none."""
    if value is None:
        return NOTHING
    cents = Fraction(value) * 100
    # Half up means away from zero for a penalty, too.
    whole = int(abs(cents) + Fraction(1, 2))
    return f"{'-' if cents < 0 and whole else ''}{whole // 100}.{whole % 100:02d}"


def by_round(card: Scorecard) -> Scorecard:
    """A year's card with each line named after its round, as a letter lists them all below each other."""
    if card.root.id != YEAR:
        return card
    card = averages.by_round(card)
    rounds = (replace(one, children=tuple(_named(line, one) for line in one.children)) for one in card.root.children)
    return replace(card, root=replace(card.root, children=tuple(rounds)))


def _named(line: Line, of: Line) -> Line:
    title = (f"{of.title[0]} {line.title[0]}", f"{of.title[1]} {line.title[1]}")
    below = tuple(_named(child, of) for child in line.children)
    return replace(line, title=title, children=below)


def lines_of(card: Scorecard) -> Iterator[Line]:
    """All lines under the total, each before its children, then bonus and penalty."""
    for line in (*card.root.children, *card.adjustments):
        yield from _down(line)


def _down(line: Line) -> Iterator[Line]:
    yield line
    for child in line.children:
        yield from _down(child)


def heads(cards: Sequence[Scorecard]) -> dict[str, str]:
    """The lines right under the total of these units, by id, with their titles; bonus and penalty come last."""
    found: dict[str, str] = {}
    for parts in ([card.root.children for card in cards], [card.adjustments for card in cards]):
        for line in (line for lines in parts for line in lines):
            found.setdefault(line.id, line.title[0])
    return found


def values(card: Scorecard) -> dict[str, Line]:
    """A unit's lines by id; the first of an id counts."""
    found: dict[str, Line] = {}
    for line in lines_of(card):
        found.setdefault(line.id, line)
    return found


def small_units(inputs: Inputs) -> frozenset[str]:
    """Units of which a component rests on too few answers to be printed by itself (小样本).

    A campaign that has answers about a unit, but fewer than ten, or fewer than thirty that are all equal. Then only
    the total of the unit is printed: from the other components and the total the hidden one would follow.
    """
    return frozenset(unit for (_, unit), answers in inputs.answers.items() if small(answers)) | {
        key[1] for key, answers in inputs.aspects.items() if small(answers)
    }


def silences_of(value: object, about: str = "") -> Iterator[tuple[str, str]]:
    """What a part of a scheme, and all that is in it, leaves open: what it is about, and what was set instead."""
    if isinstance(value, BaseModel):
        title = getattr(value, "title", None)
        about = title.zh if isinstance(title, Text) else about
        if isinstance(value, Cited) and value.assumed is not None:
            yield about, value.assumed.zh
        for name in type(value).model_fields:
            yield from silences_of(getattr(value, name), about)
    elif isinstance(value, Mapping):
        for name in sorted(value):
            yield from silences_of(value[name], about)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from silences_of(inner, about)


def parts_of(part: Part) -> Iterator[tuple[int, Part]]:
    """The lines of a scheme with their depth, each before what it is made of; a line in two cases comes once."""
    seen: set[tuple[str, str]] = set()
    for depth, one in _parts(part, 0):
        key = (one.id, f"{one.points} {one.source}")
        if key not in seen:
            seen.add(key)
            yield depth, one


def _parts(part: Part, depth: int) -> Iterator[tuple[int, Part]]:
    yield depth, part
    for one in part.below:
        yield from _parts(one, depth + 1)
