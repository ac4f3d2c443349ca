"""Option scales (选项量表) and exact scores from counts.

An option is one ASCII character on the ballot. Its score is an exact number, or None
for 不了解 (don't know), which is counted but does not judge. Blank cells (未答) and invalid
cells (无效, two marks) are no options: they have characters of their own and enter no figure.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray
from sampling.errors import BadCount, BadScale, BadWeight, NobodyJudged, UnknownOption

Score = int | Fraction | Decimal
Option = TypeVar("Option", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class OptionScale:
    """Options in their fixed order: the order of the option axis of every count array.

    `codes` single ASCII characters; `scores` parallel, None = 不了解; `satisfied` the codes
    that count for the satisfaction rate (满意率); `blank` and `invalid` the other two characters.
    """

    codes: tuple[str, ...]
    scores: tuple[Fraction | None, ...]
    satisfied: frozenset[str]
    blank: str = "-"
    invalid: str = "!"

    def __post_init__(self) -> None:
        """Refuse a scale that contradicts itself (BadScale)."""
        marks = [*self.codes, self.blank, self.invalid]
        if any(len(mark) != 1 or not mark.isascii() for mark in marks):
            raise BadScale("every option, the blank and the invalid mark are one ASCII character each")
        if len(set(marks)) < len(marks):
            raise BadScale("an option code stands twice, or is also the blank or invalid mark")
        if len(self.codes) != len(self.scores):
            raise BadScale(f"{len(self.codes)} options but {len(self.scores)} scores")
        judging = {c for c, score in zip(self.codes, self.scores, strict=True) if score is not None}
        if not judging:
            raise BadScale("no option has a score")
        if not self.satisfied <= judging:
            raise BadScale("only an option with a score can count as satisfied")

    @classmethod
    def of(
        cls,
        scores: Mapping[str, Score | None],
        *,
        satisfied: Collection[str],
        blank: str = "-",
        invalid: str = "!",
    ) -> "OptionScale":
        """Build a scale from {code: score}; the order of the mapping becomes that of the options."""
        return cls(
            codes=tuple(scores),
            scores=tuple(None if score is None else exact_score(score) for score in scores.values()),
            satisfied=frozenset(satisfied),
            blank=blank,
            invalid=invalid,
        )

    @property
    def octets(self) -> npt.NDArray[np.uint8]:
        """The option codes as ASCII bytes, shape (K,)."""
        return np.frombuffer("".join(self.codes).encode("ascii"), dtype=np.uint8)

    @property
    def judging_mask(self) -> npt.NDArray[np.bool_]:
        """Which options judge (have a score), shape (K,)."""
        return np.array([score is not None for score in self.scores], dtype=np.bool_)

    @property
    def satisfied_mask(self) -> npt.NDArray[np.bool_]:
        """Which options count as satisfied, shape (K,)."""
        return np.array([code in self.satisfied for code in self.codes], dtype=np.bool_)

    @property
    def values(self) -> FloatArray:
        """The scores as floats, shape (K,); 0 where there is none (masked by `judging_mask`)."""
        return np.array([float(score or 0) for score in self.scores], dtype=np.float64)


def exact_score(score: Score) -> Fraction:
    """Return a score as a fraction; binary floats are refused (BadScale)."""
    if isinstance(score, float) or (isinstance(score, Decimal) and not score.is_finite()):
        raise BadScale(f"score {score!r} is not an exact finite number: use int, Decimal or Fraction")
    return Fraction(score)


def score_from_counts(counts: Mapping[Option, int], scores: Mapping[Option, Score | None]) -> Fraction:
    """Mean score of the judging answers (得分), exact.

    `counts` maps options to numbers of answers; those with score None (不了解) are left out.
    Raises UnknownOption, BadCount and, when nobody judged, NobodyJudged.
    """
    _check_counts(counts, scores)
    return _mean(counts, scores)


def weighted_score_from_counts(
    counts: Sequence[Mapping[Option, int]],
    weights: Sequence[Score],
    scores: Mapping[Option, Score | None],
) -> Fraction:
    """Domain estimate of one unit with rational weights (加权得分), exact.

    `counts[h]` and `weights[h]` belong to stratum h; the result is what `domain_estimates`
    gives in floats. Raises as `score_from_counts` does, and BadWeight for a negative weight.
    """
    pooled: dict[Option, Fraction] = {}
    for cell, weight in zip(counts, weights, strict=True):
        _check_counts(cell, scores)
        exact = exact_score(weight)
        if exact < 0:
            raise BadWeight(f"the weight {weight} is negative")
        for option, n in cell.items():
            pooled[option] = pooled.get(option, Fraction(0)) + n * exact
    return _mean(pooled, scores)


def rate_from_counts(counts: Mapping[Option, int], *, part: Collection[Option], base: Collection[Option]) -> Fraction:
    """Share of `part` among the answers of `base` (比率, 0 to 1), exact.

    The base is named at every call because the same ballots give several rates: 满意率 of
    those who judge, of all who answered, 知晓率. Raises BadCount, UnknownOption (part not in
    base) and NobodyJudged.
    """
    if not set(part) <= set(base):
        raise UnknownOption("an option of the part is not in the base of the rate")
    _check_counts(counts, counts)
    whole = sum(counts.get(option, 0) for option in set(base))
    if not whole:
        raise NobodyJudged("no answer in the base: there is no rate")
    return Fraction(sum(counts.get(option, 0) for option in set(part)), whole)


def _check_counts(counts: Mapping[Option, int], known: Mapping[Option, object]) -> None:
    for option, n in counts.items():
        if option not in known:
            raise UnknownOption(f"option {option!r} is counted but the scale does not have it")
        if n < 0:
            raise BadCount(f"option {option!r} has a negative count")


def _mean(amounts: Mapping[Option, int] | Mapping[Option, Fraction], scores: Mapping[Option, Score | None]) -> Fraction:
    """Return the mean score of the judging options, weighted by their amounts."""
    base = total = Fraction(0)
    for option, amount in amounts.items():
        score = scores[option]
        if score is not None:
            base += amount
            total += amount * exact_score(score)
    if not base:
        raise NobodyJudged("nobody judged: there is no score")
    return total / base
