"""Places (名次): who stands before whom, what separates equals, where a cut falls, and which places the data allow."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sampling.rank_sets import pair_quantile
from survey_models.schemes.fitting import fits
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Line, Question, Scorecard
from survey_models.schemes.tracing import Both

RANK = "rank"
DRAW = "draw"
SATISFIED = "satisfied"
Block = tuple[Scorecard, ...]
"""Units that nothing separates."""
Decided = Mapping[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class Cut:
    """What a cut gives: the units above it, those that an equal score leaves open, and the places left for these."""

    given: tuple[Scorecard, ...]
    undecided: tuple[Scorecard, ...] = ()
    tied: tuple[Scorecard, ...] = ()
    places: int = 0

    @property
    def position(self) -> int:
        """How many units stand above the cut."""
        return len(self.given) + self.places


def ranked_on(scheme: Scheme, card: Scorecard) -> Fraction:
    """The number that places and thresholds follow: the total as printed, or exact."""
    if scheme.ranking is not None and scheme.ranking.on == "exact":
        assert card.total is not None  # noqa: S101 - only cards with a total come here
        return card.total
    assert card.printed is not None  # noqa: S101
    return Fraction(card.printed)


def in_ranking(scheme: Scheme, card: Scorecard) -> bool:
    """Whether a unit takes a place."""
    if scheme.ranking is None or card.total is None:
        return False
    return fits(scheme.ranking.when, category=card.unit.category, flags=card.unit.flags)


def groups(cards: Iterable[Scorecard], within: str) -> dict[str, list[Scorecard]]:
    """The units that are compared with each other: by category, or all under the empty name."""
    found: dict[str, list[Scorecard]] = {}
    for card in cards:
        found.setdefault(card.unit.category if within == "category" else "", []).append(card)
    return dict(sorted(found.items()))


def blocks(scheme: Scheme, cards: Sequence[Scorecard]) -> list[Block]:
    """Units by what they are ranked on, the best first; equals by code, which decides nothing."""
    by_key: dict[Fraction, list[Scorecard]] = {}
    for card in sorted(cards, key=lambda one: one.unit.code):
        by_key.setdefault(ranked_on(scheme, card), []).append(card)
    return [tuple(by_key[key]) for key in sorted(by_key, reverse=True)]


def ordered(scheme: Scheme, cards: Sequence[Scorecard], category: str, decided: Decided) -> list[Block]:
    """The blocks of a group; where no place may be shared, separated as far as the chain and the record go."""
    found = blocks(scheme, cards)
    if scheme.ranking is None or scheme.ranking.ties != "no_tie":
        return found
    order = decided.get((RANK, category), ())
    return [one for block in found for one in untie(block, scheme.ranking.chain, order)]


def untie(block: Block, chain: Sequence[str], order: Sequence[str]) -> list[Block]:
    """Equals in order, the best first: by each step of the chain, then as it was decided or drawn and recorded.

    A step that one of the equals has no figure for separates nobody. Blocks of several are what is left to decide.
    """
    several = [block]
    for step in chain:
        if step != DRAW:
            several = [one for group in several for one in _split(group, step)]
    return [one for group in several for one in _recorded(group, order)]


def _split(group: Block, step: str) -> list[Block]:
    if len(group) == 1:
        return [group]
    figures = {card.unit.code: _figure(card, step) for card in group}
    by_figure: dict[Fraction, list[Scorecard]] = {}
    for card in group:
        figure = figures[card.unit.code]
        if figure is None:
            return [group]
        by_figure.setdefault(figure, []).append(card)
    return [tuple(by_figure[key]) for key in sorted(by_figure, reverse=True)]


def _figure(card: Scorecard, step: str) -> Fraction | None:
    """What a step of the chain compares: a line's points (over several rounds: their mean), or the 满意 share."""
    if step == SATISFIED:
        return card.satisfied
    values = list(_values(card.root, step))
    return sum(values, Fraction(0)) / len(values) if values else None


def _values(line: Line, name: str) -> Iterable[Fraction]:
    if line.id == name and line.value is not None:
        yield line.value
    for child in line.children:
        yield from _values(child, name)


def _recorded(group: Block, order: Sequence[str]) -> list[Block]:
    place = {code: k for k, code in enumerate(order)}
    if len(group) == 1 or any(card.unit.code not in place for card in group):
        return [group]
    return [(card,) for card in sorted(group, key=lambda one: place[one.unit.code])]


def cut(found: Sequence[Block], places: int, *, border: str, chain: Sequence[str], order: Sequence[str]) -> Cut:
    """The first ``places`` units of blocks that stand best first (or worst first, to pick the last).

    A block that does not fit whole: ``expand`` takes all of it, ``shrink`` none, ``break_ties`` follows the chain, and
    what is then still equal, as with ``stop``, is undecided unless ``order`` records a way out.
    """
    given: list[Scorecard] = []
    for block in found:
        left = places - len(given)
        if left <= 0:
            break
        if len(block) <= left:
            given += block
            continue
        if border == "expand":
            return Cut((*given, *block), tied=block)
        if border == "shrink":
            return Cut(tuple(given), tied=block)
        return _through(block, given, left, chain if border == "break_ties" else (), order)
    return Cut(tuple(given))


def _through(block: Block, given: list[Scorecard], left: int, chain: Sequence[str], order: Sequence[str]) -> Cut:
    for part in untie(block, chain, order):
        if left <= 0:
            break
        if len(part) > left:
            return Cut(tuple(given), undecided=part, tied=block, places=left)
        given += part
        left -= len(part)
    return Cut(tuple(given), tied=block)


def tie_notes(about: Both, found: Cut, border: str) -> dict[str, Both]:
    """For equals at a border: the sentence that says how it was settled, by unit; nothing while it is open."""
    if len(found.tied) < 2 or found.undecided:
        return {}
    zh, en = {
        "expand": ("同分的一并列入", "all equals are in"),
        "shrink": ("同分的都不列入", "none of the equals is in"),
        "break_ties": (
            "依次比较或按记录的决定排定先后",
            "settled by what compares further or by the recorded decision",
        ),
    }.get(border, ("按记录的决定排定先后", "settled by the recorded decision"))
    note = (f"在“{about[0]}”的界线上与其他单位同分：{zh}", f"equal to others at the border of {about[1]}: {en}")
    return {card.unit.code: note for card in found.tied}


def rank_sets(scheme: Scheme, cards: Sequence[Scorecard]) -> dict[str, tuple[int, int]]:
    """The places that the data allow, together for all pairs of the group at 95 percent (名次范围).

    One unit is surely better when its total leads by more than z times the sum of both standard errors: that bounds the
    error of a difference however two units' scores may go together, since the same people judge them. z is that of
    `pair_quantile`. Equal places on what is ranked belong to each other's sets.
    """
    z = Fraction(pair_quantile(len(cards)))
    half = {card.unit.code: z * Fraction(card.se or 0) for card in cards}
    total = {card.unit.code: card.total or Fraction(0) for card in cards}
    low_end = sorted(total[code] - half[code] for code in total)
    high_end = sorted(total[code] + half[code] for code in total)
    n, found, first = len(cards), {}, 1
    for block in blocks(scheme, cards):
        last = first + len(block) - 1
        for card in block:
            code = card.unit.code
            better = n - bisect_right(low_end, total[code] + half[code])
            worse = bisect_left(high_end, total[code] - half[code])
            found[code] = min(1 + better, first), max(n - worse, last)
        first = last + 1
    return found


def ranks(scheme: Scheme, cards: Sequence[Scorecard], decided: Decided) -> tuple[list[Scorecard], list[Question]]:
    """The cards with place and rank set, and the questions of places that may not be shared but are."""
    placed: dict[str, Scorecard] = {}
    questions: list[Question] = []
    within = scheme.ranking.within if scheme.ranking else "all"
    for name, group in groups((card for card in cards if in_ranking(scheme, card)), within).items():
        sets = rank_sets(scheme, group)
        order = ordered(scheme, group, name, decided)
        questions += _shared(scheme, order, name)
        separated = _separated(scheme, group, order)
        for place, block in _places(scheme, order):
            for card in block:
                low, high = sets[card.unit.code]
                placed[card.unit.code] = replace(
                    card,
                    rank=place,
                    rank_low=min(low, place),
                    rank_high=max(high, place),
                    notes=(*card.notes, *separated.get(card.unit.code, ())),
                )
    return [placed.get(card.unit.code, card) for card in cards], questions


def _places(scheme: Scheme, order: Sequence[Block]) -> Iterable[tuple[int, Block]]:
    place = 1
    dense = scheme.ranking is not None and scheme.ranking.ties == "dense"
    for block in order:
        yield place, block
        place += 1 if dense else len(block)


def _shared(scheme: Scheme, order: Sequence[Block], category: str) -> list[Question]:
    """One question for all shared places of a group, with every unit whose order the answer must give."""
    if scheme.ranking is None or scheme.ranking.ties != "no_tie" or all(len(block) == 1 for block in order):
        return []
    tied = [block for block in blocks(scheme, [card for block in order for card in block]) if len(block) > 1]
    units = tuple(card.unit.code for block in tied for card in block)
    text = (
        f"不得并列：{len(units)}个单位同分，需要决定先后或抽签。",
        f"Places may not be shared: {len(units)} units are equal; their order must be decided or drawn.",
    )
    return [Question(kind="tie", about=RANK, category=category, units=units, places=len(units), text=text)]


def _separated(scheme: Scheme, group: Sequence[Scorecard], order: Sequence[Block]) -> dict[str, tuple[Both, ...]]:
    """For equals that stand apart all the same: the sentence that says so."""
    alone = {block[0].unit.code for block in order if len(block) == 1}
    steps = "、".join(scheme.ranking.chain) if scheme.ranking else ""
    note = (
        f"得分与其他单位相同，按规定的先后（{steps}）排名",
        f"equal to another unit; placed by the order laid down ({steps.replace('、', ', ')})",
    )
    tied = [card for block in blocks(scheme, group) if len(block) > 1 for card in block]
    return {card.unit.code: (note,) for card in tied if card.unit.code in alone}
