"""What a score run gives (得分的结果): for every unit a scorecard whose lines lead from the total down to counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from survey_models.schemes.inputs import RatedUnit


@dataclass(frozen=True)
class Line:
    """One line of a scorecard (计算过程的一行): points reached of the most possible, how, and on what it rests.

    ``how``: one sentence in Chinese and English with the figures in it ("85.00 × 30% = 25.50").
    ``value`` None: missing.
    ``counts``: (label, figure) pairs for the reader. ``se``: standard error of ``value``, None without sampling.
    """

    id: str
    title: tuple[str, str]
    value: Fraction | None
    most: Fraction
    factor: Fraction
    how: tuple[str, str]
    counts: tuple[tuple[str, str], ...] = ()
    cite: tuple[str, ...] = ()
    at: str = ""
    assumed: tuple[str, str] | None = None
    se: Decimal | None = None
    children: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Scorecard:
    """One unit (得分卡). ``printed``: the total as printed and ranked on; None: withheld or cancelled.

    ``rank_low``..``rank_high``: the places that the data allow. ``consequences``: ids of awards, sanctions, flags.
    ``satisfied``: the share of 满意 among all judging answers, which separates equals. ``lost``: rights lost by a case.
    """

    unit: RatedUnit
    total: Fraction | None
    printed: Decimal | None
    root: Line
    adjustments: tuple[Line, ...] = ()
    se: Decimal | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    grade: str | None = None
    passed: bool | None = None
    consequences: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    satisfied: Fraction | None = None
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """What must be decided before the outcome can be published: an exact tie at a border, a missing component.

    ``kind``: ``tie`` or ``missing``; ``about``: consequence, grade, ``rank`` or part; ``units``: whom it concerns;
    ``places``: how many of them get it.
    """

    kind: str
    about: str
    category: str
    units: tuple[str, ...]
    places: int = 0
    text: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Border:
    """A border of an award or sanction that the data do not settle: the units whose rank sets reach across it."""

    about: str
    category: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """A whole run. ``assumed``: every default the document does not state, for the printed method (方法说明)."""

    scheme: str
    version: int
    digest: str
    cards: tuple[Scorecard, ...]
    questions: tuple[Question, ...] = ()
    borders: tuple[Border, ...] = ()
    assumed: tuple[tuple[str, str], ...] = field(default=())
