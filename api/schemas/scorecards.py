"""Wire forms of scorecards (得分卡): units, and the lines from a total down to counts and articles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from sampling.ranks import round_half_up
from survey_models.findings.references import told
from survey_models.rounds.tables import RoundResult
from survey_models.schemes.outcome import Line, Scorecard

English = Callable[[str], str]
"""What gives the English form of a label, see ``count_labels``."""

NOT_ALONE = (
    "人数少或答案相同，只计入总分，不单独列出",
    "few people or all alike: counted in the total, not shown alone",
)


def shown(value: Fraction | None) -> str | None:
    """Two decimals, half up."""
    return None if value is None else f"{round_half_up(value):f}"


def _exact(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


class CountView(BaseModel):
    """A figure on which a line rests, with its label."""

    label: str
    label_en: str
    value: str

    @classmethod
    def of(cls, label: str, value: str, english: English) -> CountView:
        """The figure on the wire; of a finding its kind and short number."""
        return cls(label=told(label)[0], label_en=told(english(label))[1], value=value)


class LineView(BaseModel):
    """One line of a scorecard. ``points`` as printed, ``exact`` as a fraction; both null: missing, or ``hidden``."""

    id: str
    title: str
    title_en: str
    points: str | None
    exact: str | None
    most: str
    factor: str
    how: str
    how_en: str
    counts: list[CountView]
    cite: list[str]
    at: str
    assumed: str | None
    assumed_en: str | None
    se: str | None
    hidden: bool
    children: list[LineView]

    @classmethod
    def of(cls, line: Line, hidden: Collection[str] = (), english: English = str) -> LineView:
        """The line and those below it; ``english``: of the labels of its counts."""
        away = line.id in hidden
        how = NOT_ALONE if away else line.how
        return cls(
            id=line.id,
            title=line.title[0],
            title_en=line.title[1],
            points=None if away else shown(line.value),
            exact=None if away or line.value is None else _exact(line.value),
            most=_exact(line.most),
            factor=_exact(line.factor),
            how=how[0],
            how_en=how[1],
            counts=[] if away else [CountView.of(label, value, english) for label, value in line.counts],
            cite=list(line.cite),
            at=line.at,
            assumed=line.assumed[0] if line.assumed else None,
            assumed_en=line.assumed[1] if line.assumed else None,
            se=None if away or line.se is None else f"{line.se:f}",
            hidden=away,
            children=[] if away else [cls.of(child, hidden, english) for child in line.children],
        )


class CardRow(BaseModel):
    """One unit in the list of scorecards. ``printed`` null: withheld or cancelled."""

    unit: str
    name: str
    category: str
    flags: list[str]
    standing: str
    reason: str
    printed: str | None
    exact: str | None
    se: str | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    grade: str | None
    passed: bool | None
    consequences: list[str]
    notes: list[str]
    notes_en: list[str]

    @classmethod
    def of(cls, card: Scorecard) -> CardRow:
        """The unit without its lines."""
        return cls.model_validate(card_fields(card))


def card_fields(card: Scorecard) -> dict[str, Any]:
    """What list and single card have in common."""
    same = ("rank", "rank_low", "rank_high", "grade", "passed")
    return {
        "unit": card.unit.code,
        "name": card.unit.name,
        "category": card.unit.category,
        "flags": sorted(card.unit.flags),
        "standing": card.unit.standing.value,
        "reason": card.unit.reason,
        "printed": None if card.printed is None else f"{card.printed:f}",
        "exact": None if card.total is None else _exact(card.total),
        "se": None if card.se is None else f"{card.se:f}",
        "consequences": list(card.consequences),
        "notes": [note[0] for note in card.notes],
        "notes_en": [note[1] for note in card.notes],
        **{name: getattr(card, name) for name in same},
    }


def bared(card: Scorecard) -> tuple[Scorecard, frozenset[str]]:
    """A unit about which few answered in one line: its total as printed, and the ids of lines to hide, which is all.

    From the others the hidden one would follow; the exact total would tell how many answered, and how it came what
    they said.
    """
    total = None if card.printed is None else Fraction(card.printed)
    root = replace(card.root, value=total, how=NOT_ALONE, counts=(), se=None)
    lines = frozenset(line.id for line in (*root.children, *card.adjustments))
    return replace(card, total=total, root=root, se=None), lines


class CardView(CardRow):
    """One unit's scorecard (得分卡): the way from the total down to counts and articles.

    ``means``: by line, the mean of its category (同类平均), as printed.
    """

    round_id: str
    no: int
    scheme_digest: str
    root: LineView
    adjustments: list[LineView]
    means: dict[str, str]

    @classmethod
    def bare(cls, row: RoundResult, card: Scorecard) -> CardView:
        """The card of a unit about which few answered in one line."""
        shown, hidden = bared(card)
        return cls.whole(row, shown, {}, hidden=hidden)

    @classmethod
    def whole(
        cls,
        row: RoundResult,
        card: Scorecard,
        means: Mapping[str, Fraction],
        *,
        hidden: Collection[str] = (),
        english: English = str,
    ) -> CardView:
        """The card with its lines; ``hidden`` ones are counted and not shown alone."""
        return cls(
            **card_fields(card),
            round_id=row.round_id,
            no=row.no,
            scheme_digest=row.scheme_digest,
            root=LineView.of(card.root, hidden, english),
            adjustments=[LineView.of(line, hidden, english) for line in card.adjustments],
            means={name: f"{round_half_up(value):f}" for name, value in means.items()},
        )
